//! Whether a view turns strangers away, and only where its own text says so: settings of the
//! whole application and rules of its own making are not read.

use std::rc::Rc;

use super::package;
use crate::extract::endpoint::guard;
use crate::trace::decorate::Decorator;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, ClassValue, Value};

/// Whether every method of the class is for signed-in callers.
pub(super) fn of_class(
    machine: &mut Machine<'_>,
    class: &Rc<ClassValue>,
    packages: &[Rc<str>],
    given: &[Argument],
) -> bool {
    if given.iter().any(|argument| argument.name.as_deref() == Some("permission_classes")) {
        return false;
    }
    if packages.iter().any(|base| package::is_guard(base)) {
        return true;
    }
    for class in machine.lineage(class) {
        if machine.decorators_of_class(&class).iter().any(|decorator| {
            let is_method_decorator = decorator.text.starts_with("method_decorator");
            is_method_decorator && guards_view(machine, decorator)
        }) {
            return true;
        }
        // A method of its own in place of the one that a base has decorated.
        if class.program.classes[class.class].members.iter().any(|member| &*member.name == "dispatch") {
            break;
        }
    }
    // A view that chooses its permissions when it runs may choose none.
    if machine.class_member(class, "get_permissions", None).is_some() {
        return false;
    }
    match machine.class_member(class, "permission_classes", None) {
        Some(list) => is_guarding(machine, &list),
        None => false,
    }
}

/// Whether a list of permissions holds one that does; all of a list must agree.
pub(super) fn is_guarding(machine: &mut Machine<'_>, list: &Value) -> bool {
    let Value::Array(items) = machine.known(list) else { return false };
    let items = items.borrow().clone();
    items
        .iter()
        .any(|item| matches!(machine.known(item), Value::External(name) if package::is_guarding_permission(&name)))
}

/// `@method_decorator(login_required)` above a method, or a guard itself.
pub(super) fn guards_method(machine: &mut Machine<'_>, decorator: &Decorator) -> bool {
    if let Value::Made(made) = &decorator.value
        && package::last(&made.what) == "method_decorator"
    {
        let inner = made.arguments.first().map(|inner| machine.known(&inner.value));
        let name = inner.and_then(|inner| inner.external());
        return name.is_some_and(|name| guard::is_guard(package::last(name.trim_end_matches("()"))));
    }
    guard::is_guard(&decorator.text)
}

/// Whether a decorator of a function or class guards the whole view.
pub(super) fn guards_view(machine: &mut Machine<'_>, decorator: &Decorator) -> bool {
    if let Value::Made(made) = &decorator.value {
        let first = made.arguments.first().map(|first| first.value.clone());
        match (package::last(&made.what), first) {
            ("permission_classes", Some(list)) => return is_guarding(machine, &list),
            ("method_decorator", Some(inner)) => {
                let whole = made.arguments.iter().any(|argument| {
                    argument.name.as_deref() == Some("name")
                        && matches!(&argument.value, Value::Text(name) if &**name == "dispatch")
                });
                let name = machine.known(&inner).external();
                return whole && name.is_some_and(|name| guard::is_guard(package::last(name.trim_end_matches("()"))));
            }
            ("permission_required", _) if made.what.starts_with("django.") => return true,
            _ => {}
        }
    }
    guard::is_guard(&decorator.text)
}
