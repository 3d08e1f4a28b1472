//! Whether a dossier says what its commit says: every anchor is hashed again, and where the same rules are at hand the
//! whole dossier is made again and compared value by value. Names each place that differs.

use ci_feed_dossier::canonical;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::v1::Dossier;
use serde_json::Value;

use crate::tree::corpus::Corpus;

/// Most places that are named; one is enough to distrust a dossier.
const MAX_MISMATCHES: usize = 50;

/// One place of a dossier that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// Where in the dossier, as a path of names and numbers.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

/// Hash every anchor again.
pub fn evidence(dossier: &Dossier, corpus: &Corpus) -> (usize, Vec<Mismatch>) {
    let facts =
        dossier.facts.iter().enumerate().map(|(at, fact)| (format!("facts[{at}] {}", fact.key), &fact.evidence));
    let unresolved =
        dossier.unresolved.iter().enumerate().map(|(at, one)| (format!("unresolved[{at}]"), &one.evidence));
    let claims =
        dossier.claims.iter().enumerate().map(|(at, claim)| (format!("claims[{at}] {}", claim.text), &claim.evidence));
    let unknowns = dossier
        .unknowns
        .iter()
        .enumerate()
        .map(|(at, one)| (format!("unknowns[{at}] {}", one.category), &one.evidence));
    let findings = dossier
        .findings
        .iter()
        .enumerate()
        .map(|(at, finding)| (format!("findings[{at}] {}", finding.rule), &finding.evidence));
    let (mut checked, mut mismatches) = (0, Vec::new());
    for (owner, list) in facts.chain(unresolved).chain(claims).chain(unknowns).chain(findings) {
        for (at, evidence) in list.iter().enumerate() {
            checked += 1;
            if let Some(problem) = problem(evidence, corpus) {
                mismatches.push(Mismatch { place: format!("{owner} evidence[{at}] {}", shown(evidence)), problem });
            }
        }
    }
    (checked, mismatches)
}

fn shown(evidence: &Evidence) -> String {
    format!("{}:{}-{}", evidence.path, evidence.start_line, evidence.end_line)
}

fn problem(evidence: &Evidence, corpus: &Corpus) -> Option<String> {
    if evidence.start_line == 0 {
        return match corpus.exists(&evidence.path) {
            None => Some("the commit has no such file".to_owned()),
            Some(there) if there.sha256 != evidence.sha256 => Some(format!("the file's id is {}", there.sha256)),
            Some(_) => None,
        };
    }
    let Some(file) = corpus.file(&evidence.path) else {
        return Some("the commit has no such text file".to_owned());
    };
    let there = file.lines(evidence.start_line, evidence.end_line);
    if (there.start_line, there.end_line) != (evidence.start_line, evidence.end_line) {
        Some("the file has no such lines".to_owned())
    } else if there.sha256 != evidence.sha256 {
        Some(format!("the lines' hash is {}", there.sha256))
    } else if there.excerpt != evidence.excerpt {
        Some("the excerpt is not the text of these lines".to_owned())
    } else {
        None
    }
}

/// Whether this program's rules are those that made the dossier, so that making it again must give the same bytes.
pub fn has_same_rules(dossier: &Dossier) -> bool {
    dossier.analyzer == crate::identity()
}

/// Compare the dossier as it was given with the same one made again.
pub fn compare(given: &[u8], again: &Dossier) -> Result<Vec<Mismatch>, serde_json::Error> {
    let given_value: Value = serde_json::from_slice(given)?;
    let bytes = canonical::to_bytes(again)?;
    let mut mismatches = Vec::new();
    differences("", &given_value, &serde_json::from_slice(&bytes)?, &mut mismatches);
    if mismatches.is_empty() && given != bytes {
        let at = given.iter().zip(&bytes).position(|(a, b)| a != b).unwrap_or(given.len().min(bytes.len()));
        let problem = "the same values, but not in canonical form".to_owned();
        mismatches.push(Mismatch { place: format!("byte {at}"), problem });
    }
    Ok(mismatches)
}

fn differences(place: &str, given: &Value, again: &Value, out: &mut Vec<Mismatch>) {
    if out.len() >= MAX_MISMATCHES || given == again {
        return;
    }
    let mut report = |place: String, problem: String| out.push(Mismatch { place, problem });
    match (given, again) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in left {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                match right.get(name) {
                    Some(other) => differences(&place, value, other, out),
                    None => out.push(Mismatch { place, problem: "the commit does not give this".to_owned() }),
                }
            }
            for name in right.keys().filter(|name| !left.contains_key(*name)) {
                out.push(Mismatch { place: format!("{place}.{name}"), problem: "it is missing".to_owned() });
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (at, (value, other)) in left.iter().zip(right).enumerate() {
                differences(&format!("{place}[{at}]"), value, other, out);
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            let at = left.iter().zip(right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
            report(format!("{place}[{at}]"), format!("{} rows here, the commit gives {}", left.len(), right.len()));
        }
        _ => report(place.to_owned(), format!("it says {given}, the commit gives {again}")),
    }
}
