//! The words that a Rails application adds in its initializers, read from their lines.

use super::Inflector;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

impl Inflector {
    /// The rules with those of the Rails application at the root of the tree.
    pub(crate) fn of_rails(corpus: &Corpus) -> Self {
        let mut inflector = Self::default();
        let own = |file: &&SourceFile| file.path.starts_with("config/initializers/") && file.path.ends_with(".rb");
        for file in corpus.application().filter(own) {
            inflector.add_rails(file);
        }
        inflector
    }

    /// The words of an initializer: `inflect.irregular "foot", "feet"`, `inflect.uncountable %w(staff)`,
    /// `inflect.acronym "API"`. A rule for one word is an irregular word; other patterns are not read.
    pub(crate) fn add_rails(&mut self, file: &SourceFile) {
        let source = file.text();
        if !source.contains("inflect") {
            return;
        }
        for line in source.lines() {
            let Some((head, rest)) = line.trim_start().split_once(['(', ' ']) else { continue };
            if head.starts_with('#') || !head.contains('.') {
                continue;
            }
            let words = quoted(rest);
            match (head.rsplit('.').next().unwrap_or_default(), words.as_slice()) {
                ("irregular" | "plural", [singular, plural, ..]) => self.add_irregular(singular, plural),
                ("singular", [plural, singular, ..]) => self.add_irregular(singular, plural),
                ("uncountable", words) => words.iter().for_each(|word| self.add_uncountable(word)),
                ("acronym", [word, ..]) => self.add_acronym(word),
                _ => {}
            }
        }
    }
}

/// The words in quotes, in `%w` lists and in patterns of one word.
fn quoted(text: &str) -> Vec<String> {
    if let Some(list) = text.split_once("%w").map(|(_, list)| list.trim_start_matches(['(', '[', '{'])) {
        let list = list.split([')', ']', '}']).next().unwrap_or_default();
        return list.split_whitespace().map(str::to_owned).collect();
    }
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/', ':']) {
        let sign = rest[at..].chars().next().unwrap_or_default();
        let after = &rest[at + 1..];
        if sign == ':' {
            let word: String = after.chars().take_while(|c| is_word(*c)).collect();
            rest = &after[word.len()..];
            out.push(word);
            continue;
        }
        let Some(end) = after.find(sign) else { break };
        let word = after[..end].trim_start_matches('^').trim_end_matches('$');
        let word = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')).unwrap_or(word);
        if !word.chars().all(is_word) {
            return Vec::new();
        }
        out.push(word.to_owned());
        rest = &after[end + 1..];
        rest = rest.strip_prefix('i').unwrap_or(rest);
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}
