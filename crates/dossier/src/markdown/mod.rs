//! `DOSSIER.md`: the dossier for people. Every word that comes from the repository is escaped; what does not fit into
//! 64 KB is left out in rows, and the number of rows that were left out is said.

mod drift;
mod facts;
mod pull;
mod text;

use std::collections::BTreeMap;

pub use self::pull::{PULL_MARKER, pull_request};
pub use self::text::is_hidden;
use self::text::{code, escape};
use super::drift::v1::Drift;
use super::link;
use super::v1::{Dossier, Metric, Subject};
use crate::evidence::Evidence;

/// Most bytes of the whole document.
const MAX_MARKDOWN_BYTES: usize = 64 * 1024;

/// Most rows of one section.
const MAX_ROWS: usize = 120;

/// Most paths that stand for all that were not read for one reason.
const MAX_PATHS: usize = 5;

/// Render a dossier, with what the commit changed where that is known.
pub fn render(dossier: &Dossier, drift: Option<&Drift>) -> String {
    let mut rows = MAX_ROWS;
    loop {
        let text = Writer { dossier, drift, rows, out: String::new() }.whole();
        if text.len() < MAX_MARKDOWN_BYTES || rows == 0 {
            return text;
        }
        rows /= 2;
    }
}

/// Only what a commit changed, for a terminal.
pub fn changes(dossier: &Dossier, drift: &Drift) -> String {
    let mut writer = Writer { dossier, drift: Some(drift), rows: usize::MAX, out: String::new() };
    writer.changes();
    writer.out
}

struct Writer<'d> {
    dossier: &'d Dossier,
    drift: Option<&'d Drift>,
    rows: usize,
    out: String,
}

/// One line of a list: what it says and where it stands.
type Row<'d> = (String, Option<&'d Evidence>);

impl<'d> Writer<'d> {
    fn whole(mut self) -> String {
        self.head();
        self.changes();
        self.commands();
        self.contradicted();
        self.findings();
        self.surfaces();
        self.dependencies();
        self.unknowns();
        self.coverage();
        self.metrics();
        self.made();
        self.out
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A section with its number of rows; `empty` stands for none.
    fn section(&mut self, title: &str, empty: &str, rows: Vec<Row<'d>>) {
        if rows.is_empty() {
            self.line(&format!("\n## {title}\n\n{empty}"));
        } else {
            self.line(&format!("\n## {title} ({})\n", rows.len()));
            self.list(rows);
        }
    }

    fn list(&mut self, rows: Vec<Row<'d>>) {
        let subject = &self.dossier.subject;
        let rows = rows.into_iter().map(|(text, evidence)| (text, evidence.map(|evidence| place(subject, evidence))));
        self.rows("dossier.json", rows.collect());
    }

    /// A list with the addresses already made; `file` has what does not fit.
    fn rows(&mut self, file: &str, rows: Vec<(String, Option<String>)>) {
        let more = rows.len().saturating_sub(self.rows);
        for (text, place) in rows.into_iter().take(self.rows) {
            let place = place.map(|place| format!(" — {place}")).unwrap_or_default();
            self.line(&format!("- {text}{place}"));
        }
        if more > 0 {
            self.line(&format!("- … and {more} more, all of them in `{file}`"));
        }
    }

    fn head(&mut self) {
        let subject = self.dossier.subject.clone();
        let name = match (&subject.owner, &subject.repo) {
            (Some(owner), Some(repo)) => format!("{owner}/{repo}"),
            _ => "a source tree".to_owned(),
        };
        self.line(&format!("# Dossier of {}\n", escape(&name)));
        self.line("What the files of one commit say about what it exposes, needs and tells people to do. Nothing of it was executed:");
        self.line("this is static evidence, no statement about the running system, and no judgement of quality or security.\n");
        for (label, value) in [("Commit", &subject.sha), ("Tree", &subject.tree)] {
            if let Some(value) = value {
                self.line(&format!("- {label}: {}", code(value)));
            }
        }
        let coverage = &self.dossier.coverage;
        let lines: u64 = coverage.languages.iter().map(|language| language.lines).sum();
        let text = format!(
            "- Read: {} of {} files, {lines} lines{}",
            coverage.analyzed,
            coverage.files_seen,
            if coverage.partial { ", **partial**" } else { "" }
        );
        self.line(&text);
    }

    fn contradicted(&mut self) {
        let dossier = self.dossier;
        let count = |verdict: &str| dossier.claims.iter().filter(|claim| claim.verdict == verdict).count();
        let (verified, contradicted, unverifiable) = (count("VERIFIED"), count("CONTRADICTED"), count("UNVERIFIABLE"));
        let rows = dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED");
        let rows = rows.map(|claim| (format!("{}: {}", code(&claim.text), escape(&claim.why)), claim.evidence.first()));
        self.section("Documentation that the tree contradicts", "None was found.", rows.collect());
        self.line(&format!("\n{verified} checked statements are verified, {contradicted} contradicted, {unverifiable} could not be checked from files."));
    }

    fn findings(&mut self) {
        let dossier = self.dossier;
        let rows = dossier
            .findings
            .iter()
            .filter(|finding| !matches!(finding.rule.as_str(), "contradicted-claim" | "dead-relative-link"));
        let rows = rows.map(|finding| {
            (format!("{} ({}): {}", finding.rule, finding.level, escape(&finding.message)), finding.evidence.first())
        });
        self.section("Worth a look", "Nothing.", rows.collect());
    }

    fn unknowns(&mut self) {
        let dossier = self.dossier;
        let rows = dossier.unknowns.iter().map(|unknown| {
            let rest = if unknown.status == "UNKNOWN" {
                format!("; would be resolved by {}", unknown.resolve_with)
            } else {
                String::new()
            };
            (format!("{}: **{}**{rest}", unknown.category, unknown.status), unknown.evidence.first())
        });
        self.section("What files rarely tell", "", rows.collect());
    }

    fn coverage(&mut self) {
        self.line("\n## Coverage\n");
        self.line("| language | files | lines | blank |");
        self.line("|---|---:|---:|---:|");
        let mut languages: Vec<_> = self.dossier.coverage.languages.iter().collect();
        languages.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.name.cmp(&b.name)));
        for language in languages {
            self.line(&format!(
                "| {} | {} | {} | {} |",
                escape(&language.name),
                language.files,
                language.lines,
                language.blank_lines
            ));
        }
        self.line("");
        let coverage = &self.dossier.coverage;
        let classes: Vec<String> = coverage.by_class.iter().map(|(class, count)| format!("{count} {class}")).collect();
        let classes = format!("- By class: {}. Facts come from application files only.", classes.join(", "));
        let skipped: Vec<String> = coverage
            .skipped
            .iter()
            .map(|(reason, skipped)| {
                let reason = reason.replace('_', " ");
                format!("- Skipped as {reason}: {}: {}", skipped.count, first(&skipped.paths, skipped.count))
            })
            .collect();
        self.line(&classes);
        skipped.iter().for_each(|line| self.line(line));
        self.unread();
        let dossier = self.dossier;
        let problems = dossier.coverage.parse_problems.iter();
        let rows = problems
            .map(|problem| (format!("{} was read in part: {}", code(&problem.path), escape(&problem.problem)), None));
        self.list(rows.collect());
    }

    /// The files that were held and that no rule understood; those that were skipped are told before.
    fn unread(&mut self) {
        let coverage = &self.dossier.coverage;
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for file in coverage.unread.iter().filter(|file| !coverage.skipped.contains_key(&file.reason)) {
            by_reason.entry(&file.reason).or_default().push(file.path.clone());
        }
        for (reason, paths) in by_reason {
            let text = format!(
                "- Not understood ({}): {}: {}",
                reason.replace('_', " "),
                paths.len(),
                first(&paths, paths.len())
            );
            self.line(&text);
        }
    }

    fn metrics(&mut self) {
        self.line("\n## Measures\n");
        let metrics = &self.dossier.metrics;
        let row = |name: &str, metric: &Metric| {
            let value = metric.value.map_or_else(|| "nothing to measure".to_owned(), |value| format!("{value}"));
            format!(
                "- **{name}** = {value} ({} / {}): {}. {}",
                metric.numerator, metric.denominator, metric.formula, metric.interpretation
            )
        };
        let rows = [row("dci", &metrics.dci), row("dci_structural", &metrics.dci_structural), row("rci", &metrics.rci)];
        rows.iter().for_each(|line| self.line(line));
    }

    fn made(&mut self) {
        let analyzer = &self.dossier.analyzer;
        let text = format!(
            "\n## How this was made\n\n{} {} read the files of the tree and nothing else: no network, no clock, no execution. The same commit and the same version \
             give the same bytes. Rules: `{}`. Every statement with its lines and their hashes is in `dossier.json`.",
            analyzer.name, analyzer.version, analyzer.rules_digest
        );
        self.line(&text);
    }
}

/// The first of some paths, out of so many.
fn first(paths: &[String], count: usize) -> String {
    let shown: Vec<String> = paths.iter().take(MAX_PATHS).map(|path| code(path)).collect();
    let more = if count > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Where something stands, as a link if the forge is known.
fn place(subject: &Subject, evidence: &Evidence) -> String {
    let lines = match (evidence.start_line, evidence.end_line) {
        (0, _) => String::new(),
        (start, end) if start == end => format!(":{start}"),
        (start, end) => format!(":{start}-{end}"),
    };
    let name = code(&format!("{}{lines}", evidence.path));
    link::to(subject, evidence).map_or_else(|| name.clone(), |address| format!("[{name}]({address})"))
}
