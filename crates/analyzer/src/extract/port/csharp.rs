//! Ports that ASP.NET Core programs open: `UseUrls`, `Run(url)`, `Urls.Add`, Kestrel's `Listen...`, and the addresses
//! of `appsettings.json`. `launchSettings.json` is for a developer's own machine and says nothing of the product.

use super::{Ports, Said};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls::{self, CSharpCall};
use crate::lang::csharp::member::call_arguments;
use crate::syntax::literal::text;
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

const PATTERNS: [&str; 6] = ["UseUrls", "ListenAnyIP", "ListenLocalhost", ".Listen(", ".Run(\"http", "Urls.Add"];

pub(super) fn read(corpus: &Corpus, ports: &mut Ports) {
    for file in corpus.application().filter(|file| is_settings(file.name())) {
        settings(file, ports);
    }
    let Some(program) = CSharpProgram::with(corpus, &PATTERNS) else { return };
    let is_wanted =
        |name: &str| matches!(name, "UseUrls" | "ListenAnyIP" | "ListenLocalhost" | "Listen" | "Run" | "Add");
    calls::each(&program, &PATTERNS, is_wanted, |call| listen(call, ports));
}

fn listen(call: &CSharpCall<'_, '_, '_>, ports: &mut Ports) {
    let bytes = call.file.bytes();
    let arguments = call_arguments(call.node, bytes);
    let Some(first) = arguments.first().map(|first| first.value) else { return };
    let evidence = || {
        let range = call.node.byte_range();
        let end = arguments.last().map_or(range.end, |last| last.value.start_byte());
        call.file.lines(call.file.line_at(range.start), call.file.line_at(end))
    };
    let mut state = |port: Option<u16>, shown: &str| match port {
        Some(0) => {}
        Some(port) => {
            ports.said.push(Said::tcp(port, "listen", evidence()));
        }
        None => ports
            .unresolved(format!("the port `{}` is computed", shown.chars().take(60).collect::<String>()), evidence()),
    };
    match call.name {
        "ListenAnyIP" | "ListenLocalhost" => {
            state(call.text(first).and_then(|port| port.parse().ok()), text(first, bytes));
        }
        "Listen" if text(first, bytes).contains("IPAddress.") && arguments.len() > 1 => {
            let port = arguments[1].value;
            state(call.text(port).and_then(|port| port.parse().ok()), text(port, bytes));
        }
        "UseUrls" => {
            for argument in &arguments {
                match call.text(argument.value) {
                    Some(urls) => urls.split(';').filter_map(of_url).for_each(|port| state(Some(port), "")),
                    None => state(None, text(argument.value, bytes)),
                }
            }
        }
        "Run" | "Add" if call.name == "Run" || call.on.ends_with("Urls") => {
            if let Some(port) = call.text(first).as_deref().and_then(of_url) {
                state(Some(port), "");
            }
        }
        _ => {}
    }
}

/// The port of `http://*:5000`; an address without one means the scheme's.
pub(super) fn of_url(url: &str) -> Option<u16> {
    let (scheme, rest) = url.trim().trim_matches(['"', '\'']).split_once("://")?;
    let host = rest.split('/').next().unwrap_or(rest);
    match (host.rsplit_once(':'), scheme) {
        (Some((_, port)), "http" | "https") => port.parse().ok(),
        (None, "http") if !host.is_empty() => Some(80),
        (None, "https") if !host.is_empty() => Some(443),
        _ => None,
    }
}

fn is_settings(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "appsettings.json" | "appsettings.production.json")
}

/// `Kestrel:Endpoints:*:Url` and `urls`.
fn settings(file: &SourceFile, ports: &mut Ports) {
    let root = file.document().root();
    let mut state = |url: &Node| {
        for port in url.as_str().unwrap_or_default().split(';').filter_map(of_url) {
            let evidence = file.lines(url.start_line, url.end_line);
            ports.said.push(Said::tcp(port, "appsettings", evidence));
        }
    };
    for endpoint in root.at(&["Kestrel", "Endpoints"]).map(Node::entries).unwrap_or_default() {
        endpoint.value.get("Url").into_iter().for_each(&mut state);
    }
    root.entries().iter().filter(|entry| entry.key.eq_ignore_ascii_case("urls")).for_each(|entry| state(&entry.value));
}
