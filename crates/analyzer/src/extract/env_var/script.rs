//! Reads of the environment in JavaScript and TypeScript, by whatever name the file knows it: `process.env`,
//! `import.meta.env`, `Bun.env`, `Deno.env`, SvelteKit's `$env` modules, what is imported from `node:process`, and
//! variables and parameters that hold one of these.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::alias::{KnownNames, NameMeaning, NamedRead};
use super::listed;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// What Vite defines by itself.
const BUNDLER: [&str; 6] = ["MODE", "PROD", "DEV", "SSR", "BASE_URL", "LEGACY"];
/// The type of the environment.
const TYPE: &str = "NodeJS.ProcessEnv";
/// Objects that the global names are properties of.
const GLOBALS: [&str; 4] = ["globalThis", "global", "window", "self"];

/// What a file does with the environment, in the order of the text.
pub(super) enum ScriptUse<'t> {
    Read(NamedRead<'t>),
    /// The pattern that takes the environment apart.
    Pattern(Node<'t>),
    /// An import that is a read itself.
    Import(Node<'t>),
}

/// Whether a variable is set by the tools that build or start a program.
pub(super) fn is_of_tools(name: &str, is_bundled: bool) -> bool {
    name.starts_with("npm_") || (is_bundled && BUNDLER.contains(&name))
}

pub(super) fn uses<'t>(root: Node<'t>, bytes: &'t [u8]) -> Vec<ScriptUse<'t>> {
    let mut file = File { names: KnownNames::default(), fields: fields_of_environment(root, bytes), bytes };
    // A walk over a large tree costs more than keeping what it met.
    let nodes: Vec<Node<'t>> = root.preorder(usize::MAX).collect();
    for node in &nodes {
        file.names.enter(*node, is_function(*node));
        file.bind(*node);
    }
    let mut out = Vec::new();
    nodes.into_iter().for_each(|node| file.uses(node, &mut out));
    out
}

fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration"
            | "function_expression"
            | "generator_function_declaration"
            | "generator_function"
            | "arrow_function"
            | "method_definition"
    )
}

/// Whether a pattern stands in parameters, with the value that it has by default.
fn defaulted(node: Node<'_>) -> Option<(Node<'_>, Option<Node<'_>>)> {
    match node.kind() {
        "variable_declarator" => Some((node.field("name")?, node.field("value"))),
        "assignment_pattern" | "assignment_expression" | "object_assignment_pattern" => {
            Some((node.field("left")?, node.field("right")))
        }
        "required_parameter" | "optional_parameter" => Some((node.field("pattern")?, node.field("value"))),
        _ => None,
    }
}

struct File<'b> {
    names: KnownNames<'b>,
    /// Fields of classes that are made with the environment and keep it.
    fields: BTreeSet<String>,
    bytes: &'b [u8],
}

/// The fields in which the classes of a file keep the environment that `new Settings(process.env)` gives them.
fn fields_of_environment(root: Node<'_>, bytes: &[u8]) -> BTreeSet<String> {
    if memchr::memmem::find(bytes, b"(process.env").is_none() {
        return BTreeSet::new();
    }
    let given = |made: &Node<'_>| made.arguments().first().is_some_and(|first| text(*first, bytes) == "process.env");
    let made = root.preorder(usize::MAX).filter(|node| node.kind() == "new_expression").filter(given);
    let classes: BTreeSet<&str> = made.map(|made| made.field_text("constructor", bytes)).collect();
    let mut fields = BTreeSet::new();
    if classes.is_empty() {
        return fields;
    }
    let is_made =
        |node: &Node<'_>| node.kind() == "class_declaration" && classes.contains(node.field_text("name", bytes));
    for class in root.preorder(usize::MAX).filter(is_made) {
        let is_constructor =
            |node: &Node<'_>| node.kind() == "method_definition" && node.field_is("name", "constructor", bytes);
        let Some(constructor) = class.preorder(usize::MAX).find(is_constructor) else { continue };
        let Some(first) = constructor.field("parameters").and_then(|list| list.named_child(0)) else { continue };
        let name = first.field("pattern").map_or_else(|| text(first, bytes), |pattern| text(pattern, bytes));
        // `constructor(private env: Env)` is a field at once.
        if first.inner_of("accessibility_modifier").is_some() || text(first, bytes).starts_with("readonly ") {
            fields.insert(name.to_owned());
        }
        let kept = constructor.preorder(usize::MAX).filter(|node| node.kind() == "assignment_expression");
        let kept = kept.filter(|kept| kept.field_is("right", name, bytes));
        fields.extend(kept.filter_map(|kept| Some(kept.field_text("left", bytes).strip_prefix("this.")?.to_owned())));
    }
    fields
}

impl<'b> File<'b> {
    fn bind(&mut self, node: Node<'_>) {
        match node.kind() {
            "import_statement" => self.bind_import(node),
            "formal_parameters" => {
                for plain in node.inner().filter(|one| one.kind() == "identifier") {
                    self.names.bind(text(plain, self.bytes), NameMeaning::Other);
                }
            }
            "arrow_function" => {
                if let Some(plain) = node.field("parameter") {
                    self.names.bind(text(plain, self.bytes), NameMeaning::Other);
                }
            }
            _ => {
                if let Some((target, value)) = defaulted(node) {
                    let is_typed = node.field_text("type", self.bytes).trim_start_matches([':', ' ']) == TYPE;
                    let typed = is_typed.then_some(NameMeaning::Environment);
                    let meaning = value.and_then(|value| self.meaning(value)).or(typed).unwrap_or(NameMeaning::Other);
                    // `name = value` declares nothing.
                    if node.kind() != "assignment_expression" || meaning != NameMeaning::Other {
                        self.bind_target(target, meaning);
                    }
                }
            }
        }
    }

    fn bind_import(&mut self, statement: Node<'_>) {
        let source = self.source(statement);
        let is_process = matches!(source.as_str(), "process" | "node:process");
        let whole = match source.as_str() {
            _ if is_process => NameMeaning::Module,
            "$env/static/private" | "$env/static/public" => NameMeaning::Environment,
            _ => NameMeaning::Other,
        };
        let Some(clause) = statement.inner_of("import_clause") else { return };
        for part in clause.inner() {
            match part.kind() {
                "identifier" => self.names.bind(text(part, self.bytes), whole),
                "namespace_import" => {
                    if let Some(name) = part.inner_of("identifier") {
                        self.names.bind(text(name, self.bytes), whole);
                    }
                }
                _ => {
                    for one in part.inner().filter(|one| one.kind() == "import_specifier") {
                        let name = one.field_text("name", self.bytes);
                        let local = one.field("alias").map_or(name, |alias| text(alias, self.bytes));
                        let holds = is_process || source.starts_with("$env/dynamic/");
                        let is_environment = holds && name == "env";
                        let meaning = if is_environment { NameMeaning::Environment } else { NameMeaning::Other };
                        self.names.bind(local, meaning);
                    }
                }
            }
        }
    }

    /// Bind what a declaration or parameter takes out of a value.
    fn bind_target(&mut self, target: Node<'_>, of: NameMeaning) {
        match target.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => {
                self.names.bind(text(target, self.bytes), of);
            }
            "object_pattern" => {
                for part in target.inner() {
                    match part.kind() {
                        "shorthand_property_identifier_pattern" => {
                            let name = text(part, self.bytes);
                            let meaning = member(of, name).unwrap_or(NameMeaning::Other);
                            self.names.bind(name, meaning);
                        }
                        "pair_pattern" => {
                            let name = part.field_text("key", self.bytes);
                            let meaning = member(of, name).unwrap_or(NameMeaning::Other);
                            if let Some(value) = part.field("value") {
                                self.bind_target(value, meaning);
                            }
                        }
                        // What is left of the environment.
                        "rest_pattern" => {
                            if let Some(name) = part.inner_of("identifier") {
                                self.names.bind(text(name, self.bytes), of);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn meaning(&self, node: Node<'_>) -> Option<NameMeaning> {
        match node.kind() {
            "identifier" => {
                let name = text(node, self.bytes);
                self.names
                    .meaning(name, node.start_byte())
                    .or_else(|| (name == "process").then_some(NameMeaning::Module))
            }
            "member_expression" | "subscript_expression" => {
                let object = node.field("object")?;
                let index = || self.string(node.field("index")?);
                let property = match node.field("property") {
                    Some(property) => text(property, self.bytes).to_owned(),
                    None => index()?,
                };
                match (text(object, self.bytes), property.as_str()) {
                    ("import.meta", "env") => return Some(NameMeaning::Bundled),
                    ("Bun", "env") => return Some(NameMeaning::Environment),
                    (object, "process") if GLOBALS.contains(&object) => return Some(NameMeaning::Module),
                    ("this", field) if self.fields.contains(field) => return Some(NameMeaning::Environment),
                    _ => {}
                }
                if property == "env" { member(self.meaning(object)?, "env") } else { None }
            }
            "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "await_expression" => self.meaning(node.named_child(0)?),
            // `given ?? process.env`, `given ? given : process.env`
            "binary_expression" | "ternary_expression" => {
                let is_choice = node.field("operator").is_none_or(|one| matches!(text(one, self.bytes), "||" | "??"));
                let mut parts = node.inner().filter(|_| is_choice).filter_map(|one| self.meaning(one));
                parts.find(|one| one.is_environment())
            }
            "call_expression" => {
                let called = node.field_text("function", self.bytes);
                let first = node.first_argument().and_then(|first| self.string(first));
                match (called, first.as_deref()) {
                    ("require" | "import", Some("process" | "node:process")) => Some(NameMeaning::Module),
                    ("Deno.env.toObject", _) => Some(NameMeaning::Environment),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn uses<'t>(&self, node: Node<'t>, out: &mut Vec<ScriptUse<'t>>) {
        match node.kind() {
            "import_statement" => {
                if self.source(node).starts_with("$env/static/") {
                    let specifiers = node.preorder(4).filter(|one| one.kind() == "import_specifier");
                    out.extend(specifiers.filter_map(|one| one.field("name")).map(ScriptUse::Import));
                }
            }
            "variable_declarator"
            | "assignment_pattern"
            | "assignment_expression"
            | "required_parameter"
            | "optional_parameter" => {
                let Some((target, Some(value))) = defaulted(node) else { return };
                if let Some(meaning) = self.meaning(value).filter(|_| target.kind() == "object_pattern") {
                    self.patterns(target, meaning, out);
                }
            }
            _ => out.extend(self.read(node).map(ScriptUse::Read)),
        }
    }

    /// `{ A, B } = process.env`, `{ env: { A } } = process`
    fn patterns<'t>(&self, pattern: Node<'t>, of: NameMeaning, out: &mut Vec<ScriptUse<'t>>) {
        if of.is_environment() {
            out.push(ScriptUse::Pattern(pattern));
        }
        for pair in pattern.inner().filter(|one| one.kind() == "pair_pattern") {
            if let (Some(of), Some(inner)) = (member(of, pair.field_text("key", self.bytes)), pair.field("value"))
                && inner.kind() == "object_pattern"
            {
                self.patterns(inner, of, out);
            }
        }
    }

    fn read<'t>(&self, node: Node<'t>) -> Option<NamedRead<'t>> {
        let (object, name) = match node.kind() {
            "member_expression" => (node.field("object")?, node.field("property")?),
            "subscript_expression" => (node.field("object")?, node.field("index")?),
            "binary_expression" if node.field_is("operator", "in", self.bytes) => {
                (node.field("right")?, node.field("left")?)
            }
            "call_expression" => self.asked(node)?,
            _ => return None,
        };
        let meaning = self.meaning(object).filter(|meaning| meaning.is_environment());
        let is_deno = node.kind() == "call_expression" && text(object, self.bytes) == "Deno.env";
        // Whoever is handed an `env` and asks it for the `envVar` of something is handed the environment.
        let is_handed = node.kind() == "subscript_expression"
            && text(object, self.bytes) == "env"
            && listed::field_of(name, self.bytes).is_some();
        if meaning.is_none() && !is_deno && !is_handed {
            return None;
        }
        if node.kind() == "member_expression" {
            // `process.env.hasOwnProperty(…)` is no variable; a name for the environment may hold more than it.
            let is_called =
                node.parent().is_some_and(|call| call.field("function").is_some_and(|one| one.id() == node.id()));
            let name = text(name, self.bytes);
            let is_loud = name.len() > 1 && !name.bytes().any(|byte| byte.is_ascii_lowercase());
            if is_called || (object.kind() == "identifier" && !is_loud) {
                return None;
            }
        }
        Some(NamedRead { site: node, name, is_required: false, is_bundled: meaning == Some(NameMeaning::Bundled) })
    }

    /// The environment and the name that a call asks it for: `Object.hasOwn(env, 'X')`, `env.hasOwnProperty('X')`,
    /// `Deno.env.get('X')`.
    fn asked<'t>(&self, call: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
        let function = call.field("function").filter(|function| function.kind() == "member_expression")?;
        let (object, given) = (function.field("object")?, call.arguments());
        match (function.field_text("property", self.bytes), given.as_slice()) {
            ("hasOwnProperty", [name]) => Some((object, *name)),
            ("get" | "has", [name]) if text(object, self.bytes) == "Deno.env" => Some((object, *name)),
            ("hasOwn" | "get" | "has" | "call", [environment, name])
                if ["Object.hasOwn", "Object.prototype.hasOwnProperty.call", "Reflect.get", "Reflect.has"]
                    .contains(&text(function, self.bytes)) =>
            {
                Some((*environment, *name))
            }
            _ => None,
        }
    }

    fn source(&self, statement: Node<'_>) -> String {
        statement.field("source").and_then(|source| self.string(source)).unwrap_or_default()
    }

    fn string(&self, node: Node<'_>) -> Option<String> {
        matches!(node.kind(), "string" | "template_string").then(|| whole(node, self.bytes)).flatten()
    }
}

/// What a member of a value means.
fn member(of: NameMeaning, name: &str) -> Option<NameMeaning> {
    (of == NameMeaning::Module && name == "env").then_some(NameMeaning::Environment)
}
