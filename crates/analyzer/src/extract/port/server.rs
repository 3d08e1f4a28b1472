//! Ports in what configures a server: Puma, Unicorn, gunicorn, nginx.

use super::{Ports, Said};
use crate::tree::file::SourceFile;
use ci_feed_dossier::evidence::Evidence;

/// `port ENV.fetch("PORT") { 3000 }`, `bind "tcp://0.0.0.0:3000"`, `listen 3000` of Puma and Unicorn.
pub(super) fn rack(file: &SourceFile, ports: &mut Ports) {
    for (line, text) in (1..).zip(file.text().lines()) {
        let text = text.split(" #").next().unwrap_or(text).trim();
        let Some((word, rest)) = text.split_once([' ', '(']) else { continue };
        // Sockets are no ports; what is not a word of the server is something else.
        if !matches!(word, "port" | "bind" | "listen") || rest.contains("unix:") || rest.trim_start().starts_with('=') {
            continue;
        }
        let env = rest.rsplit_once("ENV").and_then(|(_, name)| name.split(['"', '\'']).nth(1)).map(str::to_owned);
        address(rest, env, word == "port", file.lines(line, line), ports);
    }
}

/// `bind = "0.0.0.0:8000"` of a configuration that gunicorn runs, also with a variable and its default.
pub(super) fn gunicorn(file: &SourceFile, ports: &mut Ports) {
    for (line, text) in (1..).zip(file.text().lines()) {
        let Some(rest) = text.strip_prefix("bind").map(str::trim_start).and_then(|rest| rest.strip_prefix('=')) else {
            continue;
        };
        let rest = rest.split(" #").next().unwrap_or(rest);
        if !rest.contains("unix:") {
            let env = ["environ", "getenv"].iter().find_map(|read| rest.split_once(read));
            let env = env.and_then(|(_, name)| name.split(['"', '\'']).nth(1)).map(str::to_owned);
            address(rest, env, false, file.lines(line, line), ports);
        }
    }
}

/// The number that stands last in an address; names of variables have none.
fn address(rest: &str, env: Option<String>, is_number: bool, evidence: Evidence, ports: &mut Ports) {
    let without = env.as_ref().map_or(rest.to_owned(), |name| rest.replace(name.as_str(), ""));
    let mut numbers = without.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let is_path = !is_number && !without.contains(':') && without.contains('/');
    match numbers.next_back().and_then(|digits| digits.parse().ok()).filter(|port| *port > 0 && !is_path) {
        Some(port) => ports.said.push(Said { env, ..Said::tcp(port, "listen", evidence) }),
        None if is_path => {}
        None => ports.unresolved(
            format!("the port `{}` is computed", rest.trim().chars().take(60).collect::<String>()),
            evidence,
        ),
    }
}

/// A file of nginx's configuration: by its name or folder, and a server inside.
pub(super) fn is_nginx(file: &SourceFile) -> bool {
    let name = file.name();
    let is_conf = name.ends_with(".conf") || name.ends_with(".conf.template") || name.ends_with(".conf.tmpl");
    is_conf && file.path.to_ascii_lowercase().contains("nginx") && file.text().contains("server")
}

/// `listen 8080;`, `listen [::]:443 ssl;` of nginx.
pub(super) fn nginx(file: &SourceFile, ports: &mut Ports) {
    for (line, text) in (1..).zip(file.text().lines()) {
        let Some(rest) = text.trim().strip_prefix("listen").filter(|rest| rest.starts_with([' ', '\t'])) else {
            continue;
        };
        let words: Vec<&str> = rest.split(';').next().unwrap_or(rest).split_whitespace().collect();
        let Some(port) = words.first().and_then(|address| address.rsplit(':').next()?.parse().ok()) else { continue };
        let protocol = if words.contains(&"quic") || words.contains(&"udp") { "udp" } else { "tcp" };
        let evidence = file.lines(line, line);
        ports.said.push(Said { protocol, ..Said::tcp(port, "nginx", evidence) });
    }
}
