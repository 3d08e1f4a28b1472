//! Constants of a Rust tree that hold a text, for names of variables that are kept apart from where they are read.

use std::collections::BTreeMap;

use crate::lang::rust::attribute::literal;
use crate::syntax::grammar::{Family, Language};
use crate::tree::corpus::Corpus;

/// `const NAME: &str = "text";` of the application, where all constants of the name agree.
pub(in crate::extract::env_var) fn constants(corpus: &Corpus) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for file in corpus.application() {
        if Language::of_path(&file.path).is_none_or(|language| language.family() != Family::Rust) {
            continue;
        }
        for line in file.text().lines() {
            let Some((name, value)) = declared(line) else { continue };
            let known = found.entry(name.to_owned()).or_insert_with(|| Some(value.clone()));
            if known.as_ref().is_some_and(|known| *known != value) {
                *known = None;
            }
        }
    }
    found.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn declared(line: &str) -> Option<(&str, String)> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1,
        Some(rest) => rest,
        None => line,
    };
    let rest = line.trim_start().strip_prefix("const ").or_else(|| line.trim_start().strip_prefix("static "))?;
    let (name, rest) = rest.split_once(':')?;
    let (of, value) = rest.split_once('=')?;
    let is_text = of.trim_start().starts_with('&') && of.trim_end().ends_with("str");
    let value = literal(value.trim().strip_suffix(';')?)?;
    is_text.then_some((name.trim(), value))
}
