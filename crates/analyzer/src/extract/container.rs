//! `container` facts: the base images of Dockerfiles. Stages that build on another stage are no image.

use std::collections::BTreeMap;

use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found, Unresolved};
use crate::syntax::literal::closing_brace;
use crate::tree::corpus::Corpus;
use crate::tree::document::dockerfile;
use crate::tree::file::SourceFile;

/// Every base image.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application().filter(|file| dockerfile::is_name(file.name())) {
        images(file, &mut found);
    }
    found
}

fn images(file: &SourceFile, found: &mut Found) {
    let mut stages: Vec<String> = Vec::new();
    let mut arguments: BTreeMap<String, Option<String>> = BTreeMap::new();
    for instruction in dockerfile::parse(&file.text()) {
        if instruction.keyword == "ARG" && stages.is_empty() {
            for (name, default) in instruction.assignments().into_iter().filter_map(|one| Some((one.name, one.value?)))
            {
                let default = expand(&default, &arguments, 0);
                arguments.insert(name.to_owned(), default);
            }
        }
        let Some((written, name)) = instruction.stage() else { continue };
        let image = expand(written, &arguments, 0).filter(|image| !image.is_empty());
        let base = image.as_deref().unwrap_or(written);
        let is_stage = stages.iter().any(|stage| stage.eq_ignore_ascii_case(base));
        stages.push(name.unwrap_or_default().to_owned());
        if is_stage || base == "scratch" {
            continue;
        }
        let evidence = file.lines(instruction.start_line, instruction.end_line);
        match image {
            Some(image) => found.facts.push(
                Fact::evidenced(FactKind::Container, format!("base image {image}"), evidence)
                    .with("image", image.as_str())
                    .with("pinned", is_pinned(&image))
                    .with("tag", tag(&image)),
            ),
            // Which image it is, is known, and what of its tag is not, is there to be seen.
            None if written.split_once(':').is_some_and(|(name, _)| !name.contains('$')) => found.facts.push(
                Fact::evidenced(FactKind::Container, format!("base image {written}"), evidence)
                    .with("image", written)
                    .with("pinned", false)
                    .with("tag", tag(written)),
            ),
            None => found.unresolved.push(Unresolved::new(
                FactKind::Container,
                format!("the base image `{written}` depends on a build argument without a default"),
                vec![evidence],
            )),
        }
    }
}

/// Deepest nesting of variables in the defaults of variables.
const MAX_DEFAULT_DEPTH: usize = 8;
/// Longer names name no image; defaults that repeat each other grow without end.
const MAX_IMAGE_BYTES: usize = 4_096;

/// Put defaults of build arguments in; `None` when one has none that is known.
fn expand(text: &str, arguments: &BTreeMap<String, Option<String>>, depth: usize) -> Option<String> {
    if depth > MAX_DEFAULT_DEPTH {
        return None;
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{');
        let inside = braced.unwrap_or(after);
        let (name, operator) =
            inside.split_at(inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len()));
        let (modifier, after) =
            if braced.is_some() { operator.split_at_checked(closing_brace(operator)?)? } else { ("", operator) };
        rest = if braced.is_some() { &after[1..] } else { after };
        let known = match arguments.get(name) {
            Some(default) => Some(default.clone()?),
            None => None,
        };
        // With a colon, what is empty counts as not set.
        let (set, modifier) = match modifier.strip_prefix(':') {
            Some(modifier) => (known.filter(|value| !value.is_empty()), modifier),
            None => (known, modifier),
        };
        let other = modifier.get(1..).unwrap_or_default();
        let value = match modifier.get(..1) {
            None | Some("?") => set?,
            Some("-") => set.map_or_else(|| expand(other, arguments, depth + 1), Some)?,
            Some("+") => set.map_or_else(|| Some(String::new()), |_| expand(other, arguments, depth + 1))?,
            Some(_) => return None,
        };
        out.push_str(&value);
        if out.len() > MAX_IMAGE_BYTES {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

fn is_pinned(image: &str) -> bool {
    image.contains("@sha256:")
}

/// The tag; Docker takes `latest` when none is written.
fn tag(image: &str) -> Option<&str> {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    let written = last.split_once(':').map(|(_, tag)| tag);
    written.or_else(|| (!is_pinned(image)).then_some("latest"))
}
