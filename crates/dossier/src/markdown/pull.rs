//! The comment in a pull request: what to do before it is deployed, what it changes, and which documentation it makes
//! untrue. Nothing at all where there is nothing of these.
//!
//! Every word of the repository is code, in which the forge sees no markup, no link and no mention; the only links lead to
//! lines at the commits that were compared.

use std::collections::BTreeMap;

use super::place;
use super::text::code;
use crate::drift::v1::{ChangedFact, Drift, Side, Step};
use crate::evidence::Evidence;
use crate::fact::FactKind;
use crate::policy::POLICY_FILE;
use crate::v1::{Fact, kind_name};

/// By this, and by its author, the comment is found again. It is the first line of each.
pub const PULL_MARKER: &str = "<!-- ci-feed: the comment of this pull request -->";

/// Most characters of a comment; the forge takes 65,536.
const MAX_COMMENT_CHARS: usize = 60_000;
/// Most rows of each list.
const MAX_COMMENT_ROWS: usize = 100;
/// Files that were not read and are named.
const MAX_UNREAD_FILES: usize = 5;

/// Kinds of facts whose changes have a row; of the others only the number is told.
const TOLD: [FactKind; 9] = [
    FactKind::Endpoint,
    FactKind::EnvVar,
    FactKind::Table,
    FactKind::Migration,
    FactKind::Port,
    FactKind::Datastore,
    FactKind::OutboundHost,
    FactKind::Container,
    FactKind::Runtime,
];
/// Those for whose sake alone something is said.
const NEWS: [FactKind; 2] = [FactKind::Endpoint, FactKind::Table];

/// What to say of a pull request that changes this. `page`: where its dossier is shown.
pub fn pull_request(drift: &Drift, page: Option<&str>) -> Option<String> {
    if !is_worth_it(drift) {
        return None;
    }
    let mut rows = MAX_COMMENT_ROWS;
    loop {
        let text = Comment { drift, rows, out: String::new() }.whole(page);
        if text.chars().count() <= MAX_COMMENT_CHARS || rows == 0 {
            return Some(text);
        }
        rows /= 2;
    }
}

fn is_worth_it(drift: &Drift) -> bool {
    let is_news = |kind: FactKind| NEWS.contains(&kind);
    let facts = &drift.facts;
    !drift.before_deploy.is_empty()
        || drift.failing() > 0
        || drift.counts.newly_contradicted > 0
        || facts.added.iter().chain(&facts.removed).any(|fact| is_news(fact.kind))
        || facts.changed.iter().any(|row| is_news(row.kind))
}

struct Comment<'d> {
    drift: &'d Drift,
    rows: usize,
    out: String,
}

impl Comment<'_> {
    fn whole(mut self, page: Option<&str>) -> String {
        self.line(PULL_MARKER);
        self.steps();
        self.facts();
        self.contradictions();
        self.not_read();
        self.policy();
        self.made(page);
        self.out
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn steps(&mut self) {
        let drift = self.drift;
        if drift.before_deploy.is_empty() {
            return;
        }
        self.line("### Before you deploy\n");
        // By service where there are any; the order within one is that of urgency.
        let mut steps: Vec<&Step> = drift.before_deploy.iter().collect();
        steps.sort_by_key(|step| step.service.as_deref());
        for step in steps.into_iter().take(self.rows) {
            let side = if step.side == "base" { &drift.base } else { &drift.head };
            let at = anchor(side, &step.evidence).map(|place| format!(" ({place})")).unwrap_or_default();
            let service = step.service.as_deref().map(|name| format!("{}: ", code(name))).unwrap_or_default();
            self.line(&format!("- {service}{}{at}", sentence(step, drift)));
        }
        self.more(drift.counts.before_deploy, "- ");
    }

    fn facts(&mut self) {
        let drift = self.drift;
        let facts = &drift.facts;
        let of = |word: &'static str, side: &Side, fact: &Fact| {
            (fact.kind, format!("{word} | {} {}", name(fact.kind), cell(&fact.key)), anchor(side, &fact.evidence))
        };
        let changed = |row: &ChangedFact| {
            let what = format!("changed | {} {}: {}", name(row.kind), cell(&row.key), changes(row));
            (row.kind, what, anchor(&drift.head, &row.head_evidence))
        };
        let mut rows: Vec<(FactKind, String, Option<String>)> = Vec::new();
        rows.extend(facts.added.iter().map(|fact| of("new", &drift.head, fact)));
        rows.extend(facts.changed.iter().map(changed));
        rows.extend(facts.removed.iter().map(|fact| of("gone", &drift.base, fact)));
        let (mut told, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(kind, ..)| TOLD.contains(kind));
        told.sort_by_key(|(kind, ..)| TOLD.iter().position(|one| one == kind));
        if !told.is_empty() {
            self.line("\n### What it changes\n\n| | | where |\n|---|---|---|");
            let all = told.len();
            for (_, what, at) in told.into_iter().take(self.rows) {
                self.line(&format!("| {what} | {} |", at.unwrap_or_default()));
            }
            self.more(all, "\n");
        }
        let mut counts: BTreeMap<FactKind, usize> = BTreeMap::new();
        others.iter().for_each(|(kind, ..)| *counts.entry(*kind).or_default() += 1);
        if !counts.is_empty() {
            let counts: Vec<_> =
                counts.iter().map(|(kind, count)| format!("{count} of kind {}", name(*kind))).collect();
            self.line(&format!("\nOther facts that differ: {}.", counts.join(", ")));
        }
    }

    fn contradictions(&mut self) {
        let drift = self.drift;
        let untrue = drift.claims.iter().filter(|claim| claim.head.as_deref() == Some("CONTRADICTED"));
        let untrue: Vec<_> = untrue.collect();
        if untrue.is_empty() {
            return;
        }
        self.line("\n### Documentation that it makes untrue\n");
        for claim in untrue.iter().take(self.rows) {
            let at = anchor(&drift.head, &claim.head_evidence).map(|place| format!(" ({place})")).unwrap_or_default();
            self.line(&format!("- {} says {}: {}{at}", code(&claim.doc), code(&claim.text), code(&claim.why)));
        }
        self.more(drift.counts.newly_contradicted, "- ");
    }

    fn not_read(&mut self) {
        let not_read = &self.drift.not_read;
        if not_read.changed > 0 {
            let files: Vec<_> = not_read.files.iter().take(MAX_UNREAD_FILES).map(|file| code(&file.path)).collect();
            let more = if not_read.changed > files.len() { ", …" } else { "" };
            self.line(&format!("\nChanged and not read: {} files: {}{more}.", not_read.changed, files.join(", ")));
        }
        if !not_read.frameworks.is_empty() {
            let names: Vec<_> = not_read.frameworks.iter().take(MAX_UNREAD_FILES).map(|one| code(&one.name)).collect();
            self.line(&format!("\nRoutes of {} are not read, so what changed in them is not known.", names.join(", ")));
        }
        if self.drift.left_out > 0 {
            self.line(&format!(
                "\nThe change is too large to be told whole: {} rows are missing.",
                self.drift.left_out
            ));
        }
    }

    fn policy(&mut self) {
        let Some(policy) = &self.drift.policy else { return };
        let file = code(POLICY_FILE);
        if let Some(error) = &policy.error {
            self.line(&format!("\nThe base's {file} is not applied: {}.", code(error)));
        }
        if policy.left_out > 0 {
            self.line(&format!("\nBy the base's {file} {} rows are left out.", policy.left_out));
        }
        if !policy.fails.is_empty() {
            let rules: Vec<_> = policy.fails.iter().map(|(rule, rows)| format!("{} ({rows})", code(rule))).collect();
            let lift = policy.lift_label.as_deref().map(|label| format!("; the label {} lifts that", code(label)));
            let text = format!(
                "\n**The check fails** by the base's {file}: {}{}.",
                rules.join(", "),
                lift.unwrap_or_default()
            );
            self.line(&text);
        }
    }

    fn made(&mut self, page: Option<&str>) {
        let commit = |side: &Side| side.subject.sha.as_deref().map_or("a tree".to_owned(), |sha| code(&short(sha)));
        let dossier = page.map(|page| format!(" [The whole dossier]({page}).")).unwrap_or_default();
        let (base, head) = (commit(&self.drift.base), commit(&self.drift.head));
        let text = format!("\n---\nFrom the files of {head}, compared with {base}; nothing was executed.{dossier}");
        self.line(&text);
    }

    /// How many rows of a list are not shown.
    fn more(&mut self, all: usize, before: &str) {
        let more = all.saturating_sub(self.rows);
        if more > 0 {
            self.line(&format!("{before}… and {more} more, which are in the dossier."));
        }
    }
}

fn short(sha: &str) -> String {
    sha.chars().take(12).collect()
}

fn name(kind: FactKind) -> String {
    match kind {
        FactKind::EnvVar => "variable".to_owned(),
        FactKind::Runtime => "runtime version".to_owned(),
        FactKind::Container => "base image".to_owned(),
        other => kind_name(other).replace('_', " "),
    }
}

fn anchor(side: &Side, evidence: &[Evidence]) -> Option<String> {
    evidence.first().map(|evidence| in_cell(&place(&side.subject, evidence)))
}

fn cell(text: &str) -> String {
    in_cell(&code(text))
}

/// A bar would end the cell, and with it the code; what escapes one may be escaped itself.
fn in_cell(text: &str) -> String {
    text.replace('|', "¦")
}

fn changes(row: &ChangedFact) -> String {
    let names: Vec<_> = row.changes.iter().map(|change| cell(&change.attr)).collect();
    match &row.base_key {
        Some(before) => format!("before it was {}", cell(before)),
        None => names.join(", "),
    }
}

/// What to do, with the words of the repository as code.
fn sentence(step: &Step, drift: &Drift) -> String {
    let key = code(&step.key);
    let is_told_nowhere = drift.findings.new.iter().any(|finding| {
        finding.rule == "undocumented-env-var" && finding.message.starts_with(&format!("`{}` ", step.key))
    });
    let nowhere = if is_told_nowhere { ", documented nowhere" } else { "" };
    match step.rule.as_str() {
        "new-required-env-var" => format!("Set {key}: required, without a default{nowhere}"),
        "env-var-now-required" => format!("Set {key}: it is required now"),
        "new-env-var" => format!("Decide about {key}: read now, without a default beside it{nowhere}"),
        "changed-default" => format!("Check {key}: its default is another one"),
        "new-migration" if drift.facts.added.iter().any(|fact| fact.key == step.key) => {
            format!("Run the migrations: {key} is new")
        }
        "new-migration" => format!("Run the migrations: {key} has new change sets"),
        "edited-migration" => format!("Look at {key}: it was edited, and a database that ran it will not run it again"),
        "new-unresolved-route" => format!("Look at a new route whose full path is not known: {key}"),
        "new-unread-framework" => format!("Look at what {key} serves: its routes are not read"),
        "new-unresolved-env-var" => format!("Look at a new variable whose name is not known: {key}"),
        "guard-not-seen" => format!("Look at {key}: a guard was seen in front of it before"),
        "new-datastore" => format!("Provide {key}"),
        "removed-table" => format!("Back up {key}: nothing defines this table any more"),
        "new-port" => format!("Open or map {key}"),
        "removed-port" => format!("Unmap {key}: nothing names it any more"),
        "new-start-command" => format!("Look at how it is started: {key} is new"),
        "changed-start-command" => format!("Look at how it is started: {key} is another command"),
        "removed-start-command" => format!("Look at how it is started: {key} is gone"),
        "new-outbound-host" => format!("Allow requests to {key}"),
        "changed-runtime" => format!("Check the runtime: {key}"),
        "changed-base-image" => format!("Rebuild the image: {key}"),
        "removed-endpoint" | "removed-unresolved-route" => format!("Tell its callers: {key} is gone"),
        _ => code(&step.text),
    }
}
