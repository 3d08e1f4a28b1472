//! What a loop goes over: the items of lists, the keys and pairs of tables.

use std::rc::Rc;

use super::machine::Machine;
use super::value::{Object, Value};
use super::why::Why;
use crate::syntax::grammar::Family;

impl Machine<'_> {
    /// The items of a list, the pairs of an enumerable object; nothing when they are not known.
    pub(super) fn items(&mut self, value: &Value) -> Vec<Value> {
        match self.settle(value) {
            Value::Array(items) => items.borrow().clone(),
            // Lists of different branches: an item of any of them may be there.
            Value::OneOf(options) if options.iter().any(|option| matches!(option, Value::Array(_))) => {
                options.iter().flat_map(|option| self.items(option)).collect()
            }
            // A dictionary is its keys.
            Value::Object(object) if self.family == Family::Python && object.class.is_none() => {
                object.fields.borrow().keys().map(|key| Value::Text(Rc::clone(key))).collect()
            }
            Value::Made(made) => {
                let arguments = made.arguments.clone();
                let first = arguments.first().map(|argument| self.settle(&argument.value));
                match (&*made.what, first) {
                    ("enumerate", Some(list)) => {
                        let items = self.items(&list).into_iter().enumerate();
                        items.map(|(at, item)| Value::array(vec![number(at), item])).collect()
                    }
                    ("zip", Some(first)) => {
                        let mut lists = vec![self.items(&first)];
                        lists.extend(
                            arguments.iter().skip(1).map(|argument| self.items(&argument.value)).collect::<Vec<_>>(),
                        );
                        let length = lists.iter().map(Vec::len).min().unwrap_or_default();
                        (0..length)
                            .map(|at| Value::array(lists.iter().map(|list| list[at].clone()).collect()))
                            .collect()
                    }
                    // What it counts stands for every number.
                    ("range", Some(_)) => vec![Value::unknown(Why::UnknownList)],
                    ("list" | "tuple" | "set" | "sorted" | "reversed" | "Map" | "Set", Some(list)) => self.items(&list),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What stands for the items of a list that is not known: what a loop over it registers must be said.
    pub(super) fn unknown_item(&mut self, list: &Value) -> Vec<Value> {
        let is_unknown = matches!(self.settle(list), Value::Unknown(_) | Value::External(_) | Value::Made(_));
        let is_followed = matches!(self.family, Family::Python | Family::Script);
        Vec::from_iter((is_unknown && is_followed).then(|| Value::unknown(Why::Computed)))
    }
}

fn number(at: usize) -> Value {
    Value::Number(i64::try_from(at).unwrap_or(i64::MAX))
}

/// The pairs of an object as two-item lists.
pub(super) fn entries(object: &Object) -> Vec<Value> {
    let fields = object.fields.borrow();
    fields.iter().map(|(key, value)| Value::array(vec![Value::Text(Rc::clone(key)), value.clone()])).collect()
}
