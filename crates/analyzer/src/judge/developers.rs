//! Compose files that nobody deploys with, told by what they bring.

use std::collections::BTreeSet;

use crate::extract::{compose, datastore};
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::resolve;

/// Parts of the names of images that catch mail, or stand in for what the application talks to.
const STAND_INS: [&str; 17] = [
    "azurite",
    "dynamodb-local",
    "emulator",
    "fake-gcs-server",
    "fakes3",
    "firebase-tools",
    "inbucket",
    "localstack",
    "mailcatcher",
    "maildev",
    "mailhog",
    "mailpit",
    "mockserver",
    "moto",
    "smtp4dev",
    "stripe-mock",
    "wiremock",
];

/// Those that bring a catcher of mail or another stand-in, a service that is built and has the folder that it is built from
/// mounted, or, where no other file lies beside it, nothing but what others make.
pub(crate) fn compose_files(corpus: &Corpus) -> BTreeSet<String> {
    let files = compose::files(corpus);
    let files: Vec<_> = files.iter().filter_map(|path| corpus.file(path)).collect();
    let parts = |file: &SourceFile| -> Vec<String> {
        compose::others(file.document().root()).into_iter().filter_map(|path| resolve(file.folder(), path)).collect()
    };
    let included: BTreeSet<String> = files.iter().flat_map(|file| parts(file)).collect();
    let of_developers = |file: &&&SourceFile| {
        let services = file.document().root().get("services").map(Node::entries).unwrap_or_default();
        let is_alone = || {
            !included.contains(&file.path)
                && parts(file).is_empty()
                && files.iter().filter(|other| other.folder() == file.folder()).count() == 1
        };
        services.iter().any(|service| is_stand_in(&service.value) || mounts_its_source(file, &service.value))
            || !services.is_empty() && services.iter().all(|service| is_made_by_others(&service.value)) && is_alone()
    };
    files.iter().filter(of_developers).map(|file| file.path.clone()).collect()
}

fn is_stand_in(service: &Node) -> bool {
    compose::image(service).is_some_and(|image| STAND_INS.iter().any(|name| image.contains(name)))
}

/// A datastore, or one of Docker's own images, which have no owner.
fn is_made_by_others(service: &Node) -> bool {
    let is_known = |image: &str| !image.contains('/') || datastore::is_image(image);
    service.get("build").is_none() && compose::image(service).is_some_and(is_known)
}

/// `build: ./api` and `volumes: [./api:/app]`: what runs is not what was built.
fn mounts_its_source(file: &SourceFile, service: &Node) -> bool {
    let Some(build) = service.get("build") else { return false };
    let context = build.get("context").unwrap_or(build).as_str().and_then(|path| resolve(file.folder(), path));
    let volumes = service.get("volumes").map(Node::items).unwrap_or_default().iter();
    let sources = volumes.filter_map(|volume| match volume.get("source") {
        Some(source) => source.as_str(),
        None => volume.as_str()?.split_once(':').map(|(source, _)| source),
    });
    let mut sources = sources.filter(|source| source.starts_with('.')).filter_map(|path| resolve(file.folder(), path));
    context.is_some_and(|context| sources.any(|source| source == context))
}
