//! How frameworks join prefixes and paths, and parameters in brackets as `{name}`.

/// How a framework joins a prefix and a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// Slashes between the two are made one and a last one is dropped.
    Lenient,
    /// One text after the other.
    Verbatim,
    /// One slash between the two, the last one kept.
    SingleSlash,
    /// The same, but a path that begins without a slash follows at once, as flask-restx does it.
    OwnSlash,
    /// One text after the other; two slashes that meet are one, and a path of `/` is the prefix itself.
    Adjoin,
    /// As `nest`: a path of `/` is the prefix itself.
    Nest,
}

impl Join {
    /// A prefix and a path, as the framework joins them.
    pub(crate) fn join(self, prefix: &str, path: &str) -> String {
        match self {
            Self::Verbatim => format!("{prefix}{path}"),
            Self::Lenient => {
                let path = path.trim_matches('/');
                let prefix = prefix.trim_end_matches('/');
                if path.is_empty() { prefix.to_owned() } else { format!("{prefix}/{path}") }
            }
            Self::OwnSlash if !path.starts_with('/') => format!("{prefix}{path}"),
            Self::SingleSlash if path.is_empty() => prefix.to_owned(),
            Self::SingleSlash | Self::OwnSlash => {
                format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/'))
            }
            Self::Adjoin if path == "/" && !prefix.is_empty() => prefix.to_owned(),
            Self::Adjoin if prefix.ends_with('/') && path.starts_with('/') => format!("{prefix}{}", &path[1..]),
            Self::Adjoin => format!("{prefix}{path}"),
            Self::Nest if prefix.is_empty() => path.to_owned(),
            Self::Nest if path == "/" || path.is_empty() => prefix.to_owned(),
            Self::Nest => format!("{}/{}", prefix.trim_end_matches('/'), path.trim_start_matches('/')),
        }
    }
}

/// `{id:int}` as `{id}`.
pub(crate) fn braces(path: &str) -> String {
    between(path, '{', '}', |inner| inner.split(':').next().unwrap_or(inner))
}

/// What stands between two brackets as `{name}`.
pub(crate) fn between(path: &str, open: char, close: char, name: impl Fn(&str) -> &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let Some((inner, tail)) = after.split_once(close) else {
            out.push(open);
            out.push_str(after);
            return out;
        };
        out.push('{');
        out.push_str(name(inner).trim());
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    out
}
