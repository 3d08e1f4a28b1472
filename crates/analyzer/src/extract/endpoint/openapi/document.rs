//! One OpenAPI or Swagger document: its operations with the lines that say them. `$ref`s of path items are followed
//! inside the document and into files of the tree; anything further away is left out.

use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;
use crate::tree::path::resolve;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// Where a key that makes a document an OpenAPI one must stand.
const HEAD_BYTES: usize = 4_096;
/// Path items that refer to path items.
const MAX_REFERENCE_HOPS: usize = 4;
/// Operations of one document.
const MAX_OPERATIONS: usize = 20_000;

/// A document that describes an API.
pub(super) struct Description<'c> {
    pub(super) file: &'c SourceFile,
    /// The path part of the document's first server, without a last slash.
    pub(super) base: String,
    pub(super) operations: Vec<Operation>,
}

/// One method of one path.
pub(super) struct Operation {
    pub(super) method: String,
    /// As written, below the base.
    pub(super) path: String,
    /// The base, where servers of the path or the operation say another than the document's.
    pub(super) own_base: Option<String>,
    pub(super) name: Option<String>,
    pub(super) evidence: Vec<Evidence>,
}

/// Every description among the application's files, in path order.
pub(super) fn all(corpus: &Corpus) -> Vec<Description<'_>> {
    corpus.application().filter(|file| may_describe(file)).filter_map(|file| read(corpus, file)).collect()
}

/// By its name and its first bytes, so that other documents are not parsed.
fn may_describe(file: &SourceFile) -> bool {
    let name = file.name();
    let is_document = [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end));
    if !is_document || matches!(name, "package.json" | "package-lock.json" | "pnpm-lock.yaml") {
        return false;
    }
    let head = &file.bytes()[..file.bytes().len().min(HEAD_BYTES)];
    let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    // The key may stand at the end of a document whose name says what it is.
    holds(head, b"openapi") || holds(head, b"swagger") || name.contains("openapi") || name.contains("swagger")
}

fn read<'c>(corpus: &'c Corpus, file: &'c SourceFile) -> Option<Description<'c>> {
    let root = file.document().root();
    let version = |key: &str| root.get(key).and_then(Node::scalar);
    let is_three = version("openapi").is_some_and(|version| version.starts_with('3'));
    let is_two = version("swagger").is_some_and(|version| version.starts_with('2'));
    if !is_three && !is_two {
        return None;
    }
    let base = if is_three {
        first_server(file, root)
    } else {
        let base = root.entry("basePath").and_then(|entry| Some((entry, path_of(entry.value.as_str()?))));
        base.map(|(entry, path)| (path, file.lines(entry.line, entry.line)))
    };
    let (base_path, base_lines) = base.map_or_else(Default::default, |(path, lines)| (path, Some(lines)));
    let base_lines = base_lines.filter(|_| !base_path.is_empty());
    let mut operations = Vec::new();
    for path in root.get("paths").map(Node::entries).unwrap_or_default() {
        if !path.key.starts_with('/') || operations.len() >= MAX_OPERATIONS {
            continue;
        }
        let Some((home, item)) = item(corpus, file, &path.value) else { continue };
        for method in item.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str())) {
            let mut evidence = place(file, path, home, method);
            let own = first_server(home, &method.value).or_else(|| first_server(home, item)).filter(|_| is_three);
            let (own_base, lines) = own.map_or((None, base_lines.clone()), |(base, lines)| (Some(base), Some(lines)));
            evidence.extend(lines);
            operations.push(Operation {
                own_base,
                method: method.key.to_ascii_uppercase(),
                path: path.key.clone(),
                name: method.value.get("operationId").and_then(Node::as_str).map(str::to_owned),
                evidence,
            });
        }
    }
    (!operations.is_empty()).then_some(Description { file, base: base_path, operations })
}

/// The lines of the path and of its method.
fn place(file: &SourceFile, path: &KeyValue, home: &SourceFile, method: &KeyValue) -> Vec<Evidence> {
    let is_near = home.path == file.path && (path.line..=path.line + 1).contains(&method.line);
    if is_near {
        return vec![file.lines(path.line, method.line)];
    }
    vec![file.lines(path.line, path.line), home.lines(method.line, method.line)]
}

/// A path item, behind its `$ref`s, and the file that it stands in.
fn item<'c>(corpus: &'c Corpus, file: &'c SourceFile, node: &'c Node) -> Option<(&'c SourceFile, &'c Node)> {
    let (mut file, mut node) = (file, node);
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for _ in 0..MAX_REFERENCE_HOPS {
        let Some(reference) = node.get("$ref").and_then(Node::as_str) else { return Some((file, node)) };
        if !seen.insert((file.path.clone(), reference.to_owned())) {
            return None;
        }
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if !path.is_empty() {
            file = corpus.file(&resolve(file.folder(), path)?)?;
        }
        node = pointer
            .split('/')
            .filter(|part| !part.is_empty())
            .try_fold(file.document().root(), |node, part| node.get(&part.replace("~1", "/").replace("~0", "~")))?;
    }
    None
}

/// The path of the first server that a document, a path or an operation lists, and the lines that say it.
fn first_server(file: &SourceFile, node: &Node) -> Option<(String, Evidence)> {
    let server = node.get("servers")?.items().first()?;
    let url = server.entry("url")?;
    let mut text = url.value.as_str()?.to_owned();
    for variable in server.get("variables").map(Node::entries).unwrap_or_default() {
        if let Some(default) = variable.value.get("default").and_then(Node::scalar) {
            text = text.replace(&format!("{{{}}}", variable.key), &default);
        }
    }
    Some((path_of(&text), file.lines(url.line, url.line)))
}

/// `https://host:8080/api/v1/` and `//host/api/v1` give `/api/v1`; a path with variables of the server is not known.
fn path_of(url: &str) -> String {
    let behind_host = url.split_once("://").map(|(_, rest)| rest).or_else(|| url.strip_prefix("//"));
    let rest = behind_host.map_or(url, |rest| rest.find('/').map_or("", |at| &rest[at..]));
    // `{baseUrl}/api`
    let rest = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        Some((_, tail)) => tail,
        None => rest,
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if path.contains('{') || !(path.is_empty() || path.starts_with('/')) { String::new() } else { path.to_owned() }
}
