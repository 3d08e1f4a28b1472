//! What Composer loads for the application: classes below its folders of `autoload`, of which a name alone says nothing
//! (`App\Models\LabTest`).

use std::collections::BTreeSet;

use super::super::classify;
use super::super::corpus::Corpus;
use super::super::document::Node;
use super::super::file::{PathClass, SourceFile};
use super::super::path::{inside, is_below, normalise};
use super::guard::may_be_raised;

/// The candidates that Composer loads and whose folders are the application's.
pub(super) fn autoloaded(corpus: &Corpus, candidates: &[&SourceFile]) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    for file in corpus.application().filter(|file| file.name() == "composer.json") {
        let autoload = file.document().root().at(&["autoload", "psr-4"]);
        for entry in autoload.map(Node::entries).unwrap_or_default() {
            let listed = entry.value.as_str().into_iter().chain(entry.value.items().iter().filter_map(Node::as_str));
            folders.extend(listed.map(|folder| normalise(&inside(file.folder(), folder))));
        }
    }
    let is_loaded = |file: &&&SourceFile| {
        let beside = inside(file.folder(), "x.php");
        file.class == PathClass::Test
            && classify::classify(&beside, b"") == PathClass::Application
            && may_be_raised(file)
            && folders.iter().any(|folder| !folder.is_empty() && is_below(&file.path, folder))
    };
    candidates.iter().filter(is_loaded).map(|file| file.path.clone()).collect()
}
