//! What the facts of a run are found, ordered and grouped by. Made of each fact's text; the fact itself stays text.

use crate::model::JsonView;

/// Segments of a path that say nothing of what it leads to.
const VERSIONS: [&str; 2] = ["api", "rest"];
/// In the order in which they are read.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// What the facts of a list are sorted by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Kind,
    Key,
    /// As a person reads them: numbers by their value, endpoints by path and then by method.
    Natural,
    Path,
}

impl Order {
    pub(super) const NAMED: [(&'static str, Self); 4] =
        [("kind", Self::Kind), ("key", Self::Key), ("natural", Self::Natural), ("path", Self::Path)];
}

/// What the facts of a list stand together by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Kind,
    /// What a reader parts the facts of one kind by.
    Part,
    Path,
    Status,
}

impl Group {
    pub(super) const NAMED: [(&'static str, Self); 4] =
        [("kind", Self::Kind), ("part", Self::Part), ("path", Self::Path), ("status", Self::Status)];
}

/// Which facts are asked for, and in which order.
pub(super) struct FactQuery {
    /// Rows of what was not pinned down, where these are asked for instead of facts.
    pub(super) unresolved: bool,
    pub(super) kind: Option<String>,
    pub(super) status: Option<String>,
    /// In lower case; each has to occur.
    pub(super) words: Vec<String>,
    pub(super) order: Order,
    pub(super) group: Option<Group>,
}

/// A fact's place among those of its dossier.
pub(super) struct Entry<'j> {
    pub(super) group: Option<String>,
    pub(super) order: [String; 2],
    pub(super) id: String,
    pub(super) text: JsonView<'j>,
}

/// What is read of a fact.
#[derive(Default)]
struct Read<'j> {
    id: String,
    kind: String,
    key: String,
    reason: String,
    status: String,
    path: String,
    line: u32,
    attrs: Option<JsonView<'j>>,
    evidence: Option<JsonView<'j>>,
}

/// A fact, if it is asked for.
pub(super) fn entry<'j>(fact: JsonView<'j>, wanted: &FactQuery) -> Option<Entry<'j>> {
    let read = read(fact);
    let is_other = |given: &Option<String>, is: &str| given.as_ref().is_some_and(|given| given != is);
    if is_other(&wanted.kind, &read.kind) || is_other(&wanted.status, &read.status) {
        return None;
    }
    if !wanted.words.is_empty() {
        let text = read.searched();
        if !wanted.words.iter().all(|word| text.contains(word)) {
            return None;
        }
    }
    let group = wanted.group.map(|group| match group {
        Group::Kind => read.tier(),
        Group::Part => read.part(),
        Group::Path => read.path.clone(),
        Group::Status => read.status.clone(),
    });
    let order = match wanted.order {
        Order::Kind => [read.kind, read.key],
        Order::Key => [read.key, read.kind],
        Order::Natural => read.natural(),
        Order::Path => [read.path, format!("{:010}", read.line)],
    };
    Some(Entry { group, order, id: read.id, text: fact })
}

fn read(fact: JsonView<'_>) -> Read<'_> {
    let mut read = Read::default();
    let mut name = String::new();
    fact.members(|member, value| match member {
        "id" => read.id = value.plain().unwrap_or_default(),
        "kind" => read.kind = value.plain().unwrap_or_default(),
        "key" => read.key = value.plain().unwrap_or_default(),
        "name" => name = value.plain().unwrap_or_default(),
        "reason" => read.reason = value.plain().unwrap_or_default(),
        "status" => read.status = value.plain().unwrap_or_default(),
        "attrs" => read.attrs = Some(value),
        "evidence" => read.evidence = Some(value),
        _ => {}
    });
    if let Some(evidence) = read.evidence {
        let mut is_first = true;
        evidence.items(|anchor| {
            if std::mem::take(&mut is_first) {
                read.path = anchor.at("path").plain().unwrap_or_default();
                read.line = anchor.at("start_line").plain().unwrap_or_default();
            }
        });
    }
    if read.key.is_empty() {
        read.key = if name.is_empty() { read.reason.clone() } else { name };
    }
    read
}

impl Read<'_> {
    /// The kind as dossiers count it: an endpoint that only a rule infers is none of those that lines say.
    fn tier(&self) -> String {
        let is_inferred = self.kind == "endpoint" && self.status == "INFERRED";
        if is_inferred { format!("{}_inferred", self.kind) } else { self.kind.clone() }
    }

    /// Its names, attributes and paths, in lower case.
    fn searched(&self) -> String {
        let mut text = [&*self.kind, &self.key, &self.reason].join("\n");
        let mut add = |value: JsonView<'_>| {
            text.push('\n');
            text.push_str(&value.plain::<String>().unwrap_or_else(|| value.text().to_owned()));
        };
        if let Some(attrs) = self.attrs {
            attrs.members(|_, value| add(value));
        }
        if let Some(evidence) = self.evidence {
            evidence.items(|anchor| add(anchor.at("path")));
        }
        text.to_lowercase()
    }

    fn part(&self) -> String {
        let attr = |name: &str| self.attrs.and_then(|attrs| attrs.at(name).plain::<String>());
        let part = match &*self.kind {
            "endpoint" => Some(prefix(self.key.split_once(' ').map_or(&*self.key, |(_, path)| path))),
            "env_var" => Some(self.who_names().to_owned()),
            "dependency" => attr("manifest"),
            "command" => attr("kind"),
            _ => None,
        };
        part.unwrap_or_else(|| self.kind.clone())
    }

    /// Of a variable: whether the code reads it and documents tell of it, or only a container or a document names it.
    fn who_names(&self) -> &'static str {
        let attrs = self.attrs.unwrap_or(JsonView::NULL);
        let is_there = |list: &str| {
            let mut is_there = false;
            attrs.at(list).items(|_| is_there = true);
            is_there
        };
        match attrs.at("set_only_by_container").plain() {
            _ if is_there("read_by") => {
                if is_there("documented_in") {
                    "code"
                } else {
                    "code_only"
                }
            }
            Some(true) => "container",
            _ => "documents",
        }
    }

    fn natural(&self) -> [String; 2] {
        let Some((method, path)) = self.key.split_once(' ').filter(|_| self.kind == "endpoint") else {
            return [natural(&self.key), self.kind.clone()];
        };
        let rank = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len());
        // A path stands before all that is below it.
        [natural(&path.replace('/', "\u{1}")), format!("{rank} {method}")]
    }
}

/// What compares like the text, in any case, with each number by its value.
fn natural(text: &str) -> String {
    let mut natural = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|one: char| one.is_ascii_digit()).len();
        if digits == 0 {
            natural.extend(first.to_lowercase());
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let number = rest[..digits].trim_start_matches('0');
        // A longer number is a greater one: its length goes first, as a character among the digits.
        natural.push(u32::try_from(number.len()).ok().and_then(|len| char::from_u32(0x30 + len)).unwrap_or('9'));
        natural.push_str(number);
        rest = &rest[digits..];
    }
    natural
}

/// The first part of a path that names something: `/api/v1/orders` of `/api/v1/orders/{id}/lines`.
fn prefix(path: &str) -> String {
    let mut prefix = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with(['{', ':', '*', '<', '[']) {
            break;
        }
        prefix.push('/');
        prefix.push_str(segment);
        let is_version = segment.strip_prefix('v').is_some_and(|rest| rest.parse::<u16>().is_ok());
        if !is_version && !VERSIONS.contains(&segment) {
            break;
        }
    }
    if prefix.is_empty() { "/".to_owned() } else { prefix }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_by_their_value_and_case_does_not_count() {
        let mut names = ["b10", "B9", "a", "b09x", "b", "b100", "ü"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["a", "b", "B9", "b09x", "b10", "b100", "ü"]);
    }

    #[test]
    fn a_prefix_ends_with_the_first_segment_that_names_something() {
        for (path, wanted) in [
            ("/api/v1/orders/{id}/lines", "/api/v1/orders"),
            ("/orders", "/orders"),
            ("/api/{id}", "/api"),
            ("/:tenant/x", "/"),
            ("/", "/"),
            ("/vat/rates", "/vat"),
        ] {
            assert_eq!(prefix(path), wanted, "{path}");
        }
    }

    #[test]
    fn endpoints_stand_by_path_and_then_by_method_a_path_before_what_is_below_it() {
        let of = |key: &str| Read { kind: "endpoint".into(), key: key.into(), ..Read::default() }.natural();
        let mut keys = ["DELETE /a", "GET /a-b", "GET /a/{id}", "GET /a/2", "POST /a", "GET /a", "GET /a/10"];
        keys.sort_by_key(|key| of(key));
        assert_eq!(keys, ["GET /a", "POST /a", "DELETE /a", "GET /a/2", "GET /a/10", "GET /a/{id}", "GET /a-b"]);
    }
}
