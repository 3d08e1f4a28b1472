//! Calls that read a variable: of the standard library, or of the program's own helpers.

use std::collections::BTreeSet;
use std::iter::successors;

use tree_sitter::Node;

use super::name::GoName;
use super::{Around, Helper, Site, lines};
use crate::budget::MAX_SYNTAX_DEPTH;
use crate::lang::go::{children, declared, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Statements below a read among which the check of what was read is looked for.
const MAX_BELOW: usize = 40;
/// The standard library's.
const READS: [&str; 3] = ["os.Getenv", "os.LookupEnv", "syscall.Getenv"];
/// Those that fill in a text, `"$HOME/x"`.
const FILLS: [&str; 2] = ["os.ExpandEnv", "os.Expand"];

/// The places that read a variable directly, or through these helpers.
pub(super) fn sites(corpus: &Corpus, helpers: &BTreeSet<Helper>) -> Vec<Site> {
    let mut patterns: Vec<&str> = helpers.iter().map(|helper| helper.name.as_str()).collect();
    if helpers.is_empty() {
        patterns = vec!["Getenv", "LookupEnv", "os.Expand", "ExpandEnv", "range os.Environ()", "(os.Environ())"];
    }
    let mut out = Vec::new();
    for (file, parsed) in prefilter::pieces_with(corpus, Family::Go, &patterns) {
        let aliases = aliases(file);
        let mut walk = Walk { file, bytes: file.bytes(), helpers, aliases, around: Vec::new(), out: &mut out };
        walk.node(parsed.tree.root_node(), 0);
    }
    out
}

/// The names that the file has for the packages that read, where they are not their own: `env "os"`, `. "os"`.
fn aliases(file: &SourceFile) -> Vec<(String, &'static str)> {
    let source = file.text();
    let of_line = |line: &str| {
        let line = line.trim_start();
        let (name, rest) = line.strip_prefix("import").unwrap_or(line).trim_start().split_once('"')?;
        let package = ["os", "syscall"].into_iter().find(|package| rest.split('"').next() == Some(package))?;
        let name = name.trim();
        let is_name = name == "." || name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        (is_name && !name.is_empty()).then(|| (if name == "." { String::new() } else { format!("{name}.") }, package))
    };
    let imports = source.lines().take_while(|line| !line.starts_with("func "));
    imports.filter_map(of_line).collect()
}

struct Walk<'w> {
    file: &'w SourceFile,
    bytes: &'w [u8],
    helpers: &'w BTreeSet<Helper>,
    aliases: Vec<(String, &'static str)>,
    around: Vec<Around>,
    out: &'w mut Vec<Site>,
}

impl Walk<'_> {
    fn node(&mut self, node: Node<'_>, depth: usize) {
        if depth > MAX_SYNTAX_DEPTH {
            return;
        }
        let is_function = match node.kind() {
            "function_declaration" | "method_declaration" => self.enter(node, node.field("name")),
            // `getEnv := func(key string) string { … }`
            "short_var_declaration" | "var_spec" => {
                let value = node.field("right").or_else(|| node.field("value"));
                let value = value.and_then(|value| children(value).into_iter().next());
                let name = node.field("left").or_else(|| node.field("name"));
                match value.filter(|value| value.kind() == "func_literal") {
                    Some(value) => self.enter(value, name),
                    None => false,
                }
            }
            // The whole environment is walked: any name may be read.
            "range_clause" if self.helpers.is_empty() => {
                let list = node.field("right");
                if let Some(list) = list.filter(|list| text(*list, self.bytes) == "os.Environ()") {
                    self.site(GoName::of(list, self.bytes), node, None, None);
                }
                false
            }
            "call_expression" => {
                self.call(node);
                false
            }
            _ => false,
        };
        for child in children(node) {
            self.node(child, depth + 1);
        }
        if is_function {
            self.around.pop();
        }
    }

    fn enter(&mut self, function: Node<'_>, name: Option<Node<'_>>) -> bool {
        let mut parameters = Vec::new();
        for parameter in function.field("parameters").map(children).unwrap_or_default() {
            let mut cursor = parameter.walk();
            let names = parameter.children_by_field_name("name", &mut cursor).filter(|name| name.is_named());
            parameters.extend(names.map(|name| text(name, self.bytes).to_owned()));
        }
        let name = name.map(|name| text(name, self.bytes).to_owned()).unwrap_or_default();
        let falls_back_on = self.fallback(function, &parameters);
        self.around.push(Around { name, parameters, falls_back_on });
        true
    }

    /// The parameter that a function gives back, or puts in the place of what it read.
    fn fallback(&self, function: Node<'_>, parameters: &[String]) -> Option<usize> {
        let body = function.field("body")?;
        let given = preorder(body).filter_map(|node| match node.kind() {
            "return_statement" => children(node).first().and_then(|list| children(*list).first().copied()),
            "assignment_statement" => node.field("right").and_then(|list| children(list).first().copied()),
            _ => None,
        });
        let given = given.filter(|given| given.kind() == "identifier").map(|given| text(given, self.bytes));
        given.filter_map(|name| parameters.iter().position(|parameter| parameter == name)).last()
    }

    fn call(&mut self, node: Node<'_>) {
        let (Some(function), Some(arguments)) = (node.field("function"), node.field("arguments")) else {
            return;
        };
        let called = text(function, self.bytes);
        let arguments = children(arguments);
        if self.helpers.is_empty() {
            // Handed to a function of the program, which may take any name out of it.
            if let [all] = arguments.as_slice()
                && text(*all, self.bytes) == "os.Environ()"
                && !called.contains("append")
            {
                self.site(GoName::of(*all, self.bytes), node, None, None);
            }
            let reads = |functions: &[&str]| {
                functions.contains(&called)
                    || self.aliases.iter().any(|(start, package)| {
                        let function = called.strip_prefix(start.as_str()).map(|name| format!("{package}.{name}"));
                        function.is_some_and(|function| functions.contains(&function.as_str()))
                    })
            };
            if let (true, [name]) = (reads(&READS), arguments.as_slice()) {
                let (default, required) = self.use_of(node);
                self.site(GoName::of(*name, self.bytes), node, default, required);
            } else if let (true, Some(filled)) = (reads(&FILLS), arguments.first()) {
                for name in plain_literal(*filled, self.bytes).iter().flat_map(|filled| placeholders(filled)) {
                    self.site(GoName::literal(name), node, None, None);
                }
            }
            return;
        }
        let last = called.rsplit('.').next().unwrap_or(called).split('[').next().unwrap_or_default();
        // A helper that is called as a function of its own is not one of another's methods.
        let package = called.rsplit_once('.').map(|(package, _)| package.rsplit('.').next().unwrap_or(package));
        let is_of = |helper: &&Helper| match package {
            None => helper.folder == self.file.folder(),
            Some(package) => helper.folder.rsplit('/').next() == Some(package) || helper.folder == self.file.folder(),
        };
        for helper in self.helpers.iter().filter(|helper| helper.name == last).filter(is_of) {
            let Some(name) = arguments.get(helper.at) else { continue };
            let is_inside = self.around.last().is_some_and(|around| around.name == last);
            let whole = helper.name(*name, self.bytes);
            let literal = plain_literal(*name, self.bytes);
            // Another function may share the helper's name: what it is given must look like a variable.
            let is_loud = literal.as_deref().is_none_or(|literal| {
                literal.len() > 1
                    && (helper.is_upper
                        || !literal.chars().any(|letter| letter.is_lowercase() || letter == '/' || letter == ' '))
            });
            if is_inside || !is_loud {
                continue;
            }
            let beside = arguments.get(helper.at + 1).filter(|_| arguments.len() == helper.at + 2);
            let given = helper.falls_back_on.and_then(|at| arguments.get(at));
            let default = given.or(beside).and_then(|default| plain_literal(*default, self.bytes));
            let is_given = default.is_some() || given.is_some_and(|given| is_value(*given, self.bytes));
            let required = is_given.then_some(false);
            self.site(whole, node, default, required);
        }
    }

    fn site(&mut self, name: GoName, node: Node<'_>, default: Option<String>, required: Option<bool>) {
        self.out.push(Site {
            name,
            folder: self.file.folder().to_owned(),
            required,
            default,
            evidence: lines(self.file, node),
            around: self.around.last().cloned(),
            is_call: true,
        });
    }

    /// `x := os.Getenv("X")` and the next `if x == ""` below it: a literal default, or the end of the program. Or else
    /// `if x != ""`, in which it takes the place of a literal.
    fn use_of(&self, call: Node<'_>) -> (Option<String>, Option<bool>) {
        let statement = call.parent().and_then(|list| list.parent());
        let Some(statement) =
            statement.filter(|node| matches!(node.kind(), "short_var_declaration" | "assignment_statement"))
        else {
            return (None, None);
        };
        let left = statement.field_text("left", self.bytes);
        let variable = left.split(',').next().unwrap_or_default().trim();
        let flag = left.split(',').nth(1).map(str::trim).unwrap_or_default();
        let checks = [
            format!("{variable} == \"\""),
            format!("len({variable}) == 0"),
            if flag.is_empty() { String::new() } else { format!("!{flag}") },
        ];
        let is_check = |next: &Node<'_>| {
            next.kind() == "if_statement" && checks.iter().any(|check| next.field_is("condition", check, self.bytes))
        };
        let below = || successors(statement.next_named_sibling(), |next| next.next_named_sibling()).take(MAX_BELOW);
        let Some(then) = below().find(is_check).and_then(|check| check.field("consequence")) else {
            let checks = [format!("{variable} != \"\""), format!("len({variable}) > 0"), flag.to_owned()];
            let is_set = |next: &Node<'_>| {
                next.kind() == "if_statement"
                    && checks.iter().any(|check| next.field_is("condition", check, self.bytes))
            };
            // `if x := os.Getenv("X"); x != "" {` has the read in itself.
            let set = statement.parent().filter(is_set).or_else(|| below().find(is_set));
            let replaced = set.and_then(|set| self.replaced(set, variable)).filter(|text| !text.is_empty());
            let required = replaced.is_some().then_some(false);
            return (replaced, required);
        };
        let body = text(then, self.bytes);
        if ["log.Fatal", "panic(", "os.Exit("].iter().any(|end| body.contains(end)) {
            return (None, Some(true));
        }
        let start = format!("{variable} = ");
        let given = children(then).into_iter().flat_map(children).chain(children(then)).find_map(|inner| {
            let is_given = inner.kind() == "assignment_statement" && text(inner, self.bytes).starts_with(&start);
            children(inner.field("right").filter(|_| is_given)?).first().copied()
        });
        // Another variable is no default of this one.
        let given = given.filter(|given| !text(*given, self.bytes).to_ascii_lowercase().contains("env"));
        (given.and_then(|given| plain_literal(given, self.bytes)), given.map(|_| false))
    }

    /// The literal of the name that a variable is given to where it is set: of one above in the function, or of the file.
    fn replaced(&self, set: Node<'_>, variable: &str) -> Option<String> {
        let given = preorder(set.field("consequence")?).find(|node| {
            let right = node.field_text("right", self.bytes);
            let mut words = right.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
            node.kind() == "assignment_statement" && words.any(|word| word == variable)
        })?;
        let name = given.field_text("left", self.bytes);
        let declares =
            |node: &Node<'_>| node.kind() == "short_var_declaration" && node.field_is("left", name, self.bytes);
        let above = successors(set.prev_named_sibling(), |above| above.prev_named_sibling()).find(declares);
        let value = match above {
            Some(above) => children(above.field("right")?).into_iter().next()?,
            None => declared(self.file).find(|(declared, _)| *declared == name)?.1,
        };
        plain_literal(value, self.bytes)
    }
}

/// Whether an argument is something to run with: a constant, a number of minutes; not another variable, and not nothing.
fn is_value(given: Node<'_>, bytes: &[u8]) -> bool {
    let shown = text(given, bytes);
    let is_kind =
        matches!(given.kind(), "identifier" | "selector_expression" | "binary_expression" | "unary_expression");
    is_kind && shown != "nil" && !shown.to_ascii_lowercase().contains("env(")
}

/// The names in `"$HOST:${PORT}"`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        &rest[..end]
    })
}
