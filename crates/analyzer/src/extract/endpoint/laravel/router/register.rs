//! Puts a route or resource among those that are known, with the group that is open.

use ci_feed_dossier::evidence::Evidence;

use super::Attributes;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::routes::{RouteEntry, RouteKind};
use crate::lang::php::call::PhpCall;
use crate::lang::php::value::PhpValue;

pub(super) fn register<'c>(
    machine: &mut Evaluator<'c>,
    attributes: &Attributes<'c>,
    call: &PhpCall<'c>,
    what: RouteKind<'c>,
    end: Option<usize>,
) -> PhpValue<'c> {
    let texts = |name: &str| attributes.get(name).map(PhpValue::texts).unwrap_or_default();
    let is_resource = matches!(what, RouteKind::Resource(_));
    let prefix = match attributes.get("prefix").filter(|_| !is_resource).map(PhpValue::to_text) {
        None => Ok(String::new()),
        Some(prefix) => prefix.map(|prefix| prefix.to_string()),
    };
    let entry = RouteEntry {
        what,
        group: machine.host.group(),
        middleware: texts("middleware"),
        excluded: texts("excluded_middleware"),
        prefix,
        evidence: call.evidence(end),
    };
    machine.host.entries.push(entry);
    PhpValue::native("route", machine.host.entries.len() - 1)
}

/// A route without attributes of its own.
pub(in crate::extract::endpoint::laravel) fn plain<'c>(
    machine: &mut Evaluator<'c>,
    call: &PhpCall<'c>,
    what: RouteKind<'c>,
    end: usize,
) -> PhpValue<'c> {
    register(machine, &Attributes::new(), call, what, Some(end))
}

/// A route that the framework registers because these lines ask for it.
pub(in crate::extract::endpoint::laravel) fn stated<'c>(
    machine: &mut Evaluator<'c>,
    what: RouteKind<'c>,
    evidence: Evidence,
) {
    let group = machine.host.group();
    let entry =
        RouteEntry { what, group, middleware: Vec::new(), excluded: Vec::new(), prefix: Ok(String::new()), evidence };
    machine.host.entries.push(entry);
}
