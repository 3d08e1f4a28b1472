//! `container` facts: the base images of Dockerfiles. Stages that build on another stage are no image.

use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found, Unresolved};
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
    let mut arguments: Vec<(String, String)> = Vec::new();
    for instruction in dockerfile::parse(&file.text()) {
        let words: Vec<&str> = instruction.rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        match (instruction.keyword.as_str(), words.as_slice()) {
            ("ARG", [assignment, ..]) if stages.is_empty() => {
                let default = assignment
                    .split_once('=')
                    .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
                arguments.extend(default);
            }
            ("FROM", [image, rest @ ..]) => {
                let evidence = file.lines(instruction.start_line, instruction.end_line);
                let known_stage = stages.iter().any(|stage| stage.eq_ignore_ascii_case(image));
                stages.push(match rest {
                    [word, name, ..] if word.eq_ignore_ascii_case("as") => (*name).to_owned(),
                    _ => String::new(),
                });
                if known_stage || *image == "scratch" {
                    continue;
                }
                match expand(image, &arguments) {
                    Some(image) => found.facts.push(
                        Fact::evidenced(FactKind::Container, format!("base image {image}"), evidence)
                            .with("image", image.as_str())
                            .with("pinned", is_pinned(&image))
                            .with("tag", tag(&image)),
                    ),
                    None => found.unresolved.push(Unresolved {
                        kind: FactKind::Container,
                        reason: format!("the base image `{image}` depends on a build argument without a default"),
                        evidence: vec![evidence],
                    }),
                }
            }
            _ => {}
        }
    }
}

/// Put defaults of build arguments in; `None` when one has none.
fn expand(image: &str, arguments: &[(String, String)]) -> Option<String> {
    let mut out = image.to_owned();
    for _ in 0..8 {
        let Some(at) = out.find('$') else { return Some(out) };
        let after = &out[at + 1..];
        let (name, fallback, length) = match after.strip_prefix('{') {
            Some(braced) => {
                let close = braced.find('}')?;
                let (name, fallback) = braced[..close]
                    .split_once(":-")
                    .map_or((&braced[..close], None), |(name, value)| (name, Some(value)));
                (name, fallback, close + 2)
            }
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                (&after[..end], None, end)
            }
        };
        let value = arguments
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .or(fallback)?
            .to_owned();
        out.replace_range(at..at + 1 + length, &value);
    }
    None
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
