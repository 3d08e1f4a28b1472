//! The values that `appsettings.json` gives to keys of the configuration. Those of an environment (`appsettings.Development.json`)
//! are no defaults of the product.

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// The files, by path.
pub(super) struct SettingsFiles<'c>(Vec<&'c SourceFile>);

impl<'c> SettingsFiles<'c> {
    pub(super) fn read(corpus: &'c Corpus) -> Self {
        Self(corpus.application().filter(|file| file.name().eq_ignore_ascii_case("appsettings.json")).collect())
    }

    /// The value of a key, in the file that is nearest to the one that asks for it, and where it stands. Keys have no case.
    pub(super) fn of(&self, key: &str, asking: &SourceFile) -> Option<(String, Evidence)> {
        let shared = |file: &SourceFile| {
            let (own, other) = (file.folder().split('/'), asking.folder().split('/'));
            own.zip(other).take_while(|(own, other)| own == other).count()
        };
        let mut files = self.0.clone();
        files.sort_by_key(|file| std::cmp::Reverse(shared(file)));
        files.into_iter().find_map(|file| {
            let mut node = file.document().root();
            let mut lines = (0, 0);
            for part in key.split(':') {
                let entry = node.entries().iter().rev().find(|entry| entry.key.eq_ignore_ascii_case(part))?;
                (node, lines) = (&entry.value, (entry.line, entry.value.end_line));
            }
            Some((node.scalar()?, file.lines(lines.0, lines.1)))
        })
    }
}
