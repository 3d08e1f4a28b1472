//! Reads in Java programs: `System.getenv`, placeholders in annotations, `@ConfigProperty`. Names are constants of any
//! class of the tree; the program's own methods that read the variable they are given the name of count where they
//! are called with one.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::placeholder::{in_program, is_loud};
use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::lang::jvm::java::{expression, lines, named};
use crate::lang::jvm::model::{Expr, TypeId, UnitId, simple};
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

const BY: &str = "Java";
/// Methods that give their second argument when the first is missing.
const ELSE: [&str; 8] = [
    "defaultIfBlank",
    "defaultIfEmpty",
    "defaultString",
    "requireNonNullElse",
    "firstNonNull",
    "nullToDefault",
    "blankToDefault",
    "emptyToDefault",
];

/// A method that reads the variable that its first parameter names.
struct Helper {
    holder: TypeId,
    name: String,
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Java, &["getenv", "ConfigProperty"]);
    let mut program = JvmProgram::new(corpus);
    let mut helpers: Vec<Helper> = Vec::new();
    for file in files {
        let Some(unit) = program.load(file) else { continue };
        sites(&mut program, file, unit, &mut helpers, mentions);
    }
    for file in corpus.application().filter(|file| file.name().ends_with(".java") && has_placeholder(file.bytes())) {
        in_annotations(file, mentions);
    }
    through_helpers(&mut program, &helpers, mentions);
}

/// Whether the bytes hold `"${X`.
fn has_placeholder(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'$') {
        let at = from + at;
        if bytes.get(at + 1) == Some(&b'{') && bytes.get(at + 2).is_some_and(|next| next.is_ascii_uppercase()) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// The innermost type of a file around a line.
fn scope_at(program: &JvmProgram<'_>, unit: UnitId, line: u32) -> JvmScope {
    let inside = program.types_of(unit).into_iter().filter(|id| program.types[*id].line <= line);
    let inside = inside.max_by_key(|id| program.types[*id].line);
    JvmScope { unit, inside }
}

fn sites(
    program: &mut JvmProgram<'_>,
    file: &SourceFile,
    unit: UnitId,
    helpers: &mut Vec<Helper>,
    mentions: &mut Mentions,
) {
    let Some(parsed) = file.syntax() else { return };
    let bytes = file.bytes();
    let mut calls = Vec::new();
    for node in parsed.tree.root_node().preorder(usize::MAX) {
        match node.kind() {
            "method_invocation" => calls.push(node),
            "annotation" => config_property(file, node, mentions),
            _ => {}
        }
    }
    let imports_getenv =
        program.unit(unit).imports.iter().any(|import| import.is_static && import.path == "java.lang.System.getenv");
    for call in calls {
        let Some(name) = read_name(call, bytes, imports_getenv) else { continue };
        let (first, last) = lines(call);
        let scope = scope_at(program, unit, first);
        let written = expression(name, bytes, 0);
        let evidence = file.lines(first, last);
        match program.constant(scope, &written) {
            Some(name) if is_name(&name) => {
                let (default, required) = around(call, bytes, program, scope);
                mentions.found.push(Mention { required, default, ..Mention::read(BY, name, evidence) });
            }
            Some(_) => {}
            None => {
                let shown: String = text(name, bytes).chars().take(60).collect();
                if let (Some(helper), Some(holder)) = (helper_around(call, &shown, bytes), scope.inside) {
                    helpers.push(Helper { holder, name: helper });
                }
                mentions
                    .unresolved(format!("an environment variable is read under a computed name: `{shown}`"), evidence);
            }
        }
    }
}

/// The name that `System.getenv(name)` or `System.getenv().get(name)` is given.
fn read_name<'t>(call: Node<'t>, bytes: &[u8], imports_getenv: bool) -> Option<Node<'t>> {
    let name = text(call.field("name")?, bytes);
    let object = call.field("object");
    let given = call.first_argument();
    match name {
        "getenv" => {
            let on = object.map(|object| text(object, bytes));
            let reads = on.map_or(imports_getenv, |on| matches!(on, "System" | "java.lang.System"));
            given.filter(|_| reads)
        }
        "get" | "getOrDefault" => {
            let inner = object.filter(|object| object.kind() == "method_invocation")?;
            let on = text(inner, bytes);
            given.filter(|_| on.ends_with("System.getenv()"))
        }
        _ => None,
    }
}

/// The default, and whether the program ends without the variable, from the calls around the read.
fn around(
    call: Node<'_>,
    bytes: &[u8],
    program: &mut JvmProgram<'_>,
    scope: JvmScope,
) -> (Option<String>, Option<bool>) {
    let mut literal = |node: Option<Node<'_>>| {
        let default = node.and_then(|node| program.constant(scope, &expression(node, bytes, 0)));
        (default, Some(false))
    };
    fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
        call.field("arguments").map(named).unwrap_or_default()
    }
    if call.field_is("name", "getOrDefault", bytes) {
        return literal(arguments(call).get(1).copied());
    }
    let Some(list) = call.parent().filter(|parent| parent.kind() == "argument_list") else { return (None, None) };
    let Some(outer) = list.parent().filter(|outer| outer.kind() == "method_invocation") else { return (None, None) };
    let name = outer.field_text("name", bytes);
    let is_first = list.named_child(0).is_some_and(|first| first.id() == call.id());
    match name {
        "requireNonNull" | "checkNotNull" | "requireText" if is_first => (None, Some(true)),
        name if ELSE.contains(&name) && is_first => literal(list.named_child(1)),
        "ofNullable" => {
            let mut here = outer;
            for _ in 0..8 {
                let Some(next) = here.parent().filter(|next| next.kind() == "method_invocation") else { break };
                match next.field_text("name", bytes) {
                    "orElse" => return literal(arguments(next).first().copied()),
                    "orElseThrow" => return (None, Some(true)),
                    _ => here = next,
                }
            }
            (None, None)
        }
        _ => (None, None),
    }
}

/// The method around a read, when the name is its first parameter.
fn helper_around(call: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let mut here = call.parent();
    while let Some(node) = here {
        if node.kind() == "method_declaration" {
            let first = node.field("parameters")?.named_child(0)?.field("name")?;
            let own = node.field("name")?;
            return (text(first, bytes) == name).then(|| text(own, bytes).to_owned());
        }
        here = node.parent();
    }
    None
}

/// Calls of the program's own helpers with a name that looks like a variable's.
fn through_helpers(program: &mut JvmProgram<'_>, helpers: &[Helper], mentions: &mut Mentions) {
    let mut by_name: BTreeMap<&str, Vec<TypeId>> = BTreeMap::new();
    for helper in helpers {
        by_name.entry(&helper.name).or_default().push(helper.holder);
    }
    if by_name.is_empty() {
        return;
    }
    let texts: Vec<String> = by_name.keys().map(|name| format!("{name}(")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for file in prefilter::files_with(program.corpus, Family::Java, &texts) {
        let (Some(unit), Some(parsed)) = (program.load(file), file.syntax()) else { continue };
        let bytes = file.bytes();
        let mut calls = Vec::new();
        for node in parsed.tree.root_node().preorder(usize::MAX) {
            let called = node.field_text("name", bytes);
            if node.kind() == "method_invocation" && by_name.contains_key(called) {
                calls.push((node, called.to_owned()));
            }
        }
        for (call, called) in calls {
            let (first, last) = lines(call);
            let scope = scope_at(program, unit, first);
            let holders = &by_name[called.as_str()];
            let is_there = match call.field("object").map(|object| text(object, bytes).to_owned()) {
                None | Some(_) if scope.inside.is_some_and(|inside| holders.contains(&inside)) => true,
                Some(on) => program.resolve(scope, &on).is_some_and(|on| holders.contains(&on)),
                None => {
                    let imports = &program.unit(unit).imports;
                    let of = imports.iter().find(|import| import.is_static && simple(&import.path) == called);
                    let of = of.and_then(|import| Some(import.path.rsplit_once('.')?.0.to_owned()));
                    of.and_then(|of| program.qualified(&of, unit)).is_some_and(|of| holders.contains(&of))
                }
            };
            let Some(name) = call.first_argument() else { continue };
            let written = expression(name, bytes, 0);
            let Some(name) = program.constant(scope, &written).filter(|name| is_there && is_loud(name)) else {
                continue;
            };
            let evidence = file.lines(first, last);
            mentions.found.push(Mention::read(BY, name, evidence));
        }
    }
}

/// `@ConfigProperty(name = "UPPER", defaultValue = "x")`
fn config_property(file: &SourceFile, node: Node<'_>, mentions: &mut Mentions) {
    let bytes = file.bytes();
    let Expr::Annotation(name, values) = expression(node, bytes, 0) else { return };
    if simple(&name) != "ConfigProperty" {
        return;
    }
    let value = |key: &str| match crate::lang::jvm::model::value(&values, key) {
        Some(Expr::Text(text)) => Some(text.clone()),
        _ => None,
    };
    if let Some(name) = value("name").filter(|name| is_loud(name)) {
        let (first, last) = lines(node);
        let default = value("defaultValue");
        let required = default.as_ref().map(|_| false);
        mentions.found.push(Mention { required, default, ..Mention::read(BY, name, file.lines(first, last)) });
    }
}

/// Placeholders in the values of annotations.
fn in_annotations(file: &SourceFile, mentions: &mut Mentions) {
    let Some(parsed) = file.syntax() else { return };
    let bytes = file.bytes();
    let annotations = parsed.tree.root_node().preorder(usize::MAX).filter(|node| node.kind() == "annotation");
    let given = annotations.filter_map(|node| node.field("arguments"));
    for literal in given.flat_map(|given| given.preorder(usize::MAX)).filter(|node| node.kind() == "string_literal") {
        if let Expr::Text(text) = expression(literal, bytes, 0) {
            in_program(&text, &file.lines_of(literal), BY, mentions);
        }
    }
}
