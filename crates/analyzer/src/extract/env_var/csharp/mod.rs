//! Reads in C#: `Environment.GetEnvironmentVariable` under a name that is a literal or a constant of the program, and
//! calls of the program's own methods that hand their parameter to it; and keys of the configuration.

mod configuration;
mod settings_file;

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name, is_required};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls::{self, CSharpCall};
use crate::lang::csharp::lower::flat;
use crate::lang::csharp::member::{argument, call_arguments};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;

const READ: &str = "GetEnvironmentVariable";
const BY: &str = "C#";

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    configuration::read(corpus, mentions);
    let Some(program) = CSharpProgram::with(corpus, &[READ]) else { return };
    // A helper's name and the place of the parameter that names the variable.
    let mut helpers: BTreeMap<&str, usize> = BTreeMap::new();
    calls::each(
        &program,
        &[READ],
        |name| name == READ,
        |call| {
            let bytes = call.file.bytes();
            let Some(named) = argument(&call_arguments(call.node, bytes), "variable", 0) else { return };
            if let Some(name) = call.text(named) {
                mention(call, name, mentions);
            } else if let Some((helper, at)) = helper(call, named) {
                helpers.insert(helper, at);
            } else {
                let shown: String = text(named, bytes).chars().take(60).collect();
                let reason = format!("an environment variable is read under a computed name: `{shown}`");
                mentions.unresolved(reason, lines(call));
            }
        },
    );
    if helpers.is_empty() {
        return;
    }
    let names: Vec<&str> = helpers.keys().copied().collect();
    calls::each(
        &program,
        &names,
        |name| helpers.contains_key(name),
        |call| {
            let arguments = call_arguments(call.node, call.file.bytes());
            let named = helpers.get(call.name).and_then(|at| argument(&arguments, "name", *at));
            // A helper may share its name with another method: the value must look like a variable's name. Two underscores
            // stand between the names of a section and of a key.
            let looks = |name: &String| is_loud(name) || name.contains("__");
            if let Some(name) = named.and_then(|named| call.text(named)).filter(looks) {
                mention(call, name, mentions);
            }
        },
    );
}

fn is_loud(name: &str) -> bool {
    name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn lines(call: &CSharpCall<'_, '_, '_>) -> ci_feed_dossier::evidence::Evidence {
    let range = call.node.byte_range();
    call.file.lines(call.file.line_at(range.start), call.file.line_at(range.end.saturating_sub(1)))
}

fn mention(call: &CSharpCall<'_, '_, '_>, name: String, mentions: &mut Mentions) {
    if !is_name(&name) {
        return;
    }
    let (default, ends) = otherwise(call);
    let required = is_required(&default, ends);
    mentions.found.push(Mention { name, required, default, role: MentionRole::Reads(BY), evidence: lines(call) });
}

/// The method around a call, when the name that it reads is one of its parameters, with the place of that.
fn helper<'c>(call: &CSharpCall<'_, '_, 'c>, named: Node<'c>) -> Option<(&'c str, usize)> {
    let bytes = call.file.bytes();
    let method = call.method()?;
    let wanted = text(named, bytes);
    let list = method.field("parameters").map(flat)?;
    let parameters = list.into_iter().filter(|one| one.kind() == "parameter");
    let at = parameters.map(|one| one.field_text("name", bytes));
    let at = at.into_iter().position(|name| name == wanted)?;
    Some((text(method.field("name")?, bytes), at))
}

/// What stands behind `??`: a literal, or the end of the program.
fn otherwise(call: &CSharpCall<'_, '_, '_>) -> (Option<String>, bool) {
    let bytes = call.file.bytes();
    let mut inner = call.node;
    for node in call.around.iter().rev().skip(1) {
        match node.kind() {
            "parenthesized_expression" | "postfix_unary_expression" => {}
            "binary_expression" => {
                let field = |name: &str| node.field(name);
                let is_else = field("operator").is_some_and(|operator| text(operator, bytes) == "??");
                let (Some(left), Some(right)) = (field("left"), field("right")) else { return (None, false) };
                if !is_else || left.id() != inner.id() {
                    return (None, false);
                }
                return match right.kind() {
                    "throw_expression" => (None, true),
                    "integer_literal" | "boolean_literal" => (Some(text(right, bytes).to_owned()), false),
                    _ => (call.text(right), false),
                };
            }
            _ => return (None, false),
        }
        inner = *node;
    }
    (None, false)
}
