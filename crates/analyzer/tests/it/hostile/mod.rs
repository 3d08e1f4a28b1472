//! One hostile file of each kind in each language, beside a plain one: the analysis ends, what does parse counts, and
//! what was not read is named. Each file holds what the prefilter lets through, so that it is really parsed.

mod documents;
mod samples;
mod unfolding;

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::Dossier;

use self::samples::{CODE, DOCUMENTS, Sample};
use crate::support::dossier;

/// The dossier of one file of these bytes beside one plain file that states a fact of its own.
fn beside_a_plain_one(sample: &Sample, bytes: &[u8]) -> Dossier {
    let plain: &[u8] = b"FROM alpine:3\nEXPOSE 9999\n";
    let dossier = dossier(&[("beside/Dockerfile", plain), ("one.txt", b""), (sample.path, bytes)]);
    assert!(dossier.facts.iter().any(|fact| fact.key == "9999/tcp"), "{}: the plain file counts", sample.path);
    let skipped: usize = dossier.coverage.skipped.values().map(|skipped| skipped.count).sum();
    assert_eq!(dossier.coverage.analyzed + skipped, 3);
    dossier
}

/// Whether the dossier states what the start of the file says.
fn states(sample: &Sample, dossier: &Dossier) -> bool {
    let facts = dossier.facts.iter().filter(|fact| fact.evidence.iter().any(|at| at.path == sample.path));
    let claims = dossier.claims.iter().filter(|claim| claim.doc == sample.path);
    facts.into_iter().any(|fact| fact.key.contains(sample.fact))
        || claims.into_iter().any(|claim| claim.text.contains(sample.fact))
}

/// Why the file was not read to its end, if the dossier says so.
fn problem(sample: &Sample, dossier: &Dossier) -> Option<String> {
    let mut skipped = dossier.coverage.skipped.iter();
    if let Some((reason, _)) = skipped.find(|(_, files)| files.paths.iter().any(|path| path == sample.path)) {
        return Some(reason.clone());
    }
    let named = dossier.coverage.parse_problems.iter().find(|problem| problem.path == sample.path);
    named.map(|problem| problem.problem.clone())
}

fn is_told(sample: &Sample, dossier: &Dossier) -> bool {
    let is_cut = dossier.unresolved.iter().any(|one| {
        one.reason.contains("do not fit into the dossier") && one.evidence.iter().any(|at| at.path == sample.path)
    });
    is_cut || problem(sample, dossier).is_some() || states(sample, dossier)
}

fn all() -> impl Iterator<Item = &'static Sample> {
    CODE.iter().chain(DOCUMENTS)
}

fn on_one_line(sample: &Sample, bytes: usize) -> Dossier {
    let line = sample.of_lines(bytes / sample.line.len()).replace('\n', " ");
    beside_a_plain_one(sample, line.as_bytes())
}

#[test]
fn a_program_on_one_long_line_is_named_and_not_parsed() {
    for sample in CODE {
        let reason = |bytes| problem(sample, &on_one_line(sample, bytes));
        assert_eq!(reason(2_000_000).as_deref(), Some("too large to parse"), "{}", sample.path);
        assert_eq!(reason(1_000_000).as_deref(), Some("minified"), "{}", sample.path);
    }
}

#[test]
fn a_document_on_one_line_of_two_megabytes_is_read_or_named() {
    for sample in DOCUMENTS {
        let dossier = on_one_line(sample, 2_000_000);
        // On one line a file may say something else: a Dockerfile is one `FROM`.
        let states = dossier.facts.iter().filter(|fact| fact.kind != FactKind::Language);
        let states = states.flat_map(|fact| &fact.evidence).any(|at| at.path == sample.path);
        assert!(problem(sample, &dossier).is_some() || states, "{}", sample.path);
    }
}

#[test]
fn a_hundred_thousand_lines_are_read() {
    for sample in all() {
        let dossier = beside_a_plain_one(sample, sample.of_lines(100_000).as_bytes());
        assert!(is_told(sample, &dossier), "{}", sample.path);
    }
}

#[test]
fn a_generated_program_of_a_hundred_thousand_lines_is_parsed() {
    for sample in CODE {
        let line = match sample.path {
            "A.java" | "A.cs" => "int a;\n",
            "main.go" => "var _ = 1\n",
            "src/main.rs" => "f!(1);\n",
            "app.py" | "config/routes.rb" => "f(1)\n",
            _ => "f(1);\n",
        };
        let text = format!("{}{}{}", sample.start, line.repeat(100_000), sample.end);
        let dossier = beside_a_plain_one(sample, text.as_bytes());
        assert_eq!((problem(sample, &dossier), states(sample, &dossier)), (None, true), "{}", sample.path);
    }
}

/// A value nested this deep, on lines of its own or on one.
fn nested(sample: &Sample, depth: usize, (before, open, close): (&str, &str, &str)) -> Dossier {
    let deep = format!("{before}{}{}\n", open.repeat(depth), close.repeat(depth));
    beside_a_plain_one(sample, format!("{}{deep}{}", sample.start, sample.end).as_bytes())
}

#[test]
fn fifty_thousand_nested_pairs_are_named_or_read_around() {
    for sample in all() {
        for (before, open, close) in sample.nesting.iter().copied() {
            let dossier = nested(sample, 50_000, (before, open, close));
            assert!(is_told(sample, &dossier), "{} with `{open}`", sample.path);
        }
    }
}

#[test]
fn nesting_on_one_line_overflows_no_stack() {
    for sample in CODE {
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("{", "}"), ("-", ""), ("x = ", ""), ("a.b().", "")]
        {
            nested(sample, 100_000, ("x = ", open, close));
        }
    }
}

#[test]
fn bytes_that_are_no_text_cost_nothing_else() {
    let torn = b"\xff\xfe\xc3\x28\xf0\x9f\x92 \xed\xa0\x80\n";
    for sample in all() {
        let whole = sample.of_lines(20);
        for at in 0..=sample.start.len() {
            let dossier =
                beside_a_plain_one(sample, &[&whole.as_bytes()[..at], torn, &whole.as_bytes()[at..]].concat());
            assert!(at < sample.start.len() || is_told(sample, &dossier), "{}", sample.path);
        }
    }
}

#[test]
fn a_file_that_stops_anywhere_states_what_stands_before() {
    for sample in all() {
        let whole = sample.of_lines(3);
        // In the middle of a name, of a text, of a block: after each byte.
        for length in 0..whole.len() {
            let dossier = beside_a_plain_one(sample, &whole.as_bytes()[..length]);
            assert!(length < sample.start.len() || is_told(sample, &dossier), "{} at {length}", sample.path);
        }
    }
}

#[test]
fn a_program_with_an_error_states_what_stands_before_it() {
    for sample in CODE {
        let text = format!("{}\nfunction ( {{ [ def class fn '\n", sample.start);
        assert!(states(sample, &beside_a_plain_one(sample, text.as_bytes())), "{}", sample.path);
    }
}
