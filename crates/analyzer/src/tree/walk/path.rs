//! Names as text: git paths are bytes; what is not UTF-8 is shown as `\xNN`.

/// The path as text.
pub(super) fn escape(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// The start of a path that is too long to be shown.
pub(super) fn start(path: &[u8]) -> String {
    format!("{}…", escape(&path[..path.len().min(200)]))
}
