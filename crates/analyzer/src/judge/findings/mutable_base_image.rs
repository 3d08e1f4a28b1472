//! Base images that are named by a tag: a tag can be moved to another image; `latest` and no tag at all always are.

use ci_feed_dossier::fact::FactKind;

use super::{Hit, Input, Level, Rule, RuleText};

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "mutable-base-image",
        level: Level::Note,
        short: "A base image is named by a tag that can move, not by digest.",
        what: "A `FROM` line names an image by tag. For `latest`, or no tag at all, the finding is a warning.",
        why: "The same commit can give another image tomorrow: a build that worked may fail or behave differently without \
any change in the repository.",
        fix: "Pin the digest (`image:tag@sha256:...`) and let a bot move it, or accept it knowingly.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    for fact in input.facts.iter().filter(|fact| fact.kind == FactKind::Container) {
        let text = |name: &str| fact.attrs.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let pinned = fact.attrs.get("pinned").and_then(serde_json::Value::as_bool).unwrap_or(true);
        if !pinned {
            hits.push(Hit {
                // Another tag of the same image is the same finding: what is wrong about it has not changed.
                key: untagged(text("image")).to_owned(),
                level: (text("tag") == "latest").then_some(Level::Warning),
                message: format!("the base image `{}` is named by a tag that can move, not by digest", text("image")),
                evidence: fact.evidence.clone(),
            });
        }
    }
}

/// The image without its tag.
fn untagged(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}
