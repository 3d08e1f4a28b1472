//! Resources and singletons, one or several in a call.

use std::rc::Rc;

use super::Attributes;
use super::register::register;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::resource::ResourceRoutes;
use crate::extract::endpoint::laravel::routes::RouteKind;
use crate::lang::php::call::PhpCall;
use crate::lang::php::value::PhpValue;

pub(super) fn resources<'c>(
    machine: &mut Evaluator<'c>,
    attributes: &Attributes<'c>,
    call: &PhpCall<'c>,
) -> PhpValue<'c> {
    let kind = call.name.trim_end_matches('s').to_owned();
    let is_singleton = kind.to_ascii_lowercase().contains("singleton");
    let is_api = kind.starts_with("api");
    let is_many = call.name.ends_with('s');
    let given = match is_many {
        false => vec![(call.value(0, "name").cloned(), call.value(1, "controller").cloned())],
        true => {
            let list = call.value(0, "resources").map(PhpValue::entries).unwrap_or_default();
            list.iter().map(|(name, controller)| (Some(name.clone()), Some(controller.clone()))).collect()
        }
    };
    let own = call.value(if is_many { 1 } else { 2 }, "options").map(PhpValue::entries).unwrap_or_default();
    let mut options = attributes.clone();
    options.remove("prefix");
    options.remove("controller");
    options.extend(own.iter().filter_map(|(name, value)| Some((name.as_text()?.to_owned(), value.clone()))));
    let mut last = PhpValue::Null;
    if given.is_empty() {
        machine.host.open("resources are named by a computed list".to_owned(), &call.evidence(None));
    }
    for (name, controller) in given {
        let controller = controller.and_then(|controller| controller.as_text().map(Rc::from));
        last = match name.as_ref().map(PhpValue::to_text) {
            Some(Ok(name)) => {
                let resource = ResourceRoutes { name, controller, is_singleton, is_api, options: options.clone() };
                register(machine, &options, call, RouteKind::Resource(resource), None)
            }
            Some(Err(reason)) => {
                let route = RouteKind::Route { methods: vec!["resource".to_owned()], path: Err(reason), handler: None };
                register(machine, attributes, call, route, None)
            }
            None => PhpValue::Null,
        };
    }
    last
}
