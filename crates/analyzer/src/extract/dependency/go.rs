//! Dependencies of `go.mod`; `// indirect` ones are pulled in by others and left out, unless a `tool` line asks
//! for them. Versions are exact.

use crate::fact::Found;
use crate::tree::file::SourceFile;

use super::Dependency;

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    let text = file.text();
    let mut block: Option<String> = None;
    let mut replaced: Vec<(String, String, u32)> = Vec::new();
    let first = found.facts.len();
    let tools = tools(&text);
    for (line, number) in text.lines().zip(1_u32..) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let words: Vec<&str> = code.split_whitespace().collect();
        let (directive, words) = match (&block, words.as_slice()) {
            (_, []) => continue,
            (Some(_), [")"]) => {
                block = None;
                continue;
            }
            (Some(directive), words) => (directive.clone(), words),
            (None, [directive, "("]) => {
                block = Some((*directive).to_owned());
                continue;
            }
            (None, [directive, words @ ..]) => ((*directive).to_owned(), words),
        };
        match (directive.as_str(), words) {
            ("require", [module, version]) => {
                let name = module.trim_matches('"');
                let is_indirect = comment.trim() == "indirect" || comment.trim().starts_with("indirect;");
                // A tool is asked for by its package; the module that holds it may count as pulled in.
                let is_tool = tools
                    .iter()
                    .any(|tool| tool.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
                if is_indirect && !is_tool {
                    continue;
                }
                let scope = if is_indirect { "dev" } else { "runtime" };
                let evidence = file.lines(number, number);
                let requirement = Some((*version).to_owned());
                let fact = Dependency { ecosystem: "go", name, scope, requirement, evidence }.fact(file);
                found.facts.push(fact.with("locked_version", *version).with("locked_in", file.path.as_str()));
            }
            ("replace", words) => {
                let arrow = words.iter().position(|word| *word == "=>");
                if let (Some(arrow), Some(module)) = (arrow, words.first()) {
                    replaced.push(((*module).to_owned(), words[arrow + 1..].join(" "), number));
                }
            }
            _ => {}
        }
    }
    for fact in &mut found.facts[first..] {
        let name = fact.attrs.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
        if let Some((_, by, number)) = replaced.iter().find(|(module, ..)| *module == name) {
            fact.attrs.insert("replaced_by".to_owned(), by.as_str().into());
            fact.evidence.push(file.lines(*number, *number));
        }
    }
}

/// The packages of `tool` lines.
fn tools(text: &str) -> Vec<String> {
    let (mut out, mut is_inside) = (Vec::new(), false);
    for line in text.lines() {
        let words: Vec<&str> = line.split("//").next().unwrap_or_default().split_whitespace().collect();
        match (is_inside, words.as_slice()) {
            (false, ["tool", "("]) => is_inside = true,
            (true, [")"]) => is_inside = false,
            (true, [tool]) | (false, ["tool", tool]) => out.push((*tool).to_owned()),
            _ => {}
        }
    }
    out
}
