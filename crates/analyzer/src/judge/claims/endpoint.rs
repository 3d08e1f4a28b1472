//! Endpoints that documentation names: `GET /api/x`, and `curl` of the reader's own machine. A path is contradicted
//! only where all routes of the tree were understood and others with the same beginning are known.

use std::collections::BTreeSet;

use crate::judge::claims::routes::{ServedRoute, is_parameter, segments};
use crate::judge::documents::is_documentation;
use crate::judge::mentions::mentions_where;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use super::context::Context;
use super::markdown::Markdown;
use super::shell;
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling, Verdict};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    if context.endpoints.is_empty() {
        return;
    }
    let mut push = |(method, path): (&str, &str), line: u32| {
        let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches(['.', ',', ';', ':', ')']);
        if is_path(path) {
            let ruling = rule(context, method, path);
            claims.push(ruling.claim(ClaimKind::Endpoint, file, (line, line), format!("{method} {path}")));
        }
    };
    for inline in &markdown.inline {
        if let Some(call) = plain(&inline.code) {
            push(call, inline.line);
        }
    }
    for (heading, line) in &markdown.headings {
        if let Some(call) = plain(heading) {
            push(call, *line);
        }
    }
    for block in &markdown.blocks {
        if matches!(block.language.as_str(), "" | "http" | "rest" | "text" | "txt") {
            block
                .lines
                .iter()
                .filter_map(|(line, number)| Some((plain(line)?, *number)))
                .for_each(|(call, number)| push(call, number));
        }
        if shell::is_shell(block) {
            for step in shell::steps(block, &|_| false)
                .iter()
                .filter(|step| step.words.first().is_some_and(|word| word == "curl"))
            {
                if let Some(call) = curl(&step.words) {
                    push(call, step.lines.0);
                }
            }
        }
    }
}

/// `GET /path` and nothing before it.
fn plain(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split_whitespace();
    let method = words.next().filter(|word| METHODS.contains(word))?;
    let path = words.next().filter(|path| path.starts_with('/'))?;
    // A status line or another word may follow, but no second path.
    (words.count() <= 3).then_some((method, path))
}

/// Method and path of a call to the reader's own machine.
fn curl(words: &[String]) -> Option<(&str, &str)> {
    let mut method = None;
    let mut sends = false;
    let mut address = None;
    let mut words = words.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-X" | "--request" => method = words.next(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" | "-F" | "--form" | "--data-urlencode" => {
                sends = true;
                words.next();
            }
            "-H" | "--header" | "-o" | "--output" | "-u" | "--user" | "-b" | "--cookie" => {
                words.next();
            }
            "-I" | "--head" => method = Some("HEAD"),
            "-G" | "--get" => method = Some("GET"),
            word if word.starts_with("-X") => method = Some(&word[2..]),
            word if !word.starts_with('-') => address = address.or(Some(word)),
            _ => {}
        }
    }
    let address = address?;
    let rest = address.trim_start_matches("http://").trim_start_matches("https://");
    let (host, _) = rest.split_once('/')?;
    let is_own =
        ["localhost", "127.0.0.1", "0.0.0.0"].iter().any(|own| host == *own || host.starts_with(&format!("{own}:")));
    let path = &rest[host.len()..];
    let method = method.unwrap_or(if sends { "POST" } else { "GET" });
    let method = METHODS.iter().find(|known| **known == method)?;
    is_own.then_some((*method, path))
}

fn is_path(path: &str) -> bool {
    path.len() > 1
        && !path.contains("...")
        && !path.contains("//")
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "/_-.~:{}<>[]@%+$".contains(c))
}

fn rule(context: &Context<'_>, method: &str, path: &str) -> Ruling {
    let fits = context.endpoints.fitting(path);
    let answers = |route: &&&ServedRoute<'_>| {
        route.method == method
            || route.method == "ANY"
            || method == "HEAD" && route.method == "GET"
            || method == "OPTIONS"
    };
    if let Some(route) = fits.iter().find(answers) {
        return Ruling::verified(format!("`{} {}` is served", route.method, route.path), route.evidence.clone());
    }
    if context.endpoints.open {
        return Ruling::unverifiable("it was not found, but not all routes of the tree were understood");
    }
    if let Some(route) = fits.first() {
        let methods: BTreeSet<&str> = fits.iter().map(|route| route.method).collect();
        let methods = methods.into_iter().collect::<Vec<_>>().join(", ");
        return Ruling::contradicted(format!("that path answers {methods} only"), vec![route.evidence.clone()]);
    }
    let wanted = segments(path);
    // A document about `/api` may leave it out.
    if context.endpoints.has_longer(&wanted) {
        return Ruling::unverifiable("a longer path ends like it");
    }
    // At least two others begin with the same words: then the place is known, and it lacks this one.
    let literal = wanted.iter().take_while(|part| !is_parameter(part)).count();
    let shared = literal.min(wanted.len().saturating_sub(1)).min(2);
    let siblings = context.endpoints.beginning_with(&wanted[..shared]);
    match siblings.as_slice() {
        [first, _, ..] => Ruling::contradicted(
            format!(
                "no route of the tree is `{path}`; {} others begin with `/{}`",
                siblings.len(),
                wanted[..shared].join("/")
            ),
            vec![first.evidence.clone()],
        )
        .lacks(path),
        _ => Ruling::unverifiable("no route with that beginning was found in the tree"),
    }
}

/// Take back what a program of the tree seems to serve in a way that is not understood: it has the last word of the path
/// after a slash or a quotation mark.
pub(super) fn settle(corpus: &Corpus, claims: &mut [Claim]) {
    let last = |claim: &Claim| {
        let path = claim.lacks.as_deref().filter(|_| claim.verdict == Verdict::Contradicted)?;
        let segments = segments(path);
        let last = segments.iter().rev().find(|part| !is_parameter(part) && part.len() > 1)?;
        (claim.kind == ClaimKind::Endpoint).then(|| (*last).to_owned())
    };
    let names: BTreeSet<String> = claims.iter().filter_map(last).collect();
    if names.is_empty() {
        return;
    }
    let begins = |before: &str, _: &str| before.ends_with(['/', '"', '\'', '`', ':']);
    let found = mentions_where(corpus, &names, |file| !is_documentation(file), begins);
    for claim in claims {
        if last(claim).is_some_and(|name| found.contains(&name)) {
            claim
                .leave_open("no route of the tree was understood as this one, but a program names the end of the path");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_the_own_machine_are_taken_apart() {
        let words = |line: &str| shlex::split(line).unwrap();
        let line = words("curl -s -X POST -H 'A: b' http://localhost:80/api/x?y=1 -d '{}'");
        assert_eq!(curl(&line), Some(("POST", "/api/x?y=1")));
        assert_eq!(curl(&words("curl localhost:3000/health")), Some(("GET", "/health")));
        assert_eq!(curl(&words("curl --json '{}' localhost/x")), Some(("POST", "/x")));
        assert_eq!(curl(&words("curl https://example.org/x")), None);
        assert_eq!(plain("GET /a/{b}"), Some(("GET", "/a/{b}")));
        assert_eq!(plain("GET request"), None);
    }
}
