//! Tables of Go's object mappers: GORM, XORM, bun, go-pg and ent. What they share: the structs of the tree with
//! their tags, `TableName` methods, and the places that name structs as models.

mod ent;
mod gorm;
mod tagged;
mod xorm;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use crate::extract::table::tables::{Table, Tables};
use crate::lang::go::{self, children, declared, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{go_text, text};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Texts one of which stands in every file that matters to a mapper; structs elsewhere are no models.
const PATTERNS: [&str; 12] = [
    "gorm:\"",
    "gorm.Model",
    "AutoMigrate(",
    "TableName()",
    "xorm:\"",
    ".Sync2(",
    ".Sync(",
    "bun:\"",
    "pg:\"",
    "ent.Schema",
    "NamingStrategy",
    "GonicMapper",
];

/// A struct and where it stands: folder and name.
type Key = (String, String);

struct Field {
    name: String,
    tag: String,
    /// The type's name without package, pointer and list.
    of: String,
    is_embedded: bool,
}

struct Struct {
    fields: Vec<Field>,
    evidence: Evidence,
}

/// What a `TableName` method says.
enum Named {
    Known(String, Evidence),
    Computed(Evidence),
}

/// Everything that was read of the program.
#[derive(Default)]
struct Models {
    structs: BTreeMap<Key, Struct>,
    named: BTreeMap<Key, Named>,
    /// Structs that are handed to a call that makes tables, or stand in a list of models.
    migrated: BTreeSet<Key>,
    listed: BTreeSet<Key>,
    /// A call that makes tables was given something that could not be read.
    is_open: bool,
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let files = prefilter::files_that_hold(corpus, Family::Go, &PATTERNS);
    let holds = |what: &str| files.iter().any(|file| file.text().contains(what));
    let mappers = ["gorm:\"", "gorm.Model", "AutoMigrate(", "xorm:\"", "bun:\"", "pg:\""];
    if mappers.iter().any(|mapper| holds(mapper)) {
        let models = models(corpus, &files);
        gorm::read(corpus, &models, &files, tables);
        xorm::read(&models, &files, tables);
        tagged::read(&models, tables);
    }
    ent::read(&files, tables);
}

fn models(corpus: &Corpus, files: &[&SourceFile]) -> Models {
    let mut models = Models::default();
    let constants = constants(files);
    let folders: BTreeSet<&str> = files.iter().map(|file| file.folder()).collect();
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let pieces = prefilter::pieces_with(corpus, Family::Go, &PATTERNS).into_iter();
    for (file, parsed) in pieces.filter(|(file, _)| paths.contains(file.path.as_str())) {
        for node in children(parsed.tree.root_node()) {
            match node.kind() {
                "type_declaration" => structs(file, node, &mut models),
                "method_declaration" => named(file, node, &constants, &mut models),
                _ => {}
            }
        }
    }
    // Lists of models may stand in files without any of the patterns.
    let names: BTreeSet<String> = models.structs.keys().map(|(_, name)| name.clone()).collect();
    let lists = prefilter::pieces_with(
        corpus,
        Family::Go,
        &[
            "[]interface{}{",
            "[]any{",
            "append(",
            "AutoMigrate(",
            "Sync2(",
            "Sync(",
            "]interface{}{",
            "]any{",
            "Tables{",
            "CreateTable(",
            "RegisterModel",
        ],
    );
    for (file, parsed) in lists {
        uses(file, parsed.tree.root_node(), &folders, &names, &mut models);
    }
    // A migration keeps the shape that a table had once.
    let is_now = |key: &Key| !key.0.rsplit('/').next().is_some_and(|folder| folder.starts_with("migration"));
    for keys in [&mut models.migrated, &mut models.listed] {
        if keys.iter().any(is_now) {
            keys.retain(is_now);
        }
    }
    models
}

fn bare(of: &str) -> &str {
    let of = of.trim_start_matches(['*', '[', ']', '&']);
    of.rsplit('.').next().unwrap_or(of).split(['[', '{', '(']).next().unwrap_or_default()
}

fn structs(file: &SourceFile, declaration: Node<'_>, models: &mut Models) {
    let bytes = file.bytes();
    for spec in children(declaration) {
        let (Some(name), Some(of)) = (spec.field("name"), spec.field("type")) else { continue };
        if of.kind() != "struct_type" {
            continue;
        }
        let mut fields = Vec::new();
        for field in go::fields(of) {
            let of = field.field_text("type", bytes);
            let own = field.field("name").map(|name| text(name, bytes).to_owned());
            let tag = field.field("tag").and_then(|tag| go_text(tag, bytes)).unwrap_or_default();
            let is_embedded = own.is_none();
            let whole = of.trim_start_matches('*').to_owned();
            fields.push(Field { name: own.unwrap_or(whole), tag, of: bare(of).to_owned(), is_embedded });
        }
        let evidence = file.first_line_of(spec);
        let key = (file.folder().to_owned(), text(name, bytes).to_owned());
        models.structs.entry(key).or_insert(Struct { fields, evidence });
    }
}

fn named(file: &SourceFile, method: Node<'_>, constants: &BTreeMap<Key, String>, models: &mut Models) {
    let bytes = file.bytes();
    if method.field("name").is_none_or(|name| text(name, bytes) != "TableName") {
        return;
    }
    let receiver = method.field("receiver").and_then(|list| children(list).into_iter().next());
    let Some(of) = receiver.and_then(|receiver| receiver.field("type")) else { return };
    let key = (file.folder().to_owned(), bare(text(of, bytes)).to_owned());
    let evidence = file.lines_of_at_most(method, 4);
    let body = method.field("body").map(children).unwrap_or_default();
    let statements: Vec<Node<'_>> = body
        .into_iter()
        .flat_map(|list| if list.kind() == "statement_list" { children(list) } else { vec![list] })
        .collect();
    let value = match statements.as_slice() {
        [only] if only.kind() == "return_statement" => {
            children(*only).into_iter().flat_map(children).next().and_then(|value| match value.kind() {
                "identifier" => constants.get(&(file.folder().to_owned(), text(value, bytes).to_owned())).cloned(),
                _ => go_text(value, bytes),
            })
        }
        _ => None,
    };
    models.named.insert(key, value.map_or(Named::Computed(evidence.clone()), |name| Named::Known(name, evidence)));
}

/// The texts of package-level constants and variables.
fn constants(files: &[&SourceFile]) -> BTreeMap<Key, String> {
    let known = |file: &&SourceFile| {
        let (folder, bytes) = (file.folder(), file.bytes());
        let texts = declared(file).filter_map(move |(name, value)| Some((name, go_text(value, bytes)?)));
        texts.map(move |(name, value)| ((folder.to_owned(), name.to_owned()), value)).collect::<Vec<_>>()
    };
    files.iter().flat_map(known).collect()
}

/// Where structs are handed over as models.
fn uses(file: &SourceFile, root: Node<'_>, folders: &BTreeSet<&str>, names: &BTreeSet<String>, models: &mut Models) {
    let bytes = file.bytes();
    for node in preorder(root) {
        match node.kind() {
            "call_expression" => {
                let last = node.field_text("function", bytes).rsplit('.').next().unwrap_or_default();
                let is_migration = matches!(last, "AutoMigrate" | "Sync" | "Sync2" | "CreateTable");
                if is_migration || last == "append" || last.starts_with("RegisterModel") {
                    for argument in go::arguments(node) {
                        match model(file, argument, folders, names, models) {
                            Some(key) if is_migration => drop(models.migrated.insert(key)),
                            Some(key) => drop(models.listed.insert(key)),
                            None => models.is_open |= is_migration,
                        }
                    }
                }
            }
            "literal_value" if is_list_of_anything(node, bytes) => {
                for element in children(node) {
                    let value = match element.kind() {
                        "keyed_element" => element.field("value"),
                        _ => Some(element),
                    };
                    let inner = value.and_then(|value| children(value).into_iter().next());
                    if let Some(key) = inner.and_then(|inner| model(file, inner, folders, names, models)) {
                        models.listed.insert(key);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a literal is one that models of different types are kept in: other literals hold them for other reasons.
fn is_list_of_anything(literal: Node<'_>, bytes: &[u8]) -> bool {
    let of = literal.parent().and_then(|whole| whole.field("type")).map_or("", |of| text(of, bytes));
    ["interface{}", "]any", "Tables"].iter().any(|end| of.ends_with(end))
}

/// `&T{}`, `&p.T{}`, `new(T)`, `T{}`, `(*T)(nil)` of a known struct.
fn model(
    file: &SourceFile,
    node: Node<'_>,
    folders: &BTreeSet<&str>,
    names: &BTreeSet<String>,
    models: &Models,
) -> Option<Key> {
    let written = text(node, file.bytes());
    let inner = written.strip_prefix('&').unwrap_or(written);
    let of = inner
        .strip_suffix("{}")
        .or_else(|| inner.strip_prefix("new(").and_then(|inner| inner.strip_suffix(')')))
        .or_else(|| inner.strip_prefix("(*").and_then(|inner| inner.strip_suffix(")(nil)")))?;
    if of.contains(|letter: char| !letter.is_alphanumeric() && letter != '.' && letter != '_') {
        return None;
    }
    let (package, name) = of.rsplit_once('.').map_or((None, of), |(package, name)| (Some(package), name));
    if !names.contains(name) {
        return None;
    }
    let own = (file.folder().to_owned(), name.to_owned());
    match package {
        None => models.structs.contains_key(&own).then_some(own),
        Some(package) => {
            // The alias of an import may differ from the folder; then any struct of the name is meant if it is the only one.
            let of = |folder: &&&str| folder.rsplit('/').next() == Some(package);
            let key = |folder: &&str| ((**folder).to_owned(), name.to_owned());
            let near = folders.iter().filter(of).map(key).find(|key| models.structs.contains_key(key));
            near.or_else(|| {
                let mut all = folders.iter().map(key).filter(|key| models.structs.contains_key(key));
                all.next().filter(|_| all.next().is_none())
            })
        }
    }
}

/// State a table.
fn push(tables: &mut Tables, name: String, said_by: &'static str, evidence: Evidence) {
    tables.found.push(Table { name, said_by, columns: Vec::new(), evidence });
}

/// The value of a key in a struct tag.
fn tag<'t>(raw: &'t str, key: &str) -> Option<&'t str> {
    let start = format!("{key}:\"");
    let at = raw
        .match_indices(start.as_str())
        .map(|(at, _)| at)
        .find(|at| *at == 0 || raw[..*at].ends_with([' ', '\t', '\n']))?;
    raw[at + start.len()..].split('"').next()
}
