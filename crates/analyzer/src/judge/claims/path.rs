//! Files and folders that documentation names in inline code: `src/server/index.ts`, `docs/`.

use crate::tree::file::SourceFile;

use super::command::BUILT;
use super::context::Context;
use super::markdown::{Inline, Markdown};
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling};
use crate::tree::path::{ancestors, resolve};

/// Endings of files that people write by hand and keep in a repository.
const ENDINGS: &[&str] = &[
    "rs", "ts", "tsx", "js", "jsx", "mjs", "cjs", "vue", "svelte", "py", "go", "java", "kt", "cs", "rb", "php", "sh",
    "sql", "md", "mdx", "yml", "yaml", "toml", "json", "tf", "html", "css", "scss", "proto", "graphql", "prisma", "ex",
    "exs", "gradle", "xml", "cfg", "ini",
];

/// Words that say that the file is made, gone, only an example or not the one to take.
const DOUBT: &[&str] = &[
    "creat",
    "generat",
    "add ",
    "adding",
    "copy",
    "copies",
    "new ",
    "write",
    "written",
    "output",
    "produc",
    "download",
    "rename",
    "remov",
    "delet",
    "legacy",
    "previous",
    "old ",
    "former",
    "deprecat",
    "e.g.",
    "for example",
    "example",
    "such as",
    "like ",
    "your",
    "if ",
    "would",
    "save",
    "install",
    "place",
    "put ",
    "optional",
    "moved",
    "upload",
    "mount",
    "will be",
    "ignored",
    "gitignore",
    "not exist",
    "compiled",
    "builds to",
    "built",
    "instead",
    "plugin",
    "migrat",
    "symlink",
    // What the sentence warns of, plans or misses.
    "not ",
    "n't ",
    "never",
    "no longer",
    "wrong",
    "avoid",
    "rather than",
    "missing",
    "planned",
    "future",
    "todo",
    "any ",
];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    // The sentence may have begun on the line before.
    let is_doubtful = |line: u32| {
        let at = usize::try_from(line).unwrap_or(1).max(1);
        let around = lines[at.saturating_sub(2).min(lines.len())..at.min(lines.len())].join(" ").to_lowercase();
        DOUBT.iter().any(|word| around.contains(word)) || leads(&lines[..at.min(lines.len())]).any(is_of_something_new)
    };
    let invented = invented(&lines, markdown);
    let mut doubt = (0, false);
    for inline in &markdown.inline {
        let Some(path) = candidate(&inline.code) else { continue };
        if doubt.0 != inline.line {
            doubt = (inline.line, is_doubtful(inline.line));
        }
        let plain = path.to_lowercase().replace(['_', '-'], "");
        let is_invented = || invented.iter().any(|name| plain.contains(name.as_str()));
        if let Some(ruling) = rule(context, file, path, doubt.1 || is_invented()) {
            claims.push(ruling.claim(ClaimKind::Path, file, (inline.line, inline.line), path.to_owned()));
        }
    }
}

/// The names that the text makes up: "a new entity (say `Widget`)". Files that are called so are of nobody.
fn invented(lines: &[&str], markdown: &Markdown) -> Vec<String> {
    let is_invented = |inline: &&Inline| {
        let line = usize::try_from(inline.line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
        // A line may hold thousands, and is no sentence then.
        let line = line.filter(|line| line.len() < 1_000);
        let before = line.and_then(|line| line.split_once(&format!("`{}`", inline.code))).map(|(before, _)| before);
        let before = before.unwrap_or_default().to_lowercase();
        ["say ", "e.g. ", "suppose ", "called ", "named "].iter().any(|word| before.ends_with(word))
    };
    let names = markdown.inline.iter().filter(|one| one.code.len() > 3 && one.code.chars().all(char::is_alphanumeric));
    names.filter(is_invented).take(20).map(|one| one.code.to_lowercase()).collect()
}

/// What leads to the last of some lines: the nearest heading, and the nearest line above that is no part of a list or table.
fn leads<'l>(lines: &'l [&str]) -> impl Iterator<Item = &'l str> {
    let above = || lines.iter().rev().skip(1).take(40).copied();
    let is_plain = |line: &&str| {
        let first = line.chars().next();
        first.is_some_and(|c| !c.is_whitespace() && !c.is_ascii_digit() && !"-*+|#>`".contains(c))
    };
    above().find(|line| line.starts_with('#')).into_iter().chain(above().find(is_plain))
}

/// Whether a line leads to files of something that the reader is to make, or that the text invents.
fn is_of_something_new(line: &str) -> bool {
    let lower = line.to_lowercase();
    [
        "creat",
        "add",
        "new ",
        "example",
        "e.g.",
        "say ",
        "touch",
        "suppose",
        "imagine",
        "generat",
        "template",
        "for entity",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// The path in a piece of inline code, if it is one and nothing else.
fn candidate(code: &str) -> Option<&str> {
    let path = code.trim().trim_start_matches("./");
    let path = path.split_once(':').map_or(path, |(path, line)| {
        if line.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b':') { path } else { "" }
    });
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "_-./+".contains(c));
    let placeholder = ["path/to", "foo", "bar/", "xxx", "my-", "my_", "your", "example", "...", "//", "some"];
    let lower = path.to_ascii_lowercase();
    // `PROVIDER_NAME.vue`, `YYYY-MM.md`: a stem that shouts stands for another, unless files are called so by custom.
    let shouts = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part);
        let customs =
            ["README", "LICENSE", "CHANGELOG", "CONTRIBUTING", "AGENTS", "CLAUDE", "SKILL", "SECURITY", "LATEST"];
        stem.len() > 2
            && !customs.contains(&stem)
            && stem.chars().any(char::is_alphabetic)
            && !stem.chars().any(|c| c.is_ascii_lowercase())
    };
    let stands_for_any = || lower.split(['/', '-', '_', '.']).any(|part| part == "xx");
    (plain
        && !path.split('/').any(shouts)
        && !stands_for_any()
        && path.contains('/')
        && path.len() > 3
        && !path.starts_with(['/', '-', '.', '+'])
        && !path.contains("..")
        && !placeholder.iter().any(|part| lower.contains(part)))
    .then_some(path)
}

fn rule(context: &Context<'_>, file: &SourceFile, path: &str, doubt: bool) -> Option<Ruling> {
    let is_folder = path.ends_with('/');
    let plain = path.trim_end_matches('/');
    let above = ancestors(&file.path).chain([""]);
    for base in above {
        let Some(evidence) = resolve(base, plain).and_then(|path| context.exists(&path)) else { continue };
        return Some(Ruling::verified(format!("`{}` is there", evidence.path), evidence));
    }
    let name = plain.rsplit('/').next().unwrap_or(plain);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let is_file = ending.is_some_and(|ending| ENDINGS.contains(&ending));
    // Where its first folder is not known it may be of another project, a package or a type.
    let first = plain.split('/').next().unwrap_or(plain);
    let base = [file.folder(), ""]
        .into_iter()
        .find(|base| resolve(base, first).is_some_and(|first| context.corpus.has_folder(&first)))?;
    if !(is_file || is_folder) {
        return None;
    }
    let path = resolve(base, plain)?;
    let why = format!("there is no `{path}` in this tree");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let neighbour = context.neighbour(folder, ending);
    let made = path.split('/').any(|part| BUILT.contains(&part)) || context.is_ignored(&path);
    let behind_link = ancestors(&path).any(|folder| context.corpus.has_path(folder));
    let named = context.named(name);
    Some(match neighbour {
        Some(neighbour)
            if is_file
                && crate::judge::documents::is_guide(file)
                && !doubt
                && !made
                && !behind_link
                && named.is_empty() =>
        {
            Ruling::contradicted(
                format!("{why}, while other files of its kind are in `{folder}`"),
                vec![neighbour.exists()],
            )
            .lacks(path)
        }
        _ if !named.is_empty() => Ruling::unverifiable(format!("{why}; a file of that name lies in another folder")),
        _ => Ruling::unverifiable(format!("{why}; the text may mean a file that is made or belongs elsewhere")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_are_candidates() {
        for code in ["src/a.rs", "./src/a.rs", "docs/", "src/a.rs:12", "a/b/c.yml"] {
            assert!(candidate(code).is_some(), "{code}");
        }
        for code in [
            "a.rs",
            "/etc/x",
            "~/x/y",
            "../x/y.md",
            "src/*.rs",
            "path/to/x.rs",
            "src/PROVIDER_NAME.vue",
            "@scope/pkg",
            "http://a/b",
            "a b/c",
            "x/y:latest",
        ] {
            assert!(candidate(code).is_none(), "{code}");
        }
    }
}
