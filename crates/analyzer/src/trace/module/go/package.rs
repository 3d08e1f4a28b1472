//! Loads a package: its files are parsed and lowered, and what they declare is put into one scope, mostly unevaluated.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::folder::{files, likely_names};
use super::programs::Package;
use super::{PENDING, names};
use crate::syntax::program::{Import, Kind, NodeId, Program};
use crate::trace::evaluate::Frame;
use crate::trace::machine::{Machine, Module};
use crate::trace::value::{Closure, ImportedName, ModuleId, Scope, Value};
use crate::tree::path::folder_of;

impl Machine<'_> {
    /// Load the package of a file.
    pub(in crate::trace) fn go_load(&mut self, path: &str) -> Option<ModuleId> {
        self.go_package(folder_of(path));
        self.by_path.get(path).copied().flatten()
    }

    pub(super) fn go_package(&mut self, folder: &str) -> Option<Rc<Package>> {
        if let Some(known) = self.go.packages.get(folder) {
            return known.clone();
        }
        self.go.packages.insert(folder.into(), None);
        let files = files(self.corpus, folder);
        self.outlines.ahead(&files);
        let scope = Rc::new(Scope::default());
        let mut modules = Vec::new();
        for file in files {
            let Some(program) = self.outlines.program(file).map(Rc::new) else { continue };
            self.modules.push(Module::new(file.path.as_str().into(), program, Scope::inside(&scope)));
            self.by_path.insert(file.path.as_str().into(), Some(self.modules.len() - 1));
            modules.push(self.modules.len() - 1);
        }
        if modules.is_empty() {
            return None;
        }
        let mut package = Package { scope, pending: RefCell::default(), methods: BTreeMap::new() };
        let mut inits = Vec::new();
        for module in modules {
            self.go_declare(module, &mut package, &mut inits);
        }
        let package = Rc::new(package);
        self.go.packages.insert(folder.into(), Some(Rc::clone(&package)));
        self.go_evaluate_late(&package);
        for init in inits {
            if self.is_interesting(&init) {
                self.call_closure(&init, None, &[]);
            }
        }
        Some(package)
    }

    /// Declarations that hold what is worth running, such as the commands of a program.
    fn go_evaluate_late(&mut self, package: &Rc<Package>) {
        let pending: Vec<(Rc<str>, (ModuleId, NodeId))> =
            package.pending.borrow().iter().map(|(name, at)| (Rc::clone(name), *at)).collect();
        for (name, (module, node)) in pending {
            let range = self.modules[module].program.nodes[node].bytes;
            let is_value = matches!(self.modules[module].program.nodes[node].kind, Kind::Bind(..));
            let text = self.source(module, range);
            if is_value && (text.contains(".Command{") || self.outlines.triggers.is_match(text.as_bytes())) {
                self.go_pending(module, &name);
            }
        }
    }

    fn go_declare(&mut self, module: ModuleId, package: &mut Package, inits: &mut Vec<Rc<Closure>>) {
        let (program, scope) = (Rc::clone(&self.modules[module].program), Rc::clone(&self.modules[module].scope));
        let mut frame = Frame::new(module, Rc::clone(&program), scope);
        let mut nodes = Vec::new();
        flatten(&program, program.body, &mut nodes);
        for id in nodes {
            match &program.nodes[id].kind {
                Kind::Import(import) => self.go_import(&mut frame, import),
                Kind::DefineFunction(function) => {
                    let closure = self.closure(&frame, *function, None);
                    match program.functions[*function].name.as_ref() {
                        Some(name) if &**name == "init" => inits.push(closure),
                        Some(name) => package.scope.set(name, Value::Function(closure)),
                        None => {}
                    }
                }
                Kind::Method { of, function } => {
                    self.closure(&frame, *function, None);
                    if let Some(name) = &program.functions[*function].name {
                        let key = (Rc::clone(of), Rc::clone(name));
                        package.methods.entry(key).or_insert((module, *function));
                    }
                }
                Kind::DefineClass(class) => {
                    if let Some(name) = &program.classes[*class].name {
                        declare(package, module, id, name);
                    }
                }
                Kind::Bind(target, _) => {
                    for name in names(target) {
                        declare(package, module, id, &name);
                    }
                }
                _ => {}
            }
        }
    }

    fn go_import(&mut self, frame: &mut Frame, import: &Import) {
        if import.all {
            frame.scope.globs.borrow_mut().push(Rc::clone(&import.from));
        }
        for (name, local) in &import.names {
            let value = ImportedName { importer: frame.module, from: Rc::clone(&import.from), name: Rc::clone(name) };
            let value = Value::Import(Rc::new(value));
            if &**local == "_" {
                if let Some(found) = self.go_found(&import.from) {
                    self.go_package(&found.folder);
                }
            } else if local.is_empty() {
                match self.go_found(&import.from).and_then(|found| found.name) {
                    Some(own) => frame.scope.set(&own, value),
                    None => {
                        for name in likely_names(&import.from) {
                            frame.scope.set(&name.into(), value.clone());
                        }
                    }
                }
            } else {
                frame.scope.set(local, value);
            }
        }
    }
}

fn declare(package: &Package, module: ModuleId, node: NodeId, name: &Rc<str>) {
    if package.scope.own(name).is_some() {
        return;
    }
    package.pending.borrow_mut().insert(Rc::clone(name), (module, node));
    let value = ImportedName { importer: module, from: PENDING.into(), name: Rc::clone(name) };
    package.scope.set(name, Value::Import(Rc::new(value)));
}

fn flatten(program: &Program, id: NodeId, out: &mut Vec<NodeId>) {
    match &program.nodes[id].kind {
        // Declarations nest two deep: the file, and the blocks in it.
        Kind::Block(inner) => inner.iter().for_each(|id| flatten(program, *id, out)),
        _ => out.push(id),
    }
}
