//! The name of what handles a route.

use std::rc::Rc;

use super::Attributes;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::routes::short;
use crate::lang::php::value::Value;

pub(super) fn handler_in<'c>(
    machine: &Evaluator<'c>,
    attributes: &Attributes<'c>,
    action: Option<&Value<'c>>,
) -> Option<String> {
    let own = attributes.get("controller").and_then(Value::as_text).map(Rc::from);
    let controller = own.or_else(|| machine.host.group().controller.clone());
    if let (Some(controller), Some(Value::Text(method))) = (controller, action)
        && !method.contains(['@', '\\'])
    {
        return Some(format!("{}@{method}", short(&controller)));
    }
    handler(action)
}

/// `'Controller@method'`, `[Controller::class, 'method']`, `Controller::class`, `['uses' => ...]`.
pub(super) fn handler(action: Option<&Value<'_>>) -> Option<String> {
    match action? {
        Value::Text(text) => Some(short(text).to_owned()),
        list @ Value::List(_) => match (list.get("uses"), list.get("0"), list.get("1")) {
            (Some(Value::Text(uses)), ..) => Some(short(uses).to_owned()),
            (_, Some(Value::Text(class)), Some(Value::Text(method))) => Some(format!("{}@{method}", short(class))),
            _ => None,
        },
        _ => None,
    }
}
