//! Several values at once: the results of a function, and what `range` walks over.

use std::rc::Rc;

use crate::syntax::program::Function;
use crate::trace::machine::Machine;
use crate::trace::value::Value;
use crate::trace::why::Why;

impl Machine<'_> {
    /// The values of a function with several results, one by one.
    pub(in crate::trace) fn go_results(&mut self, function: &Function, returns: Vec<Value>) -> Value {
        let is_many = function.returns.starts_with('(') && function.returns.contains(',');
        let lists: Vec<Vec<Value>> = returns
            .iter()
            .filter_map(|value| match value {
                Value::Array(items) if is_many => Some(items.borrow().clone()),
                _ => None,
            })
            .collect();
        if lists.is_empty() || lists.len() != returns.len() {
            return self.go_one_of(returns);
        }
        let width = lists.iter().map(Vec::len).max().unwrap_or_default();
        let columns = (0..width).map(|at| {
            let column = lists.iter().filter_map(|list| list.get(at).cloned()).collect();
            self.go_one_of(column)
        });
        Value::array(columns.collect())
    }

    /// One of several; a variable that is read and a literal beside it are the variable with its default.
    fn go_one_of(&mut self, values: Vec<Value>) -> Value {
        let values: Vec<Value> = values.iter().map(|value| self.settle(value)).collect();
        let is_env = |value: &&Value| matches!(value, Value::Env(_, None));
        let others: Vec<Value> = values
            .iter()
            .filter(|value| !is_env(value) && !matches!(value, Value::Text(text) if text.is_empty()))
            .cloned()
            .collect();
        if let (Some(Value::Env(name, None)), [Value::Text(_) | Value::Number(_), ..]) =
            (values.iter().find(is_env), others.as_slice())
            && others.iter().all(|other| other.same(&others[0]))
        {
            return Value::Env(Rc::clone(name), Some(Rc::new(others[0].clone())));
        }
        // What one branch returns and nobody knows does not hide the handler that another one returns.
        let serves = |value: &Value| {
            matches!(value, Value::Function(_) | Value::Object(_) | Value::Made(_) | Value::Handle(_) | Value::OneOf(_))
        };
        match values.iter().any(serves) {
            true => self.one_of(values.into_iter().filter(|value| !matches!(value, Value::Unknown(_))).collect()),
            false => self.one_of(values),
        }
    }

    /// Where the literal of a pair's value stands.
    pub(in crate::trace) fn go_place(pair: &Value) -> Option<(String, u32, u32)> {
        let Value::Array(pair) = pair else { return None };
        match pair.borrow().get(1)? {
            Value::Object(object) => object.place.get().cloned().filter(|(path, ..)| !path.is_empty()),
            _ => None,
        }
    }

    /// What `range` walks over, as pairs of key and value; once with unknown values when it is not known.
    pub(in crate::trace) fn go_pairs(&mut self, value: &Value) -> Vec<Value> {
        let unknown = || Value::unknown(Why::UnknownList);
        match self.settle(value) {
            Value::Array(items) => {
                let items = items.borrow().clone();
                let number = |at: usize| Value::Number(i64::try_from(at).unwrap_or(i64::MAX));
                items.into_iter().enumerate().map(|(at, item)| Value::array(vec![number(at), item])).collect()
            }
            Value::Object(object) if object.class.is_none() => {
                let fields = object.fields.borrow().clone();
                let key = |key: &Rc<str>| if key.starts_with('[') { unknown() } else { Value::Text(Rc::clone(key)) };
                fields.iter().map(|(name, value)| Value::array(vec![key(name), value.clone()])).collect()
            }
            Value::Null => Vec::new(),
            _ => vec![Value::array(vec![unknown(), unknown()])],
        }
    }
}
