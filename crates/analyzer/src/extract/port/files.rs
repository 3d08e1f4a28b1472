//! Ports in configuration: `EXPOSE`, compose, `.replit`, and the flags of start commands in Procfiles,
//! Dockerfiles and package scripts.

use std::collections::BTreeSet;

use super::{Ports, Said, server};
use crate::extract::compose::image;
use crate::extract::datastore::is_image;
use crate::tree::document::dockerfile::{self, Instruction};
use crate::tree::document::{self, json, toml, yaml};
use crate::tree::file::SourceFile;

/// Programs whose `-p`, `--port`, `--bind` and `-b` are the port they serve on.
const SERVERS: [&str; 20] = [
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "flask run",
    "fastapi",
    "next",
    "vite",
    "serve",
    "http-server",
    "puma",
    "rails s",
    "rackup",
    "unicorn",
    "daphne",
    "granian",
    "waitress-serve",
    "artisan serve",
    "nuxt",
    "astro",
    "webpack-dev-server",
];

/// Read one file; `composed` are the paths of compose files.
pub(super) fn read(file: &SourceFile, composed: &BTreeSet<&str>, ports: &mut Ports) {
    let name = file.name();
    if dockerfile::is_name(name) {
        dockerfile(file, ports);
    } else if composed.contains(file.path.as_str()) || is_compose_by_content(file) {
        compose(file, ports);
    } else if name == ".replit" {
        replit(file, ports);
    } else if name == "Rocket.toml" {
        rocket(file, ports);
    } else if name == "Procfile" || name.starts_with("Procfile.") {
        for (line, text) in (1..).zip(file.text().lines()) {
            command(file, text, (line, line), "Procfile", ports);
        }
    } else if matches!(name, "puma.rb" | "unicorn.rb") && file.folder().ends_with("config") {
        server::rack(file, ports);
    } else if name.starts_with("gunicorn") && name.ends_with(".py") {
        server::gunicorn(file, ports);
    } else if server::is_nginx(file) {
        server::nginx(file, ports);
    } else if is_entrypoint(name) {
        for (line, text) in (1..).zip(file.text().lines()) {
            command(file, text, (line, line), "entrypoint", ports);
        }
    } else if name == "package.json" {
        let document = json::parse(file.bytes());
        for script in document.root().get("scripts").map(document::Node::entries).unwrap_or_default() {
            if let Some(text) = script.value.as_str() {
                command(file, text, (script.line, script.value.end_line), "script", ports);
            }
        }
    }
}

/// The script that a container starts with.
fn is_entrypoint(name: &str) -> bool {
    let stem = name.trim_end_matches(".sh");
    stem.ends_with("entrypoint") || (name.ends_with(".sh") && name.contains("entrypoint"))
}

fn dockerfile(file: &SourceFile, ports: &mut Ports) {
    let instructions = dockerfile::parse(&file.text());
    for instruction in &instructions {
        let lines = (instruction.start_line, instruction.end_line);
        match instruction.keyword.as_str() {
            "EXPOSE" => {
                for word in &instruction.words {
                    let word = word.text.as_str();
                    let (number, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
                    let variable = number.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
                    let (number, env) = match variable.map(|name| name.split_once(":-").unwrap_or((name, ""))) {
                        Some((name, default)) => {
                            let set = assigned(&instructions, name).unwrap_or_else(|| default.to_owned());
                            (set, Some(name.to_owned()))
                        }
                        None => (number.to_owned(), None),
                    };
                    let evidence = file.lines(lines.0, lines.1);
                    match number.parse() {
                        Ok(port) => ports.said.push(Said {
                            protocol: protocol_of(protocol),
                            env,
                            ..Said::tcp(port, "EXPOSE", evidence)
                        }),
                        Err(_) => ports.unresolved(format!("the exposed port `{word}` is not a number"), evidence),
                    }
                }
            }
            "ENV" => variables(file, instruction, ports),
            "CMD" | "ENTRYPOINT" => {
                let flat = instruction.rest.replace(['[', ']', '"', ',', '\n'], " ");
                command(file, &flat, lines, "Dockerfile", ports);
            }
            _ => {}
        }
    }
}

/// The variables that tell ASP.NET Core where to listen.
fn variables(file: &SourceFile, instruction: &Instruction, ports: &mut Ports) {
    const URLS: [&str; 3] = ["ASPNETCORE_URLS", "DOTNET_URLS", "URLS"];
    const PORTS: [&str; 5] =
        ["ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_HTTP_PORTS", "HTTP_PORTS", "ROCKET_PORT"];
    for one in instruction.assignments() {
        for value in one.value.as_deref().unwrap_or_default().split(';') {
            let port = match one.name {
                name if URLS.contains(&name) => super::csharp::of_url(value),
                name if PORTS.contains(&name) => value.parse().ok(),
                _ => None,
            };
            if let Some(port) = port {
                let evidence = file.lines(instruction.start_line, instruction.end_line);
                let env = Some(one.name.to_owned());
                ports.said.push(Said { env, ..Said::tcp(port, "Dockerfile", evidence) });
            }
        }
    }
}

/// The value that `ENV` or `ARG` gives a variable in the same file.
fn assigned(instructions: &[Instruction], name: &str) -> Option<String> {
    let mut all = instructions.iter().flat_map(Instruction::assignments);
    all.find_map(|one| one.value.filter(|value| one.name == name && !value.is_empty()))
}

fn protocol_of(text: &str) -> &'static str {
    if text.eq_ignore_ascii_case("udp") { "udp" } else { "tcp" }
}

/// A compose file that is named by its role: services at the top of a YAML file, with ports and what they run.
fn is_compose_by_content(file: &SourceFile) -> bool {
    let is_yaml = file.name().ends_with(".yml") || file.name().ends_with(".yaml");
    let has = |start: &str| file.text().lines().any(|line| line.trim_start().starts_with(start));
    is_yaml
        && file.text().lines().any(|line| line.trim_end() == "services:")
        && has("ports:")
        && (has("image:") || has("build:"))
}

fn compose(file: &SourceFile, ports: &mut Ports) {
    let document = yaml::parse(file.bytes());
    for service in document.root().get("services").map(document::Node::entries).unwrap_or_default() {
        let of_datastore = image(&service.value).is_some_and(is_image);
        let listed = service.value.get("ports").map(document::Node::items).unwrap_or_default();
        for item in listed {
            let evidence = file.lines(item.start_line, item.end_line);
            let (target, published, protocol) = match item.scalar() {
                Some(short) => {
                    let short = defaulted(&short);
                    let (ports, protocol) = short.split_once('/').unwrap_or((&short, "tcp"));
                    let parts: Vec<&str> = ports.rsplit(':').collect();
                    let target = parts.first().copied().unwrap_or_default().to_owned();
                    (target, parts.get(1).map(|part| (*part).to_owned()), protocol_of(protocol))
                }
                None => {
                    let field =
                        |name: &str| item.get(name).and_then(document::Node::scalar).map(|text| defaulted(&text));
                    let protocol = field("protocol").unwrap_or_default();
                    (field("target").unwrap_or_default(), field("published"), protocol_of(&protocol))
                }
            };
            match target.parse() {
                Ok(port) => {
                    let published = published.and_then(|published| published.parse().ok());
                    ports.said.push(Said { protocol, published, of_datastore, ..Said::tcp(port, "compose", evidence) });
                }
                Err(_) => ports.unresolved(
                    format!("the port `{target}` of the service `{}` is not one number", service.key),
                    evidence,
                ),
            }
        }
    }
}

/// `${PORT:-8080}` is 8080 unless somebody says otherwise.
fn defaulted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        let default = inner.split_once(":-").or_else(|| inner.split_once('-')).map(|(_, default)| default);
        match default {
            Some(default) => out.push_str(default),
            None => out.push_str(&format!("${inner}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn replit(file: &SourceFile, ports: &mut Ports) {
    let document = toml::parse(file.bytes());
    let listed = document.root().get("ports").map(document::Node::items).unwrap_or_default();
    for item in listed {
        let number = |name: &str| item.get(name).and_then(document::Node::scalar).and_then(|text| text.parse().ok());
        if let Some(port) = number("localPort") {
            let evidence = file.lines(item.start_line, last_line(item));
            let published = number("externalPort");
            ports.said.push(Said { published, ..Said::tcp(port, ".replit", evidence) });
        }
    }
}

/// The profiles of Rocket's own file; the one for development is not what is deployed.
fn rocket(file: &SourceFile, ports: &mut Ports) {
    for profile in file.document().root().entries().iter().filter(|profile| profile.key != "debug") {
        let Some(port) = profile.value.entry("port") else { continue };
        if let Some(number) = port.value.scalar().and_then(|text| text.parse().ok()) {
            let evidence = file.lines(port.line, port.line);
            let env = Some("ROCKET_PORT".to_owned());
            ports.said.push(Said { env, ..Said::tcp(number, "Rocket.toml", evidence) });
        }
    }
}

/// The last line of a table: that of its last field.
fn last_line(table: &document::Node) -> u32 {
    let fields = table.entries().iter().map(|field| field.value.end_line.max(field.line));
    fields.max().unwrap_or(table.end_line).max(table.end_line)
}

/// The port flags of a server's command line.
fn command(file: &SourceFile, text: &str, lines: (u32, u32), by: &'static str, ports: &mut Ports) {
    if text.trim_start().starts_with('#') || !SERVERS.iter().any(|server| text.contains(server)) {
        return;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        let (flag, inline) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
        if !matches!(flag, "--port" | "-p" | "--bind" | "-b" | "-l" | "--listen") {
            continue;
        }
        let Some(value) = inline.or_else(|| words.get(at + 1).copied()) else { continue };
        let value = defaulted(value.trim_matches(['"', '\'']));
        let env = word_env(inline.or_else(|| words.get(at + 1).copied()).unwrap_or_default());
        if let Ok(port) = value.rsplit(':').next().unwrap_or_default().parse() {
            let evidence = file.lines(lines.0, lines.1);
            ports.said.push(Said { env, ..Said::tcp(port, by, evidence) });
        }
    }
}

/// The variable in `${PORT:-8000}`.
fn word_env(word: &str) -> Option<String> {
    let (_, inner) = word.split_once("${")?;
    inner.split([':', '-', '}']).next().map(str::to_owned)
}
