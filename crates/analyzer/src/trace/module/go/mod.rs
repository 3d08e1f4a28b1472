//! Go packages: a package is a folder whose files share one scope, found through the `module` lines of every
//! `go.mod` of the tree. Files that a build on Linux leaves out are no part of it. What a package declares
//! is evaluated when it is needed, because the order of declarations means nothing.

mod folder;
mod package;
pub(in crate::trace) mod programs;

use std::rc::Rc;

use crate::syntax::program::{Kind, Target};
use crate::trace::evaluate::Frame;
use crate::trace::machine::Machine;
use crate::trace::value::{ClassValue, Closure, ImportedName, ModuleId, Value};
use crate::trace::why::Why;
use crate::tree::path::folder_of;

/// Declared in the package, not evaluated yet.
const PENDING: &str = "=";
/// A name of a package of the tree; the folder follows.
const FOLDER: char = '@';

impl Machine<'_> {
    pub(super) fn go_resolve(&mut self, import: &Rc<ImportedName>) -> Value {
        if &*import.from == PENDING {
            return self.go_pending(import.importer, &import.name);
        }
        if let Some(folder) = import.from.strip_prefix(FOLDER) {
            let found = self.go_package(folder).and_then(|package| package.scope.own(&import.name));
            return found.unwrap_or_else(|| {
                Value::unknown(Why::NotDefinedIn(import.name.to_string(), format!("the package in {folder}")))
            });
        }
        match self.go_found(&import.from) {
            Some(found) => Value::Folder(found.folder),
            None => Value::External(Rc::clone(&import.from)),
        }
    }

    /// A name of a package, looked for when somebody needs it.
    pub(in crate::trace) fn go_package_member(folder: &str, name: &Rc<str>) -> Value {
        let from = format!("{FOLDER}{folder}").into();
        Value::Import(Rc::new(ImportedName { importer: 0, from, name: Rc::clone(name) }))
    }

    /// A name through `import . "x"`.
    pub(super) fn go_glob(&mut self, from: &str, name: &str) -> Option<Value> {
        match self.go_found(from) {
            Some(found) => self.go_package(&found.folder)?.scope.own(name),
            None => name.starts_with(char::is_uppercase).then(|| Value::External(format!("{from}.{name}").into())),
        }
    }

    fn go_pending(&mut self, module: ModuleId, name: &Rc<str>) -> Value {
        let path = Rc::clone(&self.modules[module].path);
        let circle = || Value::unknown(Why::DependsOnItself(name.to_string()));
        let Some(package) = self.go_package(folder_of(&path)) else { return circle() };
        let pending = package.pending.borrow_mut().remove(name);
        if let Some((module, node)) = pending {
            let (program, scope) = (Rc::clone(&self.modules[module].program), Rc::clone(&self.modules[module].scope));
            let mut frame = Frame::new(module, Rc::clone(&program), scope);
            match &program.nodes[node].kind {
                Kind::DefineClass(class) => {
                    let value = self.define_class(&mut frame, *class);
                    package.scope.set(name, value);
                }
                Kind::Bind(target, value) => {
                    let value = self.evaluate(&mut frame, *value);
                    frame.scope = Rc::clone(&package.scope);
                    for other in names(target) {
                        package.pending.borrow_mut().remove(&other);
                    }
                    self.bind(&mut frame, target, value);
                }
                _ => {}
            }
        }
        match package.scope.own(name) {
            Some(Value::Import(same)) if &*same.from == PENDING && same.name == *name => circle(),
            Some(value) => value,
            None => circle(),
        }
    }

    /// A method of a struct, from whichever file of the package it stands in.
    pub(in crate::trace) fn go_method(&mut self, class: &Rc<ClassValue>, name: &str) -> Option<Closure> {
        let of = class.program.classes[class.class].name.clone()?;
        let path = Rc::clone(&self.modules[class.module].path);
        let package = self.go_package(folder_of(&path))?;
        let (module, function) = *package.methods.get(&(of, name.into()))?;
        let of = &self.modules[module];
        let (program, scope) = (Rc::clone(&of.program), Rc::clone(&of.scope));
        Some(Closure { module, program, function, scope, this: None })
    }
}

fn names(target: &Target) -> Vec<Rc<str>> {
    match target {
        Target::Name(name) => vec![Rc::clone(name)],
        Target::Items(targets) => targets.iter().flat_map(names).collect(),
        Target::Fields(_) | Target::Nothing => Vec::new(),
    }
}
