//! The change sets of Liquibase's change logs, in XML, YAML, JSON and SQL. A log that only includes others has none.

use ci_feed_dossier::evidence::Evidence;
use roxmltree::Node as Element;
use sha2::{Digest as _, Sha256};

use crate::tree::document::xml::{is_named, lines_of, with_xml};
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

/// A change that the tool makes once.
pub(super) struct ChangeSet {
    /// Author and id, by which the tool knows it.
    pub(super) name: String,
    /// The first hex digits of a hash of what it does, without white space.
    pub(super) code: String,
    pub(super) evidence: Evidence,
}

/// The change sets of a file, in its order; none of a file that is no change log.
pub(super) fn read(file: &SourceFile) -> Vec<ChangeSet> {
    let Some((_, ending)) = file.name().rsplit_once('.') else { return Vec::new() };
    match ending {
        "xml" if file.holds("<databaseChangeLog") || file.holds(":databaseChangeLog") => with_xml(file, |document| {
            let sets = document.root_element().children().filter(|child| is_named(*child, "changeSet"));
            let read = |set: Element<'_, '_>| {
                let of = |key| set.attribute(key).unwrap_or_default();
                let code = hash(&document.input_text()[set.range()]);
                ChangeSet { name: name(of("author"), of("id")), code, evidence: lines_of(file, document, set) }
            };
            sets.map(read).collect()
        })
        .unwrap_or_default(),
        "yml" | "yaml" | "json" if file.holds("databaseChangeLog") => in_document(file),
        "sql"
            if file.text().lines().next().is_some_and(|first| {
                directive(first).is_some_and(|said| said.starts_with("liquibase formatted sql"))
            }) =>
        {
            in_sql(file)
        }
        _ => Vec::new(),
    }
}

fn name(author: &str, id: &str) -> String {
    if author.is_empty() { id.to_owned() } else { format!("{author}:{id}") }
}

fn hash(code: &str) -> String {
    let mut hash = Sha256::new();
    code.split_whitespace().for_each(|word| hash.update(word));
    let mut digest = hex::encode(hash.finalize());
    digest.truncate(16);
    digest
}

/// `databaseChangeLog: [{changeSet: {id: 1, author: a, changes: …}}]`
fn in_document(file: &SourceFile) -> Vec<ChangeSet> {
    let log = file.document().root().get("databaseChangeLog").map(Node::items).unwrap_or_default();
    let read = |entry: &KeyValue| {
        let of = |key| entry.value.get(key).and_then(Node::scalar).unwrap_or_default();
        ChangeSet {
            name: name(&of("author"), &of("id")),
            code: hash(&values(&entry.value).join("\n")),
            evidence: file.lines(entry.line, entry.value.end_line.max(entry.line)),
        }
    };
    log.iter().filter_map(|one| one.entry("changeSet")).map(read).collect()
}

/// Keys and values, wherever they stand.
fn values(node: &Node) -> Vec<String> {
    let below = node.entries().iter().flat_map(|entry| std::iter::once(entry.key.clone()).chain(values(&entry.value)));
    let items = node.items().iter().flat_map(values);
    node.scalar().into_iter().chain(below).chain(items).collect()
}

/// `--changeset author:id attributes`, up to the next.
fn in_sql(file: &SourceFile) -> Vec<ChangeSet> {
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| directive(line).and_then(|said| said.strip_prefix("changeset ")).map(str::to_owned);
    let starts: Vec<(usize, String)> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((at, begins(line)?))).collect();
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain(std::iter::once(lines.len()));
    let read = |((from, said), to): (&(usize, String), usize)| {
        let body = &lines[*from + 1..to];
        let code: Vec<&str> = body.iter().copied().filter(|line| !line.trim_start().starts_with("--")).collect();
        let last = (*from + 1..to).rev().find(|at| !lines[*at].trim().is_empty()).unwrap_or(*from);
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        ChangeSet {
            name: said.split_whitespace().next().unwrap_or_default().to_owned(),
            code: hash(&code.join("\n")),
            evidence: file.lines(number(*from), number(last)),
        }
    };
    starts.iter().zip(ends).map(read).collect()
}

/// What a comment tells Liquibase.
fn directive(line: &str) -> Option<&str> {
    line.trim().strip_prefix("--").map(str::trim)
}
