//! Methods of lists, texts, objects and settings that programs build routes with.

use std::rc::Rc;

use super::call::Call;
use super::machine::Machine;
use super::value::{Argument, Value};
use super::why::Why;
use super::{invoke, items};
use crate::budget::MAX_TEXT_BYTES;
use crate::syntax::grammar::Family;

impl Machine<'_> {
    /// A method of a value that no framework owns; `None` when the value has no such method.
    #[expect(clippy::too_many_lines, reason = "one arm for each method")]
    pub(super) fn builtin_method(&mut self, on: &Value, name: &str, call: &Call) -> Option<Value> {
        if let Value::Text(text) = on
            && let Some(value) = self.folder_method(text, name, call)
        {
            return Some(value);
        }
        match (on, name) {
            (Value::Array(_), "forEach" | "map" | "flatMap" | "for_each") => {
                let mut out = Vec::new();
                let items = self.items(on);
                let function = call.at(0)?.value.clone();
                for (at, item) in items.into_iter().enumerate() {
                    let index = Value::Number(i64::try_from(at).unwrap_or(i64::MAX));
                    let arguments = [invoke::positional(item), invoke::positional(index)];
                    out.push(self.call_value(&function, None, &arguments, call));
                }
                Some(Value::array(out))
            }
            (Value::Array(_), "reduce") if self.family == Family::Script => {
                let function = call.at(0)?.value.clone();
                let mut made = call.at(1)?.value.clone();
                for item in self.items(on) {
                    made =
                        self.call_value(&function, None, &[invoke::positional(made), invoke::positional(item)], call);
                }
                Some(made)
            }
            (Value::Array(items), "push" | "append" | "unshift") => {
                let added: Vec<Value> = call.arguments.iter().map(|argument| argument.value.clone()).collect();
                self.extend(items, added);
                Some(Value::Null)
            }
            (Value::Array(items), "extend") => {
                let more = self.items(&call.at(0)?.value);
                self.extend(items, more);
                Some(Value::Null)
            }
            (Value::Array(_), "concat") => {
                let mut all = self.items(on);
                if let Some(text) = self.concatenated(&all) {
                    return Some(text);
                }
                for argument in &call.arguments {
                    all.extend(self.items(&argument.value));
                }
                Some(self.list_of(all))
            }
            (Value::Array(_), "filter" | "iter" | "into_iter" | "slice" | "sort" | "reverse" | "flat") => {
                Some(on.clone())
            }
            (Value::Array(items), "join") => {
                let separator = call.at(0).map(|argument| self.settle(&argument.value));
                let Some(Value::Text(separator)) = separator else {
                    return Some(Value::unknown(Why::Computed));
                };
                let items = items.borrow().clone();
                Some(self.joined(&items, &separator))
            }
            (Value::Text(separator), "join") => {
                let items = self.items(&call.at(0)?.value);
                Some(self.joined(&items, separator))
            }
            // With a map of methods the class alone does not say what is served.
            (Value::Class(_), "as_view")
                if call.arguments.iter().any(|argument| {
                    matches!(argument.value, Value::Object(_))
                        || matches!(argument.name.as_deref(), Some("http_method_names" | "permission_classes"))
                }) =>
            {
                let mut arguments = vec![invoke::positional(on.clone())];
                arguments.extend(call.arguments.iter().cloned());
                Some(Self::made("as_view".into(), arguments))
            }
            (Value::Class(_), "as_view") => Some(on.clone()),
            (Value::Text(text), "partition" | "rpartition") if self.family == Family::Python => {
                let Some(Value::Text(by)) = call.at(0).map(|argument| self.settle(&argument.value)) else {
                    return Some(Value::unknown(Why::Computed));
                };
                let parts = match (name, text.split_once(&*by), text.rsplit_once(&*by)) {
                    ("partition", Some((before, after)), _) | ("rpartition", _, Some((before, after))) => {
                        [before, &by, after]
                    }
                    ("partition", ..) => [text, "", ""],
                    _ => ["", "", text],
                };
                Some(Value::array(parts.map(Value::text).into()))
            }
            (Value::Text(text), "removeprefix" | "removesuffix") => {
                let Some(Value::Text(end)) = call.at(0).map(|argument| self.settle(&argument.value)) else {
                    return Some(Value::unknown(Why::Computed));
                };
                let cut = if name == "removeprefix" { text.strip_prefix(&*end) } else { text.strip_suffix(&*end) };
                Some(cut.map_or_else(|| on.clone(), Value::text))
            }
            (Value::Text(text), "format") => Some(self.formatted(text, &call.arguments)),
            (Value::Text(text), "rstrip" | "strip" | "lstrip") => {
                let Some(Value::Text(what)) = call.at(0).map(|argument| self.settle(&argument.value)) else {
                    return Some(Value::text(text.trim()));
                };
                let cut = |letter: char| what.contains(letter);
                Some(Value::text(match name {
                    "rstrip" => text.trim_end_matches(cut),
                    "lstrip" => text.trim_start_matches(cut),
                    _ => text.trim_matches(cut),
                }))
            }
            (Value::Text(text), "substring" | "slice") => {
                let mut bounds = Vec::new();
                for argument in &call.arguments {
                    match self.settle(&argument.value) {
                        Value::Number(at) => bounds.push(usize::try_from(at).ok()),
                        _ => bounds.push(None),
                    }
                }
                let part = match bounds.as_slice() {
                    [Some(from)] => text.get(*from..),
                    [Some(from), Some(to)] => text.get(*from..*to),
                    _ => None,
                };
                Some(part.map_or_else(|| Value::unknown(Why::Computed), Value::text))
            }
            (Value::Text(text), "toLowerCase" | "toLocaleLowerCase" | "lower") => {
                Some(Value::text(text.to_lowercase()))
            }
            (Value::Text(text), "toUpperCase" | "toLocaleUpperCase" | "upper") => {
                Some(Value::text(text.to_uppercase()))
            }
            (Value::Text(text), "split") if matches!(self.family, Family::Script | Family::Python) => {
                let Some(Value::Text(by)) = call.at(0).map(|argument| self.settle(&argument.value)) else {
                    return Some(Value::unknown(Why::Computed));
                };
                if by.is_empty() {
                    return Some(Value::unknown(Why::Computed));
                }
                Some(self.list_of(text.split(&*by).map(Value::text).collect()))
            }
            (Value::Text(text), "replace" | "replaceAll") if matches!(self.family, Family::Script | Family::Python) => {
                let from = call.at(0).map(|argument| self.settle(&argument.value));
                let to = call.at(1).map(|argument| self.settle(&argument.value));
                let (Some(Value::Text(from)), Some(Value::Text(to))) = (from, to) else {
                    return Some(Value::unknown(Why::Computed));
                };
                let times = if self.family == Family::Script && name == "replace" { 1 } else { usize::MAX };
                if text.matches(&*from).take(times).count().saturating_mul(to.len()) > MAX_TEXT_BYTES {
                    return Some(Value::unknown(Why::TooLarge));
                }
                Some(self.combined(text.replacen(&*from, &to, times)))
            }
            (Value::Text(text), "concat") => {
                let mut out = text.to_string();
                for argument in &call.arguments {
                    match self.settle(&argument.value) {
                        Value::Text(more) => out.push_str(&more),
                        _ => return Some(Value::unknown(Why::Computed)),
                    }
                }
                Some(self.combined(out))
            }
            (Value::Env(variable, _), "unwrap_or" | "unwrap_or_else") => {
                let default = call.at(0)?.value.clone();
                let default = match &default {
                    Value::Function(closure) => self.call_closure(closure, None, &[]),
                    other => other.clone(),
                };
                Some(Value::Env(Rc::clone(variable), Some(Rc::new(default))))
            }
            (Value::Env(..), _) => Some(on.clone()),
            // Conversions and borrows that keep the value.
            (
                Value::Text(_) | Value::Number(_),
                "to_string" | "to_owned" | "into" | "as_str" | "clone" | "toString" | "as_ref" | "parse" | "unwrap"
                | "expect" | "trim" | "strip_suffix",
            ) => Some(on.clone()),
            (Value::Object(object), "items" | "entries") if object.class.is_none() => {
                Some(Value::array(items::entries(object)))
            }
            (Value::Object(object), "values") if object.class.is_none() => {
                Some(Value::array(object.fields.borrow().values().cloned().collect()))
            }
            (Value::Object(_), "clone") => Some(on.clone()),
            // A tuple is what `Ok` and `Some` hold, too.
            (Value::Array(_), _) if self.family == Family::Rust && takes_out(name) => Some(on.clone()),
            _ => self.collection_method(on, name, call),
        }
    }

    /// Rust's `[base, "/api"].concat()`.
    fn concatenated(&mut self, items: &[Value]) -> Option<Value> {
        let (first, rest) = items.split_first().filter(|_| self.family == Family::Rust)?;
        let mut text = String::new();
        for item in rest {
            match self.settle(item) {
                Value::Text(more) => text.push_str(&more),
                _ => return None,
            }
        }
        match self.settle(first) {
            Value::Text(first) => Some(self.combined(format!("{first}{text}"))),
            other => Self::below_base(&other, &text),
        }
    }

    fn joined(&mut self, items: &[Value], separator: &str) -> Value {
        let mut joined = String::new();
        for (at, item) in items.iter().enumerate() {
            match self.settle(item) {
                Value::Text(text) if joined.len() <= MAX_TEXT_BYTES => {
                    joined.push_str(if at > 0 { separator } else { "" });
                    joined.push_str(&text);
                }
                Value::Text(_) => break,
                _ => return Value::unknown(Why::Computed),
            }
        }
        self.combined(joined)
    }

    /// `{}` and `{name}` replaced, when all of it is known.
    pub(super) fn formatted(&mut self, template: &str, arguments: &[Argument]) -> Value {
        let mut positional = arguments.iter().filter(|argument| argument.name.is_none());
        let mut out = String::new();
        if let (Family::Rust, Some((hole, tail)), Some(argument)) =
            (self.family, template.strip_prefix('{').and_then(|rest| rest.split_once('}')), arguments.first())
            && argument.name.as_deref().is_none_or(|name| name == hole)
        {
            let first = self.settle(&argument.value);
            let rest = self.formatted(tail, &arguments[1..]);
            if let (Value::Text(rest), false) = (&rest, matches!(first, Value::Text(_)))
                && let Some(below) = Self::below_base(&first, rest)
            {
                return below;
            }
        }
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            if let Some(literal) = after.strip_prefix('{') {
                out.push('{');
                rest = literal;
                continue;
            }
            let Some((hole, tail)) = after.split_once('}') else { return Value::unknown(Why::Computed) };
            let name = hole.split(':').next().unwrap_or_default();
            let argument = match name.parse::<usize>() {
                Ok(at) => arguments.get(at),
                Err(_) if name.is_empty() => positional.next(),
                Err(_) => arguments.iter().find(|argument| argument.name.as_deref() == Some(name)),
            };
            match argument.map(|argument| self.settle(&argument.value)) {
                Some(Value::Text(text)) => out.push_str(&text),
                Some(Value::Number(number)) => out.push_str(&number.to_string()),
                Some(env @ Value::Env(..)) if template.len() < 32 => return env,
                _ => return Value::unknown(Why::DependsOn(format!("{{{hole}}}"))),
            }
            rest = tail;
        }
        out.push_str(&rest.replace("}}", "}"));
        self.combined(out.replace("}}", "}"))
    }
}

/// Whether a method of `Result` and `Option`, or one that a program adds to them (`log_err`), gives what they hold.
fn takes_out(name: &str) -> bool {
    ["ok", "err", "unwrap", "expect", "context", "clone"].iter().any(|part| name.split('_').any(|word| word == *part))
}
