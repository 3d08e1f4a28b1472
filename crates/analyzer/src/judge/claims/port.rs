//! Ports that documentation says the program listens on: `localhost:3000`, "listens on port 3000". A number is
//! contradicted only when nothing of the tree but documents has it, and no tool that the tree uses has it as default.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::fact::FactKind;

use crate::fact::Fact;
use crate::judge::documents::is_documentation;
use crate::judge::mentions::{mentions, mentions_where};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use super::context::Context;
use super::default_ports::{is_of_another, tools};
use super::markdown::{Block, Markdown};
use super::shell;
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling, Verdict};

/// Hosts that mean the machine of the reader.
const HOSTS: &[&str] = &["localhost:", "127.0.0.1:", "0.0.0.0:", "[::1]:"];

/// The first of the numbers that Linux and container engines give out by themselves.
const DYNAMIC: u64 = 32_768;

/// How far above a base a port may be that is counted from it: by itself, and where a line adds something to the base.
const MAX_PORT_OFFSET: u64 = 10;
const FAR: u64 = 1_000;

/// Texts before a block that say that it holds what a program prints.
const PRINTED: &[&str] = &["output", "prints", "printed", "looks like", "look like", "response"];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    let mut said: Vec<(u64, u32)> = Vec::new();
    for (text, line) in &markdown.texts {
        said.extend(of_hosts(text, false).into_iter().chain(of_words(text)).map(|port| (port, *line)));
    }
    // A value with several addresses is an example of one.
    for inline in markdown.inline.iter().filter(|inline| !inline.code.contains(',')) {
        said.extend(of_hosts(&inline.code, false).into_iter().map(|port| (port, inline.line)));
    }
    for (url, line) in &markdown.links {
        said.extend(of_hosts(url, true).into_iter().map(|port| (port, *line)));
    }
    let is_printed = |block: &&Block| PRINTED.iter().any(|word| block.intro.to_lowercase().contains(word));
    let blocks = markdown.blocks.iter().filter(|block| shell::is_shell(block) || block.language == "http");
    for block in blocks.filter(|block| !is_printed(block)) {
        for (line, number) in &block.lines {
            said.extend(of_hosts(line, true).into_iter().map(|port| (port, *number)));
        }
    }
    if said.is_empty() {
        return;
    }
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    // Each number once, rather where it is no example: the line matters for nothing else.
    let mut first: BTreeMap<u64, (bool, u32)> = BTreeMap::new();
    let mut examples: BTreeMap<u32, bool> = BTreeMap::new();
    for (port, line) in said {
        let is_example = *examples.entry(line).or_insert_with(|| {
            let said = usize::try_from(line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
            let said = said.map(|said| said.to_lowercase()).unwrap_or_default();
            ["e.g.", "ex. ", "example", "such as", "for instance", "typically", "usually"]
                .iter()
                .any(|word| said.contains(word))
                || links_to_other(&said)
        });
        let known = first.entry(port).or_insert((is_example, line));
        *known = (*known).min((is_example, line));
    }
    for (port, (is_example, line)) in first {
        let ruling = rule(context, file, &text, port);
        let ruling = if is_example { ruling.at_most_unverifiable() } else { ruling };
        claims.push(ruling.claim(ClaimKind::Port, file, (line, line), format!("port {port}")));
    }
}

fn rule(context: &Context<'_>, file: &SourceFile, text: &str, port: u64) -> Ruling {
    if let Some(evidence) = context.ports.get(&port) {
        return Ruling::verified(format!("the tree says {port}, too"), (*evidence).clone());
    }
    if context.ports.is_empty() {
        return Ruling::unverifiable("no port was found in the tree");
    }
    if port >= DYNAMIC {
        return Ruling::unverifiable("the number is one of those that a system gives out, another one each time");
    }
    if is_of_another(port) {
        return Ruling::unverifiable("the number is the usual one of another program");
    }
    if is_chosen(text, port) {
        return Ruling::unverifiable("the document itself chooses the number");
    }
    if !crate::judge::documents::is_guide(file) || brings_default(context, text, port) {
        return Ruling::unverifiable(format!("nothing of the tree says {port}; a tool may have it as its default"));
    }
    let known: BTreeSet<String> = context.ports.keys().take(5).map(u64::to_string).collect();
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    let evidence = context.ports.values().take(3).map(|one| (*one).clone()).collect();
    Ruling::contradicted(format!("nothing of the tree says {port}; the ports that were found: {known}"), evidence)
}

/// Whether a line links to something that is not on the reader's machine: the number may be that of what it names.
fn links_to_other(line: &str) -> bool {
    let is_local = |text: &str| HOSTS.iter().any(|host| text.contains(host));
    line.split('[').skip(1).filter_map(|rest| rest.split_once(']')).any(|(text, rest)| {
        let address = rest.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or_default();
        !matches!(text.trim(), "" | "x" | "!note" | "!tip" | "!warning") && !is_local(text) && !is_local(address)
    })
}

/// Take back what other files of the tree have the number of: one pass over them for all documents together.
pub(super) fn settle(corpus: &Corpus, claims: &mut [Claim]) {
    let open = |claim: &&mut Claim| claim.kind == ClaimKind::Port && claim.verdict == Verdict::Contradicted;
    let number = |claim: &Claim| claim.text.trim_start_matches("port ").to_owned();
    let numbers: BTreeSet<String> = claims.iter_mut().filter(open).map(|claim| number(claim)).collect();
    if numbers.is_empty() {
        return;
    }
    let is_lock = |file: &SourceFile| {
        let name = file.name();
        name.contains("lock")
            || name == "go.sum"
            || name.ends_with(".svg")
            || name.ends_with(".snap")
            || name.ends_with(".csv")
    };
    let found = mentions(corpus, numbers.iter().map(String::as_str), |file| !is_documentation(file) && !is_lock(file));
    // Ports of several instances are counted up from a base, near to it or by a number that is added.
    let below = |number: &str, most: u64| {
        let number: u64 = number.parse().unwrap_or_default();
        (1..most).filter_map(move |less| number.checked_sub(less)).map(|base| base.to_string())
    };
    let bases_where = |most: u64, test: fn(&str, &str) -> bool| {
        let bases: BTreeSet<String> = numbers.iter().flat_map(|number| below(number, most)).collect();
        mentions_where(corpus, &bases, |file| !is_documentation(file) && !is_lock(file), test)
    };
    let near = bases_where(MAX_PORT_OFFSET, |before, after| {
        let line = format!("{before}{after}").to_lowercase();
        ["base", "range", "first", "offset"].iter().any(|word| line.contains(word))
    });
    let added = bases_where(FAR, |before, after| {
        let is_name = |text: &str| text.trim_start().starts_with(|c: char| c.is_alphabetic() || "$_{(".contains(c));
        after.trim_start().strip_prefix('+').is_some_and(is_name)
            || before.trim_end().strip_suffix('+').is_some_and(|before| !before.ends_with(['"', '\'', '+']))
    });
    for claim in claims.iter_mut().filter(open) {
        let number = number(claim);
        let is_counted = below(&number, MAX_PORT_OFFSET).any(|base| near.contains(&base))
            || below(&number, FAR).any(|base| added.contains(&base));
        if found.contains(&number) || is_counted {
            claim.leave_open("no port fact has the number, but other files of the tree do");
        }
    }
}

/// Numbers after the names of the reader's own machine; `strict` asks for a web address.
fn of_hosts(text: &str, strict: bool) -> Vec<u64> {
    let mut found = Vec::new();
    for host in HOSTS {
        for (at, _) in text.match_indices(host) {
            let before = &text[..at];
            let is_web = before.ends_with("http://") || before.ends_with("https://");
            let stands_alone = !before.ends_with(['/', '@', '.', '-', '_']) && !before.ends_with(char::is_alphanumeric);
            if is_web || stands_alone && !strict {
                found.extend(digits(&text[at + host.len()..]));
            }
        }
    }
    found
}

/// "listens on port 3000", "runs at port 3000 by default".
fn of_words(text: &str) -> Vec<u64> {
    let lower = text.to_lowercase();
    if !["listen", "runs on", "running on", "serves", "available", "starts on", "started on"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return Vec::new();
    }
    lower.match_indices("port ").filter_map(|(at, word)| digits(&lower[at + word.len()..])).collect()
}

fn digits(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let then = text[end..].chars().next();
    let whole = !then.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    text[..end].parse().ok().filter(|port| whole && (80..=65_535).contains(port))
}

/// Whether the document has the number in other places than addresses: it maps or sets it.
fn is_chosen(text: &str, port: u64) -> bool {
    let number = port.to_string();
    text.match_indices(&number).any(|(at, _)| {
        let before = &text[..at];
        let after = &text[at + number.len()..];
        let is_part =
            before.ends_with(|c: char| c.is_alphanumeric()) || after.starts_with(|c: char| c.is_alphanumeric());
        let ends_with = |word: &str| {
            let start = before.len().checked_sub(word.len()).and_then(|start| before.get(start..));
            start.is_some_and(|end| end.eq_ignore_ascii_case(word))
        };
        let said = ends_with("port ") && !ends_with("-port ");
        // `BROKER_URL=http://localhost:3000`
        let is_assigned = HOSTS.iter().filter_map(|host| before.strip_suffix(host)).any(|before| {
            let before = before.trim_end_matches("https://").trim_end_matches("http://").trim_end_matches(['"', '\'']);
            before.strip_suffix('=').is_some_and(|name| name.ends_with(|c: char| c.is_ascii_uppercase()))
        });
        let is_address = HOSTS.iter().any(|host| before.ends_with(host)) || said;
        let is_mapped = after.strip_prefix(':').is_some_and(|then| then.starts_with(|c: char| c.is_ascii_digit()));
        !is_part && (!is_address || is_mapped || is_assigned)
    })
}

/// Whether the tree uses, or the document names, a tool that takes this port by itself.
fn brings_default(context: &Context<'_>, text: &str, port: u64) -> bool {
    let tools = tools(port);
    if tools.is_empty() {
        return false;
    }
    let is_used = |fact: &Fact| {
        let name =
            fact.key.split_once(':').map_or(fact.key.as_str(), |(_, rest)| rest).split(' ').next().unwrap_or_default();
        fact.kind == FactKind::Dependency
            && tools.iter().any(|tool| name == *tool || name.starts_with(tool) && tool.contains('.'))
    };
    let text = text.to_ascii_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_named = |tool: &&str| {
        text.match_indices(*tool)
            .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + tool.len()..].starts_with(is_part))
    };
    tools.iter().any(|tool| !context.named(tool.rsplit('/').next().unwrap_or(tool)).is_empty())
        || context.facts.iter().any(is_used)
        || tools.iter().any(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_where_a_document_means_its_own_machine() {
        assert_eq!(of_hosts("open http://localhost:3000/x or 127.0.0.1:8080.", false), [3000, 8080]);
        assert_eq!(of_hosts("postgres://a@localhost:5432 http://localhost:3000", true), [3000]);
        assert!(of_hosts("http://localhost:PORT localhost:99999999 mylocalhost:3000", false).is_empty());
        assert_eq!(of_words("It listens on port 9000 by default."), [9000]);
        assert!(of_words("open port 9000 in the firewall").is_empty());
    }

    #[test]
    fn a_number_that_the_document_maps_is_its_own_choice() {
        assert!(is_chosen("docker run -p 3000:80 x\nhttp://localhost:3000", 3000));
        assert!(is_chosen("PORT=3000 npm start\nhttp://localhost:3000", 3000));
        assert!(is_chosen("x --port 3000\nhttp://localhost:3000", 3000));
        assert!(is_chosen("BROKER_URL=\"http://localhost:3000\" x", 3000));
        assert!(!is_chosen("http://localhost:3000/a and port 3000.", 3000));
    }
}
