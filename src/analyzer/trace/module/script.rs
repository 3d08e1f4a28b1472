//! JavaScript and TypeScript modules: `require`, `import`, index files, left-out extensions, `.js` that
//! means `.ts`, and the common aliases for the source folder.

use std::rc::Rc;

use super::{around, below, folder_of};
use crate::analyzer::trace::machine::Machine;
use crate::analyzer::trace::value::{ModuleId, Value};

const EXTENSIONS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"];

impl Machine<'_> {
    /// What an import of `name` out of `from` is; `*` and `=` are the whole module.
    pub(in crate::analyzer::trace) fn script_module(&mut self, importer: ModuleId, from: &str, name: &str) -> Value {
        let path = Rc::clone(&self.modules[importer].path);
        let Some(found) = self.script_file(&path, from) else {
            if from.starts_with('.') {
                return Value::unknown("is imported from a file that is not in the tree");
            }
            let package = from.strip_prefix("node:").unwrap_or(from);
            return Value::External(match name {
                "*" | "=" | "default" => package.into(),
                _ => format!("{package}.{name}").into(),
            });
        };
        let Some(module) = self.load(&found) else {
            return Value::unknown("is imported from a file that is not application code or was not parsed");
        };
        match name {
            "*" | "=" => match self.modules[module].module_object.get("exports") {
                Some(replaced) if !matches!(replaced, Value::Object(_)) => replaced,
                _ => Value::Module(module),
            },
            _ => self.script_member(module, name).unwrap_or_else(|| match name {
                "default" => Value::Module(module),
                _ => Value::unknown(format!("is `{name}` of {found}, which is not defined there")),
            }),
        }
    }

    pub(super) fn script_member(&mut self, module: ModuleId, name: &str) -> Option<Value> {
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
                let value = self.member(module, &replaced, &name.into());
                return (!matches!(value, Value::Unknown(_))).then_some(value);
            }
            None => {}
        }
        let exports = self.modules[module].exports.clone();
        for (from, there, _) in exports.iter().filter(|(_, _, here)| &**here == name) {
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
            if let Some(value) = inner.filter(|inner| *inner != module).and_then(|inner| self.script_member(inner, name)) {
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
        if let Some(stem) = path.strip_suffix(".js").or_else(|| path.strip_suffix(".mjs")) {
            if let Some(found) = ["ts", "tsx", "mts"].iter().map(|end| format!("{stem}.{end}")).find(|path| self.exists(path)) {
                return Some(found);
            }
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
