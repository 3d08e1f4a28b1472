//! `DOSSIER.md`: the dossier for people. Every word that comes from the repository is escaped; what does not fit into
//! 64 KB is left out in rows, and the number of rows that were left out is said.

use std::fmt::Write as _;

use super::link;
use super::v1::{Dossier, Fact, Metric, kind_name};
use crate::analyzer::evidence::Evidence;
use crate::analyzer::fact::{FactKind, FactStatus};

/// Most bytes of the whole document.
const MAX_BYTES: usize = 64 * 1024;

/// Most rows of one section.
const MAX_ROWS: usize = 120;

/// Render a dossier.
pub fn render(dossier: &Dossier) -> String {
    let mut rows = MAX_ROWS;
    loop {
        let text = Writer { dossier, rows, out: String::new() }.whole();
        if text.len() < MAX_BYTES || rows == 0 {
            return text;
        }
        rows /= 2;
    }
}

struct Writer<'d> {
    dossier: &'d Dossier,
    rows: usize,
    out: String,
}

/// One line of a list: what it says and where it stands.
type Row<'d> = (String, Option<&'d Evidence>);

impl<'d> Writer<'d> {
    fn whole(mut self) -> String {
        self.head();
        self.commands();
        self.surfaces();
        self.dependencies();
        self.contradicted();
        self.findings();
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

    fn section(&mut self, title: &str, empty: &str, rows: Vec<Row<'d>>) {
        self.line(&format!("\n## {title}\n"));
        if rows.is_empty() {
            self.line(empty);
        }
        self.list(rows);
    }

    fn list(&mut self, rows: Vec<Row<'d>>) {
        let more = rows.len().saturating_sub(self.rows);
        for (text, evidence) in rows.into_iter().take(self.rows) {
            let place = evidence.map(|evidence| format!(" — {}", self.place(evidence))).unwrap_or_default();
            self.line(&format!("- {text}{place}"));
        }
        if more > 0 {
            self.line(&format!("- … and {more} more, all of them in `dossier.json`"));
        }
    }

    fn place(&self, evidence: &Evidence) -> String {
        let lines = match (evidence.start_line, evidence.end_line) {
            (0, _) => String::new(),
            (start, end) if start == end => format!(":{start}"),
            (start, end) => format!(":{start}-{end}"),
        };
        let name = code(&format!("{}{lines}", evidence.path));
        link::to(&self.dossier.subject, evidence).map_or_else(|| name.clone(), |address| format!("[{name}]({address})"))
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

    fn commands(&mut self) {
        self.line("\n## How to install, run and test it\n");
        let facts: Vec<&Fact> = self.dossier.facts_of(FactKind::Command).collect();
        if facts.is_empty() {
            self.line("No file of the tree says how.");
        }
        for kind in ["install", "dev", "start", "build", "test", "lint", "migrate", "other"] {
            let of_kind: Vec<&Fact> = facts.iter().copied().filter(|fact| fact.attr("kind") == Some(kind)).collect();
            if of_kind.is_empty() {
                continue;
            }
            self.line(&format!("\n**{kind}**\n"));
            let rows = of_kind.into_iter().map(|fact| {
                let place = fact
                    .attr("cwd")
                    .filter(|cwd| *cwd != ".")
                    .map(|cwd| format!(" in {}", code(cwd)))
                    .unwrap_or_default();
                (
                    format!("{}{place}{}", code(fact.attr("command").unwrap_or(&fact.key)), inferred(fact)),
                    fact.evidence.first(),
                )
            });
            self.list(rows.collect());
        }
    }

    fn surfaces(&mut self) {
        let kinds = [
            (FactKind::Endpoint, "Endpoints"),
            (FactKind::Port, "Ports"),
            (FactKind::EnvVar, "Environment variables"),
            (FactKind::Entrypoint, "Entry points"),
            (FactKind::Container, "Container images"),
            (FactKind::Runtime, "Runtimes"),
            (FactKind::Workflow, "Workflows"),
            (FactKind::Datastore, "Data stores"),
            (FactKind::Table, "Tables"),
            (FactKind::OutboundHost, "Outbound hosts"),
            (FactKind::License, "Licenses"),
        ];
        for (kind, title) in kinds {
            let rows: Vec<Row<'d>> = self
                .dossier
                .facts_of(kind)
                .map(|fact| (format!("{}{}", code(&fact.key), inferred(fact)), fact.evidence.first()))
                .collect();
            if !rows.is_empty() {
                self.section(title, "", rows);
            }
        }
        let dossier = self.dossier;
        let unresolved = dossier
            .unresolved
            .iter()
            .map(|one| (format!("{}: {}", kind_name(one.kind), escape(&one.reason)), one.evidence.first()));
        if !dossier.unresolved.is_empty() {
            self.section("Recognised, but not pinned down", "", unresolved.collect());
        }
    }

    fn dependencies(&mut self) {
        let dossier = self.dossier;
        let rows = dossier.facts_of(FactKind::Dependency).map(|fact| {
            let wanted = fact.attr("requirement").map(|wanted| format!(" {}", code(wanted))).unwrap_or_default();
            let locked =
                fact.attr("locked_version").map(|locked| format!(", locked {}", code(locked))).unwrap_or_default();
            let name =
                format!("{}:{}", fact.attr("ecosystem").unwrap_or_default(), fact.attr("name").unwrap_or_default());
            (
                format!("{} ({}){wanted}{locked}", code(&name), fact.attr("scope").unwrap_or_default()),
                fact.evidence.first(),
            )
        });
        self.section("Direct dependencies", "No manifest that is understood names any.", rows.collect());
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
            .map(|(reason, skipped)| format!("- Skipped as {}: {}", reason.replace('_', " "), skipped.count))
            .collect();
        self.line(&classes);
        skipped.iter().for_each(|line| self.line(line));
        let dossier = self.dossier;
        let problems = dossier.coverage.parse_problems.iter();
        let rows = problems
            .map(|problem| (format!("{} was read in part: {}", code(&problem.path), escape(&problem.problem)), None));
        self.list(rows.collect());
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

fn inferred(fact: &Fact) -> String {
    match (fact.status, fact.attr("rule")) {
        (FactStatus::Inferred, Some(rule)) => format!(" (inferred: {rule})"),
        (FactStatus::Inferred, None) => " (inferred)".to_owned(),
        (FactStatus::Evidenced, _) => String::new(),
    }
}

/// Text as inline code; control and direction characters shown, line breaks gone, the fence longer than any inside.
fn code(text: &str) -> String {
    let text = visible(text, 160);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text as text: everything that Markdown or HTML could take as markup is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text, 400).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn visible(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(max_chars) {
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if hidden => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    if text.chars().nth(max_chars).is_some() {
        out.push('…');
    }
    out
}
