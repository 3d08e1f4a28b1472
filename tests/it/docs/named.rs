//! Every path, command, option, setting, table and route that the documents name exists; and what exists is named where
//! a document promises a whole list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use ci_feed::config::VARIABLES;

use super::{current_documents, read, root};
use crate::support::described::routes;

/// Folders of this repository by whose name a path is known from an example of somebody else's.
const FOLDERS: [&str; 10] =
    ["src/", "crates/", "tests/", "web/", "docs/", "scripts/", "benches/", "migrations/", "target/", ".github/"];

/// A document's text as what is written between backticks, and the lines of its fenced blocks with continuations joined.
fn code_of(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut spans, mut lines, mut prose, mut fence) = (Vec::new(), Vec::new(), String::new(), None::<String>);
    let mut continued = String::new();
    for line in text.lines() {
        let marker = line.trim_start();
        if marker.starts_with("```") {
            fence = fence.is_none().then(|| marker.trim_start_matches('`').to_owned());
        } else if fence.is_some() {
            match line.trim_end().strip_suffix('\\') {
                Some(start) => continued.push_str(start),
                None => lines.push(std::mem::take(&mut continued) + line),
            }
        } else {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    // A paragraph may break inside a span; a table's row may not.
    spans.extend(prose.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>().join(" ")));
    (spans, lines)
}

/// Whether it is a pattern or a placeholder rather than one path.
fn is_pattern(text: &str) -> bool {
    let is_placeholder = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    text.contains(['*', '<', '{', '…', '$', '(', ' ']) || text.contains("...") || text.split('/').any(is_placeholder)
}

fn files() -> BTreeSet<String> {
    let listed = Command::new("git").args(["ls-files"]).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "git ls-files");
    String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Paths from the root, and bare names of sources (`deal.rs`), that no file of the repository has.
fn wrong_paths(spans: &[String], files: &BTreeSet<String>) -> Vec<String> {
    let names: BTreeSet<&str> = files.iter().filter_map(|file| file.rsplit('/').next()).collect();
    let is_wrong = |span: &&String| {
        let path = span.split(':').next().unwrap_or_default().trim_end_matches('/');
        if is_pattern(span) || span.starts_with("target/") {
            return false;
        }
        if FOLDERS.iter().any(|folder| span.starts_with(folder)) {
            return !root().join(path).exists();
        }
        let is_source = [".rs", ".mjs", ".scm"].iter().any(|ending| path.ends_with(ending));
        is_source && !path.contains('/') && !names.contains(path)
    };
    spans.iter().filter(is_wrong).map(|span| format!("path {span}")).collect()
}

/// Commands, options and packages of `ci-feed ...`, `cargo run -- ...`, `cargo bench --bench ...` that are not there.
struct CommandLine {
    help: BTreeMap<String, Option<String>>,
}

impl CommandLine {
    /// `--help` of a command; `None` when there is no such command.
    fn help(&mut self, command: &str) -> Option<&str> {
        let ask = || {
            let mut asked = Command::new(env!("CARGO_BIN_EXE_ci-feed"));
            let output = asked.args((!command.is_empty()).then_some(command)).arg("--help").output().unwrap();
            output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
        };
        self.help.entry(command.to_owned()).or_insert_with(ask).as_deref()
    }

    fn wrong(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(" #").next().unwrap_or_default().split_whitespace().collect();
        let arguments = match words
            .iter()
            .enumerate()
            .position(|(at, word)| (at == 0 && *word == "ci-feed") || word.ends_with("/ci-feed"))
        {
            Some(at) if !line.contains("cargo ") => &words[at + 1..],
            _ => match words.iter().position(|word| *word == "--") {
                Some(at) if line.contains("cargo run") => &words[at + 1..],
                _ => return wrong_targets(&words),
            },
        };
        let end = arguments.iter().position(|word| ["|", ">", "&&", ";", "||"].contains(word));
        let arguments = &arguments[..end.unwrap_or(arguments.len())];
        let is_name = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let command = arguments.first().filter(is_name).filter(|word| !word.starts_with('-')).copied().unwrap_or("");
        let Some(help) = self.help(command) else { return vec![format!("command {line}")] };
        let is_wrong = |word: &&&str| {
            let option = word.split(['=', '[', ']']).find(|part| part.starts_with("--"));
            option.is_some_and(|option| option.len() > 2 && !help.contains(option))
        };
        arguments.iter().filter(is_wrong).map(|option| format!("option {option} of {line}")).collect()
    }
}

/// Benches and packages that cargo is asked for.
fn wrong_targets(words: &[&str]) -> Vec<String> {
    let follows = |option: &str| words.windows(2).find(|two| two[0] == option).map(|two| two[1]);
    let mut wrong = Vec::new();
    if words.first() != Some(&"cargo") {
        return wrong;
    }
    if let Some(bench) = follows("--bench").filter(|name| *name != "NAME") {
        let is_there = |package: &Path| {
            let benches = package.join("benches");
            benches.join(format!("{bench}.rs")).is_file() || benches.join(bench).join("main.rs").is_file()
        };
        if !packages().values().any(|folder| is_there(folder)) {
            wrong.push(format!("bench {bench}"));
        }
    }
    if let Some(package) = follows("-p").filter(|name| *name != "PACKAGE" && !packages().contains_key(*name)) {
        wrong.push(format!("package {package}"));
    }
    wrong
}

/// Packages of this workspace and their folders.
fn packages() -> BTreeMap<String, std::path::PathBuf> {
    let crates = std::fs::read_dir(root().join("crates")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let folders = std::iter::once(root().to_owned()).chain(crates);
    let name_of = |folder: &Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = \""))?;
        Some(name.trim_end_matches('"').to_owned())
    };
    folders.filter_map(|folder| Some((name_of(&folder)?, folder))).collect()
}

/// Words with one of these beginnings, wherever they stand.
fn words_with<'t>(text: &'t str, beginnings: &[&str]) -> Vec<&'t str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| beginnings.iter().any(|start| word.starts_with(start) && word.len() > start.len())).collect()
}

fn wrong_settings(text: &str) -> Vec<String> {
    let is_known = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    let names = words_with(text, &["CI_", "GITHUB_"]);
    names.into_iter().filter(|name| !is_known(name)).map(|name| format!("setting {name}")).collect()
}

fn migrations() -> String {
    let folder = std::fs::read_dir(root().join("migrations/sqlite")).unwrap();
    folder.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

fn tables(sql: &str) -> BTreeSet<&str> {
    sql.split("create table ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect()
}

/// Tables, and columns as `table.column`.
fn wrong_tables(spans: &[String], sql: &str) -> Vec<String> {
    let tables = tables(sql);
    let words = spans.iter().flat_map(|span| span.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.'));
    let is_wrong = |word: &&str| {
        let (table, column) = word.split_once('.').unwrap_or((word, ""));
        !tables.contains(table) || !(column.is_empty() || sql.contains(&format!("    {column} ")))
    };
    let named = words.filter(|word| word.starts_with("ci_") && !word.starts_with("ci_feed"));
    named.filter(is_wrong).map(|word| format!("table {word}")).collect()
}

fn matches(template: &str, address: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), address.trim_end_matches('/').split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(segment), Some(_)) if segment.starts_with("{*") => return true,
            (Some(_), Some("*" | "...")) => return true,
            (Some(segment), Some(value)) if segment == value || (segment.starts_with('{') && !value.is_empty()) => {}
            _ => return false,
        }
    }
}

/// Addresses of this server, with the method where one stands before them.
fn wrong_routes(code: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in code {
        let mut before = "";
        for word in line.split([' ', '"', '\'']) {
            let starts = [
                "/api/ci",
                "/api/webhooks",
                "/badge/",
                "/r/{",
                "/r/octo",
                "/runs/",
                "/search",
                "/compare",
                "/setup",
                "/status",
            ];
            let address =
                starts.iter().filter_map(|start| Some(&word[word.find(start)?..])).max_by_key(|rest| rest.len());
            let is_ours =
                address.is_some_and(|rest| word.len() == rest.len() || word.contains("://") || word.contains('$'));
            if let Some(address) = address.filter(|_| is_ours) {
                let path = address.split(['?', '#', ',', ')', '|']).next().unwrap_or_default();
                let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
                let method = methods.iter().find(|method| **method == before);
                let fits = |(answered, template, _): (String, String, &str)| {
                    matches(&template, path) && method.is_none_or(|method| *method == answered)
                };
                if !routes().into_iter().any(fits) {
                    wrong.push(format!("route {path} in {line}"));
                }
            }
            before = word;
        }
    }
    wrong
}

fn wrong_names(text: &str, files: &BTreeSet<String>, commands: &mut CommandLine) -> Vec<String> {
    let (spans, lines) = code_of(text);
    let code: Vec<String> = spans.iter().chain(&lines).cloned().collect();
    let mut wrong = wrong_paths(&spans, files);
    wrong.extend(code.iter().flat_map(|line| commands.wrong(line)));
    wrong.extend(wrong_settings(text));
    wrong.extend(wrong_tables(&spans, &migrations()));
    wrong.extend(wrong_routes(&code));
    wrong
}

#[test]
fn every_path_command_setting_table_and_route_that_a_document_names_exists() {
    let (files, mut commands) = (files(), CommandLine { help: BTreeMap::new() });
    let mut wrong = Vec::new();
    for document in current_documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let found = wrong_names(&text, &files, &mut commands);
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}", document.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_document_that_names_what_does_not_exist_is_found_out() {
    let text = "See `src/http/nowhere.rs`, `nobody.rs` and CI_UNHEARD_OF; `ci-feed fly`, `ci-feed tick --soon`,\n\
        `ci_nothing` and `ci_runs.colour`, `GET /api/ci/worker/tick` and `/api/ci/nowhere`.\n\
        ```sh\ncargo run -- analyze . \\\n    --fast\ncargo bench --bench nothing\ncargo test -p nobody\n```\n";
    let wrong = wrong_names(text, &files(), &mut CommandLine { help: BTreeMap::new() });
    let kinds: Vec<&str> = wrong.iter().filter_map(|line| line.split(' ').next()).collect();
    let expected = "path path command option option bench package setting table table route route";
    assert_eq!(kinds.join(" "), expected, "{wrong:#?}");
}

#[test]
fn the_architecture_names_every_folder_command_and_table() {
    let text = read("docs/architecture.md");
    let mut missing = Vec::new();
    let sources = packages().into_values().map(|package| package.join("src")).filter(|folder| folder.is_dir());
    for entry in sources.flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let stem = name.trim_end_matches(".rs");
        let is_named =
            |place: &str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == place);
        if name != "lib.rs" && !is_named(stem) {
            missing.push(entry.path().display().to_string());
        }
    }
    let mut commands = CommandLine { help: BTreeMap::new() };
    let help = commands.help("").unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    missing.extend(names.filter(|name| !text.contains(&format!("| `{name}` |"))).map(|name| format!("command {name}")));
    let sql = migrations();
    missing
        .extend(tables(&sql).iter().filter(|table| !text.contains(&format!("`{table}`"))).map(|table| (*table).into()));
    assert!(missing.is_empty(), "docs/architecture.md does not name: {}", missing.join(", "));
}

#[test]
fn the_api_document_has_every_route_of_the_api() {
    let (text, mut missing) = (read("docs/api.md"), Vec::new());
    let (spans, lines) = code_of(&text);
    let headings = text.lines().filter(|line| line.starts_with("## "));
    let named: Vec<&str> = spans.iter().chain(&lines).map(String::as_str).chain(headings).collect();
    for (_, template, _) in routes() {
        let tail = template.strip_prefix("/api/ci/runs/{id}/artifacts").filter(|tail| !tail.is_empty());
        let is_api = template.starts_with("/api/") || template.starts_with("/badge/") || template.contains("/latest/");
        let template = template.replace("{file}", "{repo}.svg");
        let is_named =
            named.iter().any(|code| code.contains(&*template) || tail.is_some_and(|tail| code.contains(tail)));
        if is_api && !is_named {
            missing.push(template);
        }
    }
    assert!(missing.is_empty(), "docs/api.md does not name: {missing:?}");
}
