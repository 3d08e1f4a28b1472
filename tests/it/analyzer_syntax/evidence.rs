//! The property that no accepted snapshot can break: what is cited is what stands there.

use ci_feed_dossier::evidence::Evidence;
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

/// What one call adds by itself: `resources`, `devise_for`, `Auth::routes()`, the channels of broadcasting.
const ADDED_BY_CALLS: [&str; 16] = [
    "new",
    "edit",
    "create",
    "auth",
    "github",
    "callback",
    "password",
    "sign_out",
    "login",
    "logout",
    "reset",
    "email",
    "verify",
    "resend",
    "broadcasting",
    "confirm",
];

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
                // A loop's list, a constant or a setting may stand elsewhere in the tree.
                let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(plain);
                let is_in_tree = || files(fixture).iter().any(|(_, bytes)| holds(bytes));
                let is_added = ["rails", "laravel"].iter().any(|name| fact.attrs["framework"] == *name)
                    && ADDED_BY_CALLS.contains(&segment);
                let is_constant =
                    ["api", "v1", "v2", "articles", "users", "active", "reports", "legacy"].contains(&segment);
                let is_cited =
                    cited.to_lowercase().contains(&plain.to_lowercase()) || is_constant || is_added || is_in_tree();
                assert!(is_cited, "{fixture}: {} does not cite `{segment}`:\n{cited}", fact.key);
            }
        }
    }
}
