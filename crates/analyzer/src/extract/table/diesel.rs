//! Diesel's `table!` declarations. `diesel print-schema` marks its file as generated; it is still what the program
//! believes its tables to be, so files that carry Diesel's own mark are read although they are of that class.

use tree_sitter::Node;

use crate::extract::table::tables::qualified;
use crate::extract::table::tables::{Table, Tables};
use crate::lang::rust::attribute::{attributed, literal, split};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::syntax::tests_in_file::is_for_tests;
use crate::tree::corpus::Corpus;
use crate::tree::file::{PathClass, SourceFile};

/// Modules inside modules.
const MAX_MODULE_DEPTH: usize = 12;

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let (declares, mark) = (prefilter::automaton(&["table!"]), prefilter::automaton(&["Diesel CLI"]));
    let is_read = |file: &&SourceFile| match file.class {
        PathClass::Application => file.path.ends_with(".rs") && declares.is_match(file.bytes()),
        PathClass::Generated => {
            let head = &file.bytes()[..file.bytes().len().min(200)];
            file.path.ends_with(".rs") && mark.is_match(head) && declares.is_match(file.bytes())
        }
        PathClass::Test | PathClass::Example | PathClass::Vendored => false,
    };
    for file in corpus.files().iter().filter(is_read) {
        if let Some(parsed) = file.syntax() {
            declarations(file, parsed.tree.root_node(), 0, tables);
        }
    }
}

fn declarations(file: &SourceFile, node: Node<'_>, depth: usize, tables: &mut Tables) {
    if depth > MAX_MODULE_DEPTH {
        return;
    }
    let bytes = file.bytes();
    for (child, above) in attributed(node) {
        if above.iter().any(|one| is_for_tests(text(*one, bytes))) {
            continue;
        }
        match child.kind() {
            "macro_invocation" if matches!(child.field_text("macro", bytes), "table" | "diesel::table") => {
                declaration(file, child, tables);
            }
            "mod_item" | "declaration_list" | "expression_statement" => {
                declarations(file, child, depth + 1, tables);
            }
            _ => {}
        }
    }
}

/// `table! { use …; #[sql_name = "x"] schema.name (key) { column -> Type, } }`
fn declaration(file: &SourceFile, call: Node<'_>, tables: &mut Tables) {
    let bytes = file.bytes();
    let Some(tree) = call.inner_of("token_tree") else { return };
    let mut words: Vec<Node<'_>> = Vec::new();
    let mut body = None;
    let mut inner = tree.walk();
    let mut sql_name = None;
    let mut is_attribute = false;
    for part in tree.children(&mut inner) {
        match (part.kind(), text(part, bytes)) {
            ("line_comment" | "block_comment", _) => {}
            ("token_tree", attribute) if is_attribute => {
                is_attribute = false;
                sql_name = named(attribute).or(sql_name);
            }
            ("token_tree", own) if own.starts_with('{') && !words.is_empty() => {
                body = Some(part);
                break;
            }
            // A `use` ends here; what stood before it names no table.
            (_, ";") => words.clear(),
            (_, "#") => is_attribute = true,
            ("identifier", _) => words.push(part),
            _ => {}
        }
    }
    let (Some(last), Some(body)) = (words.last(), body) else { return };
    // Postgres's own catalogue.
    if text(*last, bytes).starts_with("pg_") {
        return;
    }
    let own = sql_name.unwrap_or_else(|| text(*last, bytes).to_owned());
    let schema = words.len().checked_sub(2).map(|at| text(words[at], bytes));
    let name = qualified(schema.filter(|schema| *schema != "public"), &own);
    let evidence = file.lines(words.first().unwrap_or(last).first_line(), last.first_line());
    tables.found.push(Table { name, said_by: "diesel schema", columns: columns(text(body, bytes)), evidence });
}

/// The text in `[sql_name = "x"]`.
fn named(attribute: &str) -> Option<String> {
    let (key, value) = attribute.trim_matches(['[', ']']).split_once('=')?;
    (key.trim() == "sql_name").then(|| literal(value)).flatten()
}

fn columns(body: &str) -> Vec<String> {
    let inner = body.trim_start_matches('{').trim_end_matches('}');
    let plain: String =
        inner.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let column =
        |part: &&str| {
            let (left, _) = part.split_once("->")?;
            let renamed =
                left.split("#[").skip(1).find_map(|rest| named(rest.split_once(']').map_or(rest, |(own, _)| own)));
            Some(renamed.unwrap_or_else(|| {
                left.rsplit([']', ' ', '\n']).find(|word| !word.is_empty()).unwrap_or("").to_owned()
            }))
        };
    let parts = split(&plain);
    parts.iter().filter_map(column).filter(|name| !name.is_empty()).collect()
}
