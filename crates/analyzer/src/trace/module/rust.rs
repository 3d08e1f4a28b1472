//! Rust paths: `crate`, `self`, `super`, modules in files and inline, re-exports, globs, and the other
//! crates of the workspace.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::searches::Sought;
use crate::trace::machine::Machine;
use crate::trace::value::{ImportedName, ModuleId, Scope, Value};
use crate::trace::why::Why;
use crate::tree::corpus::Corpus;
use crate::tree::path::{folder_of, inside, upwards};

/// Imports that are being resolved inside each other.
const MAX_RESOLVING: usize = 64;
/// What following one `*` counts as, and the depth from which on none is followed.
const GLOB_DEPTH: usize = 200;
const MAX_GLOB_DEPTH: usize = 3_000;

/// The library roots of the tree's packages, by the name that code uses.
pub(in crate::trace) fn crates(corpus: &Corpus) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for file in corpus.files().iter().filter(|file| file.name() == "Cargo.toml") {
        let Ok(manifest) = file.text().parse::<toml_edit::Document<String>>() else { continue };
        let text = |table: &str, key: &str| {
            manifest.get(table).and_then(|table| table.get(key)).and_then(|value| value.as_str()).map(str::to_owned)
        };
        let Some(name) = text("lib", "name").or_else(|| text("package", "name")) else { continue };
        let root = text("lib", "path").unwrap_or_else(|| "src/lib.rs".to_owned());
        out.insert(name.replace('-', "_"), inside(folder_of(&file.path), &root));
    }
    out
}

impl Machine<'_> {
    /// What a path stands for in a scope.
    pub(in crate::trace) fn rust_path(&mut self, module: ModuleId, scope: &Rc<Scope>, path: &Rc<str>) -> Value {
        self.rust_path_past(module, scope, path, None)
    }

    /// The same, not looking at one import again (the one that is being resolved).
    fn rust_path_past(
        &mut self,
        module: ModuleId,
        scope: &Rc<Scope>,
        path: &Rc<str>,
        past: Option<&Rc<ImportedName>>,
    ) -> Value {
        let mut segments = path.split("::").filter(|segment| !segment.is_empty());
        let Some(first) = segments.next() else { return Value::Null };
        let rest: Vec<&str> = segments.collect();
        let starts: Vec<Value> = match first {
            "crate" => self.crate_roots(module).into_iter().map(Value::Module).collect(),
            "self" if !rest.is_empty() => vec![Value::Module(module)],
            "super" => self.parent_modules(module).into_iter().map(Value::Module).collect(),
            "Self" => scope.holder("this").and_then(|holder| holder.own("this")).into_iter().collect(),
            _ => {
                let start = self.rust_first(module, scope, first, past);
                match start {
                    // A path does not lead through a function: `rocket::build` beside `fn rocket` is the package's,
                    // `router::all` beside `fn router` that of `mod router`.
                    Some(Value::Function(_)) if !rest.is_empty() => self.rust_child(module, first),
                    start => start,
                }
                .into_iter()
                .collect()
            }
        };
        if starts.is_empty() {
            return Value::External(path.replace("::", ".").into());
        }
        let mut last = Value::unknown(Why::NotDefined(path.to_string()));
        for start in starts {
            let mut value = start;
            for segment in &rest {
                value = match (&value, *segment) {
                    (Value::Module(of), "super") => self
                        .parent_modules(*of)
                        .first()
                        .map_or_else(|| Value::unknown(Why::Unsaid), |of| Value::Module(*of)),
                    _ => self.member(&value, &(*segment).into()),
                };
            }
            if !matches!(value, Value::Unknown(_)) {
                return value;
            }
            last = value;
        }
        last
    }

    fn rust_first(
        &mut self,
        module: ModuleId,
        scope: &Rc<Scope>,
        name: &str,
        past: Option<&Rc<ImportedName>>,
    ) -> Option<Value> {
        let mut around = Some(Rc::clone(scope));
        while let Some(here) = around {
            let own = here.own(name);
            let is_past = match &own {
                Some(Value::Import(own)) => {
                    past.is_some_and(|past| Rc::ptr_eq(own, past))
                        || self.resolving.iter().any(|resolving| Rc::ptr_eq(own, resolving))
                }
                _ => false,
            };
            if let Some(value) = own.filter(|_| !is_past) {
                return Some(value);
            }
            around = here.parent.clone();
        }
        if let Some(value) = self.rust_child(module, name) {
            return Some(value);
        }
        let globs = scope_globs(scope);
        for from in globs {
            let is_past = past.is_some_and(|past| past.from == from);
            if let Some(value) = (!is_past).then(|| self.rust_glob(module, &from, name)).flatten() {
                return Some(value);
            }
        }
        let root = self.crates.get(name)?.clone();
        self.load(&root).map(Value::Module)
    }

    pub(super) fn rust_import(&mut self, import: &Rc<ImportedName>) -> Value {
        // Modules that import from each other lead back here.
        if self.resolving.len() >= MAX_RESOLVING || self.resolving.iter().any(|resolving| Rc::ptr_eq(resolving, import))
        {
            return Value::unknown(Why::ImportCircle);
        }
        let scope = Rc::clone(&self.modules[import.importer].scope);
        self.resolving.push(Rc::clone(import));
        let value = self.rust_path_past(import.importer, &scope, &import.from, Some(import));
        self.resolving.pop();
        value
    }

    pub(super) fn rust_glob(&mut self, module: ModuleId, from: &Rc<str>, name: &str) -> Option<Value> {
        if self.depth > MAX_GLOB_DEPTH {
            return None;
        }
        let first = from.split("::").next().unwrap_or_default();
        if !matches!(first, "crate" | "self" | "super") && !self.crates.contains_key(first) {
            let known = self.modules[module].scope.own(first).is_some() || self.rust_child(module, first).is_some();
            if !known {
                return is_offered(from, name)
                    .then(|| Value::External(format!("{}.{name}", from.replace("::", ".")).into()));
            }
        }
        let scope = Rc::new(Scope::default());
        let scope =
            if matches!(first, "crate" | "self" | "super") { scope } else { Rc::clone(&self.modules[module].scope) };
        let target = self.search(module, Sought::Path, from, |machine| {
            machine.deeper(|machine| Some(machine.rust_path_past(module, &scope, from, None)))
        });
        match target? {
            Value::Module(of) if of != module => {
                self.search(of, Sought::Name, name, |machine| machine.deeper(|machine| machine.rust_member(of, name)))
            }
            _ => None,
        }
    }

    fn deeper<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += GLOB_DEPTH;
        let found = look(self);
        self.depth -= GLOB_DEPTH;
        found
    }

    pub(super) fn rust_member(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        if let Some(own) = self.modules[module].scope.own(name) {
            return Some(own);
        }
        if let Some(child) = self.rust_child(module, name) {
            return Some(child);
        }
        let globs = self.modules[module].scope.globs.borrow().clone();
        globs.iter().find_map(|from| self.rust_glob(module, from, name))
    }

    fn rust_child(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        let here = &self.modules[module];
        let base = here.folder.clone().unwrap_or_else(|| child_folder(&here.path));
        let found = [format!("{name}.rs"), format!("{name}/mod.rs")];
        let found = found.iter().map(|end| inside(&base, end)).find(|path| self.exists(path))?;
        self.load(&found).map(Value::Module)
    }

    pub(in crate::trace) fn crate_roots(&mut self, module: ModuleId) -> Vec<ModuleId> {
        let path = Rc::clone(&self.modules[module].path);
        let package = upwards(folder_of(&path)).find(|folder| self.exists(&inside(folder, "Cargo.toml")));
        let Some(package) = package else { return Vec::new() };
        let mut roots = vec![inside(package, "src/lib.rs"), inside(package, "src/main.rs")];
        // A program beside the library is a crate of its own; a package may lie in a folder called `bin`.
        if path.starts_with(&inside(package, "src/bin/")) || path.ends_with("/main.rs") {
            roots.insert(0, path.to_string());
        }
        roots.extend(self.crates.values().filter(|root| folder_of(folder_of(root)) == package).cloned());
        roots.dedup();
        roots.into_iter().filter_map(|root| self.load(&root)).collect()
    }

    fn parent_modules(&mut self, module: ModuleId) -> Vec<ModuleId> {
        if let Some(parent) = self.modules[module].parent {
            return vec![parent];
        }
        let path = Rc::clone(&self.modules[module].path);
        let folder = folder_of(&path);
        let folder = if path.ends_with("/mod.rs") { folder_of(folder) } else { folder };
        let mut parents: Vec<String> = ["mod.rs", "lib.rs", "main.rs"].iter().map(|end| inside(folder, end)).collect();
        parents.push(format!("{folder}.rs"));
        parents.into_iter().filter(|parent| **parent != *path).filter_map(|parent| self.load(&parent)).collect()
    }
}

/// Whether a module of a framework, all names of which are imported, has the name.
fn is_offered(from: &str, name: &str) -> bool {
    let is_method = matches!(name, "get" | "post" | "put" | "patch" | "delete" | "head" | "trace");
    match from {
        "axum::prelude"
        | "axum::routing"
        | "axum"
        | "super"
        | "axum::extract"
        | "aide::axum"
        | "aide::axum::routing" => {
            // `get_service(files)`, and `get_with(handler, documentation)` of aide.
            let bare = name.strip_suffix("_service").or_else(|| name.strip_suffix("_with")).unwrap_or(name);
            matches!(bare, "get" | "post" | "put" | "patch" | "delete" | "head" | "trace")
                || matches!(bare, "any" | "options" | "on" | "Router" | "ApiRouter" | "routing")
        }
        "actix_web::web" | "paperclip::actix::web" | "apistos::web" => {
            is_method || matches!(name, "scope" | "resource" | "route" | "to" | "method" | "redirect")
        }
        "actix_web" | "paperclip::actix" => matches!(name, "App" | "HttpServer" | "web" | "Scope" | "Resource"),
        "rocket" => matches!(name, "build" | "custom" | "ignite" | "Rocket" | "Route" | "routes" | "fairing"),
        "warp" => matches!(name, "path" | "serve" | "any" | "method" | "filters") || is_method,
        _ => false,
    }
}

fn scope_globs(scope: &Rc<Scope>) -> Vec<Rc<str>> {
    let mut out = Vec::new();
    let mut around = Some(scope);
    while let Some(here) = around {
        out.extend(here.globs.borrow().iter().cloned());
        around = here.parent.as_ref();
    }
    out
}

/// The folder in which a file's modules lie.
pub(in crate::trace) fn child_folder(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder_of(path).to_owned(),
        _ if folder_of(path).ends_with("src/bin") => folder_of(path).to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    }
}
