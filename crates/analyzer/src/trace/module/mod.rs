//! Which file an import means, and what a name of a module stands for.

mod build;
pub(super) mod go;
mod missed;
mod python;
pub(super) mod rust;
pub(super) mod script;
pub(super) mod searches;
mod whole;

use std::rc::Rc;

use super::folder::in_tree;
use super::machine::Machine;
use super::value::{ImportedName, ModuleId, Value};
use crate::lang::python::import as python_import;
use crate::lang::script::import as script_import;
use crate::syntax::grammar::Family;
use crate::trace::why::Why;

impl Machine<'_> {
    pub(super) fn resolve_import(&mut self, import: &Rc<ImportedName>) -> Value {
        match self.family {
            Family::Script => self.script_module(import.importer, &import.from, &import.name),
            Family::Python => self.python_import(import),
            Family::Rust => self.rust_import(import),
            Family::Go => self.go_resolve(import),
            Family::Java | Family::CSharp | Family::Ruby | Family::Php => Value::unknown(Why::NotInTree),
        }
    }

    /// A name that a module offers.
    pub(super) fn module_member(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        match self.family {
            Family::Script => self.script_member(module, name),
            Family::Python => self.python_member(module, name),
            Family::Rust => self.rust_member(module, name),
            Family::Go | Family::Java | Family::CSharp | Family::Ruby | Family::Php => None,
        }
    }

    /// A name through `import *` or `use x::*`, of which there are several.
    pub(super) fn through_globs_of(&mut self, module: ModuleId, globs: &[Rc<str>], name: &str) -> Option<Value> {
        match self.family {
            Family::Script | Family::Java | Family::CSharp | Family::Ruby | Family::Php => None,
            Family::Go => globs.iter().find_map(|from| self.go_glob(from, name)),
            Family::Python => self.python_globs(module, globs, name),
            Family::Rust => globs.iter().find_map(|from| self.rust_glob(module, from, name)),
        }
    }

    /// The file that an import of a script or of Python means.
    fn imported_file(&mut self, importer: ModuleId, from: &str) -> Option<Rc<str>> {
        let import = (importer, Rc::from(from));
        if let Some(known) = self.searches.files.get(&import) {
            return known.clone();
        }
        let path = &self.modules[importer].path;
        let found = match self.family {
            Family::Python => python_import::file_of(self.corpus, path, from),
            _ => match in_tree(from) {
                Some(path) => script_import::with_extension(self.corpus, &path),
                None => script_import::file_of(self.corpus, &self.aliases, path, from),
            },
        };
        let found: Option<Rc<str>> = found.map(Rc::from);
        self.searches.files.insert(import, found.clone());
        found
    }

    fn exists(&self, path: &str) -> bool {
        self.corpus.file(path).is_some()
    }
}
