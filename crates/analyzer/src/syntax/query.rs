//! The queries that are kept as data under `queries/`, compiled once per grammar. Tree-sitter's own compiler
//! analyzes every grammar rule that a pattern could meet, which takes longer than reading most repositories; this
//! one looks the names up and no more, and matches node by node. A test holds the two side by side.

mod compile;
mod reader;
mod run;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use tree_sitter::Node;

use self::compile::PatternTable;
use self::run::{Captures, Matcher};
use super::grammar::Language;
use super::parse::Parsed;

/// What a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The roles of nodes in the program model.
    Program,
    /// Places that read an environment variable.
    EnvVar,
}

const JAVASCRIPT_PROGRAM: &str =
    concat!(include_str!("../queries/javascript/program.scm"), include_str!("../queries/javascript/field.scm"));
const TYPESCRIPT_PROGRAM: &str =
    concat!(include_str!("../queries/javascript/program.scm"), include_str!("../queries/typescript/program.scm"));
const PYTHON_PROGRAM: &str = include_str!("../queries/python/program.scm");
const RUST_PROGRAM: &str = include_str!("../queries/rust/program.scm");
const JAVASCRIPT_ENV: &str = include_str!("../queries/javascript/env_var.scm");
const PYTHON_ENV: &str = include_str!("../queries/python/env_var.scm");
const RUST_ENV: &str = include_str!("../queries/rust/env_var.scm");
const GO_PROGRAM: &str = include_str!("../queries/go/program.scm");
const GO_ENV: &str = include_str!("../queries/go/env_var.scm");
const JAVA_ENV: &str = include_str!("../queries/java/env_var.scm");
const CSHARP_ENV: &str = include_str!("../queries/csharp/env_var.scm");
const RUBY_ENV: &str = include_str!("../queries/ruby/env_var.scm");
const PHP_ENV: &str = include_str!("../queries/php/env_var.scm");

macro_rules! compiled {
    ($($name:ident = $language:ident, $source:ident;)*) => {
        $(static $name: LazyLock<PatternTable> = LazyLock::new(|| compile(Language::$language, $source));)*
    };
}

compiled! {
    PROGRAM_JS = JavaScript, JAVASCRIPT_PROGRAM;
    PROGRAM_TS = TypeScript, TYPESCRIPT_PROGRAM;
    PROGRAM_TSX = Tsx, TYPESCRIPT_PROGRAM;
    PROGRAM_PY = Python, PYTHON_PROGRAM;
    PROGRAM_RS = Rust, RUST_PROGRAM;
    PROGRAM_GO = Go, GO_PROGRAM;
    ENV_JS = JavaScript, JAVASCRIPT_ENV;
    ENV_TS = TypeScript, JAVASCRIPT_ENV;
    ENV_TSX = Tsx, JAVASCRIPT_ENV;
    ENV_PY = Python, PYTHON_ENV;
    ENV_RS = Rust, RUST_ENV;
    ENV_GO = Go, GO_ENV;
    ENV_JAVA = Java, JAVA_ENV;
    ENV_CS = CSharp, CSHARP_ENV;
    ENV_RB = Ruby, RUBY_ENV;
    ENV_PHP = Php, PHP_ENV;
}

fn compile(language: Language, source: &'static str) -> PatternTable {
    PatternTable::compile(&language.grammar(), source).expect("the queries in the tree are compiled by a test")
}

/// The query of a language for a purpose; languages that are not traced have no program model.
fn query(language: Language, purpose: Purpose) -> Option<&'static PatternTable> {
    let query: &'static PatternTable = match (purpose, language) {
        (Purpose::Program, Language::JavaScript) => &PROGRAM_JS,
        (Purpose::Program, Language::TypeScript) => &PROGRAM_TS,
        (Purpose::Program, Language::Tsx) => &PROGRAM_TSX,
        (Purpose::Program, Language::Python) => &PROGRAM_PY,
        (Purpose::Program, Language::Rust) => &PROGRAM_RS,
        (Purpose::EnvVar, Language::JavaScript) => &ENV_JS,
        (Purpose::EnvVar, Language::TypeScript) => &ENV_TS,
        (Purpose::EnvVar, Language::Tsx) => &ENV_TSX,
        (Purpose::EnvVar, Language::Python) => &ENV_PY,
        (Purpose::EnvVar, Language::Rust) => &ENV_RS,
        (Purpose::Program, Language::Go) => &PROGRAM_GO,
        (Purpose::EnvVar, Language::Go) => &ENV_GO,
        (Purpose::EnvVar, Language::Java) => &ENV_JAVA,
        (Purpose::EnvVar, Language::CSharp) => &ENV_CS,
        (Purpose::EnvVar, Language::Ruby) => &ENV_RB,
        (Purpose::EnvVar, Language::Php) => &ENV_PHP,
        (Purpose::Program, Language::Java | Language::CSharp | Language::Ruby | Language::Php) => return None,
    };
    Some(query)
}

/// One match: the captured nodes by name and the properties that its pattern sets.
#[derive(Debug)]
pub(crate) struct Match<'t> {
    captures: Captures<'t>,
    settings: &'static [(&'static str, &'static str)],
}

impl<'t> Match<'t> {
    /// The first node captured under this name.
    pub(crate) fn get(&self, name: &str) -> Option<Node<'t>> {
        self.captures.iter().find(|(other, _)| *other == name).map(|(_, node)| *node)
    }

    /// The value that the pattern sets for this property.
    pub(crate) fn setting(&self, name: &str) -> Option<&'static str> {
        self.settings.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }
}

/// Every match of a query in a file, in the order of the text, an outer node before those inside.
pub(crate) fn matches<'t>(parsed: &'t Parsed, purpose: Purpose, bytes: &'t [u8]) -> Vec<Match<'t>> {
    let Some(table) = query(parsed.language, purpose) else { return Vec::new() };
    let found = found(table, parsed.tree.root_node(), bytes).into_iter();
    let settings = |pattern: usize| table.patterns[pattern].settings.as_slice();
    found.map(|(pattern, captures)| Match { captures, settings: settings(pattern) }).collect()
}

/// One walk over the whole tree, without recursion.
fn found<'t>(table: &'static PatternTable, root: Node<'t>, bytes: &'t [u8]) -> Vec<(usize, Captures<'t>)> {
    let mut found = Vec::new();
    let mut matcher = Matcher::new(table, root, bytes);
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let kind = node.kind_id();
        if !table.starts(kind).is_empty() {
            matcher.all(node, kind, &mut found);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// The role of one node: the name after `@is.` and the parts that its pattern captured.
#[derive(Debug)]
pub(crate) struct Role<'t> {
    pub(crate) name: &'static str,
    parts: Captures<'t>,
}

impl<'t> Role<'t> {
    /// The part captured under this name.
    pub(crate) fn part(&self, name: &str) -> Option<Node<'t>> {
        self.parts.iter().find(|(other, _)| *other == name).map(|(_, node)| *node)
    }
}

/// The roles of the nodes of a file, found when they are asked for.
pub(crate) struct Roles<'t> {
    matcher: Option<Matcher<'t>>,
}

impl<'t> Roles<'t> {
    /// The role of a node.
    pub(crate) fn get(&mut self, node: Node<'t>) -> Option<Role<'t>> {
        self.matcher.as_mut()?.first(node, |captures| Role {
            name: role_name(captures),
            // Collecting nothing takes no memory; most nodes are leaves.
            parts: captures.iter().filter(|(part, _)| !part.starts_with(IS)).copied().collect(),
        })
    }

    /// Whether a node's role is to be ignored; asked of every node, and hardly any kind can have it.
    pub(crate) fn is_ignored(&mut self, node: Node<'t>) -> bool {
        let may_be = self.matcher.as_ref().is_some_and(|matcher| matcher.may_ignore(node.kind_id()));
        may_be && self.name(node) == Some("ignore")
    }

    /// The name of a node's role, where nobody needs the parts.
    pub(crate) fn name(&mut self, node: Node<'t>) -> Option<&'static str> {
        self.matcher.as_mut()?.first(node, role_name)
    }
}

/// How the capture starts that names a role.
const IS: &str = "is.";

fn role_name(captures: &Captures<'_>) -> &'static str {
    captures.iter().find_map(|(name, _)| name.strip_prefix(IS)).unwrap_or_default()
}

/// The roles of the nodes of a file.
pub(crate) fn roles<'t>(parsed: &'t Parsed, bytes: &'t [u8]) -> Roles<'t> {
    let table = query(parsed.language, Purpose::Program);
    Roles { matcher: table.map(|table| Matcher::new(table, parsed.tree.root_node(), bytes)) }
}
