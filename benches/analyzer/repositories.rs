//! `cargo bench --bench analyzer -- repositories DIR...`: seconds for a megabyte of each cloned repository, by the
//! language that most of its lines are written in, and which take more than [`FAR`] times the median of their language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps};

/// So many times the median is worth a look.
const FAR: f64 = 20.0;
/// Smaller trees are read in the time in which a process starts.
const SMALLEST_MB: f64 = 0.05;

struct Row {
    name: String,
    megabytes: f64,
    seconds: f64,
    peak: f64,
}

impl Row {
    fn per_megabyte(&self) -> f64 {
        self.seconds / self.megabytes
    }
}

pub(crate) fn table(folders: &[PathBuf]) {
    let mut by_language: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((language, megabytes)) = sized(folder).filter(|(_, megabytes)| *megabytes >= SMALLEST_MB) else {
            println!("{name}: not read");
            continue;
        };
        let (seconds, peak) = super::run(folder);
        by_language.entry(language).or_default().push(Row { name, megabytes, seconds, peak });
    }
    println!(
        "{:<12} {:<44} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "language", "tree", "MB", "seconds", "s/MB", "median", "peak MB"
    );
    let mut far = Vec::new();
    for (language, rows) in &mut by_language {
        rows.sort_by(|one, other| one.per_megabyte().total_cmp(&other.per_megabyte()));
        let median = rows[rows.len() / 2].per_megabyte();
        for row in rows.iter() {
            let (own, ratio) = (row.per_megabyte(), row.per_megabyte() / median);
            let Row { name, megabytes, seconds, peak } = row;
            println!("{language:<12} {name:<44} {megabytes:>8.2} {seconds:>8.3} {own:>8.3} {ratio:>6.2} x {peak:>8.0}");
            if ratio > FAR {
                far.push(format!("{name} ({language}): {ratio:.0} x"));
            }
        }
    }
    println!(
        "above {FAR} times the median of their language: {}",
        if far.is_empty() { "none".into() } else { far.join(", ") }
    );
}

/// The language of most lines, and the megabytes of the files that are read.
fn sized(folder: &Path) -> Option<(&'static str, f64)> {
    let tree = walk::read(folder, None, None, Caps::default(), &Progress::default()).ok()?;
    let mut bytes: BTreeMap<&'static str, usize> = BTreeMap::new();
    let files = tree.corpus.files();
    for file in files {
        if let Some(language) = language(file.name()) {
            *bytes.entry(language).or_default() += file.bytes().len();
        }
    }
    let (language, _) = bytes.into_iter().max_by_key(|(_, bytes)| *bytes)?;
    Some((language, files.iter().map(|file| file.bytes().len()).sum::<usize>() as f64 / 1e6))
}

/// Programs only: documents and data are in every tree.
fn language(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "vue" | "svelte" => "script",
        "py" => "python",
        "rs" => "rust",
        "go" => "go",
        "java" | "kt" => "jvm",
        "cs" => "c#",
        "rb" => "ruby",
        "php" => "php",
        _ => return None,
    })
}
