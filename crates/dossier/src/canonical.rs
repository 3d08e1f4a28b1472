//! Canonical JSON: keys sorted, no white space, a line ending at the end. The same value gives the same bytes,
//! whatever features other crates switch on in the JSON library.

use serde_json::{Map, Value};

/// The canonical bytes of a value.
///
/// # Errors
/// When the value cannot be JSON at all (a map whose keys are not text).
pub fn to_bytes(value: &impl serde::Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    sort(&mut value);
    let mut bytes = serde_json::to_vec(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Sort the keys at every level, where they are not. Our own values are at most a few levels deep.
fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(sort);
            if !map.keys().is_sorted() {
                let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                *map = entries.into_iter().collect::<Map<_, _>>();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}
