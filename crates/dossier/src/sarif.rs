//! `findings.sarif`: the findings as SARIF 2.1.0, within the limits of GitHub's code scanning, so that the file can be
//! uploaded as it is. What had to be left out is said in the file itself.

use serde_json::{Map, Value, json};

use super::link::percent_encode;
use super::v1::{Dossier, Finding, Subject};
use crate::evidence::Evidence;
use crate::rule_text::RuleText;

/// Results that code scanning keeps of one run; it refuses a run with more than 25,000.
const MAX_RESULTS: usize = 5_000;

/// Bytes of all results together: far below GitHub's 10 MB (compressed) and below what the server keeps of an artifact.
const MAX_RESULTS_BYTES: usize = 6 * 1024 * 1024;

/// Locations of one result that code scanning shows; it refuses more than 1,000.
const MAX_LOCATIONS: usize = 100;

/// Longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 1_000;

/// The SARIF log of a dossier whose findings are of these rules.
pub(crate) fn of(dossier: &Dossier, rules: &[RuleText]) -> Value {
    let mut findings: Vec<&Finding> =
        dossier.findings.iter().filter(|finding| index(rules, &finding.rule).is_some()).collect();
    // What matters most stays when not everything can.
    findings.sort_by_key(|finding| finding.level != "warning");
    let mut bytes = 0;
    let mut results = Vec::new();
    for finding in findings.iter().take(MAX_RESULTS) {
        let result = result(rules, finding);
        bytes += result.to_string().len();
        if bytes > MAX_RESULTS_BYTES {
            break;
        }
        results.push(result);
    }
    let left_out = dossier.findings.len() - results.len();
    let mut run = json!({
        "tool": { "driver": {
            "name": dossier.analyzer.name,
            "version": dossier.analyzer.version,
            "semanticVersion": dossier.analyzer.version,
            "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
        } },
        "automationDetails": { "id": format!("{}/", dossier.analyzer.name) },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "The root of the repository." } } },
        "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications(dossier, left_out) }],
        "results": results,
        "properties": { "findings": dossier.findings.len(), "findingsLeftOut": left_out },
    });
    if let (Some(provenance), Some(run)) = (provenance(&dossier.subject), run.as_object_mut()) {
        run.insert("versionControlProvenance".to_owned(), json!([provenance]));
    }
    json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] })
}

fn index(rules: &[RuleText], rule: &str) -> Option<usize> {
    rules.iter().position(|known| known.id == rule)
}

fn descriptor(rule: &RuleText) -> Value {
    let text = format!("{} {} {}", rule.what, rule.why, rule.fix);
    json!({
        "id": rule.id,
        "name": pascal_case(rule.id),
        "shortDescription": { "text": rule.short },
        "fullDescription": { "text": rule.what },
        "help": { "text": text, "markdown": rule.page() },
        "defaultConfiguration": { "level": rule.level.name() },
        "properties": { "tags": ["documentation", "operability"], "problem.severity": severity(rule.level.name()) },
    })
}

/// Code scanning's word for a level.
fn severity(level: &str) -> &'static str {
    if level == "warning" { "warning" } else { "recommendation" }
}

fn pascal_case(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

fn result(rules: &[RuleText], finding: &Finding) -> Value {
    let related = finding.evidence.iter().skip(1).take(MAX_LOCATIONS - 1).zip(1_u32..);
    let related: Vec<Value> = related
        .map(|(evidence, id)| {
            let mut location = location(evidence);
            location["id"] = json!(id);
            location["message"] = json!({ "text": "See also here." });
            location
        })
        .collect();
    let mut result = Map::new();
    let mut put = |name: &str, value: Value| result.insert(name.to_owned(), value);
    put("ruleId", json!(finding.rule));
    put("ruleIndex", json!(index(rules, &finding.rule)));
    put("level", json!(finding.level));
    put("message", json!({ "text": message(&finding.message) }));
    put("locations", json!(finding.evidence.first().map(location).into_iter().collect::<Vec<_>>()));
    // Our own name for the identity, and the one name that code scanning looks at.
    put(
        "partialFingerprints",
        json!({ "ciFeed/v1": finding.id, "primaryLocationLineHash": format!("{}:1", finding.id) }),
    );
    if !related.is_empty() {
        put("relatedLocations", json!(related));
    }
    Value::Object(result)
}

/// Where a piece of evidence stands. Code scanning wants a line also for a finding about a whole file: the first.
fn location(evidence: &Evidence) -> Value {
    let start = evidence.start_line.max(1);
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": percent_encode(&evidence.path), "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": start, "endLine": evidence.end_line.max(start) },
    } })
}

/// The text as SARIF wants it: braces doubled, nothing that reads as an embedded link, one line, not too long.
fn message(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == MAX_MESSAGE_CHARS {
            out.push('…');
            break;
        }
        match c {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' if text.contains("](") => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// What the reader of the results should know about how complete they are.
fn notifications(dossier: &Dossier, left_out: usize) -> Vec<Value> {
    let mut texts = Vec::new();
    if left_out > 0 {
        texts.push(format!(
            "{left_out} of {} findings were left out, notes before warnings, to stay within the limits of code scanning; dossier.json has all of them.",
            dossier.findings.len()
        ));
    }
    if dossier.coverage.partial {
        texts.push("The tree was not read completely; dossier.json names what was skipped.".to_owned());
    }
    texts.into_iter().map(|text| json!({ "level": "warning", "message": { "text": text } })).collect()
}

/// Repository and commit, where all of it is known.
fn provenance(subject: &Subject) -> Option<Value> {
    let forge = subject.forge.as_deref()?.trim_end_matches('/');
    let is_web = forge.starts_with("https://") || forge.starts_with("http://");
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    let (owner, repo, sha) = (subject.owner.as_deref()?, subject.repo.as_deref()?, subject.sha.as_deref()?);
    let uri = format!("{forge}/{owner}/{repo}");
    (is_web && plain(&uri)).then(|| json!({ "repositoryUri": uri, "revisionId": sha }))
}
