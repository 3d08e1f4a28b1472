//! The files that Docker Compose reads: those that are named so, and what they include or extend.

use std::collections::BTreeSet;

use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::resolve;

/// `compose.yaml`, `docker-compose.override.yml`.
pub(super) fn is_name(name: &str) -> bool {
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    is_yaml && (name.starts_with("docker-compose") || name.starts_with("compose"))
}

/// The paths of the application's compose files.
pub(crate) fn files(corpus: &Corpus) -> BTreeSet<&str> {
    let mut open: Vec<&SourceFile> = corpus.application().filter(|file| is_name(file.name())).collect();
    let mut out = BTreeSet::new();
    while let Some(file) = open.pop() {
        if out.insert(file.path.as_str()) {
            let paths = others(file.document().root()).into_iter();
            let paths = paths.filter_map(|path| resolve(file.folder(), path));
            open.extend(paths.filter_map(|path| corpus.application_file(&path)));
        }
    }
    out
}

/// The paths of the files whose variables the services of compose files get: `env_file: app.conf`, `[a.conf, {path: b}]`.
pub(super) fn environments(corpus: &Corpus, composed: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in composed.iter().filter_map(|path| corpus.file(path)) {
        let services = file.document().root().get("services").map(Node::entries).unwrap_or_default().iter();
        let named = services.filter_map(|service| service.value.get("env_file"));
        let named = named.flat_map(|node| std::iter::once(node).chain(node.items()));
        let paths = named.filter_map(|one| one.get("path").unwrap_or(one).as_str());
        out.extend(paths.filter_map(|path| resolve(file.folder(), path)));
    }
    out
}

/// Name of a service's image without registry and tag.
pub(crate) fn image(service: &Node) -> Option<&str> {
    let image = service.get("image")?.as_str()?.split(['@', ' ']).next()?;
    let start = image.rfind('/').map_or(0, |slash| slash + 1);
    Some(image[start..].find(':').map_or(image, |colon| &image[..start + colon]))
}

/// The files that a file names: `include: [a.yml, {path: [b.yml]}]`, `extends: {file: c.yml}`.
pub(crate) fn others(root: &Node) -> Vec<&str> {
    let included = root.get("include").map(Node::items).unwrap_or_default().iter();
    let included = included.map(|one| one.get("path").unwrap_or(one));
    let services = root.get("services").map(Node::entries).unwrap_or_default().iter();
    let extended = services.filter_map(|service| service.value.at(&["extends", "file"]));
    let named = included.chain(extended).flat_map(|node| std::iter::once(node).chain(node.items()));
    named.filter_map(Node::as_str).collect()
}
