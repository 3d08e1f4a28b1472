//! The calls that take variables for a whole struct: `envy::from_env`, figment's `Env`, the config crate's
//! `Environment`. What they read is said by the chain of calls; what they fill by the call that ends it.

use tree_sitter::Node;

use super::MAX_NODES;
use crate::extract::env_var::constant::constant;
use crate::lang::rust::attribute;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// Calls of one chain.
const MAX_CHAIN: usize = 40;

/// Methods of a text that leave its letters, but for their case.
const SAME_LETTERS: [&str; 7] =
    ["to_uppercase", "to_ascii_uppercase", "to_lowercase", "to_string", "to_owned", "into", "as_str"];

/// How names of variables are made of names of fields.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) prefix: String,
    /// Between the names of a field and of one inside it.
    pub(super) split: Option<String>,
    /// Whether structs inside structs are filled at all.
    pub(super) is_nesting: bool,
    /// The fields that may be set, where the program lists them.
    pub(super) only: Option<Vec<String>>,
    /// Nothing else fills the struct, so that a field without default is required.
    pub(super) is_all: bool,
}

/// A place that reads variables.
#[derive(Debug)]
pub(super) struct VariableReader {
    /// `None` when its prefix is computed.
    pub(super) source: Option<Source>,
    /// The name of the struct.
    pub(super) into: Option<String>,
    pub(super) lines: (u32, u32),
    /// The first byte.
    pub(super) at: usize,
}

/// What a function of the file ends with: the struct that it makes.
struct Sink<'t> {
    function: Option<usize>,
    of: &'t str,
}

/// Every reader of a file.
pub(super) fn readers(root: Node<'_>, bytes: &[u8]) -> Vec<VariableReader> {
    let mut readers = Vec::new();
    let mut sinks: Vec<Sink<'_>> = Vec::new();
    let mut open: Vec<(Node<'_>, Around<'_>)> = vec![(root, Around::default())];
    let mut seen = 0;
    while let Some((node, mut around)) = open.pop() {
        seen += 1;
        if seen > MAX_NODES {
            break;
        }
        match node.kind() {
            "function_item" => around.function = Some(node),
            "impl_item" => around.owner = node.field("type").map(|of| text(of, bytes)),
            "let_declaration" => {
                // `let Settings { port, .. } = envy::from_env()` names the type in its pattern.
                let pattern = node.field("pattern").filter(|pattern| pattern.kind() == "struct_pattern");
                let of = node.field("type").or(pattern.and_then(|of| of.field("type")));
                around.of_let = of.map(|of| text(of, bytes));
            }
            "call_expression" => {
                if let Some(reader) = reader(node, root, &around, bytes) {
                    readers.push((reader, around.function.map(|function| function.id())));
                }
                if let Some((false, of)) = filled(node, &around, bytes) {
                    sinks.push(Sink { function: around.function.map(|function| function.id()), of });
                }
            }
            _ => {}
        }
        let children: Vec<Node<'_>> = node.inner().collect();
        open.extend(children.into_iter().rev().map(|child| (child, around)));
    }
    let complete = readers.into_iter().map(|(mut reader, function)| {
        if reader.into.is_none() && reader.source.as_ref().is_some_and(|source| !source.is_all) {
            let inside = sinks.iter().find(|sink| sink.function == function);
            // Built in one function and taken out in another: plain where the file takes out one type only.
            let only = sinks.first().filter(|first| sinks.iter().all(|sink| sink.of == first.of));
            reader.into = inside.or(only).map(|sink| sink.of.to_owned());
        }
        reader
    });
    complete.collect()
}

#[derive(Clone, Copy, Default)]
struct Around<'t> {
    function: Option<Node<'t>>,
    owner: Option<&'t str>,
    of_let: Option<&'t str>,
}

/// The struct that a call makes of what was read: told by its type argument, by the variable's type or by what the
/// function returns. With it, whether the call reads the variables itself.
fn filled<'t>(call: Node<'t>, around: &Around<'t>, bytes: &'t [u8]) -> Option<(bool, &'t str)> {
    let function = call.field("function")?;
    let (callee, of) = match function.kind() {
        "generic_function" => (function.field("function")?, function.field("type_arguments")),
        _ => (function, None),
    };
    let name = match callee.kind() {
        "field_expression" => text(callee.field("field")?, bytes),
        "scoped_identifier" => text(callee.field("name")?, bytes),
        _ => return None,
    };
    if !matches!(
        name,
        "from_env" | "from_iter" | "extract" | "extract_lossy" | "try_deserialize" | "try_into" | "deserialize"
    ) || (name == "from_iter" && !text(callee, bytes).starts_with("envy"))
    {
        return None;
    }
    let said = of.map(|of| text(of, bytes).trim_matches(['<', '>'])).filter(|of| *of != "_");
    let returned = around.function.and_then(|function| function.field("return_type"));
    let returned = || returned.map(|of| text(of, bytes));
    let of = said.or(around.of_let).or_else(returned)?;
    let of = of.trim_start_matches("&'static ").trim_start_matches('&');
    let of = ["Result<", "anyhow::Result<", "eyre::Result<", "Option<"]
        .iter()
        .find_map(|open| Some(of.split_once(open)?.1))
        .map_or(of, |inner| attribute::split(inner.trim_end_matches('>')).first().copied().unwrap_or(inner));
    let of = of.trim().rsplit("::").next().unwrap_or(of).trim_end_matches('>');
    let is_direct = matches!(name, "from_env" | "from_iter");
    Some((is_direct, if of == "Self" { around.owner? } else { of }))
}

/// The source that a call starts, with what the calls after it say.
fn reader<'t>(call: Node<'t>, root: Node<'t>, around: &Around<'t>, bytes: &'t [u8]) -> Option<VariableReader> {
    let function = call.field("function")?;
    let callee = match function.kind() {
        "generic_function" => function.field("function")?,
        _ => function,
    };
    if callee.kind() != "scoped_identifier" {
        return None;
    }
    let name = text(callee, bytes);
    let mut path = name.rsplit("::");
    let (last, module) = (path.next()?, path.next()?);
    let first = argument(call, root, bytes);
    let mut source = Source { prefix: String::new(), split: None, is_nesting: true, only: None, is_all: false };
    let mut is_known = true;
    let mut into = None;
    match (module, last) {
        ("envy", "from_env") => {
            source.is_all = true;
            source.is_nesting = false;
            into = filled(call, around, bytes);
        }
        ("envy", "prefixed") | ("Env", "prefixed") => {
            source.is_all = module == "envy";
            source.is_nesting = module != "envy";
            is_known = first.is_some();
            source.prefix = first.unwrap_or_default();
        }
        ("Env", "raw") => {}
        ("Environment", "with_prefix") => {
            is_known = first.is_some();
            source.prefix = first.unwrap_or_default();
        }
        ("Environment", "default" | "new") => {}
        _ => return None,
    }
    let is_config = module == "Environment";
    let mut prefix_separator = None;
    let mut top = call;
    for _ in 0..MAX_CHAIN {
        let Some(next) = top.parent().filter(|field| field.kind() == "field_expression").and_then(|field| {
            let call = field.parent()?;
            let call = if call.kind() == "generic_function" { call.parent()? } else { call };
            (call.kind() == "call_expression").then_some((text(field.field("field")?, bytes), call))
        }) else {
            break;
        };
        let (method, call) = next;
        let given = argument(call, root, bytes);
        match method {
            "split" | "separator" => {
                is_known &= given.is_some();
                source.split = given;
            }
            "prefix_separator" => prefix_separator = given,
            "prefix" => {
                is_known &= given.is_some();
                source.prefix = given.unwrap_or_default();
            }
            "only" => source.only = Some(list(call, bytes)),
            "map" | "filter_map" | "source" | "convert_case" => is_known = false,
            // The end of a chain of envy.
            "from_env" => {
                into = filled(call, around, bytes);
                break;
            }
            "extract" | "try_deserialize" => break,
            _ => {}
        }
        top = call;
    }
    if is_config && !source.prefix.is_empty() {
        let between = prefix_separator.or_else(|| source.split.clone()).unwrap_or_else(|| "_".to_owned());
        source.prefix = format!("{}{between}", source.prefix.to_ascii_uppercase());
    }
    source.prefix = source.prefix.to_ascii_uppercase();
    Some(VariableReader {
        source: is_known.then_some(source),
        at: call.start_byte(),
        into: into.map(|(_, of)| of.to_owned()),
        lines: (call.first_line(), top.last_line().min(call.first_line() + 8)),
    })
}

/// The text that is the first argument: a literal or a constant of the file, whatever its case is made. Only upper case
/// counts in the end.
fn argument(call: Node<'_>, root: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut first = call.first_argument()?;
    for _ in 0..MAX_CHAIN {
        first = match first.kind() {
            "reference_expression" => first.field("value")?,
            "call_expression" => {
                let method = first.field("function").filter(|method| method.kind() == "field_expression")?;
                let is_same = SAME_LETTERS.contains(&method.field_text("field", bytes));
                method.field("value").filter(|_| is_same)?
            }
            "identifier" => return constant(root, text(first, bytes), bytes),
            "string_literal" | "raw_string_literal" => return whole(first, bytes),
            _ => return None,
        };
    }
    None
}

/// The literals in a list that is the first argument.
fn list(call: Node<'_>, bytes: &[u8]) -> Vec<String> {
    let inner = call.field_text("arguments", bytes);
    inner.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
