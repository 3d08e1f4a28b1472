//! The queries that are kept as data under `queries/`, compiled once per grammar.

use std::collections::HashMap;
use std::sync::LazyLock;

use tree_sitter::{Node, Query, QueryCursor, StreamingIterator as _};

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
        $(static $name: LazyLock<Query> = LazyLock::new(|| compile(Language::$language, $source));)*
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

fn compile(language: Language, source: &str) -> Query {
    Query::new(&language.grammar(), source).expect("the queries in the tree are compiled by a test")
}

/// The query of a language for a purpose; languages that are not traced have no program model.
fn query(language: Language, purpose: Purpose) -> Option<&'static Query> {
    let query: &'static Query = match (purpose, language) {
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
    pattern: usize,
    captures: Vec<(&'static str, Node<'t>)>,
    settings: Vec<(&'static str, &'static str)>,
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

/// Every match of a query in a file, in the order of the text.
pub(crate) fn matches<'t>(parsed: &'t Parsed, purpose: Purpose, bytes: &[u8]) -> Vec<Match<'t>> {
    let Some(query) = query(parsed.language, purpose) else {
        return Vec::new();
    };
    let names = query.capture_names();
    let mut cursor = QueryCursor::new();
    let mut found = Vec::new();
    let mut matches = cursor.matches(query, parsed.tree.root_node(), bytes);
    while let Some(one) = matches.next() {
        let pattern = one.pattern_index;
        let captures = one.captures().iter().map(|c| (names[c.index as usize], c.node)).collect();
        let settings = query.property_settings(pattern).iter();
        let settings = settings.map(|p| (&*p.key, p.value.as_deref().unwrap_or(""))).collect();
        found.push(Match { pattern, captures, settings });
    }
    found
}

/// The role of one node: the name after `@is.` and the parts that its pattern captured.
#[derive(Debug)]
pub(crate) struct Role<'t> {
    pattern: usize,
    pub(crate) name: &'static str,
    parts: Vec<(&'static str, Node<'t>)>,
}

impl<'t> Role<'t> {
    /// The part captured under this name.
    pub(crate) fn part(&self, name: &str) -> Option<Node<'t>> {
        self.parts.iter().find(|(other, _)| *other == name).map(|(_, node)| *node)
    }
}

/// The roles of all nodes of a file, by node id.
pub(crate) fn roles<'t>(parsed: &'t Parsed, bytes: &[u8]) -> HashMap<usize, Role<'t>> {
    let mut roles: HashMap<usize, Role<'t>> = HashMap::new();
    for one in matches(parsed, Purpose::Program, bytes) {
        let is_role = |name: &&'static str| name.strip_prefix("is.");
        let Some((name, node)) = one.captures.iter().find_map(|(name, node)| Some((is_role(name)?, *node))) else {
            continue;
        };
        let parts = one.captures.iter().filter(|(part, _)| !part.starts_with("is.")).copied().collect();
        let role = Role { pattern: one.pattern, name, parts };
        match roles.entry(node.id()) {
            std::collections::hash_map::Entry::Occupied(mut known) => {
                if role.pattern < known.get().pattern {
                    known.insert(role);
                }
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(role);
            }
        }
    }
    roles
}
