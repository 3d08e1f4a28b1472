//! Programs that take the environment as a whole and say elsewhere what they want of it: schemas (zod, Joi, envalid,
//! `createEnv`), validation classes, NestJS's configuration service, definitions of settings
//! (`{ env: 'X', default: … }`). The schema must stand in the file that uses it;
//! one that is imported is not followed.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::fallback::{fallen_back, literal};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// Texts one of which stands in every file that does so.
const PATTERNS: &[&str] = &["process.env", "createEnv(", "@nestjs/config", "env: '", "env: \"", "env: `", "env: ["];
/// What stands beside `env: 'X'` in the definition of a setting (convict, figue).
const DEFINITION: &[&str] = &["default", "doc", "format", "schema"];
/// Methods that check a value against the schema they are called on.
const CHECKS: &[&str] =
    &["parse", "safeParse", "parseAsync", "safeParseAsync", "validate", "validateSync", "validateAsync", "cast"];
/// Functions that take the environment and the schema.
const READERS: &[&str] = &["cleanEnv", "parseEnv", "customCleanEnv", "plainToInstance", "plainToClass", "validateEnv"];
/// Schemas made of schemas.
const MAX_SCHEMA_DEPTH: usize = 12;

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Script, PATTERNS);
    mentions.found.extend(deal::map(files, read_file).into_iter().flatten());
}

/// What a file declares, and what it does with the environment.
struct Reader<'t, 'f> {
    file: &'f SourceFile,
    bytes: &'f [u8],
    by: &'static str,
    declared: BTreeMap<&'f str, Node<'t>>,
    out: Vec<Mention>,
}

fn read_file(file: &SourceFile) -> Vec<Mention> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let bytes = file.bytes();
    let declared = BTreeMap::new();
    let mut reader = Reader { file, bytes, by: parsed.language.name(), declared, out: Vec::new() };
    let is_nest = file.text().contains("@nestjs/config");
    let mut calls = Vec::new();
    for node in parsed.tree.root_node().preorder(usize::MAX) {
        match node.kind() {
            "variable_declarator" | "class_declaration" => {
                let value = if node.kind() == "class_declaration" { Some(node) } else { node.field("value") };
                let (Some(name), Some(value)) = (node.field("name"), value) else { continue };
                reader.declared.insert(text(name, bytes), value);
            }
            "call_expression" => calls.push(node),
            "object" => reader.definition(node),
            _ => {}
        }
    }
    for call in calls {
        reader.call(call, is_nest);
    }
    reader.out
}

impl<'t, 'f> Reader<'t, 'f> {
    fn call(&mut self, call: Node<'t>, is_nest: bool) {
        let (Some(callee), Some(arguments)) = (call.field("function"), call.field("arguments")) else { return };
        let given: Vec<Node<'t>> = arguments.parts();
        let name = callee.field("property").unwrap_or(callee);
        let name = text(name, self.bytes);
        if name == "createEnv" {
            for part in given.iter().filter(|part| part.kind() == "object") {
                for (key, value) in pairs(*part, self.bytes) {
                    if matches!(key, "server" | "client" | "shared") {
                        self.schema(value, 0);
                    }
                }
            }
        }
        if is_nest {
            self.nest(call, callee, name, &given);
        }
        let takes = given.iter().any(|argument| self.holds_environment(*argument, 0));
        if !takes {
            return;
        }
        match callee.field("object").filter(|_| CHECKS.contains(&name)) {
            Some(schema) => self.schema(schema, 0),
            None if READERS.contains(&name) => {
                for argument in given {
                    self.schema(argument, 0);
                }
            }
            None => {}
        }
    }

    /// The environment itself, under a name, or among other things: `{ ...ofFile, ...process.env }`.
    fn holds_environment(&self, node: Node<'t>, depth: usize) -> bool {
        let node = unwrapped(node);
        let inner = |part: Node<'t>| depth < MAX_SCHEMA_DEPTH && self.holds_environment(part, depth + 1);
        match node.kind() {
            "identifier" => self.declared.get(text(node, self.bytes)).is_some_and(|value| inner(*value)),
            "object" => node
                .inner()
                .filter(|part| part.kind() == "spread_element")
                .any(|part| part.named_child(0).is_some_and(inner)),
            _ => is_environment(node, self.bytes),
        }
    }

    /// `{ doc: '…', format: String, default: 'x', env: 'X' }`, also with a list of names of which the first that is set counts.
    fn definition(&mut self, object: Node<'t>) {
        let pairs = pairs(object, self.bytes);
        let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let Some(env) = value("env").filter(|_| pairs.iter().any(|(key, _)| DEFINITION.contains(key))) else { return };
        let names = if env.kind() == "array" { env.parts() } else { vec![env] };
        for node in names {
            let Some(name) = string(node, self.bytes) else { continue };
            let default = value("default").and_then(|default| literal(default, self.bytes));
            // A format of the program's own that an empty text does not have: `required-string`.
            let format = value("format").and_then(|format| string(format, self.bytes)).unwrap_or_default();
            let is_missing = format.starts_with("required") && default.as_deref().is_none_or(str::is_empty);
            let required = if is_missing { Some(true) } else { default.as_ref().map(|_| false) };
            self.push(&name, node, default.filter(|_| !is_missing), required);
        }
    }

    /// `config.get('X', 'default')`, `config.getOrThrow('X')`, `forRoot({ validationSchema: ... })`.
    fn nest(&mut self, call: Node<'t>, callee: Node<'t>, name: &str, given: &[Node<'t>]) {
        let on = callee.field("object").map(|object| text(object, self.bytes).to_ascii_lowercase());
        let is_service = on.is_some_and(|on| on.ends_with("config") || on.ends_with("configservice"));
        if is_service && matches!(name, "get" | "getOrThrow") {
            let Some(variable) = given.first().and_then(|first| string(*first, self.bytes)) else { return };
            // An object in its place are options.
            let given = given.get(1).filter(|given| given.kind() != "object");
            let (default, required) = given.map_or((None, None), |given| fallen_back(*given, self.bytes));
            let required = if name == "getOrThrow" { Some(true) } else { required };
            self.push(&variable, call, default, required);
        } else if name == "forRoot" {
            for options in given.iter().filter(|options| options.kind() == "object") {
                for (_, value) in pairs(*options, self.bytes).into_iter().filter(|(key, _)| *key == "validationSchema")
                {
                    self.schema(value, 0);
                }
            }
        }
    }

    /// The variables of a schema: the pairs of its object literals, the fields of a validation class.
    fn schema(&mut self, node: Node<'t>, depth: usize) {
        if depth > MAX_SCHEMA_DEPTH {
            return;
        }
        let node = unwrapped(node);
        match node.kind() {
            "identifier" => {
                if let Some(value) = self.declared.get(text(node, self.bytes)).copied() {
                    self.schema(value, depth + 1);
                }
            }
            "object" => {
                for (key, value) in pairs(node, self.bytes) {
                    let default = default_of(value, self.bytes);
                    let required = required(value, default.is_some(), self.bytes);
                    self.push(key, value, default, required);
                }
            }
            "call_expression" => {
                if let Some(inner) = node.field("function").and_then(|callee| callee.field("object")) {
                    self.schema(inner, depth + 1);
                }
                if let Some(arguments) = node.field("arguments") {
                    for argument in arguments.inner() {
                        self.schema(argument, depth + 1);
                    }
                }
            }
            "class_declaration" => {
                let Some(body) = node.field("body") else { return };
                for field in body.inner().filter(|field| field.kind() == "public_field_definition") {
                    if let Some(name) = field.field("name") {
                        let default = field.field("value").and_then(|value| literal(value, self.bytes));
                        let required = default.as_ref().map(|_| false);
                        self.push(text(name, self.bytes), name, default, required);
                    }
                }
            }
            _ => {}
        }
    }

    /// A name must look like a variable's: schemas and configuration have keys of their own, too.
    fn push(&mut self, name: &str, at: Node<'t>, default: Option<String>, required: Option<bool>) {
        let is_loud = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if name.len() < 2 || !is_loud || !is_name(name) {
            return;
        }
        let start = at.parent().filter(|parent| parent.kind() == "pair").unwrap_or(at).first_line();
        let evidence = self.file.lines(start, at.last_line().min(start + 8));
        let (name, role) = (name.to_owned(), MentionRole::Reads(self.by));
        self.out.push(Mention { name, required, default, role, evidence });
    }
}

/// What stands inside of type assertions and parentheses.
fn unwrapped(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while matches!(
        node.kind(),
        "as_expression"
            | "satisfies_expression"
            | "parenthesized_expression"
            | "non_null_expression"
            | "await_expression"
    ) {
        match node.named_child(0) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

fn is_environment(node: Node<'_>, bytes: &[u8]) -> bool {
    node.kind() == "member_expression" && text(node, bytes) == "process.env"
}

/// The literal keys of an object with their values.
fn pairs<'t, 'b>(object: Node<'t>, bytes: &'b [u8]) -> Vec<(&'b str, Node<'t>)> {
    let pair = |pair: Node<'t>| {
        let (key, value) = (pair.field("key")?, pair.field("value")?);
        Some((text(key, bytes).trim_matches(['"', '\'']), value))
    };
    object.inner().filter(|child| child.kind() == "pair").filter_map(pair).collect()
}

fn string(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    matches!(node.kind(), "string" | "template_string").then(|| whole(node, bytes)).flatten()
}

/// `.default("x")` in a chain, or `{ default: "x" }` given to a validator.
fn default_of(value: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut node = unwrapped(value);
    for _ in 0..MAX_SCHEMA_DEPTH {
        let callee = (node.kind() == "call_expression").then(|| node.field("function")).flatten()?;
        let first = node.first_argument();
        let is_default = callee.field_is("property", "default", bytes);
        match first {
            Some(first) if is_default => return literal(first, bytes),
            Some(first) if first.kind() == "object" => {
                let given = pairs(first, bytes).into_iter().find(|(key, _)| matches!(*key, "default" | "devDefault"));
                if let Some((_, default)) = given {
                    return literal(default, bytes);
                }
            }
            _ => {}
        }
        node = callee.field("object")?;
    }
    None
}

/// Whether the program ends without it: only where the chain says nothing that makes it optional.
fn required(value: Node<'_>, has_default: bool, bytes: &[u8]) -> Option<bool> {
    let chain = text(value, bytes);
    if has_default {
        return Some(false);
    }
    let is_optional = ["optional", "nullish", "default", "catch(", "preprocess", "undefined", "allow("];
    let is_checked = chain.starts_with("z.") || chain.contains(".required()") || chain.contains("v.");
    (is_checked && !is_optional.iter().any(|word| chain.contains(word))).then_some(true)
}
