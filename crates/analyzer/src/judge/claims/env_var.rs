//! Environment variables that documentation and sample files name. Nothing that reads one in a way unseen here makes
//! the documentation wrong, so a variable is VERIFIED or UNVERIFIABLE and never contradicted.

use crate::tree::document::dotenv;
use crate::tree::file::SourceFile;

use super::context::Context;
use super::markdown::Markdown;
use super::shell::{self, is_variable};
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling};

/// Blocks that may hold `NAME=value` lines.
const ASSIGNING: &[&str] = &["", "sh", "bash", "shell", "zsh", "console", "dotenv", "env", "ini", "properties", "conf"];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    for block in markdown.blocks.iter().filter(|block| ASSIGNING.contains(&block.language.as_str())) {
        for (line, number) in &block.lines {
            claims.extend(assigned(line).map(|name| rule(context, file, name, *number)));
        }
        if shell::is_shell(block) {
            for step in shell::steps(block, &|_| false) {
                let names = step.assignments.iter().filter_map(|assignment| assigned(assignment));
                claims.extend(names.map(|name| rule(context, file, name, step.lines.0)));
            }
        }
    }
    for inline in &markdown.inline {
        let name = inline.code.trim().trim_start_matches('$');
        if let Some(name) = assigned(name) {
            claims.push(rule(context, file, name, inline.line));
            continue;
        }
        // A lone word in capitals may be any constant: it is a claim only where it is known to be read, or where the
        // text is about settings.
        let is_setting = context.reads(name).is_some() || inline.about_settings && name.contains('_');
        if is_setting && is_upper(name) && !crate::judge::documents::AMBIENT.contains(&name) {
            claims.push(rule(context, file, name, inline.line));
        }
    }
}

/// Every assignment of a sample file, commented ones included when they look like nothing else.
pub(super) fn check_sample(context: &Context<'_>, file: &SourceFile, claims: &mut Vec<Claim>) {
    let text = file.text();
    let named = dotenv::parse(&text).into_iter().filter(|one| is_claimed(one.name));
    claims.extend(named.map(|one| rule(context, file, one.name, one.line)));
}

fn rule(context: &Context<'_>, file: &SourceFile, name: &str, line: u32) -> Claim {
    let ruling = match context.reads(name) {
        Some(evidence) => Ruling::verified(format!("`{name}` is read"), evidence.clone()),
        None => Ruling::unverifiable(format!("no reading of `{name}` was recognised; a library or tool may read it")),
    };
    ruling.claim(ClaimKind::EnvVar, file, (line, line), name.to_owned())
}

/// The name in `NAME=value` or `export NAME=value`, if it is written like an environment variable.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, _) = line.split_once('=')?;
    is_claimed(name).then_some(name)
}

/// Whether a name is written like an environment variable, and is not one that everybody sets.
fn is_claimed(name: &str) -> bool {
    is_upper(name) && !crate::judge::documents::AMBIENT.contains(&name)
}

/// `DATABASE_URL`, `PORT`: capitals, digits and `_`, three at least.
fn is_upper(name: &str) -> bool {
    name.len() >= 3
        && is_variable(name)
        && name.chars().all(|c| !c.is_ascii_lowercase())
        && name.chars().any(|c| c.is_ascii_uppercase())
}
