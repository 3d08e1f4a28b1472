//! Guards that stand at a handler or its class. Whatever may let a stranger in is none.

use crate::lang::jvm::model::{Annotation, Expr, named};

/// Calls of an expression that are false for strangers.
const ASKS: [&str; 6] =
    ["hasrole", "hasanyrole", "hasauthority", "hasanyauthority", "isauthenticated", "isfullyauthenticated"];
/// Parentheses within parentheses that are looked into.
const MAX_PARENTHESES: usize = 32;

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
        return Some(is_asking(&expression.to_ascii_lowercase(), 0));
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

/// Whether an expression in lower case is false for every stranger: some part of each alternative asks, plainly. What
/// negates, compares or chooses is not understood.
fn is_asking(expression: &str, depth: usize) -> bool {
    let expression = expression.trim();
    if depth > MAX_PARENTHESES || top_level(expression, &["?"]).len() > 1 {
        return false;
    }
    let alternatives = top_level(expression, &["||", "or"]);
    if alternatives.len() > 1 {
        return alternatives.iter().all(|part| is_asking(part, depth + 1));
    }
    let parts = top_level(expression, &["&&", "and"]);
    if parts.len() > 1 {
        return parts.iter().any(|part| is_asking(part, depth + 1));
    }
    let Some((called, rest)) = expression.split_once('(') else { return false };
    // Nothing may stand behind the parenthesis that closes the first one.
    let Some(inner) = rest.strip_suffix(')').filter(|inner| is_balanced(inner)) else { return false };
    let called = called.trim_end();
    if called.is_empty() {
        return is_asking(inner, depth + 1);
    }
    let is_path = called.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '@' | '#'));
    let name = called.rsplit('.').next().unwrap_or(called);
    is_path && ASKS.contains(&name) && !inner.contains("anonymous")
}

/// The parts of an expression between operators outside of parentheses and texts; words are operators as whole words.
fn top_level<'e>(expression: &'e str, operators: &[&str]) -> Vec<&'e str> {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = expression.as_bytes();
    let (mut parts, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = Some(open).filter(|open| open != byte),
            (None, b'\'' | b'"') => quote = Some(*byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ if depth > 0 || at < from => {}
            _ => {
                let found = operators.iter().find(|operator| {
                    let is_part = |end: &[u8]| is_word(end.first());
                    let after = &bytes[at..];
                    after.starts_with(operator.as_bytes())
                        && !(is_word(Some(byte))
                            && (is_part(&after[operator.len()..])
                                || is_word(at.checked_sub(1).map(|before| &bytes[before]))))
                });
                if let Some(operator) = found {
                    parts.push(&expression[from..at]);
                    from = at + operator.len();
                }
            }
        }
    }
    parts.push(&expression[from..]);
    parts
}

/// Whether every parenthesis outside of texts closes one that was opened here.
fn is_balanced(text: &str) -> bool {
    let (mut depth, mut quote) = (0_usize, None);
    for byte in text.bytes() {
        match (quote, byte) {
            (Some(open), byte) => quote = Some(open).filter(|open| *open != byte),
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0 && quote.is_none()
}
