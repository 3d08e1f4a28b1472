//! The variables that the software reads, as an `.env` file that can be read back. What is not needed stands as a comment.

use serde_json::Value;

use super::{coverage, path_and_line, title, version};
use crate::fact::FactKind;
use crate::markdown::is_hidden;
use crate::v1::{Dossier, Fact};

/// The file of a dossier.
pub(super) fn of(dossier: &Dossier) -> String {
    let (mut lines, mut left_out) = (Vec::new(), 0);
    for fact in dossier.facts_of(FactKind::EnvVar).filter(|fact| is_read(fact)) {
        if !is_name(&fact.key) {
            left_out += 1;
            continue;
        }
        let required = fact.attrs.get("required") == Some(&Value::Bool(true));
        let place = fact.evidence.first().map(path_and_line).unwrap_or_default();
        let need = if required { "required" } else { "optional" };
        lines.push(comment(&format!("{need}, read at {place}")));
        let default = fact.attrs.get("default").and_then(literal);
        let value = default.as_deref().map(quoted).unwrap_or_default();
        // A default holds without being set.
        lines.push(format!("{}{}={value}", if required { "" } else { "# " }, fact.key));
    }
    let head = [
        comment(&format!(
            "{} at {}: variables that its source reads, made by ci-feed.",
            title(dossier),
            version(dossier)
        )),
        comment(&format!("Coverage: {}", coverage(dossier, left_out))),
        String::new(),
    ];
    head.into_iter().chain(lines).map(|line| line + "\n").collect()
}

/// Not what only documents and containers name.
fn is_read(fact: &Fact) -> bool {
    let readers = fact.attrs.get("read_by").and_then(Value::as_array);
    readers.is_none_or(|readers| !readers.is_empty())
        && fact.attrs.get("set_only_by_container") != Some(&Value::Bool(true))
}

fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// As every reader of such files takes it back.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,@%+=".contains(&byte);
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    if !text.contains(['\'', '\n', '\r', '\\']) {
        return format!("'{text}'");
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// What strangers wrote begins no line of its own.
fn comment(text: &str) -> String {
    let shown: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    format!("# {shown}")
}
