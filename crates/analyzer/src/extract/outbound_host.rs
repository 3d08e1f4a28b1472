//! `outbound_host` facts: hosts that the code names as the address of a request. A URL counts when its line, or the
//! line before, makes a request or names an endpoint; links, namespaces, documentation and the machine itself do not.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use crate::fact::{Fact, Found};
use crate::syntax::grammar::Language;
use crate::syntax::prefilter::automaton;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Calls that send a request.
const REQUESTS: &[&str] = &[
    "fetch(",
    "axios.",
    "axios(",
    "got(",
    "got.",
    "ky.",
    "superagent",
    "requests.",
    "httpx.",
    "aiohttp",
    "urlopen(",
    "session.get(",
    "session.post(",
    "http.Get(",
    "http.Post(",
    "http.NewRequest",
    "resty",
    "HttpClient",
    "RestTemplate",
    "WebClient",
    "reqwest",
    "ureq",
    "client.get(",
    "client.post(",
    "Faraday",
    "HTTParty",
    "RestClient",
    "Net::HTTP",
    "Http::",
    "Guzzle",
    "curl_init(",
    "GetAsync(",
    "PostAsync(",
    "GetStringAsync(",
];

/// Words of a name that an endpoint is kept under, in lower case.
const NAMES: &[&str] =
    &["endpoint", "api", "baseurl", "base_url", "base_uri", "webhook", "token", "oauth", "ingest", "dsn"];

/// Words of a name under which a link for people is kept.
const LINKS: &[&str] =
    &["doc", "help", "href", "link", "homepage", "website", "license", "schema", "namespace", "redirect", "example"];

/// How far above the end of a chain of calls its beginning is looked for.
const MAX_CHAIN_BYTES: usize = 600;

/// Every host, one fact for each name.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let search = automaton(&["https://", "http://"]);
    let mut by_host: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
    for file in corpus.application().filter(|file| Language::of_path(&file.path).is_some()) {
        for hit in search.find_iter(file.bytes()) {
            let Some(host) = host(file.bytes(), hit.end()).filter(|_| is_request(file.bytes(), hit.start())) else {
                continue;
            };
            by_host.entry(host).or_default().push(line_of(file, hit.start()));
        }
    }
    let fact = |(host, mut evidence): (String, Vec<Evidence>)| {
        evidence.dedup();
        let mut fact = Fact::evidenced(FactKind::OutboundHost, host, evidence[0].clone());
        fact.evidence = evidence;
        fact
    };
    Found { facts: by_host.into_iter().map(fact).collect(), ..Found::default() }
}

fn line_of(file: &SourceFile, at: usize) -> Evidence {
    let line = file.line_at(at);
    file.lines(line, line)
}

/// The host after the scheme; `None` for a computed one, the machine itself, private and reserved names.
fn host(bytes: &[u8], start: usize) -> Option<String> {
    let rest = &bytes[start..bytes.len().min(start + 254)];
    let end = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')))?;
    let host = std::str::from_utf8(&rest[..end]).ok()?.to_ascii_lowercase();
    let ends_plainly = matches!(rest[end], b'/' | b'"' | b'\'' | b'`' | b':' | b'?');
    let is_name = host.contains('.')
        && host
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_lowercase()));
    let reserved = [
        "example.com",
        "example.org",
        "example.net",
        ".example",
        ".test",
        ".invalid",
        ".local",
        ".localhost",
        ".internal",
        "w3.org",
        "json-schema.org",
        "schema.org",
        "xmlsoap.org",
    ];
    let is_reserved = reserved.iter().any(|name| host.ends_with(name)) || host.contains("your");
    (ends_plainly && is_name && !is_reserved).then_some(host)
}

/// Whether the text before the URL sends a request to it or keeps it as an endpoint.
fn is_request(bytes: &[u8], at: usize) -> bool {
    let is_quoted = at.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'"' | b'\'' | b'`'));
    if !is_quoted || is_comment(bytes, at) {
        return false;
    }
    let line = line_start(bytes, at);
    let own = String::from_utf8_lossy(&bytes[line..at]);
    let lower = own.to_ascii_lowercase();
    if LINKS.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let is_named = |text: &str| text.contains(['=', ':']) && NAMES.iter().any(|word| text.contains(word));
    let sends = |text: &str| REQUESTS.iter().any(|call| text.contains(call));
    if sends(&own) || is_named(&lower) {
        return true;
    }
    // The call ends a chain of calls, `->get("https://…`, that a request begins some lines above.
    if is_linked(&own) && own.trim_end_matches(['"', '\'', '`']).ends_with('(') {
        let above = String::from_utf8_lossy(&bytes[line.saturating_sub(MAX_CHAIN_BYTES)..line]);
        let mut above = above.lines().rev();
        return above.find(|text| !is_linked(text)).is_some_and(sends);
    }
    // The call or the name stands on the line before, the literal alone on its own.
    let is_alone = own.trim_start().len() <= 1;
    let before =
        line.checked_sub(1).map(|end| String::from_utf8_lossy(&bytes[line_start(bytes, end)..end]).into_owned());
    is_alone
        && before.is_some_and(|before| {
            sends(&before) || (before.trim_end().ends_with(['=', '(']) && is_named(&before.to_ascii_lowercase()))
        })
}

/// Whether a line goes on with what the line above calls.
fn is_linked(line: &str) -> bool {
    ["->", ".", "?."].iter().any(|link| line.trim_start().starts_with(link))
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    // A line that is longer is no line that a person wrote.
    let from = at.saturating_sub(400);
    bytes[from..at].iter().rposition(|byte| *byte == b'\n').map_or(from, |newline| from + newline + 1)
}

/// Whether the line begins as a comment.
pub(super) fn is_comment(bytes: &[u8], at: usize) -> bool {
    let line = bytes[line_start(bytes, at)..at].trim_ascii_start();
    [b"//".as_slice(), b"#", b"*", b"/*", b"--", b"<!--", b";"].iter().any(|mark| line.starts_with(mark))
}
