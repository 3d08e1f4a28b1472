//! Scores the analyzer against label files: what somebody else says that an application has.
//!
//! `cargo bench --bench accuracy -- --repositories DIR [--labels PATH] [--rows N] [NAME...]`
//!
//! DIR holds clones (bare or not) named after their repository: `name`, `owner/name` or `owner+name`, with `.git` or
//! with the git folder `repo` inside. Each is read at the labels' commit from its object database. A repository
//! without a clone is named and makes the exit code 1: what was not scored is no result.
//! `docs/accuracy.md` documents the label files.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod labels;
mod score;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps};
use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::{Dossier, Fact, Subject, kind_name};
use clap::Parser as _;

use score::Score;

#[derive(Debug, clap::Parser)]
struct Options {
    /// Folder of clones
    #[arg(long, value_name = "DIR")]
    repositories: Option<PathBuf>,
    /// A label file, or a folder of them
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accuracy"))]
    labels: PathBuf,
    /// Missed and extra rows to print for each kind of a repository
    #[arg(long, default_value_t = 20)]
    rows: usize,
    /// Score only repositories whose name contains one of these
    names: Vec<String>,
    /// Cargo gives it to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(clones) = &options.repositories else {
        println!("nothing scored: name the folder of clones with `-- --repositories DIR`");
        return ExitCode::SUCCESS;
    };
    match score_all(&options, clones) {
        Ok(unscored) if unscored.is_empty() => ExitCode::SUCCESS,
        Ok(unscored) => {
            println!("\nNot scored:");
            unscored.iter().for_each(|line| println!("- {line}"));
            ExitCode::from(1)
        }
        Err(problem) => {
            println!("accuracy: {problem}");
            ExitCode::from(2)
        }
    }
}

/// Print a row for each repository and kind, then the sums; return what could not be scored.
fn score_all(options: &Options, clones: &Path) -> Result<Vec<String>, String> {
    let mut unscored = Vec::new();
    let mut sums: BTreeMap<String, Score> = BTreeMap::new();
    // Facts of the second tier by their rule: how many of them are labelled says how often the rule is right.
    let mut rules: BTreeMap<String, Score> = BTreeMap::new();
    let mut details = String::new();
    println!(
        "| application | kind | labelled | precision | recall | F1 | missed | extra |\n|---|---|---:|---:|---:|---:|---:|---:|"
    );
    for labels in labels::read_all(&options.labels)? {
        let is_wanted = |name: &String| labels.repository.contains(name.as_str());
        if !options.names.is_empty() && !options.names.iter().any(is_wanted) {
            continue;
        }
        let dossier = match clone_of(clones, labels.name()).map(|clone| dossier(&clone, &labels.commit)) {
            Some(Ok(dossier)) => dossier,
            Some(Err(problem)) => {
                unscored.push(format!("{}: {problem}", labels.repository));
                continue;
            }
            None => {
                unscored.push(format!("{}: no clone", labels.repository));
                continue;
            }
        };
        for (kind, labelled) in &labels.kinds {
            let score = Score::of(labelled, &stated(&dossier, kind));
            println!("| {} | {kind} | {score} |", labels.name());
            let inferred = inferred(&dossier, kind);
            if kind == "endpoint" {
                let both = stated(&dossier, kind).into_iter().chain(inferred.values().flatten().cloned()).collect();
                sums.entry("endpoint, both tiers".to_owned()).or_default().add(&Score::of(labelled, &both));
            }
            for (rule, keys) in inferred {
                rules.entry(rule).or_default().add(&Score::of(&keys.intersection(labelled).cloned().collect(), &keys));
            }
            details.push_str(&score.rows(labels.name(), kind, options.rows));
            sums.entry(kind.clone()).or_default().add(&score);
        }
    }
    for (kind, sum) in &sums {
        println!("| **all** | **{kind}** | {sum} |");
    }
    for (rule, sum) in &rules {
        println!("| **inferred** | {rule} | {sum} |");
        details.push_str(&sum.rows("inferred", rule, options.rows));
    }
    print!("{details}");
    Ok(unscored)
}

/// The keys of the facts of a kind; of endpoints those that lines say.
fn stated(dossier: &Dossier, kind: &str) -> BTreeSet<String> {
    let of_kind = dossier.facts.iter().filter(|fact| kind_name(fact.kind) == kind);
    of_kind.filter(|fact| !is_second_tier(fact)).map(|fact| fact.key.clone()).collect()
}

/// The keys of the endpoints that only a rule says, by the rule.
fn inferred(dossier: &Dossier, kind: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fact in dossier.facts.iter().filter(|fact| kind_name(fact.kind) == kind && is_second_tier(fact)) {
        rules.entry(fact.attr("rule").unwrap_or_default().to_owned()).or_default().insert(fact.key.clone());
    }
    rules
}

fn is_second_tier(fact: &Fact) -> bool {
    fact.kind == FactKind::Endpoint && fact.status == FactStatus::Inferred
}

fn dossier(clone: &Path, commit: &str) -> Result<Dossier, String> {
    let tree =
        walk::read(clone, Some(commit), None, Caps::default(), &Progress::default()).map_err(|e| e.to_string())?;
    let analysis = ci_feed_analyzer::analyze(&tree, &Progress::default());
    Ok(ci_feed_analyzer::publish(analysis, Subject { sha: Some(commit.to_owned()), ..Subject::default() }))
}

/// The clone of `owner/name` below a folder.
fn clone_of(clones: &Path, repository: &str) -> Option<PathBuf> {
    let short = repository.rsplit('/').next().unwrap_or(repository);
    [&repository.replace('/', "+"), repository, short]
        .into_iter()
        .flat_map(|name| [format!("{name}/repo"), format!("{name}.git"), name.to_owned()])
        .map(|name| clones.join(name))
        .find(|clone| clone.join("HEAD").is_file() || clone.join(".git").exists())
}
