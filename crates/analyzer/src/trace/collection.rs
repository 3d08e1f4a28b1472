//! What JavaScript's own objects do with lists and tables: `Object.entries`, `Map`, `Set`, `path.join`.

use std::rc::Rc;

use super::call::Call;
use super::invoke::positional;
use super::items::entries;
use super::machine::Machine;
use super::value::{Argument, Object, Value};
use super::why::Why;

/// Packages of JavaScript with functions that loop.
const LOOPS: [&str; 3] = ["lodash-es", "lodash", "underscore"];

impl Machine<'_> {
    /// A function of the language or of Node's own modules.
    pub(super) fn script_builtin(&mut self, path: &str, arguments: &[Argument]) -> Option<Value> {
        let first = arguments.first().map(|argument| self.table(&argument.value));
        match (path, first) {
            ("Map" | "Set", first) => {
                let items = first.map(|first| self.items(&first)).unwrap_or_default();
                Some(Self::made(path.into(), vec![positional(Value::array(items))]))
            }
            ("Object.entries", Some(Value::Object(object))) if object.class.is_none() => {
                Some(Value::array(entries(&object)))
            }
            ("Object.values", Some(Value::Object(object))) if object.class.is_none() => Some(values(&object)),
            ("Object.keys", Some(Value::Object(object))) if object.class.is_none() => Some(keys(&object)),
            ("Object.keys", Some(Value::Array(items))) => {
                Some(Value::array((0..items.borrow().len()).map(|at| Value::text(at.to_string())).collect()))
            }
            ("Object.values" | "Array.from", Some(list @ (Value::Array(_) | Value::Made(_)))) => {
                let items = self.items(&list);
                Some(self.list_of(items))
            }
            ("Object.fromEntries", Some(list @ (Value::Array(_) | Value::Made(_)))) => {
                let object = Object::default();
                for pair in self.items(&list) {
                    if let [key, value] = self.items(&pair).as_slice()
                        && let Value::Text(key) = self.settle(key)
                    {
                        object.set(&key, value.clone());
                    }
                }
                Some(Value::Object(Rc::new(object)))
            }
            ("Object.assign", Some(into @ Value::Object(_))) => {
                for from in arguments.get(1..).unwrap_or_default() {
                    if let (Value::Object(into), Value::Object(from)) = (&into, self.settle(&from.value)) {
                        let fields = from.fields.borrow().clone();
                        into.fields.borrow_mut().extend(fields);
                    }
                }
                Some(into)
            }
            ("path.join" | "path.posix.join" | "url-join" | "url-join.default", Some(Value::Text(_))) => {
                let mut parts = Vec::new();
                for argument in arguments {
                    let Value::Text(part) = self.settle(&argument.value) else { return None };
                    parts.push(part.to_string());
                }
                Some(self.combined(one_slash(&parts.join("/"))))
            }
            ("config.get" | "config.default.get", Some(Value::Text(key))) => self.configured(&key),
            _ => None,
        }
    }

    /// The value itself; of a whole module what it exports by name.
    fn table(&mut self, value: &Value) -> Value {
        let value = self.settle(value);
        let Value::Module(module) = value else { return value };
        if let Some(Value::Object(exports)) = self.modules[module].module_object.get("exports")
            && !exports.fields.borrow().is_empty()
        {
            return Value::Object(exports);
        }
        let table = Object::default();
        for (.., here) in self.modules[module].exports.clone() {
            if let Some(member) = self.module_member(module, &here) {
                table.set(&here, member);
            }
        }
        Value::Object(Rc::new(table))
    }

    /// Functions of packages that call another one with each item of a list, or each value of a table and its key.
    pub(super) fn iterated(&mut self, path: &str, call: &Call) -> Option<Value> {
        let package = LOOPS.iter().find_map(|package| path.strip_prefix(package))?;
        let name = package.split(['.', '/']).rfind(|part| !matches!(*part, "" | "default"))?;
        if !matches!(name, "each" | "forEach" | "map" | "flatMap" | "forOwn" | "forIn") {
            return None;
        }
        let [over, function, ..] = call.arguments.as_slice() else { return None };
        let pairs = match self.table(&over.value) {
            Value::Object(object) if object.class.is_none() => {
                let fields = object.fields.borrow();
                fields.iter().map(|(key, value)| (value.clone(), Value::Text(Rc::clone(key)))).collect::<Vec<_>>()
            }
            list => {
                let items = self.items(&list);
                let items = if items.is_empty() { self.unknown_item(&list) } else { items };
                let number = |at| Value::Number(i64::try_from(at).unwrap_or(i64::MAX));
                items.into_iter().enumerate().map(|(at, item)| (item, number(at))).collect()
            }
        };
        let mut made = Vec::new();
        for (value, key) in pairs {
            made.push(self.call_value(&function.value, None, &[positional(value), positional(key)], call));
        }
        Some(Value::array(made))
    }

    /// What the package `config` reads where nothing else is set: `config/default.json`, if the tree has one of them.
    fn configured(&self, key: &str) -> Option<Value> {
        let is_default = |path: &str| {
            let name =
                path.rsplit_once("config/default.").filter(|(above, _)| above.is_empty() || above.ends_with('/'));
            name.is_some_and(|(_, kind)| matches!(kind, "json" | "yaml" | "yml"))
        };
        let mut files = self.corpus.application().filter(|file| is_default(&file.path));
        let (Some(file), None) = (files.next(), files.next()) else { return None };
        let keys: Vec<&str> = key.split('.').collect();
        file.document().root().at(&keys)?.as_str().map(Value::text)
    }

    /// A method of a `Map` or `Set`.
    pub(super) fn collection_method(&mut self, on: &Value, name: &str, call: &Call) -> Option<Value> {
        let Value::Made(made) = on else { return None };
        let is_map = match &*made.what {
            "Map" => true,
            "Set" => false,
            _ => return None,
        };
        let Some(Value::Array(items)) = made.arguments.first().map(|first| &first.value) else { return None };
        match (name, call.arguments.as_slice()) {
            ("set", [key, value, ..]) if is_map => {
                self.extend(items, vec![Value::array(vec![key.value.clone(), value.value.clone()])]);
                Some(on.clone())
            }
            ("add", [value, ..]) if !is_map => {
                self.extend(items, vec![value.value.clone()]);
                Some(on.clone())
            }
            ("get", [key, ..]) if is_map => {
                let key = self.settle(&key.value);
                let pairs = items.borrow().clone();
                let found = pairs
                    .iter()
                    .rev()
                    .map(|pair| self.items(pair))
                    .find(|pair| pair.first().is_some_and(|own| own.same(&key)));
                Some(found.and_then(|pair| pair.get(1).cloned()).unwrap_or_else(|| Value::unknown(Why::Unsaid)))
            }
            ("forEach", [function, ..]) => {
                let pairs = items.borrow().clone();
                for pair in pairs {
                    let parts = if is_map { self.items(&pair) } else { vec![pair.clone(), pair] };
                    let arguments: Vec<Argument> = parts.into_iter().rev().map(positional).collect();
                    self.call_value(&function.value, None, &arguments, call);
                }
                Some(Value::Null)
            }
            ("entries", _) => Some(Value::Array(Rc::clone(items))),
            ("keys" | "values", _) => {
                let at = usize::from(name == "values");
                let pairs = items.borrow().clone();
                let parts = pairs.iter().map(|pair| match is_map {
                    true => self.items(pair).get(at).cloned().unwrap_or(Value::Null),
                    false => pair.clone(),
                });
                Some(Value::array(parts.collect()))
            }
            _ => None,
        }
    }
}

fn values(object: &Object) -> Value {
    Value::array(object.fields.borrow().values().cloned().collect())
}

fn keys(object: &Object) -> Value {
    Value::array(object.fields.borrow().keys().map(|key| Value::Text(Rc::clone(key))).collect())
}

/// A path without doubled slashes.
fn one_slash(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    out
}
