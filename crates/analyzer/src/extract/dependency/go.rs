//! Dependencies of `go.mod`; `// indirect` ones are pulled in by others and left out, unless a `tool` line asks
//! for them. Versions are exact.

use crate::fact::Found;
use crate::tree::file::SourceFile;

use super::Dependency;

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    let text = file.text();
    let mut replaced: Vec<(String, String, u32)> = Vec::new();
    let first = found.facts.len();
    let lines = lines(&text);
    let tools: Vec<&str> =
        lines.iter().filter(|line| line.directive == "tool").flat_map(|line| line.words.first()).copied().collect();
    for Line { directive, words, comment, number } in &lines {
        match (*directive, words.as_slice()) {
            ("require", [name, version]) => {
                let is_indirect = *comment == "indirect" || comment.starts_with("indirect;");
                // A tool is asked for by its package; the module that holds it may count as pulled in.
                let is_tool = tools
                    .iter()
                    .any(|tool| tool.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
                if is_indirect && !is_tool {
                    continue;
                }
                let scope = if is_indirect { "dev" } else { "runtime" };
                let evidence = file.lines(*number, *number);
                let requirement = Some((*version).to_owned());
                let fact = Dependency { ecosystem: "go", name, scope, requirement, evidence }.fact(file);
                found.facts.push(fact.with("locked_version", *version).with("locked_in", file.path.as_str()));
            }
            ("replace", words) => {
                let arrow = words.iter().position(|word| *word == "=>");
                if let (Some(arrow), Some(module)) = (arrow, words.first()) {
                    replaced.push(((*module).to_owned(), words[arrow + 1..].join(" "), *number));
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

/// One line of a directive, inside its block or alone.
struct Line<'t> {
    directive: &'t str,
    /// Without their quotes.
    words: Vec<&'t str>,
    comment: &'t str,
    number: u32,
}

/// The lines that say something. A block opens with `(`, which need not stand apart.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut block = None;
    for (line, number) in text.lines().zip(1_u32..) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let (code, comment) = (code.trim(), comment.trim());
        let opens = code.strip_suffix('(').map(str::trim_end).filter(|directive| !directive.is_empty());
        match (block, opens) {
            (None, Some(directive)) => block = Some(directive),
            (Some(_), _) if code == ")" => block = None,
            _ => {
                let mut words = code.split_whitespace().map(|word| word.trim_matches(['"', '`']));
                let Some(directive) = block.or_else(|| words.next()) else { continue };
                out.push(Line { directive, words: words.collect(), comment, number });
            }
        }
    }
    out
}
