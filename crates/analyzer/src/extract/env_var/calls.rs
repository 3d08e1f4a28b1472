//! Whether a file can hold a call of a helper with the literal name of a variable: looked for in the bytes, because the
//! names of helpers (`get`, `var`, `list`) stand in half of the files of a program. In doubt the file is parsed.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use crate::syntax::grammar::Family;
use crate::syntax::prefilter;

/// What may stand before the quotes of a literal.
const PREFIX: &[u8] = b"brfuBRFU#@$";
const QUOTES: &[u8] = b"\"'`";
/// What may stand between a name and its arguments, or before the first of them, and is not followed here: type
/// arguments, comments, `?.`, line continuations.
const ANYTHING: &[u8] = b"</#?![\\";

/// The calls of some helpers.
pub(super) struct Calls {
    names: AhoCorasick,
    /// Whether arguments may stand without parentheses.
    is_bare: bool,
    /// Whether a helper that hands on the name it was given counts, too: its call has no literal.
    is_relayed: bool,
}

impl Calls {
    pub(super) fn new(family: Family, helpers: &BTreeSet<String>) -> Self {
        let names: Vec<&str> = helpers.iter().map(String::as_str).collect();
        // No name may hide behind a longer or an earlier one: the search is an overlapping one.
        Self {
            names: prefilter::overlapping(&names),
            is_bare: family == Family::Ruby,
            is_relayed: family == Family::Rust,
        }
    }

    /// Whether the text has one.
    pub(super) fn occur(&self, bytes: &[u8]) -> bool {
        self.names.find_overlapping_iter(bytes).any(|name| {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let before = name.start().checked_sub(1).map(|before| bytes[before]);
            // What is called on a value and is given a name of the program is hardly ever a helper.
            let is_relayed = self.is_relayed && before != Some(b'.');
            self.is_bare || (!before.is_some_and(is_word) && is_call(&bytes[name.end()..], is_relayed))
        })
    }
}

/// Whether what follows a name may be arguments that start with the name of a variable, or with a name of the program
/// that holds one.
fn is_call(after: &[u8], is_relayed: bool) -> bool {
    let after = after.trim_ascii_start();
    let Some(arguments) = after.strip_prefix(b"(") else {
        return after.first().is_some_and(|byte| ANYTHING.contains(byte));
    };
    let arguments = arguments.trim_ascii_start();
    let first = arguments.first().copied().unwrap_or_default();
    if ANYTHING.contains(&first) || (is_relayed && (first.is_ascii_alphabetic() || b"&_".contains(&first))) {
        return true;
    }
    let past = |text: &'_ [u8], set: &[u8]| text.iter().position(|byte| !set.contains(byte)).unwrap_or(text.len());
    let quoted = &arguments[past(arguments, PREFIX)..];
    let quotes = past(quoted, QUOTES);
    let is_loud = |first: &u8| first.is_ascii_uppercase() || first.is_ascii_digit() || b"_\\".contains(first);
    quotes > 0 && quoted.get(quotes).is_some_and(is_loud)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occur(family: Family, text: &str) -> bool {
        let helpers = ["env", "required_env"].map(str::to_owned).into_iter().collect();
        Calls::new(family, &helpers).occur(text.as_bytes())
    }

    #[test]
    fn a_call_with_the_name_of_a_variable_is_seen_in_every_form() {
        for text in [
            "env('PORT')",
            "x.env (\n  \"PORT\")",
            "env<string>('PORT')",
            "env?.('PORT')",
            "env(/* which */ 'PORT')",
            "env /* here */ ('PORT')",
            "env(r\"PORT\")",
            "env(\"\"\"PORT\"\"\")",
            "env('BUFFER')",
            "env('FUR')",
            "required_env(f'PORT')",
            "env('\\x50ORT')",
        ] {
            assert!(occur(Family::Script, text), "{text}");
        }
        assert!(occur(Family::Ruby, "env 'PORT'"));
    }

    #[test]
    fn a_name_that_is_no_call_or_has_no_loud_literal_keeps_the_file_closed() {
        for text in
            ["const env = 1", "env(port)", "env('port')", "env()", "environment: 'PORT'", "(env, 'PORT')", "env("]
        {
            assert!(!occur(Family::Script, text), "{text}");
        }
    }
}
