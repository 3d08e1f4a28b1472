//! JavaScript and TypeScript modules: `require`, `import`, and what a module gives to others.

use super::searches::Sought;
use crate::syntax::grammar::Language;
use crate::trace::machine::Machine;
use crate::trace::value::{ModuleId, Value};
use crate::trace::why::Why;
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::path::inside;

impl Machine<'_> {
    /// What an import of `name` out of `from` is; `*` and `=` are the whole module.
    pub(in crate::trace) fn script_module(&mut self, importer: ModuleId, from: &str, name: &str) -> Value {
        let Some(found) = self.imported_file(importer, from) else {
            if from.starts_with('.') {
                return Value::unknown(Why::NotInTree);
            }
            let package = from.strip_prefix("node:").unwrap_or(from);
            return Value::External(match name {
                "*" | "=" | "default" => package.into(),
                _ => format!("{package}.{name}").into(),
            });
        };
        let Some(module) = self.load(&found) else { return Value::unknown(Why::NotParsed) };
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
        self.search(module, Sought::Name, name, |machine| {
            machine.script_export(module, name).or_else(|| {
                let whole = machine.modules[module].scope.globs.borrow().clone();
                machine.in_whole(module, &whole, |machine, inner| machine.script_export(inner, name))
            })
        })
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
        self.modules[module].scope.own(name)
    }
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
            let path = inside(file.folder(), word.trim_start_matches("./"));
            let known = [path.clone(), format!("{path}.js"), format!("{path}.ts")];
            let known = known.into_iter().find(|path| Language::of_path(path).is_some() && corpus.file(path).is_some());
            out.extend(known.filter(|path| !out.contains(path)));
        }
    }
    out
}
