//! Python modules: absolute and relative imports, packages with re-exports, `src` layouts and programs
//! that start in a folder of the repository.

use std::rc::Rc;

use crate::lang::python::import;
use crate::trace::machine::Machine;
use crate::trace::value::{ImportedName, ModuleId, Value};
use crate::trace::why::Why;
use crate::tree::path::inside;

impl Machine<'_> {
    pub(super) fn python_import(&mut self, import: &Rc<ImportedName>) -> Value {
        let Some(found) = self.imported_file(import.importer, &import.from) else {
            if import.from.starts_with('.') {
                return Value::unknown(Why::NotInTree);
            }
            return Value::External(match &*import.name {
                "*" => Rc::clone(&import.from),
                name => format!("{}.{name}", import.from).into(),
            });
        };
        let value = self.python_loaded(&found);
        if &*import.name == "*" {
            return value;
        }
        match value {
            Value::Module(module) => {
                let own = self.modules[module].scope.own(&import.name);
                let is_itself = matches!(&own, Some(Value::Import(own)) if Rc::ptr_eq(own, import));
                let own = own.filter(|_| !is_itself);
                own.or_else(|| self.python_starred(module, &import.name))
                    .or_else(|| self.python_submodule(&found, &import.name))
                    .unwrap_or_else(|| Value::unknown(Why::NotDefinedIn(import.name.to_string(), found.to_string())))
            }
            Value::Folder(folder) => self.folder_member(&folder, &import.name),
            other => other,
        }
    }

    /// A module named as `importlib` names it, looked for everywhere in the tree.
    pub(in crate::trace) fn python_module_value(&mut self, name: &str) -> Value {
        let importer = self.stack.last().map_or(0, |(module, _)| *module);
        let importer = self.modules.get(importer).map(|module| Rc::clone(&module.path)).unwrap_or_else(|| "".into());
        match import::file_of(self.corpus, &importer, name) {
            Some(found) => self.python_loaded(&found),
            None => Value::External(name.into()),
        }
    }

    pub(super) fn python_member(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        let path = Rc::clone(&self.modules[module].path);
        let own = self.modules[module].scope.own(name);
        own.or_else(|| self.python_starred(module, name)).or_else(|| self.python_submodule(&path, name))
    }

    pub(super) fn python_globs(&mut self, module: ModuleId, globs: &[Rc<str>], name: &str) -> Option<Value> {
        self.in_whole(module, globs, |machine, inner| machine.modules[inner].scope.own(name))
    }

    /// What `import *` gives a module. In a package it hides the file of that name: `from .version import *` where
    /// `version.py` has a `version`.
    fn python_starred(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        let globs = self.modules[module].scope.globs.borrow().clone();
        self.python_globs(module, &globs, name)
    }

    pub(in crate::trace) fn folder_member(&mut self, folder: &str, name: &str) -> Value {
        match import::at(self.corpus, &inside(folder, name)) {
            Some(found) => self.python_loaded(&found),
            None => Value::unknown(Why::NoSuchModule(name.to_string())),
        }
    }

    fn python_submodule(&mut self, package: &str, name: &str) -> Option<Value> {
        let folder = package.strip_suffix("__init__.py")?.trim_end_matches('/');
        let found = import::at(self.corpus, &inside(folder, name))?;
        Some(self.python_loaded(&found))
    }

    pub(in crate::trace) fn python_loaded(&mut self, found: &str) -> Value {
        match found.strip_suffix('/') {
            Some(folder) => Value::Folder(folder.into()),
            None => match self.load(found) {
                Some(module) => Value::Module(module),
                None => Value::unknown(Why::NotParsed),
            },
        }
    }
}
