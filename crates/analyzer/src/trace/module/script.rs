//! JavaScript and TypeScript modules: `require`, `import`, index files, left-out extensions, `.js` that
//! means `.ts`, and the common aliases for the source folder.

use std::rc::Rc;

use super::{around, below, folder_of};
use crate::syntax::grammar::Language;
use crate::trace::machine::Machine;
use crate::trace::value::{ModuleId, Value};
use crate::trace::why::Why;
use crate::tree::corpus::Corpus;
use crate::tree::document::{Node, json};
use crate::tree::file::PathClass;

const EXTENSIONS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"];

/// A start of import paths that stands for folders of the tree: from the compiler's options, or the
/// name of a package of the workspace.
pub(in crate::trace) struct Alias {
    /// Importers below this folder see it.
    folder: String,
    /// The path as imported, without the `*` at its end.
    prefix: String,
    has_rest: bool,
    targets: Vec<String>,
}

/// The aliases of all `tsconfig.json`, `jsconfig.json` and `package.json` of the tree.
pub(in crate::trace) fn aliases(corpus: &Corpus) -> Vec<Alias> {
    let mut out = Vec::new();
    for file in corpus.files().iter().filter(|file| file.class == PathClass::Application) {
        let name = file.name();
        let folder = folder_of(&file.path);
        let is_options = (name.starts_with("tsconfig") || name == "jsconfig.json") && name.ends_with(".json");
        if is_options {
            let document = json::parse(file.bytes());
            let base = document.root().at(&["compilerOptions", "baseUrl"]).and_then(Node::as_str).unwrap_or(".");
            let paths = document.root().at(&["compilerOptions", "paths"]).map(Node::entries).unwrap_or_default();
            for entry in paths {
                let texts = entry.value.items().iter().filter_map(Node::as_str);
                let targets = texts.filter_map(|target| {
                    let target = target.trim_end_matches('*');
                    join(folder, base).and_then(|base| join(&base, target))
                });
                out.push(Alias {
                    folder: folder.to_owned(),
                    prefix: entry.key.trim_end_matches('*').to_owned(),
                    has_rest: entry.key.ends_with('*'),
                    targets: targets.collect(),
                });
            }
        } else if name == "package.json" && !folder.is_empty() {
            let document = json::parse(file.bytes());
            let Some(package) = document.root().get("name").and_then(Node::as_str) else {
                continue;
            };
            let main = document.root().get("main").and_then(Node::as_str).and_then(|main| join(folder, main));
            let targets = [below(folder, "src/index"), below(folder, "index"), below(folder, "src/main")];
            let whole = main.into_iter().chain(targets).collect();
            out.push(Alias { folder: String::new(), prefix: package.to_owned(), has_rest: false, targets: whole });
            let inside = vec![folder.to_owned(), below(folder, "src")];
            out.push(Alias { folder: String::new(), prefix: format!("{package}/"), has_rest: true, targets: inside });
        }
    }
    // The nearest configuration and the longest start win.
    out.sort_by_key(|alias| std::cmp::Reverse((alias.folder.len(), alias.prefix.len())));
    out
}

impl Machine<'_> {
    /// What an import of `name` out of `from` is; `*` and `=` are the whole module.
    pub(in crate::trace) fn script_module(&mut self, importer: ModuleId, from: &str, name: &str) -> Value {
        let path = Rc::clone(&self.modules[importer].path);
        let Some(found) = self.script_file(&path, from) else {
            if from.starts_with('.') {
                return Value::unknown(Why::NotInTree);
            }
            let package = from.strip_prefix("node:").unwrap_or(from);
            return Value::External(match name {
                "*" | "=" | "default" => package.into(),
                _ => format!("{package}.{name}").into(),
            });
        };
        let Some(module) = self.load(&found) else {
            return Value::unknown(Why::NotParsed);
        };
        if module != importer {
            self.imported.insert(module);
        }
        match name {
            "*" | "=" => match self.modules[module].module_object.get("exports") {
                Some(replaced) if !matches!(replaced, Value::Object(_)) => replaced,
                _ => Value::Module(module),
            },
            _ => self.script_member(module, name).unwrap_or_else(|| match name {
                "default" => Value::Module(module),
                _ => Value::unknown(Why::NotDefinedIn(name.to_string(), found.to_string())),
            }),
        }
    }

    pub(super) fn script_member(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        self.ask(module, name, |machine| machine.script_export(module, name))
    }

    fn script_export(&mut self, module: ModuleId, name: &str) -> Option<Value> {
        match self.modules[module].module_object.get("exports") {
            Some(Value::Object(exports)) => {
                if let Some(value) = exports.get(name) {
                    return Some(value);
                }
                if exports.class.is_some() {
                    return (name == "default").then_some(Value::Object(exports));
                }
            }
            Some(replaced) if name == "default" => return Some(replaced),
            Some(replaced) => {
                let value = self.member(&replaced, &name.into());
                return (!matches!(value, Value::Unknown(_))).then_some(value);
            }
            None => {}
        }
        let exports = self.modules[module].exports.clone();
        if let Some((from, there, _)) = exports.iter().find(|(_, _, here)| &**here == name) {
            return Some(match from {
                Some(from) => self.script_module(module, from, there),
                None => self.modules[module].scope.own(there)?,
            });
        }
        if let Some(value) = self.modules[module].scope.own(name) {
            return Some(value);
        }
        for (from, _, _) in exports.iter().filter(|(_, there, here)| &**there == "*" && &**here == "*") {
            let path = Rc::clone(&self.modules[module].path);
            let inner = from.as_ref().and_then(|from| self.script_file(&path, from)).and_then(|path| self.load(&path));
            if let Some(value) =
                inner.filter(|inner| *inner != module).and_then(|inner| self.script_member(inner, name))
            {
                return Some(value);
            }
        }
        None
    }

    fn script_file(&self, importer: &str, from: &str) -> Option<String> {
        let folder = folder_of(importer);
        if from.starts_with('.') {
            return self.with_extension(&join(folder, from)?);
        }
        for alias in &self.aliases {
            let is_near = alias.folder.is_empty() || importer.starts_with(&format!("{}/", alias.folder));
            let rest = from.strip_prefix(&alias.prefix).filter(|rest| is_near && (alias.has_rest || rest.is_empty()));
            let Some(rest) = rest else { continue };
            let found = alias.targets.iter().find_map(|target| self.with_extension(&join(target, rest)?));
            if found.is_some() {
                return found;
            }
        }
        if let Some(rest) = ["@/", "~/", "#/", "@app/", "@src/"].iter().find_map(|alias| from.strip_prefix(alias)) {
            let bases = around(folder);
            return bases.iter().find_map(|base| {
                let source = below(base, "src");
                self.with_extension(&below(&source, rest)).or_else(|| self.with_extension(&below(base, rest)))
            });
        }
        // A base folder in the compiler's options: `src/x`, or a folder of the sources without a dot.
        if !from.contains('/') || from.starts_with('@') {
            return None;
        }
        around(folder).iter().find_map(|base| self.with_extension(&below(base, from)))
    }

    fn with_extension(&self, path: &str) -> Option<String> {
        let path = path.trim_end_matches('/');
        let is_code = EXTENSIONS.iter().any(|extension| path.ends_with(&format!(".{extension}")));
        if is_code && self.exists(path) {
            return Some(path.to_owned());
        }
        if let Some(stem) = path.strip_suffix(".js").or_else(|| path.strip_suffix(".mjs"))
            && let Some(found) =
                ["ts", "tsx", "mts"].iter().map(|end| format!("{stem}.{end}")).find(|path| self.exists(path))
        {
            return Some(found);
        }
        let beside = EXTENSIONS.iter().map(|extension| format!("{path}.{extension}"));
        let index = EXTENSIONS.iter().map(|extension| below(path, &format!("index.{extension}")));
        beside.chain(index).find(|path| self.exists(path))
    }
}

/// A relative path from a folder; `None` when it leaves the tree.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// The files that a `package.json` starts: its `main`, and what its scripts name. They make what other files only
/// define, with the values that count.
pub(in crate::trace) fn entries(corpus: &Corpus) -> Vec<String> {
    let mut out = Vec::new();
    for file in corpus.application().filter(|file| file.name() == "package.json") {
        let root = file.document().root();
        let main = root.get("main").and_then(Node::as_str);
        let scripts = root.get("scripts").map(Node::entries).unwrap_or_default();
        let words = scripts.iter().filter_map(|script| script.value.as_str()).flat_map(str::split_whitespace);
        for word in main.into_iter().chain(words) {
            let path = below(file.folder(), word.trim_start_matches("./"));
            let known = [path.clone(), format!("{path}.js"), format!("{path}.ts")];
            let known = known.into_iter().find(|path| Language::of_path(path).is_some() && corpus.file(path).is_some());
            out.extend(known.filter(|path| !out.contains(path)));
        }
    }
    out
}
