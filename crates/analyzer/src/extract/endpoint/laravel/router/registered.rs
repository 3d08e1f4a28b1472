//! Calls on what is registered already.

use crate::extract::endpoint::laravel::group;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::routes::RouteKind;
use crate::lang::php::call::PhpCall;
use crate::lang::php::value::PhpValue;

/// A call on a route or resource that was registered: `->middleware('auth')`, `->only(['index'])`.
pub(in crate::extract::endpoint::laravel) fn on_route<'c>(machine: &mut Evaluator<'c>, id: usize, call: &PhpCall<'c>) {
    let Some(entry) = machine.host.entries.get_mut(id) else { return };
    let texts = || call.arguments.iter().flat_map(|argument| argument.value.texts()).collect::<Vec<_>>();
    match call.name.as_ref() {
        "middleware" => entry.middleware.extend(texts()),
        "withoutMiddleware" => entry.excluded.extend(texts()),
        "prefix" => {
            let own = call.value(0, "prefix").map(PhpValue::to_text);
            entry.prefix = match (own, &entry.prefix) {
                (Some(Ok(own)), Ok(before)) => Ok(group::below(&own, before)),
                (Some(Err(reason)), _) => Err(reason),
                (_, Err(reason)) => Err(reason.clone()),
                (None, Ok(before)) => Ok(before.clone()),
            };
        }
        _ => {}
    }
    let RouteKind::Resource(resource) = &mut entry.what else { return };
    let name = call.name.as_ref();
    let value = match name {
        "only" | "except" => PhpValue::list(texts().into_iter().map(PhpValue::Text)),
        "parameters" => call.value(0, "parameters").cloned().unwrap_or(PhpValue::Null),
        "parameter" => {
            let before = resource.options.get("parameters").cloned().unwrap_or(PhpValue::Null);
            let (name, parameter) = (call.value(0, "previous").cloned(), call.value(1, "new").cloned());
            before.with_entry(name, parameter.unwrap_or(PhpValue::Null))
        }
        "shallow" | "creatable" | "destroyable" => call.value(0, "").cloned().unwrap_or(PhpValue::Bool(true)),
        _ => return,
    };
    let name = if name == "parameter" { "parameters" } else { name };
    resource.options.insert(name.to_owned(), value);
}
