//! The matcher beside tree-sitter's own, which says what the query language means.

use std::collections::BTreeSet;
use std::path::Path;

use tree_sitter::{Query, QueryCursor, StreamingIterator as _};

use super::compile::PatternTable;
use super::{Purpose, found, query, roles};
use crate::syntax::grammar::Language;
use crate::syntax::parse::{self, Parsed};

const LANGUAGES: [Language; 10] = [
    Language::JavaScript,
    Language::TypeScript,
    Language::Tsx,
    Language::Python,
    Language::Rust,
    Language::Go,
    Language::Java,
    Language::CSharp,
    Language::Ruby,
    Language::Php,
];

/// A match as something that can be compared: the pattern, and each capture's name, kind and place.
type Shown = (usize, Vec<(String, String, usize, usize)>);

fn ours(table: &'static PatternTable, parsed: &Parsed, bytes: &[u8]) -> Vec<Shown> {
    let found = found(table, parsed.tree.root_node(), bytes);
    let mut shown: Vec<Shown> = found
        .iter()
        .map(|(pattern, captures)| {
            let captures = captures
                .iter()
                .map(|(name, node)| (name.to_string(), node.kind().to_owned(), node.start_byte(), node.end_byte()));
            (*pattern, captures.collect())
        })
        .collect();
    shown.iter_mut().for_each(|(_, captures)| captures.sort());
    shown.sort();
    shown
}

fn theirs(source: &str, parsed: &Parsed, bytes: &[u8]) -> Vec<Shown> {
    let query = Query::new(&parsed.language.grammar(), source).unwrap();
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&query, parsed.tree.root_node(), bytes);
    let mut shown = Vec::new();
    while let Some(one) = matches.next() {
        let name = |index: u32| query.capture_names()[index as usize].to_owned();
        let captures = one.captures().iter();
        let captures =
            captures.map(|c| (name(c.index), c.node.kind().to_owned(), c.node.start_byte(), c.node.end_byte()));
        let mut captures: Vec<_> = captures.collect();
        captures.sort();
        shown.push((one.pattern_index, captures));
    }
    shown.sort();
    shown
}

/// Every file with a grammar below a folder of this repository.
fn files(folder: &Path, out: &mut Vec<(Parsed, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if let Some(language) = Language::of_path(path.to_str().unwrap()) {
            let bytes = std::fs::read(&path).unwrap();
            if let Ok(parsed) = parse::parse(language, &bytes) {
                out.push((parsed, bytes));
            }
        }
    }
}

fn repository() -> Vec<(Parsed, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    files(&root.join("tests/fixtures"), &mut out);
    files(&root.join("src"), &mut out);
    files(&root.join("../../web"), &mut out);
    assert!(out.len() > 100, "the corpus is not where it was: {} files", out.len());
    out
}

#[test]
fn every_query_of_the_tree_compiles_for_its_grammars() {
    let mut patterns = 0;
    for language in LANGUAGES {
        for purpose in [Purpose::Program, Purpose::EnvVar] {
            let Some(table) = query(language, purpose) else { continue };
            Query::new(&language.grammar(), table.source).unwrap();
            patterns += table.patterns.len();
            if purpose == Purpose::Program {
                let named = |pattern: &super::compile::Pattern| {
                    pattern.shapes.iter().all(|shape| shape.captures.iter().any(|name| name.starts_with("is.")))
                };
                assert!(table.patterns.iter().all(named), "each pattern of {language:?} gives its node a role");
            }
        }
    }
    assert!(patterns > 200, "{patterns}");
}

#[test]
fn on_every_file_of_this_repository_the_matches_are_those_of_tree_sitter() {
    let mut matches = 0;
    for (parsed, bytes) in &repository() {
        for purpose in [Purpose::Program, Purpose::EnvVar] {
            let Some(table) = query(parsed.language, purpose) else { continue };
            let (ours, theirs) = (ours(table, parsed, bytes), theirs(table.source, parsed, bytes));
            // Said by hand: a whole file of matches is no message.
            let differs = ours.iter().zip(&theirs).find(|(one, other)| one != other);
            assert!(ours == theirs, "{:?} {purpose:?}: {differs:?}", parsed.language);
            matches += ours.len();
        }
    }
    assert!(matches > 10_000, "{matches}");
}

#[test]
fn a_node_takes_the_role_of_the_first_pattern_that_matches_it() {
    for (parsed, bytes) in repository().iter().filter(|(parsed, _)| query(parsed.language, Purpose::Program).is_some())
    {
        let table = query(parsed.language, Purpose::Program).unwrap();
        let query = Query::new(&parsed.language.grammar(), table.source).unwrap();
        let mut cursor = QueryCursor::new();
        let mut matches = cursor.matches(&query, parsed.tree.root_node(), bytes.as_slice());
        let mut expected = std::collections::BTreeMap::new();
        while let Some(one) = matches.next() {
            let names = query.capture_names();
            let is = one.captures().iter().find(|c| names[c.index as usize].starts_with("is.")).unwrap();
            let known = expected.entry(is.node.id()).or_insert((one.pattern_index, is.node));
            if one.pattern_index < known.0 {
                *known = (one.pattern_index, is.node);
            }
        }
        let mut roles = roles(parsed, bytes);
        for (pattern, node) in expected.values() {
            let name = &table.patterns[*pattern].shapes[0].captures[0][3..];
            assert_eq!(roles.name(*node), Some(name), "{:?} {}", parsed.language, node.kind());
            assert_eq!(roles.get(*node).unwrap().name, name);
        }
    }
}

/// Forms that a query file may use, whether or not one does today, each on a text with traps for it.
#[test]
fn every_form_of_the_query_language_means_what_it_means_in_tree_sitter() {
    const CALLS: &str = "f(a, /* c */ b, c); f(); f(/* only */); f(a); g('x', 'y', { k: 1, l: 2 }, 'z', ...r);
        new X; new X(1); new X(1, 2); [1, 'a', , 'b']; f(a)(b); class A { @D() m() {} @E() @F() static n = 1 }
        if (a) { b } else { c } x = a + b || c; import d, { e as f, g } from 'h'; f( ; ) } g(1";
    const QUERIES: &[&str] = &[
        "(arguments (_) @x) @y",
        "(arguments . (_) @x) @y",
        "(arguments (_) @x .) @y",
        "(arguments . (_) @x .) @y",
        "(arguments (_) @x (_) @y)",
        "(arguments (_) @x . (_) @y)",
        "(arguments (identifier) @x . (identifier) @y .)",
        "(arguments . (string) @x . (string) @y (string) @z)",
        "(arguments (string) (string)) @x",
        "(arguments (string)) @x",
        "(arguments (string) (_) @y) @x",
        "(call_expression function: [(identifier) (call_expression)] @f arguments: (arguments) @a)",
        "[(string) (number)] @x",
        "[(string) @s (number) @n]",
        "(arguments [(string) @s (identifier) @i])",
        "(call_expression (arguments (object (pair key: (_) @k value: (_) @v)))) @call",
        "(new_expression constructor: (_) @c arguments: (arguments)? @a) @new",
        "(new_expression constructor: (_) @c arguments: (arguments (_)? @first)) @new",
        "(class_body (method_definition decorator: (decorator) @d name: (_) @n)) @c",
        "(class_body (field_definition decorator: (decorator) @d (_)? @n)) @c",
        "(binary_expression operator: \"+\") @x",
        "(binary_expression left: (_) @l operator: [\"||\" \"+\"] @o right: (_) @r)",
        "\"if\" @x",
        "(arguments \"(\" . (_) @x)",
        "(_ (string) @s) @x",
        "(array (_) @x) @a",
        "((call_expression function: (_) @f) @c (#eq? @f \"f\"))",
        "((call_expression function: (_) @f) @c (#any-of? @f \"f\" \"new\" \"g\") (#set! a b) (#set! c \"d e\"))",
        "((arguments (_) @a (_) @b) (#eq? @a @b))",
        "([(string) (number)] @x (#any-of? @x \"'x'\" \"1\"))",
        "(import_specifier name: (_) @n alias: (_)? @a)",
        "(_) @every",
    ];
    for language in [Language::JavaScript, Language::TypeScript, Language::Tsx] {
        let parsed = parse::parse(language, CALLS.as_bytes()).unwrap();
        for source in QUERIES.iter().filter(|source| Query::new(&language.grammar(), source).is_ok()) {
            let table: &'static PatternTable =
                Box::leak(Box::new(PatternTable::compile(&language.grammar(), source).unwrap()));
            let ours = ours(table, &parsed, CALLS.as_bytes());
            assert_eq!(ours, theirs(source, &parsed, CALLS.as_bytes()), "{source}");
            // In TypeScript the decorators stand beside the member.
            let may_be_empty = language != Language::JavaScript && source.contains("decorator");
            assert!(!ours.is_empty() || may_be_empty || source.contains("#eq? @a @b"), "{source} matches nothing");
        }
    }
}

#[test]
fn a_query_file_that_asks_for_something_else_is_refused() {
    let refused = [
        ("(no_such_kind) @x", "no node `no_such_kind`"),
        ("(call_expression callee: (_) @x)", "no field `callee`"),
        ("(arguments \"no such token\")", "no node `no such token`"),
        ("(expression) @x", "stands for several kinds"),
        ("(arguments (_)* @x)", "`*` is not known"),
        ("(arguments (_)+ @x)", "`+` is not known"),
        ("(arguments !name)", "`!` is not known"),
        ("((string) @a . (string) @b)", "was expected"),
        ("((string) @a (#match? @a \"^x\"))", "`#match?` is not known"),
        ("(arguments . )", "an anchor without a child"),
        ("(arguments . (_)? @x (_) @y)", "an anchor beside an optional child"),
        ("(arguments (_)", "a node was expected"),
    ];
    let grammar = Language::JavaScript.grammar();
    let mut seen = BTreeSet::new();
    for (source, reason) in refused {
        let error = PatternTable::compile(&grammar, source).unwrap_err();
        assert!(error.contains(reason), "{source}: {error}");
        seen.insert(error);
    }
    assert_eq!(seen.len(), refused.len());
}

#[test]
fn two_holes_in_a_list_of_a_hundred_thousand_end() {
    let text = format!("f({})", "a,\n".repeat(100_000));
    let parsed = parse::parse(Language::JavaScript, text.as_bytes()).unwrap();
    let grammar = Language::JavaScript.grammar();
    let table = PatternTable::compile(&grammar, "(arguments (_) (string) @y)").unwrap();
    let table: &'static PatternTable = Box::leak(Box::new(table));
    assert!(found(table, parsed.tree.root_node(), text.as_bytes()).is_empty());
}
