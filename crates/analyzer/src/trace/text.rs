//! Texts put together from pieces, and values that are one of several.

use std::rc::Rc;

use super::evaluate::Frame;
use super::go::is_deployment;
use super::machine::Machine;
use super::value::Value;
use super::why::Why;
use crate::syntax::grammar::Family;
use crate::syntax::program::{Kind, NodeId};

/// More than the branches that a program chooses a router by.
const MAX_OPTIONS: usize = 16;
/// What stands for a path below a base path that the operator chooses; its argument is the path.
const BELOW_BASE: &str = "[below a base path]";

impl Machine<'_> {
    /// A literal path behind something of the configuration that is named like a base path. Endpoints are said
    /// relative to such a base, as it is none until somebody sets one.
    pub(super) fn below_base(first: &Value, rest: &str) -> Option<Value> {
        let made = first.external()?;
        let name = made.trim_end_matches("()").rsplit(['.', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let is_base = ["path", "base", "prefix", "root", "mount"].iter().any(|part| name.contains(part));
        (is_base && rest.starts_with('/'))
            .then(|| Self::made(BELOW_BASE.into(), vec![super::invoke::positional(Value::text(rest))]))
    }

    /// The path of what [`Self::below_base`] made.
    pub(super) fn path_below_base(value: &Value) -> Option<&str> {
        match value {
            Value::Made(made) if &*made.what == BELOW_BASE => match made.arguments.first().map(|first| &first.value) {
                Some(Value::Text(path)) => Some(path),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn concat(&mut self, frame: &mut Frame, parts: &[NodeId]) -> Value {
        let depends = |name: &Rc<str>| Why::DependsOnEnvironment(name.to_string());
        let mut out = String::new();
        let mut unknown = None;
        let mut variable = None;
        let mut base = None;
        let mut lists: Vec<Value> = Vec::new();
        let mut is_list = false;
        for part in parts {
            let value = self.evaluate(frame, *part);
            let value = match self.settle(&value) {
                // The path that an application is put below is empty unless its configuration says otherwise.
                Value::Unknown(_) | Value::External(_) | Value::Made(_)
                    if self.family == Family::Go && self.is_deployment_node(frame, *part) =>
                {
                    Value::text("")
                }
                value => value,
            };
            let value = if self.family == Family::Go { value } else { self.unset(value) };
            if let (true, Some((name, path))) = (out.is_empty() && base.is_none(), self.base_path(&value)) {
                base = Some(name);
                out.push_str(&path);
                continue;
            }
            match value {
                Value::Text(text) => out.push_str(&text),
                Value::Number(number) => out.push_str(&number.to_string()),
                Value::Array(items) => {
                    is_list = true;
                    lists.extend(items.borrow().iter().cloned());
                }
                // Only the port behind a host is looked for in such texts.
                Value::Env(name, Some(default)) if self.family == Family::Go => match &*default {
                    Value::Text(text) => {
                        out.push_str(text);
                        variable = Some(name);
                    }
                    Value::Number(number) => {
                        out.push_str(&number.to_string());
                        variable = Some(name);
                    }
                    _ => unknown = Some(depends(&name)),
                },
                Value::Env(name, None) if self.family == Family::Go && parts.len() == 2 => {
                    return Value::Env(name, None);
                }
                Value::Env(name, _) => unknown = Some(depends(&name)),
                // A number that a loop counts.
                Value::Unknown(why) if self.family == Family::Python && *why == Why::UnknownList => {
                    match &frame.program.nodes[*part].kind {
                        Kind::Name(name) => out.push_str(&format!("{{{name}}}")),
                        _ => unknown = Some(Why::clone(&why)),
                    }
                }
                Value::Unknown(why) if why.is_said() => unknown = Some(Why::clone(&why)),
                _ => unknown = Some(self.hole_reason(frame, *part)),
            }
        }
        match unknown {
            // What is not known of a list does not take away what is.
            _ if !lists.is_empty() => self.list_of(lists),
            Some(why) => Value::unknown(why),
            None if base.is_some() => match out.is_empty() || out.starts_with('/') {
                true => Value::unknown(Why::Base(base.unwrap_or_default(), out)),
                false => Value::unknown(Why::DependsOn(base.unwrap_or_default())),
            },
            None if is_list => Value::array(lists),
            None if variable.is_some() => {
                let text = self.combined(out);
                variable.map_or(Value::Null, |name| Value::Env(name, Some(Rc::new(text))))
            }
            None => self.combined(out),
        }
    }

    /// What counts where an environment variable is not set: its literal default. Of alternatives the one that is no flag.
    pub(super) fn unset(&mut self, value: Value) -> Value {
        match &value {
            Value::OneOf(options) => {
                let mut texts = options.iter().filter(|option| !matches!(option, Value::Bool(_)));
                match (texts.next(), texts.next()) {
                    (Some(text @ Value::Text(_)), None) => text.clone(),
                    _ => value,
                }
            }
            Value::Env(_, Some(default)) => match self.settle(default) {
                text @ Value::Text(_) => text,
                _ => value,
            },
            _ => value,
        }
    }

    fn is_deployment_node(&self, frame: &Frame, part: NodeId) -> bool {
        is_deployment(&self.source(frame.module, frame.program.nodes[part].bytes))
    }

    pub(super) fn hole_reason(&self, frame: &Frame, part: NodeId) -> Why {
        let text = self.source(frame.module, frame.program.nodes[part].bytes);
        Why::DependsOn(text.chars().take(40).collect())
    }

    pub(super) fn either(&mut self, frame: &mut Frame, left: NodeId, right: NodeId) -> Value {
        let first = self.evaluate(frame, left);
        let second = self.evaluate(frame, right);
        match self.settle(&first) {
            Value::Env(name, None) => {
                let default = self.settle(&second);
                Value::Env(name, Some(Rc::new(default)))
            }
            first if self.base_path(&first).is_some() => match self.settle(&second) {
                // Below the base path that counts unless another one is set.
                Value::Text(path) if path.is_empty() || path.starts_with('/') => {
                    let (base, _) = self.base_path(&first).unwrap_or_default();
                    Value::unknown(Why::Base(base, path.trim_end_matches('/').to_owned()))
                }
                _ => first,
            },
            Value::Unknown(_) | Value::Null | Value::Made(_) => match self.settle(&second) {
                handle @ Value::Handle(_) => handle,
                // The default of something unknown is a default, not the value.
                Value::Text(_) | Value::Number(_) => Value::unknown(self.hole_reason(frame, left)),
                other => other,
            },
            known => known,
        }
    }

    /// The value of something that is one of several: their common value, or a router among them.
    pub(super) fn one_of(&mut self, values: Vec<Value>) -> Value {
        let values: Vec<Value> = values.iter().map(|value| self.settle(value)).collect();
        if let Some(handle) = values.iter().find(|value| matches!(value, Value::Handle(_))) {
            return handle.clone();
        }
        // Those of an alternative are alternatives like it: nested they would be walked 2^n times.
        let mut options: Vec<Value> = Vec::new();
        for value in values {
            match value {
                Value::Null | Value::Bool(false) => {}
                Value::OneOf(several) => several.iter().for_each(|option| add_option(&mut options, option)),
                value => add_option(&mut options, &value),
            }
        }
        let values = options;
        if let [] | [_] = &values[..] {
            return values.into_iter().next().unwrap_or(Value::Null);
        }
        if let Some(all) = handles(&values) {
            return all;
        }
        let is_callable = |value: &Value| {
            let is_list =
                matches!(value, Value::Array(_) | Value::Made(_)) && matches!(self.family, Family::Script | Family::Go);
            is_list || matches!(value, Value::Function(_) | Value::Class(_) | Value::Object(_))
        };
        if values.len() <= MAX_OPTIONS && values.iter().all(is_callable) {
            return Value::OneOf(Rc::new(values));
        }
        Value::unknown(Why::DiffersByBranch)
    }
}

fn add_option(options: &mut Vec<Value>, option: &Value) {
    if !options.iter().any(|known| known.same(option)) {
        options.push(option.clone());
    }
}

/// Lists of routes that different branches make are all served by one of them: everything in them.
fn handles(values: &[Value]) -> Option<Value> {
    let mut all: Vec<Value> = Vec::new();
    for value in values {
        let Value::Array(items) = value else { return None };
        for item in items.borrow().iter() {
            if !matches!(item, Value::Handle(_)) {
                return None;
            }
            if !all.iter().any(|known| known.same(item)) {
                all.push(item.clone());
            }
        }
    }
    (!all.is_empty()).then(|| Value::array(all))
}
