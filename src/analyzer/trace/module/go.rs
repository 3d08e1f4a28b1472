//! Go packages: a package is a folder whose files share one scope, found through the `module` lines of every
//! `go.mod` of the tree. Files that a build on Linux leaves out are no part of it. What a package declares
//! is evaluated when it is needed, because the order of declarations means nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{below, build, folder_of};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::deal;
use crate::analyzer::file::{PathClass, SourceFile};
use crate::analyzer::syntax::lower;
use crate::analyzer::syntax::program::{ClassId, FunctionId, Import, Kind, NodeId, Program, Target};
use crate::analyzer::trace::evaluate::Frame;
use crate::analyzer::trace::machine::{Machine, Module};
use crate::analyzer::trace::value::{ClassValue, Closure, ImportedName, ModuleId, Object, Scope, Value};

/// Declared in the package, not evaluated yet.
const PENDING: &str = "=";
/// A name of a package of the tree; the folder follows.
const FOLDER: char = '@';

/// What is known of the Go programs of a tree.
#[derive(Default)]
pub(in crate::analyzer::trace) struct GoPrograms {
    /// Module paths and their folders, the longest path first.
    modules: Vec<(String, String)>,
    packages: BTreeMap<Rc<str>, Option<Rc<Package>>>,
    /// The first instance of each struct: what a method that nobody is seen to call belongs to.
    pub(in crate::analyzer::trace) instances: BTreeMap<(ModuleId, ClassId), Value>,
    pub(in crate::analyzer::trace) runs: BTreeMap<(ModuleId, FunctionId), u32>,
    /// Whether the file deals with routers.
    pub(in crate::analyzer::trace) relevant: BTreeMap<ModuleId, bool>,
    /// Functions of command line programs, called when a command is given.
    pub(in crate::analyzer::trace) commands: Vec<Rc<Closure>>,
}

/// A folder of files.
pub(in crate::analyzer::trace) struct Package {
    scope: Rc<Scope>,
    pending: RefCell<BTreeMap<Rc<str>, (ModuleId, NodeId)>>,
    methods: BTreeMap<(Rc<str>, Rc<str>), (ModuleId, FunctionId)>,
}

impl GoPrograms {
    /// Read the `go.mod` files.
    pub(in crate::analyzer::trace) fn of(corpus: &Corpus) -> Self {
        let mut modules = Vec::new();
        for file in corpus.files().iter().filter(|file| file.name() == "go.mod") {
            let text = file.text();
            for line in text.lines() {
                let words: Vec<&str> = line
                    .split("//")
                    .next()
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(|word| word.trim_matches('"'))
                    .collect();
                match words.as_slice() {
                    ["module", path] => modules.push(((*path).to_owned(), file.folder().to_owned())),
                    // `replace x => ../x`, alone or inside of a block.
                    ["replace", path, .., "=>", to] | [path, "=>", to] | [path, _, "=>", to] if to.starts_with('.') => {
                        if let Some(folder) = relative(file.folder(), to) {
                            modules.push(((*path).to_owned(), folder));
                        }
                    }
                    _ => {}
                }
            }
        }
        modules.sort_by(|one, two| two.0.len().cmp(&one.0.len()).then_with(|| one.cmp(two)));
        Self { modules, ..Self::default() }
    }
}

/// A path with `.` and `..` from a folder; nothing when it leaves the tree.
fn relative(folder: &str, to: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// The files of a package that a build on Linux takes.
fn files<'c>(corpus: &'c Corpus, folder: &str) -> Vec<&'c SourceFile> {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let all = corpus.files();
    let first = all.partition_point(|file| file.path.as_str() < inside.as_str());
    let here = all[first..].iter().take_while(|file| file.path.starts_with(&inside));
    here.filter(|file| {
        let rest = &file.path[inside.len()..];
        !rest.contains('/')
            && rest.ends_with(".go")
            // What Wire writes joins the parts of a program; it states nothing by itself.
            && (file.class == PathClass::Application || rest == "wire_gen.go")
            && build::is_built(rest, file.bytes())
    })
    .collect()
}

/// The name that the package clause gives.
fn package_name(bytes: &[u8]) -> Option<String> {
    bytes.split(|byte| *byte == b'\n').take(400).find_map(|line| {
        let name = line.strip_prefix(b"package ")?;
        let name = String::from_utf8_lossy(name);
        name.split_whitespace().next().map(|name| name.trim_end_matches(';').to_owned())
    })
}

/// The names that a package outside of the tree may have, told from its path.
fn likely_names(path: &str) -> Vec<String> {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let mut parts = path.rsplit('/');
    let mut last = parts.next().unwrap_or(path);
    if is_version(last) {
        last = parts.next().unwrap_or(last);
    }
    let last = match last.rsplit_once(".v") {
        Some((name, version)) if version.parse::<u32>().is_ok() => name,
        _ => last,
    };
    let mut names = vec![last.to_owned()];
    for short in [last.strip_prefix("go-"), last.strip_suffix("-go"), last.strip_suffix(".go")] {
        names.extend(short.map(str::to_owned));
    }
    names.extend(last.rsplit_once('-').map(|(_, name)| name.to_owned()));
    names
}

impl Machine<'_> {
    /// The folder of an imported package, if it is one of the tree.
    fn go_folder(&self, path: &str) -> Option<String> {
        for (module, folder) in &self.go.modules {
            let Some(rest) = path.strip_prefix(module.as_str()) else {
                continue;
            };
            if !rest.is_empty() && !rest.starts_with('/') {
                continue;
            }
            let rest = rest.trim_start_matches('/');
            let found = if rest.is_empty() { folder.clone() } else { below(folder, rest) };
            if !files(self.corpus, &found).is_empty() {
                return Some(found);
            }
        }
        if self.go.modules.is_empty() {
            // Before modules, a program lay below its own address.
            let rest = path.splitn(4, '/').nth(3)?;
            return (!files(self.corpus, rest).is_empty()).then(|| rest.to_owned());
        }
        None
    }

    /// Load the package of a file.
    pub(in crate::analyzer::trace) fn go_load(&mut self, path: &str) -> Option<ModuleId> {
        self.go_package(folder_of(path));
        self.by_path.get(path).copied().flatten()
    }

    fn go_package(&mut self, folder: &str) -> Option<Rc<Package>> {
        if let Some(known) = self.go.packages.get(folder) {
            return known.clone();
        }
        self.go.packages.insert(folder.into(), None);
        let files = files(self.corpus, folder);
        // Parsed side by side, and taken below.
        deal::map(&files, |file| file.syntax().is_some());
        let scope = Rc::new(Scope::default());
        let mut modules = Vec::new();
        for file in files {
            let Some(parsed) = file.syntax() else { continue };
            let program = Rc::new(lower::lower(parsed, file.bytes()));
            let module = Module {
                path: file.path.as_str().into(),
                program,
                scope: Scope::inside(&scope),
                module_object: Rc::new(Object::default()),
                exports: Vec::new(),
                parent: None,
                folder: None,
            };
            self.modules.push(module);
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
            if is_value && (text.contains(".Command{") || self.triggers.is_match(text.as_bytes())) {
                self.go_pending(module, &name);
            }
        }
    }

    fn go_declare(&mut self, module: ModuleId, package: &mut Package, inits: &mut Vec<Rc<Closure>>) {
        let (program, scope) = (Rc::clone(&self.modules[module].program), Rc::clone(&self.modules[module].scope));
        let mut frame = Frame { module, program: Rc::clone(&program), scope, returns: Vec::new(), conditional: 0 };
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
                if let Some(folder) = self.go_folder(&import.from) {
                    self.go_package(&folder);
                }
            } else if local.is_empty() {
                let folder = self.go_folder(&import.from);
                let first = folder.and_then(|folder| files(self.corpus, &folder).into_iter().next());
                let own = first.and_then(|file| package_name(file.bytes()));
                for name in own.map_or_else(|| likely_names(&import.from), |own| vec![own]) {
                    frame.scope.set(&name.into(), value.clone());
                }
            } else {
                frame.scope.set(local, value);
            }
        }
    }

    pub(super) fn go_resolve(&mut self, import: &Rc<ImportedName>) -> Value {
        if &*import.from == PENDING {
            return self.go_pending(import.importer, &import.name);
        }
        if let Some(folder) = import.from.strip_prefix(FOLDER) {
            let found = self.go_package(folder).and_then(|package| package.scope.own(&import.name));
            return found.unwrap_or_else(|| {
                Value::unknown(format!("is `{}` of the package in {folder}, which is not defined there", import.name))
            });
        }
        match self.go_folder(&import.from) {
            Some(folder) => Value::Folder(folder.into()),
            None => Value::External(Rc::clone(&import.from)),
        }
    }

    /// A name of a package, looked for when somebody needs it.
    pub(in crate::analyzer::trace) fn go_package_member(folder: &str, name: &Rc<str>) -> Value {
        let from = format!("{FOLDER}{folder}").into();
        Value::Import(Rc::new(ImportedName { importer: 0, from, name: Rc::clone(name) }))
    }

    /// A name through `import . "x"`.
    pub(super) fn go_glob(&mut self, from: &str, name: &str) -> Option<Value> {
        match self.go_folder(from) {
            Some(folder) => self.go_package(&folder)?.scope.own(name),
            None => name.starts_with(char::is_uppercase).then(|| Value::External(format!("{from}.{name}").into())),
        }
    }

    fn go_pending(&mut self, module: ModuleId, name: &Rc<str>) -> Value {
        let path = Rc::clone(&self.modules[module].path);
        let circle = || Value::unknown(format!("depends on `{name}`, which depends on itself"));
        let Some(package) = self.go_package(folder_of(&path)) else {
            return circle();
        };
        let pending = package.pending.borrow_mut().remove(name);
        if let Some((module, node)) = pending {
            let (program, scope) = (Rc::clone(&self.modules[module].program), Rc::clone(&self.modules[module].scope));
            let mut frame = Frame { module, program: Rc::clone(&program), scope, returns: Vec::new(), conditional: 0 };
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
    pub(in crate::analyzer::trace) fn go_method(&mut self, class: &Rc<ClassValue>, name: &str) -> Option<Closure> {
        let of = class.program.classes[class.class].name.clone()?;
        let path = Rc::clone(&self.modules[class.module].path);
        let package = self.go_package(folder_of(&path))?;
        let (module, function) = *package.methods.get(&(of, name.into()))?;
        let of = &self.modules[module];
        let (program, scope) = (Rc::clone(&of.program), Rc::clone(&of.scope));
        Some(Closure { module, program, function, scope, this: None })
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

fn names(target: &Target) -> Vec<Rc<str>> {
    match target {
        Target::Name(name) => vec![Rc::clone(name)],
        Target::Items(targets) => targets.iter().flat_map(names).collect(),
        Target::Fields(_) | Target::Nothing => Vec::new(),
    }
}

fn flatten(program: &Program, id: NodeId, out: &mut Vec<NodeId>) {
    match &program.nodes[id].kind {
        // Declarations nest two deep: the file, and the blocks in it.
        Kind::Block(inner) => inner.iter().for_each(|id| flatten(program, *id, out)),
        _ => out.push(id),
    }
}
