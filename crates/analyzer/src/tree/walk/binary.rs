//! Which files are no text.

/// Git's own rule, widened to what a pager would show: a NUL early on.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(8 * 1024)]).is_some()
}

/// Smaller files are looked into whatever their names say: they may be pointers to the file.
pub(super) const MIN_NAMED_BYTES: u64 = 1024;
/// Endings of formats that are never text. Reading such files takes as long as reading all programs in many trees.
const BINARY_ENDINGS: [&str; 40] = [
    "7z", "avi", "avif", "bmp", "bz2", "class", "dll", "docx", "dylib", "eot", "exe", "flac", "gif", "gz", "ico",
    "jar", "jpeg", "jpg", "mkv", "mov", "mp3", "mp4", "ogg", "otf", "pdf", "png", "pptx", "psd", "pyc", "so", "tgz",
    "tiff", "ttf", "wasm", "webm", "webp", "woff", "woff2", "xlsx", "zip",
];

pub(super) fn is_named_binary(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    BINARY_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}
