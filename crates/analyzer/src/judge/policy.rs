//! The repository's policy, `.ci-feed.toml`. One that holds anything that is not known says nothing at all: what somebody
//! meant is not guessed.

use std::collections::BTreeMap;

use ci_feed_dossier::drift::DEPLOY_RULES;
use ci_feed_dossier::policy::{Noise, POLICY_FILE, Policy};

use super::findings::rule_texts;
use crate::tree::corpus::Corpus;
use crate::tree::document::{DocumentValue, KeyValue, Node};
use crate::tree::file::SourceFile;

/// Most bytes of the file, entries of one list, and characters of one entry.
const MAX_POLICY_BYTES: usize = 64 << 10;
const MAX_ENTRIES: usize = 100;
const MAX_ENTRY_CHARS: usize = 200;
/// Most stars in one path: each may be tried at every place of a name.
const MAX_STARS: usize = 8;

/// The policy of a commit; `None` where it has none.
pub(crate) fn read(corpus: &Corpus) -> Option<Policy> {
    let Some(file) = corpus.file(POLICY_FILE) else {
        let exists = corpus.exists(POLICY_FILE)?;
        let error = Some("it is no plain text file, or too large".to_owned());
        return Some(Policy { error, evidence: vec![exists], ..Policy::default() });
    };
    let policy = parse(file).unwrap_or_else(|error| Policy { error: Some(error), ..Policy::default() });
    Some(Policy { evidence: vec![file.exists()], ..policy })
}

fn parse(file: &SourceFile) -> Result<Policy, String> {
    if file.bytes().len() > MAX_POLICY_BYTES {
        return Err(format!("it is larger than {} KiB", MAX_POLICY_BYTES >> 10));
    }
    let document = file.document();
    if let Some(problem) = &document.problem {
        return Err(format!("it is no TOML: {}", cut(problem)));
    }
    let mut policy = Policy::default();
    for section in document.root().entries() {
        match section.key.as_str() {
            "check" => check(section, &mut policy)?,
            "ignore" => policy.ignore = noise(section)?,
            "services" => policy.services = services(section)?,
            other => return Err(unknown(section, other)),
        }
    }
    Ok(policy)
}

fn check(section: &KeyValue, policy: &mut Policy) -> Result<(), String> {
    for entry in table(section)? {
        match entry.key.as_str() {
            "fail" => policy.fail = rules(entry)?,
            "lift-label" => policy.lift_label = Some(text(&entry.value, entry.line)?),
            other => return Err(unknown(entry, other)),
        }
    }
    Ok(())
}

fn noise(section: &KeyValue) -> Result<Noise, String> {
    let mut noise = Noise::default();
    for entry in table(section)? {
        match entry.key.as_str() {
            "paths" => noise.paths = paths(entry)?,
            "findings" => noise.findings = rules(entry)?,
            "claims" => noise.claims = list(entry)?,
            other => return Err(unknown(entry, other)),
        }
    }
    Ok(noise)
}

fn services(section: &KeyValue) -> Result<BTreeMap<String, String>, String> {
    let entries = table(section)?;
    if entries.len() > MAX_ENTRIES {
        return Err(format!("line {}: more than {MAX_ENTRIES} entries", section.line));
    }
    let service = |entry: &KeyValue| Ok((word(&entry.key, entry.line)?, text(&entry.value, entry.line)?));
    entries.iter().map(service).collect()
}

/// Names of rules, of the list before a deploy or of findings.
fn rules(entry: &KeyValue) -> Result<Vec<String>, String> {
    let names = list(entry)?;
    let is_known = |name: &str| DEPLOY_RULES.contains(&name) || rule_texts().iter().any(|rule| rule.id == name);
    match names.iter().find(|name| !is_known(name)) {
        Some(name) => Err(format!("line {}: there is no rule {:?}", entry.line, cut(name))),
        None => Ok(names),
    }
}

fn paths(entry: &KeyValue) -> Result<Vec<String>, String> {
    let paths = list(entry)?;
    let is_wild = |path: &&String| path.matches('*').count() > MAX_STARS;
    match paths.iter().find(is_wild) {
        Some(path) => Err(format!("line {}: {:?} has more than {MAX_STARS} stars", entry.line, cut(path))),
        None => Ok(paths),
    }
}

fn list(entry: &KeyValue) -> Result<Vec<String>, String> {
    let DocumentValue::List(items) = &entry.value.value else {
        return Err(format!("line {}: {:?} is no list", entry.line, cut(&entry.key)));
    };
    if items.len() > MAX_ENTRIES {
        return Err(format!("line {}: more than {MAX_ENTRIES} entries", entry.line));
    }
    items.iter().map(|item| text(item, entry.line)).collect()
}

fn table(section: &KeyValue) -> Result<&[KeyValue], String> {
    match section.value.value {
        DocumentValue::Map(_) => Ok(section.value.entries()),
        _ => Err(format!("line {}: {:?} is no table", section.line, cut(&section.key))),
    }
}

fn text(node: &Node, line: u32) -> Result<String, String> {
    match &node.value {
        DocumentValue::String(text) => word(text, line),
        _ => Err(format!("line {line}: something there is no text")),
    }
}

fn word(text: &str, line: u32) -> Result<String, String> {
    match text.chars().count() {
        1..=MAX_ENTRY_CHARS => Ok(text.to_owned()),
        0 => Err(format!("line {line}: something there is empty")),
        _ => Err(format!("line {line}: a text has more than {MAX_ENTRY_CHARS} characters")),
    }
}

fn unknown(entry: &KeyValue, name: &str) -> String {
    format!("line {}: {:?} is not known", entry.line, cut(name))
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_ENTRY_CHARS / 2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::walk::of_files;

    fn of(text: &str) -> Policy {
        let tree = of_files([(POLICY_FILE.to_owned(), text.as_bytes().to_vec())]);
        read(&tree.corpus).unwrap()
    }

    #[test]
    fn a_policy_is_read_whole() {
        let policy = of("[check]\nfail = [\"new-required-env-var\", \"undocumented-env-var\"]\nlift-label = \"ok\"\n\
             [ignore]\npaths = [\"examples/**\"]\nfindings = [\"mutable-base-image\"]\nclaims = [\"link\"]\n\
             [services]\napi = \"services/api\"\n");
        assert_eq!(policy.error, None);
        assert_eq!((policy.fail.len(), policy.lift_label.as_deref()), (2, Some("ok")));
        assert_eq!((policy.ignore.paths.len(), policy.ignore.claims.len(), policy.services.len()), (1, 1, 1));
        assert_eq!(policy.evidence[0].path, POLICY_FILE);
        assert_eq!(read(&of_files([("a.js".to_owned(), Vec::new())]).corpus), None);
        assert_eq!(of("").error, None);
    }

    #[test]
    fn what_is_not_known_is_said_and_nothing_of_it_holds() {
        let many = format!("[ignore]\npaths = [{}]", "\"a\",".repeat(101));
        let long = format!("[ignore]\nclaims = [\"{}\"]", "a".repeat(201));
        let large = format!("# {}", "x".repeat(MAX_POLICY_BYTES));
        for (text, said) in [
            ("[check]\nfail = [\"everything\"]", "line 2: there is no rule \"everything\""),
            ("[check]\nfail = \"new-port\"", "line 2: \"fail\" is no list"),
            ("[check]\nfails = []", "line 2: \"fails\" is not known"),
            ("check = 1", "line 1: \"check\" is no table"),
            ("[other]", "line 1: \"other\" is not known"),
            ("[check]\nlift-label = 3", "line 2: something there is no text"),
            ("[ignore]\npaths = [\"\"]", "line 2: something there is empty"),
            ("[ignore]\npaths = [\"*********\"]", "has more than 8 stars"),
            ("[check", "it is no TOML"),
            ("\u{0}\u{1}", "it is no plain text file"),
            (&many, "more than 100 entries"),
            (&long, "more than 200 characters"),
            (&large, "larger than 64 KiB"),
        ] {
            let policy = of(text);
            let error = policy.error.clone().unwrap_or_default();
            assert!(error.contains(said), "{text:.60}: {error}");
            assert_eq!(Policy { error: None, evidence: Vec::new(), ..policy }, Policy::default(), "{text:.60}");
        }
    }
}
