//! Tables that programs make: SQL in literals and the calls of migration tools, in the order of the text. Files of a
//! folder of migrations are one sequence, any other file is one of its own. Functions that take changes back, test
//! modules and pages with markup are left out.

pub(super) mod alembic;
mod builder;
mod literal;
mod sea_query;

use aho_corasick::AhoCorasick;
use tree_sitter::Node;

use self::sea_query::Idens;
use super::order;
use super::sql::{self, Origin};
use super::step::Step;
use crate::extract::table::step::{Script, ScriptKind};
use crate::lang::constant::Constants;
use crate::lang::declarations::Declarations;
use crate::syntax::grammar::{Family, Language};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// Texts without which a file makes no table; in any case of letters.
const PATTERNS: &[&str] = &[
    "create table",
    "create virtual table",
    "create unlogged table",
    "drop table",
    "rename to",
    "rename table",
    "createtable",
    "create_table",
    "renametable",
    "rename_table",
    "droptable",
    "drop_table",
    "renameto(",
    "table::create(",
    "table::drop(",
    "table::rename(",
];

/// Every program that makes tables, with the sequence that it belongs to.
pub(super) fn scripts(corpus: &Corpus) -> Vec<Script<'_>> {
    let search = AhoCorasick::builder().ascii_case_insensitive(true).build(PATTERNS);
    let search = search.expect("a dozen short literals are far below the automaton's limits");
    // Flask's programs have a file of that name too.
    let is_django = corpus
        .application()
        .any(|file| file.name() == "manage.py" && file.text().to_ascii_lowercase().contains("django"));
    // Django makes its tables by models and migrations; SQL elsewhere is for databases beside that. xorm makes them
    // from structs, and SQL only moves rows there.
    let is_aside = |file: &SourceFile| {
        (is_django && file.path.ends_with(".py") && !file.holds("migrations.Migration"))
            || (file.path.ends_with(".go") && (file.holds("xorm.io/") || file.holds("/xormigrate")))
    };
    let wanted: Vec<&SourceFile> = corpus.application().filter(|file| is_read(&file.path)).collect();
    let wanted = deal::filter(wanted, |file| search.is_match(file.bytes()) && !is_aside(file));
    let declarations = Declarations::new(corpus);
    let idens = Idens::new(corpus);
    deal::map(wanted, |file| {
        let (place, kind) = place(file);
        Script { file, place, kind, steps: steps(file, &Constants::new(&declarations), &idens) }
    })
}

fn is_read(path: &str) -> bool {
    // Pages show SQL to people; ActiveRecord's migrations have a reader of their own.
    !path.ends_with(".tsx")
        && !path.ends_with(".jsx")
        && Language::of_path(path).is_some_and(|language| language.family() != Family::Ruby)
}

/// The sequence that a file belongs to.
fn place(file: &SourceFile) -> (String, ScriptKind) {
    if let Some(root) = order::root(&file.path) {
        return (root.to_owned(), ScriptKind::Migration);
    }
    if order::is_versioned(file.name()) {
        return (file.folder().to_owned(), ScriptKind::Migration);
    }
    (file.path.clone(), ScriptKind::Code)
}

/// Names of functions, fields and constants that take changes back or throw everything away.
const TAKES_BACK: &[&str] = &[
    "down",
    "ondowngrade",
    "onupgrade",
    "rollback",
    "revert",
    "undo",
    "safedown",
    "reverse",
    "drop",
    "reset",
    "clean",
    "clear",
    "delete",
    "destroy",
    "truncate",
    "uninstall",
    "teardown",
    "tear_down",
    "wipe",
    "purge",
    "nuke",
    "remove",
    "test",
];

/// Whether a node declares something of such a name.
fn takes_back(node: Node<'_>, bytes: &[u8]) -> bool {
    let field = match node.kind() {
        "function_declaration"
        | "function_definition"
        | "function_item"
        | "method_definition"
        | "method_declaration"
        | "const_spec"
        | "const_item"
        | "static_item"
        | "mod_item"
        | "field_definition"
        | "public_field_definition"
        | "keyword_argument"
        | "class_definition" => "name",
        "variable_declarator" => {
            let value = node.field("value");
            if value.is_some_and(|value| matches!(value.kind(), "await_expression" | "call_expression")) {
                return false;
            }
            "name"
        }
        "pair" => "key",
        "assignment_expression" | "assignment" => "left",
        "keyed_element" => {
            return node.named_child(0).is_some_and(|key| is_back(text(key, bytes)));
        }
        _ => return false,
    };
    node.field(field).is_some_and(|name| is_back(text(name, bytes)))
}

fn is_back(name: &str) -> bool {
    let name = name.rsplit(['.', ':']).next().unwrap_or(name).trim_matches(['"', '\'']).to_ascii_lowercase();
    let name = name.trim_start_matches('_');
    let ends = ["_down", "downsql", "_rollback", "rollbacksql", "downgrades"];
    TAKES_BACK.iter().any(|start| name.starts_with(start)) || ends.iter().any(|end| name.ends_with(end))
}

/// Every change of a file, in the order of its text.
fn steps(file: &SourceFile, constants: &Constants<'_>, idens: &Idens) -> Vec<Step> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let bytes = file.bytes();
    let family = parsed.language.family();
    let mut out = Vec::new();
    let mut open = vec![parsed.tree.root_node()];
    while let Some(node) = open.pop() {
        if takes_back(node, bytes) || node.kind() == "comment" {
            continue;
        }
        if literal::is_text(node, bytes) {
            sql_steps(file, constants, node, &mut out);
            continue;
        }
        match (family, node.kind()) {
            (Family::Script, "call_expression") => out.extend(builder::step(file, constants, node)),
            (Family::Rust, "call_expression") => out.extend(sea_query::step(file, idens, node)),
            (Family::Python, "call") => out.extend(alembic::step(file, constants, node)),
            _ => {}
        }
        open.extend(node.inner());
    }
    out.sort_by_key(|step| step.range.start);
    out
}

fn sql_steps(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>, out: &mut Vec<Step>) {
    // Most literals of a file are short and none of SQL.
    if node.byte_range().len() < 12 {
        return;
    }
    let joined = literal::join(file, constants, node);
    let holds = |word: &[u8]| joined.bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    if !holds(b"table") {
        return;
    }
    for step in sql::steps(&joined.bytes, Origin::Literal) {
        out.push(Step { range: joined.source(&step.range), ..step });
    }
}
