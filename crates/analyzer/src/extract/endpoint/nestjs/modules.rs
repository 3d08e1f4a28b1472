//! Which controllers an application has: from its module through what the modules import, with the paths
//! that `RouterModule` gives to modules. Conditional imports count; what a package's module brings does not.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{ClassKey, key, ours};
use crate::trace::call::Call;
use crate::trace::graph::PathText;
use crate::trace::machine::Machine;
use crate::trace::value::{ClassValue, Object, Value};

/// Modules inside modules.
const MAX_IMPORTED_MODULES: usize = 40;

/// A path given to a module, and where.
pub(super) type Below = (PathText, Evidence);

#[derive(Default)]
struct Walk {
    seen: BTreeSet<ClassKey>,
    /// The controllers with the module that names them, in order.
    controllers: Vec<(Rc<ClassValue>, Option<ClassKey>)>,
    paths: BTreeMap<ClassKey, Vec<Below>>,
}

/// The controllers that are reached from a module, each with the paths of its module.
pub(super) fn controllers(
    machine: &mut Machine<'_>,
    module: &Value,
    at: &Evidence,
) -> Vec<(Rc<ClassValue>, Vec<Below>)> {
    let mut walk = Walk::default();
    visit(machine, &mut walk, module, at, 0);
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (class, module) in walk.controllers {
        if seen.insert(key(&class)) {
            let below = module.and_then(|module| walk.paths.get(&module)).cloned().unwrap_or_default();
            out.push((class, below));
        }
    }
    out
}

fn visit(machine: &mut Machine<'_>, walk: &mut Walk, module: &Value, at: &Evidence, depth: usize) {
    if depth > MAX_IMPORTED_MODULES {
        return;
    }
    match machine.known(module) {
        Value::Class(class) => {
            if !walk.seen.insert(key(&class)) {
                return;
            }
            let decorations = machine.class_decorations(&class);
            for decoration in decorations {
                let Value::Made(made) = &decoration.value else { continue };
                if ours(&decoration.value).is_none_or(|name| name != "Module") {
                    continue;
                }
                let Some(Value::Object(fields)) = made.arguments.first().map(|first| machine.known(&first.value))
                else {
                    continue;
                };
                let path = machine.modules[class.module].path.to_string();
                let at = machine.evidence(&path, decoration.lines.0, decoration.lines.1.min(decoration.lines.0 + 12));
                metadata(machine, walk, &fields, Some(key(&class)), &at, depth);
            }
        }
        // A dynamic module: `{ module: X, controllers: [...] }`.
        Value::Object(fields) => {
            let module = fields.get("module").map(|module| machine.known(&module));
            let owner = match &module {
                Some(Value::Class(class)) => Some(key(class)),
                _ => None,
            };
            if let Some(module @ Value::Class(_)) = module {
                visit(machine, walk, &module, at, depth + 1);
            }
            metadata(machine, walk, &fields, owner, at, depth);
        }
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().for_each(|item| visit(machine, walk, item, at, depth + 1));
        }
        Value::OneOf(options) => options.iter().for_each(|option| visit(machine, walk, option, at, depth + 1)),
        value @ Value::Made(_) => {
            let Value::Made(made) = &value else { return };
            match ours(&value).as_deref() {
                // What a condition imports counts.
                Some("ConditionalModule.registerWhen") => {
                    if let Some(inner) = made.arguments.first() {
                        visit(machine, walk, &inner.value, at, depth + 1);
                    }
                }
                Some("forwardRef") => {
                    if let Some(inner) = made.arguments.first() {
                        let call = Call::at_place(&at.path, at.start_line, "");
                        let inner = machine.call_value(&inner.value, None, &[], &call);
                        visit(machine, walk, &inner, at, depth + 1);
                    }
                }
                Some("RouterModule.register" | "RouterModule.forRoutes") => {
                    if let Some(routes) = made.arguments.first() {
                        paths(machine, walk, &routes.value, &[], at, 0);
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn metadata(
    machine: &mut Machine<'_>,
    walk: &mut Walk,
    fields: &Rc<Object>,
    owner: Option<ClassKey>,
    at: &Evidence,
    depth: usize,
) {
    for controller in fields.get("controllers").map(|list| flat(machine, &list, 0)).unwrap_or_default() {
        if let Value::Class(class) = controller {
            walk.controllers.push((class, owner));
        }
    }
    if let Some(imports) = fields.get("imports") {
        for import in flat(machine, &imports, 0) {
            visit(machine, walk, &import, at, depth + 1);
        }
    }
}

/// The items of a list, through lists in it and through every branch.
fn flat(machine: &mut Machine<'_>, value: &Value, depth: usize) -> Vec<Value> {
    match machine.known(value) {
        Value::Array(items) if depth < 8 => {
            let items = items.borrow().clone();
            items.iter().flat_map(|item| flat(machine, item, depth + 1)).collect()
        }
        Value::OneOf(options) if depth < 8 => {
            options.iter().flat_map(|option| flat(machine, option, depth + 1)).collect()
        }
        other => vec![other],
    }
}

/// `[{ path: 'admin', module: AdminModule, children: [...] }]`
fn paths(machine: &mut Machine<'_>, walk: &mut Walk, routes: &Value, above: &[Below], at: &Evidence, depth: usize) {
    for route in flat(machine, routes, 0) {
        match route {
            Value::Object(fields) => {
                let mut below = above.to_vec();
                if let Some(path) = fields.get("path") {
                    below.push((machine.path_text(&path, "path"), at.clone()));
                }
                if let Some(Value::Class(class)) = fields.get("module").map(|module| machine.known(&module)) {
                    walk.paths.insert(key(&class), below.clone());
                }
                if let Some(children) = fields.get("children").filter(|_| depth < MAX_IMPORTED_MODULES) {
                    paths(machine, walk, &children, &below, at, depth + 1);
                }
            }
            // A child that is only a module has the path above it.
            Value::Class(class) => {
                walk.paths.insert(key(&class), above.to_vec());
            }
            _ => {}
        }
    }
}
