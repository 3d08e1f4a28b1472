//! The name of what handles a route.

use std::rc::Rc;

use super::Attributes;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::routes::short;
use crate::lang::php::value::PhpValue;

pub(super) fn handler_in<'c>(
    machine: &Evaluator<'c>,
    attributes: &Attributes<'c>,
    action: Option<&PhpValue<'c>>,
) -> Option<String> {
    let own = attributes.get("controller").and_then(PhpValue::as_text).map(Rc::from);
    let controller = own.or_else(|| machine.host.group().controller.clone());
    if let (Some(controller), Some(PhpValue::Text(method))) = (controller, action)
        && !method.contains(['@', '\\'])
    {
        return Some(format!("{}@{method}", short(&controller)));
    }
    handler(action)
}

/// `'Controller@method'`, `[Controller::class, 'method']`, `Controller::class`, `['uses' => ...]`.
pub(super) fn handler(action: Option<&PhpValue<'_>>) -> Option<String> {
    match action? {
        PhpValue::Text(text) => Some(short(text).to_owned()),
        list @ PhpValue::List(_) => match (list.get("uses"), list.get("0"), list.get("1")) {
            (Some(PhpValue::Text(uses)), ..) => Some(short(uses).to_owned()),
            (_, Some(PhpValue::Text(class)), Some(PhpValue::Text(method))) => {
                Some(format!("{}@{method}", short(class)))
            }
            _ => None,
        },
        _ => None,
    }
}
