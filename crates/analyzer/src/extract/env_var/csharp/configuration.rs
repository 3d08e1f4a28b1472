//! Keys of the .NET configuration that are named like variables (`configuration["SMTP_HOST"]`,
//! `GetValue<int>("SMTP_PORT", 25)`) in a program whose host reads the environment, as every default builder does. A key
//! in another spelling is set in files as well as by a variable, and one of a section has a longer name: neither is stated.
//! Where the program adds variables with a prefix, a key may be read below it: that is unresolved.

use super::{BY, is_loud, lines, otherwise};
use crate::extract::env_var::mention::{Mention, Mentions, Role, is_required};
use crate::lang::csharp::Program;
use crate::lang::csharp::calls::{self, Call, INDEX};
use crate::lang::csharp::member::{argument, arguments, call_arguments};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;

/// What makes a host that reads every variable.
const HOSTS: [&str; 5] = [
    "WebApplication.CreateBuilder(",
    "WebApplication.CreateSlimBuilder(",
    "Host.CreateDefaultBuilder(",
    "Host.CreateApplicationBuilder(",
    ".AddEnvironmentVariables()",
];
/// The types of a whole configuration; a question mark may follow.
const TYPES: [&str; 4] = ["IConfiguration", "IConfigurationRoot", "IConfigurationManager", "ConfigurationManager"];
const READ: &str = "GetValue";
const ADDS: &str = ".AddEnvironmentVariables(";

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let Some(program) = Program::with(corpus, &HOSTS) else { return };
    let is_prefixed = program.files_with(&[ADDS]).iter().any(|file| file.text().split(ADDS).skip(1).any(has_argument));
    calls::each(
        &program,
        &["onfiguration[", "onfig[", "onf[", ".GetValue<", ".GetValue("],
        |name| name == READ || name == INDEX,
        |call| {
            let bytes = call.file.bytes();
            let given = match call.name {
                INDEX => call.node.field("subscript").map(|list| arguments(list, bytes)).unwrap_or_default(),
                _ => call_arguments(call.node, bytes),
            };
            let key = argument(&given, "key", 0).and_then(|key| call.text(key));
            let Some(name) = key.filter(|key| is_loud(key) && is_whole(call)) else { return };
            if is_prefixed {
                let reason = format!("the key `{name}` of the configuration may be read below a prefix");
                mentions.unresolved(reason, lines(call));
                return;
            }
            let given = argument(&given, "defaultValue", 1).filter(|_| call.name == READ);
            let (default, required) = match given {
                Some(given) => (value(call, given), Some(false)),
                None => {
                    let (default, ends) = otherwise(call);
                    let required = is_required(&default, ends);
                    (default, required)
                }
            };
            mentions.found.push(Mention { name, required, default, role: Role::Reads(BY), evidence: lines(call) });
        },
    );
}

fn has_argument(given: &str) -> bool {
    !given.trim_start().starts_with(')')
}

/// What a default is, where it is plain.
fn value<'c>(call: &Call<'_, '_, 'c>, given: tree_sitter::Node<'c>) -> Option<String> {
    match given.kind() {
        "integer_literal" | "boolean_literal" => Some(text(given, call.file.bytes()).to_owned()),
        _ => call.text(given).filter(|default| !default.is_empty()),
    }
}

/// Whether a key is looked up in the whole configuration and not in a section of it.
fn is_whole(call: &Call<'_, '_, '_>) -> bool {
    let (before, name) = call.on.rsplit_once('.').unwrap_or(("", call.on));
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || name.is_empty() {
        return false;
    }
    // `builder.Configuration`, `context.Configuration`
    if name == "Configuration" && !matches!(before, "" | "this") {
        return true;
    }
    let source = call.file.text();
    let is_declared = TYPES.iter().any(|of| {
        let [plain, optional] = [format!("{of} {name}"), format!("{of}? {name}")];
        let ends = |at: usize| !source[at..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        [plain, optional].iter().any(|one| source.match_indices(one).any(|(at, one)| ends(at + one.len())))
    });
    let start = format!("{name} = ");
    let made = |ends: &str| {
        let values = source.match_indices(&start).map(|(at, start)| &source[at + start.len()..]);
        let mut values = values.map(|rest| rest.split(';').next().unwrap_or_default());
        values.any(|value| value.trim_end().contains(ends))
    };
    (is_declared || made("new ConfigurationBuilder()") || made(".Configuration")) && !made("GetSection(")
}
