//! Tables of Liquibase change logs in XML, YAML and JSON, replayed from the logs that nobody includes: created,
//! renamed, dropped. SQL inside of them is not read; where it makes a table, that is said.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Document;

use crate::extract::table::tables::{Table, Tables};
use crate::tree::corpus::Corpus;
use crate::tree::document;
use crate::tree::document::xml::{line_in, with_xml};
use crate::tree::file::SourceFile;
use crate::tree::path::{folder_of, inside, normalise};

/// Logs that include logs.
const MAX_LOG_DEPTH: usize = 16;
const SAID_BY: &str = "liquibase change log";

/// One step of a log.
#[derive(Debug)]
enum Step {
    Create {
        name: String,
        columns: Vec<String>,
        lines: (u32, u32),
    },
    Rename {
        from: String,
        to: String,
        lines: (u32, u32),
    },
    Drop {
        name: String,
    },
    /// A log, and whether its path is relative to this one.
    Include {
        path: String,
        is_relative: bool,
    },
    IncludeAll {
        path: String,
        is_relative: bool,
    },
    Property {
        name: String,
        value: String,
    },
    /// SQL that makes a table.
    Sql {
        lines: (u32, u32),
    },
}

/// What stands at the end of all logs.
pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let mut logs: BTreeMap<&str, (&SourceFile, Vec<Step>)> = BTreeMap::new();
    for file in corpus.application() {
        if let Some(steps) = steps(file) {
            logs.insert(&file.path, (file, steps));
        }
    }
    let included: BTreeSet<&str> =
        logs.iter().flat_map(|(path, (_, steps))| steps.iter().flat_map(|step| targets(&logs, path, step))).collect();
    let mut replay =
        Replay { logs: &logs, seen: BTreeSet::new(), properties: BTreeMap::new(), live: BTreeMap::new(), tables };
    for path in logs.keys().copied().filter(|path| !included.contains(path)) {
        replay.log(path, 0);
    }
    let live = std::mem::take(&mut replay.live);
    tables.found.extend(live.into_values());
}

type Logs<'c> = BTreeMap<&'c str, (&'c SourceFile, Vec<Step>)>;

/// The logs that a step includes, in the order in which they are run.
fn targets<'c>(logs: &Logs<'c>, from: &str, step: &Step) -> Vec<&'c str> {
    let (path, is_relative, is_folder) = match step {
        Step::Include { path, is_relative } => (path, *is_relative, false),
        Step::IncludeAll { path, is_relative } => (path, *is_relative, true),
        _ => return Vec::new(),
    };
    let path = path.strip_prefix("classpath*:").or_else(|| path.strip_prefix("classpath:")).unwrap_or(path);
    let path = path.trim_start_matches("./").trim_matches('/');
    let wanted = normalise(&inside(if is_relative { folder_of(from) } else { "" }, path));
    if is_folder {
        let inside = format!("{wanted}/");
        let is_inside =
            |path: &&&str| path.starts_with(&inside) || (!is_relative && path.contains(&format!("/{inside}")));
        return logs.keys().filter(is_inside).copied().collect();
    }
    let exact = logs.get_key_value(wanted.as_str()).map(|(path, _)| *path);
    let ending = format!("/{wanted}");
    let mut fitting: Vec<&str> = logs.keys().filter(|path| !is_relative && path.ends_with(&ending)).copied().collect();
    let shared = |path: &str| path.bytes().zip(from.bytes()).take_while(|(left, right)| left == right).count();
    fitting.sort_by_key(|path| std::cmp::Reverse(shared(path)));
    exact.or_else(|| fitting.first().copied()).into_iter().collect()
}

struct Replay<'r, 'c> {
    logs: &'r Logs<'c>,
    seen: BTreeSet<&'c str>,
    properties: BTreeMap<String, String>,
    /// By the name in lower case: databases do not tell the cases apart.
    live: BTreeMap<String, Table>,
    tables: &'r mut Tables,
}

impl<'c> Replay<'_, 'c> {
    fn log(&mut self, path: &'c str, depth: usize) {
        if depth > MAX_LOG_DEPTH || !self.seen.insert(path) {
            return;
        }
        let logs = self.logs;
        let (file, steps) = &logs[path];
        for step in steps {
            match step {
                Step::Create { name, columns, lines } => match self.filled(name) {
                    Some(name) => {
                        let evidence = file.lines(lines.0, lines.1);
                        let table = Table { name: name.clone(), said_by: SAID_BY, columns: columns.clone(), evidence };
                        self.live.insert(name.to_lowercase(), table);
                    }
                    None => {
                        let reason = format!("the table `{name}` has a name that a parameter gives");
                        self.tables.unresolved(reason, file.lines(lines.0, lines.1));
                    }
                },
                Step::Rename { from, to, lines } => {
                    if let (Some(from), Some(to)) = (self.filled(from), self.filled(to))
                        && let Some(mut table) = self.live.remove(&from.to_lowercase())
                    {
                        table.evidence = file.lines(lines.0, lines.1);
                        table.name.clone_from(&to);
                        self.live.insert(to.to_lowercase(), table);
                    }
                }
                Step::Drop { name } => {
                    if let Some(name) = self.filled(name) {
                        self.live.remove(&name.to_lowercase());
                    }
                }
                Step::Property { name, value } => {
                    self.properties.entry(name.clone()).or_insert_with(|| value.clone());
                }
                Step::Sql { lines } => {
                    let reason = "SQL inside of a change log makes a table".to_owned();
                    self.tables.unresolved(reason, file.lines(lines.0, lines.1));
                }
                Step::Include { .. } | Step::IncludeAll { .. } => {
                    for target in targets(self.logs, path, step) {
                        self.log(target, depth + 1);
                    }
                }
            }
        }
    }

    fn filled(&self, text: &str) -> Option<String> {
        let mut out = text.to_owned();
        for _ in 0..MAX_LOG_DEPTH {
            let Some((before, after)) = out.split_once("${") else { return Some(out) };
            let (name, rest) = after.split_once('}')?;
            out = format!("{before}{}{rest}", self.properties.get(name)?);
        }
        None
    }
}

/// The steps of a file, if it is a change log.
fn steps(file: &SourceFile) -> Option<Vec<Step>> {
    let (_, ending) = file.name().rsplit_once('.')?;
    let holds = |word: &str| memchr_like(file.bytes(), word.as_bytes());
    match ending {
        "xml" if holds("<databaseChangeLog") || holds(":databaseChangeLog") => {
            with_xml(file, |document| xml(file, document))
        }
        "yaml" | "yml" | "json" if holds("databaseChangeLog") => {
            let list = file.document().root().get("databaseChangeLog")?;
            let mut out = Vec::new();
            list.items().iter().for_each(|item| structured(item, &mut out));
            Some(out)
        }
        _ => None,
    }
}

/// Whether the bytes hold a word; change logs say what they are near their start.
fn memchr_like(bytes: &[u8], word: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8_192)];
    head.windows(word.len()).any(|window| window == word)
}

fn qualified(schema: Option<&str>, name: &str) -> String {
    match schema.filter(|schema| !matches!(*schema, "" | "public" | "dbo") && !schema.contains("${")) {
        Some(schema) => format!("{schema}.{name}"),
        None => name.to_owned(),
    }
}

fn makes_table(sql: &str) -> bool {
    sql.to_ascii_lowercase().contains("create table")
}

/// What a log includes or sets.
fn setting(tag: &str, of: impl Fn(&str) -> String) -> Option<Step> {
    let is_relative = of("relativeToChangelogFile") == "true";
    match tag {
        "include" => Some(Step::Include { path: of("file"), is_relative }),
        "includeAll" => Some(Step::IncludeAll { path: of("path"), is_relative }),
        "property" => Some(Step::Property { name: of("name"), value: of("value") }),
        _ => None,
    }
}

/// What one change of a set does; `at` is the line of the name.
fn change(
    tag: &str,
    name: impl Fn(&str) -> String,
    (lines, at): ((u32, u32), u32),
    columns: impl Fn() -> Vec<String>,
    makes_table: impl Fn() -> bool,
) -> Option<Step> {
    match tag {
        "createTable" => Some(Step::Create { name: name("tableName"), columns: columns(), lines: (at, at) }),
        "renameTable" => Some(Step::Rename { from: name("oldTableName"), to: name("newTableName"), lines }),
        "dropTable" => Some(Step::Drop { name: name("tableName") }),
        "sql" if makes_table() => Some(Step::Sql { lines }),
        _ => None,
    }
}

fn xml(file: &SourceFile, document: &Document<'_>) -> Vec<Step> {
    let mut out = Vec::new();
    let line = |offset: usize| line_in(file, document, offset);
    for top in document.root_element().children().filter(roxmltree::Node::is_element) {
        let tag = top.tag_name().name();
        out.extend(setting(tag, |key| top.attribute(key).unwrap_or_default().to_owned()));
        for one in top.children().filter(|one| one.is_element() && tag == "changeSet") {
            let lines = (line(one.range().start), line(one.range().end));
            let name = |key: &str| qualified(one.attribute("schemaName"), one.attribute(key).unwrap_or_default());
            let columns = || {
                let columns = one.children().filter(|child| child.tag_name().name() == "column");
                columns.filter_map(|column| column.attribute("name").map(str::to_owned)).collect()
            };
            let is_sql = || one.text().is_some_and(makes_table);
            out.extend(change(one.tag_name().name(), name, (lines, lines.0), columns, is_sql));
        }
    }
    out
}

fn structured(item: &document::Node, out: &mut Vec<Step>) {
    let text = |node: &document::Node, key: &str| node.get(key).and_then(document::Node::scalar).unwrap_or_default();
    for top in item.entries() {
        out.extend(setting(&top.key, |key| text(&top.value, key)));
        let changes = top.value.get("changes").filter(|_| top.key == "changeSet");
        let changes = changes.map(document::Node::items).unwrap_or_default();
        for one in changes.iter().flat_map(document::Node::entries) {
            let schema = one.value.get("schemaName").and_then(document::Node::as_str);
            let lines = (one.line, one.value.end_line.max(one.line));
            let at = one.value.entry("tableName").map_or(one.line, |entry| entry.line);
            let columns = || {
                let columns = one.value.get("columns").map(document::Node::items).unwrap_or_default();
                columns.iter().filter_map(|column| column.at(&["column", "name"])?.scalar()).collect()
            };
            let is_sql = || makes_table(&text(&one.value, "sql"));
            out.extend(change(&one.key, |key| qualified(schema, &text(&one.value, key)), (lines, at), columns, is_sql));
        }
    }
}
