//! Guards that stand at a handler or its class. Whatever may let a stranger in is none.

use crate::lang::jvm::model::{Annotation, Expr, named};

/// Words of an expression that lets strangers in, or may.
const OPEN: [&str; 5] = ["permitall", "isanonymous", "anonymous", " or ", "||"];

/// Whether a method of a class is guarded: its own annotations decide, or else those of the class.
pub(in crate::extract::endpoint) fn is_guarded(of_method: &[&[Annotation]], of_class: &[Annotation]) -> bool {
    let own = of_method.iter().find_map(|annotations| says(annotations));
    own.or_else(|| says(of_class)).unwrap_or(false)
}

/// What annotations say about strangers, if they say something.
fn says(annotations: &[Annotation]) -> Option<bool> {
    if named(annotations, "PermitAll").is_some() {
        return Some(false);
    }
    if let Some(authorize) = named(annotations, "PreAuthorize") {
        let Some(Expr::Text(expression)) = authorize.value("value") else { return Some(false) };
        let flat = expression.to_ascii_lowercase();
        let asks =
            ["hasrole", "hasanyrole", "hasauthority", "hasanyauthority", "isauthenticated", "isfullyauthenticated"];
        let is_open = OPEN.iter().any(|word| flat.contains(word));
        return Some(!is_open && asks.iter().any(|word| flat.contains(word)));
    }
    if let Some(secured) = named(annotations, "Secured") {
        let texts: Vec<&Expr> = secured.value("value").map(|value| value.items().iter().collect()).unwrap_or_default();
        let is_open =
            |one: &&Expr| !matches!(one, Expr::Text(text) if !text.to_ascii_lowercase().contains("anonymous"));
        return Some(!texts.is_empty() && !texts.iter().any(is_open));
    }
    if let Some(roles) = named(annotations, "RolesAllowed") {
        return Some(roles.value("value").is_some_and(|value| !value.items().is_empty()));
    }
    (named(annotations, "DenyAll").is_some() || named(annotations, "Authenticated").is_some()).then_some(true)
}
