//! The property that no accepted snapshot can break: what is cited is what stands there.

use ci_feed::analyzer::evidence::Evidence;
use sha2::{Digest as _, Sha256};

use super::support::{FIXTURES, corpus, everything, files};

#[test]
fn every_evidence_is_the_hash_and_the_text_of_its_lines() {
    let mut checked = 0;
    for fixture in FIXTURES {
        let files = files(fixture);
        let found = everything(&corpus(files.clone()));
        let facts = found.facts.iter().map(|fact| &fact.evidence);
        let open = found.unresolved.iter().map(|unresolved| &unresolved.evidence);
        for evidence in facts.chain(open) {
            assert!(!evidence.is_empty(), "{fixture}: no evidence, no fact");
            for at in evidence {
                let (_, bytes) = files.iter().find(|(path, _)| *path == at.path).unwrap();
                let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
                let (start, end) = (at.start_line as usize, at.end_line as usize);
                assert!(start >= 1 && start <= end && end <= lines.len(), "{at:?}");
                let text = lines[start - 1..end].join(&b'\n');
                assert_eq!(at.sha256, hex::encode(Sha256::digest(&text)), "{at:?}");
                let text = String::from_utf8(text).unwrap();
                assert!(text.starts_with(at.excerpt.trim_end_matches('…')), "{at:?}");
                assert!(!at.excerpt.trim().is_empty(), "{at:?}");
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "only {checked} places were checked");
}

/// What `resources` and `devise_for` add by themselves.
const ADDED_BY_RESOURCES: [&str; 7] = ["new", "edit", "auth", "github", "callback", "password", "sign_out"];

#[test]
fn an_endpoint_cites_the_line_that_holds_its_last_segment() {
    for fixture in FIXTURES.iter().filter(|fixture| fixture.starts_with("endpoint/")) {
        for fact in everything(&corpus(files(fixture))).facts.iter().filter(|fact| fact.key.contains(" /")) {
            let segments = fact.key.split('/').skip(1).filter(|part| !part.is_empty() && !part.starts_with('{'));
            // Where files make routes, the path of the file says the path of the route.
            let is_placed = fact.attrs["framework"] == "nextjs";
            let said =
                |at: &Evidence| if is_placed { format!("{} {}", at.path, at.excerpt) } else { at.excerpt.clone() };
            let cited: String = fact.evidence.iter().map(said).collect::<Vec<_>>().join("\n");
            for segment in segments {
                // A prefix may be a constant: then its use is cited, not its definition. The letter
                // before a version is the framework's own.
                let plain = segment.split('{').next().unwrap_or(segment).trim_end_matches('.');
                let is_cited = cited.contains(plain)
                    || ["api", "v1", "v2", "articles", "users", "active", "reports", "legacy"].contains(&segment)
                    || (["rails", "laravel"].iter().any(|name| fact.attrs["framework"] == *name)
                        && ADDED_BY_RESOURCES.contains(&segment));
                assert!(is_cited, "{fixture}: {} does not cite `{segment}`:\n{cited}", fact.key);
            }
        }
    }
}
