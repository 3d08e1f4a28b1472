//! Python requirement lines: `name[extra] >=1,<2 ; marker`. URLs and paths are told apart, not resolved.

/// A requirement taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Normalised: lower case, runs of `-_.` as one `-`.
    pub(crate) name: String,
    /// The version part or the address, as written.
    pub(crate) specifier: Option<String>,
    pub(crate) marker: Option<String>,
}

/// Read one requirement; `None` when it does not start with a name.
pub(crate) fn parse(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    let known = rest.is_empty() || rest.starts_with(['=', '<', '>', '!', '~', ';', '@', '(']);
    if !known {
        return None;
    }
    // An address may hold `;`; its marker then follows a space.
    let separator = if rest.starts_with('@') { " ;" } else { ";" };
    let (specifier, marker) =
        rest.split_once(separator).map_or((rest, None), |(before, after)| (before, Some(after.trim().to_owned())));
    let specifier =
        specifier.trim().trim_start_matches('@').trim().trim_start_matches('(').trim_end_matches(')').trim();
    Some(Requirement {
        name: normalise(name),
        specifier: Some(specifier.to_owned()).filter(|text| !text.is_empty()),
        marker,
    })
}

/// The name under which the index knows a package.
pub(crate) fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            other => out.push(other.to_ascii_lowercase()),
        }
    }
    out
}
