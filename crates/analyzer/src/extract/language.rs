//! `language` facts: files, lines and blank lines of each language, anchored at its longest file.

use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;
use crate::tree::language::count::Languages;

/// One fact for each language of the tree.
pub(crate) fn extract(corpus: &Corpus, languages: &Languages) -> Found {
    let fact = |(name, count): (&&'static str, &crate::tree::language::count::Count)| {
        let file = corpus.file(languages.largest.get(name)?)?;
        let fact = Fact::evidenced(FactKind::Language, *name, file.exists())
            .with("files", count.files)
            .with("lines", count.lines)
            .with("blank_lines", count.blank);
        Some(fact)
    };
    Found { facts: languages.counts.iter().filter_map(fact).collect(), unresolved: Vec::new() }
}
