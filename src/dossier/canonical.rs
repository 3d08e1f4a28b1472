//! Canonical JSON: keys sorted, no white space, a line ending at the end. The same value gives the same bytes,
//! whatever features other crates switch on in the JSON library.

use serde_json::{Map, Value};

/// The canonical bytes of a value.
///
/// # Errors
/// When the value cannot be JSON at all (a map whose keys are not text).
pub(crate) fn to_bytes(value: &impl serde::Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let sorted = sort(serde_json::to_value(value)?);
    let mut bytes = serde_json::to_vec(&sorted)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Sort the keys at every level. Our own values are at most a few levels deep.
fn sort(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sort(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sort).collect()),
        plain => plain,
    }
}
