//! The first section of `DOSSIER.md`: what this commit changed, and what to do about it before it is deployed.

use serde_json::Value;

use super::text::{code, escape};
use super::{Writer, facts, place};
use crate::drift::v1::{Change, Drift, Side};
use crate::evidence::Evidence;
use crate::policy::POLICY_FILE;
use crate::v1::{Fact, Unresolved, kind_name};

impl Writer<'_> {
    /// Nothing where no base is known: a first dossier has nothing to differ from.
    pub(super) fn changes(&mut self) {
        let Some(drift) = self.drift else { return };
        self.line("\n## What this commit changed\n");
        self.line(&format!("Compared with {}.", name(&drift.base)));
        if drift.analyzer_changed {
            self.line("The base was made by another version of the analyzer: a row may come from its rules, not from the code.");
        }
        if drift.is_empty {
            let head = &drift.head;
            self.line(&format!("No drift in what was read: {} of {} files.", head.analyzed, head.files_seen));
        }
        if drift.left_out > 0 {
            self.line(&format!(
                "It is too much to be told whole: {} rows are left out here and in `drift.json`.",
                drift.left_out
            ));
        }
        self.policy(drift);
        self.not_read(drift);
        self.deploy(drift);
        self.fact_rows(drift);
        self.unresolved_rows(drift);
        self.statements(drift);
    }

    fn policy(&mut self, drift: &Drift) {
        let Some(policy) = &drift.policy else { return };
        match &policy.error {
            Some(error) => self.line(&format!("The base's {} is not applied: {}.", code(POLICY_FILE), escape(error))),
            None => self.line(&format!(
                "By the base's {} {} rows are left out, and {} fail the check.",
                code(POLICY_FILE),
                policy.left_out,
                drift.failing()
            )),
        }
    }

    fn not_read(&mut self, drift: &Drift) {
        let not_read = &drift.not_read;
        if not_read.changed > 0 {
            let files: Vec<String> = not_read
                .files
                .iter()
                .take(5)
                .map(|file| format!("{} ({})", code(&file.path), file.reason.replace('_', " ")))
                .collect();
            let more = if not_read.changed > files.len() { ", …" } else { "" };
            let text = format!(
                "{} changed files were not read, or not to their end: {}{more}.",
                not_read.changed,
                files.join(", ")
            );
            self.line(&text);
        }
        if !not_read.frameworks.is_empty() {
            let names: Vec<&str> = not_read.frameworks.iter().map(|one| one.name.as_str()).collect();
            self.line(&format!(
                "Routes of {} are not read, so what changed in them is not known.",
                escape(&names.join(", "))
            ));
        }
        if !not_read.complete {
            self.line("Not every file that was not read is known, so more of them may have changed.");
        }
    }

    fn deploy(&mut self, drift: &Drift) {
        if drift.before_deploy.is_empty() {
            return;
        }
        self.line("\n**Before you deploy**\n");
        let rows = drift.before_deploy.iter().map(|step| {
            let side = if step.side == "base" { &drift.base } else { &drift.head };
            let service = step.service.as_deref().map(|name| format!("{}: ", code(name))).unwrap_or_default();
            (format!("[ ] {service}{}", escape(&step.text)), anchor(side, &step.evidence))
        });
        self.rows("drift.json", rows.collect());
    }

    fn fact_rows(&mut self, drift: &Drift) {
        let mut rows: Vec<(String, Option<String>)> = Vec::new();
        let named = |word: &str, fact: &Fact| {
            format!("{word} {}: {}{}", kind_name(fact.kind), code(&fact.key), facts::inferred(fact))
        };
        rows.extend(drift.facts.added.iter().map(|fact| (named("added", fact), anchor(&drift.head, &fact.evidence))));
        rows.extend(
            drift.facts.removed.iter().map(|fact| (named("removed", fact), anchor(&drift.base, &fact.evidence))),
        );
        rows.extend(drift.facts.changed.iter().map(|row| {
            let changes: Vec<String> = row.changes.iter().map(told).collect();
            let text = format!("changed {}: {}: {}", kind_name(row.kind), code(&row.key), changes.join("; "));
            (text, anchor(&drift.head, &row.head_evidence))
        }));
        if !rows.is_empty() {
            self.line("\n**What it exposes and needs**\n");
            self.rows("drift.json", rows);
        }
        let moved = drift.facts.moved.len();
        if moved > 0 {
            self.line(&format!("\n{moved} facts only moved to another place or name."));
        }
    }

    fn unresolved_rows(&mut self, drift: &Drift) {
        let open = &drift.unresolved;
        if !open.comparable && drift.base.unresolved + drift.head.unresolved > 0 {
            self.line("\nWhat could not be pinned down is not compared: one of the two was made by a version without ids for it.");
        }
        let row = |word: &str, one: &Unresolved, side: &Side| {
            let text = format!("{word} {}: {}", kind_name(one.kind), escape(&one.reason));
            (text, anchor(side, &one.evidence))
        };
        let mut rows: Vec<(String, Option<String>)> = Vec::new();
        rows.extend(open.added.iter().map(|one| row("appeared", one, &drift.head)));
        rows.extend(open.removed.iter().map(|one| row("gone", one, &drift.base)));
        if !rows.is_empty() {
            self.line("\n**What could not be pinned down**\n");
            self.rows("drift.json", rows);
        }
    }

    fn statements(&mut self, drift: &Drift) {
        let mut rows: Vec<(String, Option<String>)> = Vec::new();
        rows.extend(drift.claims.iter().map(|claim| {
            let verdict = |verdict: &Option<String>| verdict.clone().unwrap_or_else(|| "absent".to_owned());
            let text = format!(
                "{} → {}: {}: {}",
                verdict(&claim.base),
                verdict(&claim.head),
                code(&claim.text),
                escape(&claim.why)
            );
            let evidence = anchor(&drift.head, &claim.head_evidence);
            (text, evidence.or_else(|| anchor(&drift.base, &claim.base_evidence)))
        }));
        let others = |rule: &str| !matches!(rule, "contradicted-claim" | "dead-relative-link");
        rows.extend(drift.findings.new.iter().filter(|finding| others(&finding.rule)).map(|finding| {
            (format!("new: {}: {}", finding.rule, escape(&finding.message)), anchor(&drift.head, &finding.evidence))
        }));
        rows.extend(drift.findings.resolved.iter().filter(|finding| others(&finding.rule)).map(|finding| {
            (
                format!("resolved: {}: {}", finding.rule, escape(&finding.message)),
                anchor(&drift.base, &finding.evidence),
            )
        }));
        rows.extend(drift.unknowns.iter().map(|unknown| {
            let evidence = anchor(&drift.head, &unknown.head_evidence);
            (format!("{}: {} → {}", unknown.category, unknown.base, unknown.head), evidence)
        }));
        if !rows.is_empty() {
            self.line("\n**What its documentation and configuration say**\n");
            self.rows("drift.json", rows);
        }
    }
}

fn name(side: &Side) -> String {
    match (&side.subject.sha, &side.subject.tree) {
        (Some(sha), _) => format!("commit {}", code(sha)),
        (None, Some(tree)) => format!("tree {}", code(tree)),
        (None, None) => "another tree".to_owned(),
    }
}

fn anchor(side: &Side, evidence: &[Evidence]) -> Option<String> {
    evidence.first().map(|evidence| place(&side.subject, evidence))
}

fn told(change: &Change) -> String {
    let text = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => code(text),
        other => code(&other.to_string()),
    };
    match (&change.base, &change.head) {
        (Value::Array(gone), Value::Array(come)) => {
            let list =
                |sign: &str, items: &[Value]| items.iter().map(|item| format!(" {sign}{}", text(item))).collect();
            let (come, gone): (String, String) = (list("+", come), list("−", gone));
            format!("{}{come}{gone}", change.attr)
        }
        (base, head) => format!("{} {} → {}", change.attr, text(base), text(head)),
    }
}
