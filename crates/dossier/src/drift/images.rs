//! Base images file by file. An image that another Dockerfile had before, or has still, is no fact that came or went; the file
//! that builds on it now is a change all the same.

use std::collections::BTreeMap;

use super::identity;
use crate::evidence::Evidence;
use crate::fact::FactKind;
use crate::v1::{Dossier, Fact};

/// What a file builds on now, instead of what, and where it says so.
pub(super) struct Replaced<'d> {
    pub(super) image: &'d Fact,
    pub(super) before: &'d Fact,
    pub(super) line: &'d Evidence,
}

type ByFile<'d> = BTreeMap<&'d str, Vec<(&'d Fact, &'d Evidence)>>;

/// The images that take the place of another one in a file of both commits: of the same name with another tag, or the only one.
pub(super) fn replaced<'d>(base: &'d Dossier, head: &'d Dossier) -> Vec<Replaced<'d>> {
    let before = by_file(base);
    let mut out = Vec::new();
    for (file, now) in by_file(head) {
        let then = before.get(file).map(Vec::as_slice).unwrap_or_default();
        let is_in = |image: &Fact, images: &[(&Fact, &Evidence)]| images.iter().any(|(one, _)| one.key == image.key);
        let gone: Vec<&Fact> = then.iter().map(|(image, _)| *image).filter(|image| !is_in(image, &now)).collect();
        let come: Vec<_> = now.iter().copied().filter(|(image, _)| !is_in(image, then)).collect();
        for (image, line) in &come {
            let name = identity::without_version(image);
            let same = gone.iter().find(|gone| identity::without_version(gone) == name);
            let only = gone.first().filter(|_| gone.len() == 1 && come.len() == 1);
            // Another digest of a tag is the same image, built anew.
            let another = same.or(only).filter(|gone| same.is_none() || gone.attr("tag") != image.attr("tag"));
            out.extend(another.map(|before| Replaced { image, before, line }));
        }
    }
    out
}

fn by_file(dossier: &Dossier) -> ByFile<'_> {
    let mut files = ByFile::new();
    let images = dossier.facts_of(FactKind::Container).filter(|fact| fact.key.starts_with("base image "));
    for (fact, line) in images.flat_map(|fact| fact.evidence.iter().map(move |line| (fact, line))) {
        let images = files.entry(&line.path).or_default();
        if !images.iter().any(|(one, _)| one.key == fact.key) {
            images.push((fact, line));
        }
    }
    files
}
