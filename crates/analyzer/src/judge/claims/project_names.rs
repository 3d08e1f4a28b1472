//! The names that this project goes by: `git clone .../shop && cd shop` means this tree when it is called `shop`.

use std::collections::{BTreeMap, BTreeSet};

use super::markdown::Markdown;
use super::place::last_of;
use crate::tree::corpus::Corpus;

/// Hosts that addresses of projects begin with.
const FORGES: &[&str] =
    &["github.com/", "github.com:", "gitlab.com/", "gitlab.com:", "codeberg.org/", "bitbucket.org/"];

/// The name of the repository in an address of a forge.
pub(super) fn repository(address: &str) -> Option<&str> {
    let (_, rest) = FORGES.iter().find_map(|forge| address.split_once(forge))?;
    let mut parts = rest.split(['/', '#', '?']);
    parts.next().filter(|owner| !owner.is_empty())?;
    let name = parts.next()?.trim_end_matches(".git");
    (!name.is_empty()).then_some(name)
}

/// Names in lower case, as manifests of the tree and the document at its root tell them.
pub(super) fn project_names(corpus: &Corpus, readme: Option<&Markdown>) -> BTreeSet<String> {
    let mut names = readme.map(of_readme).unwrap_or_default();
    let mut add = |text: &str| {
        let last = last_of(text.trim());
        if last.len() > 1 {
            names.insert(last.to_ascii_lowercase());
        }
    };
    for file in corpus.application().filter(|file| file.path.matches('/').count() <= 1) {
        let texts: &[&[&str]] = match file.name() {
            "package.json" => &[&["name"], &["repository"], &["repository", "url"], &["homepage"]],
            "composer.json" => &[&["name"]],
            "Cargo.toml" => {
                &[&["package", "name"], &["package", "repository"], &["workspace", "package", "repository"]]
            }
            "pyproject.toml" => &[
                &["project", "name"],
                &["tool", "poetry", "name"],
                &["tool", "poetry", "repository"],
                &["project", "urls", "Repository"],
                &["project", "urls", "repository"],
                &["project", "urls", "Source"],
                &["project", "urls", "Homepage"],
            ],
            "go.mod" => {
                let text = file.text();
                let module = text.lines().find_map(|line| line.strip_prefix("module "));
                let module = module.map(|module| module.split("//").next().unwrap_or(module));
                // A module of a later major version ends with it.
                module.into_iter().for_each(|module| {
                    add(module);
                    if let Some((path, last)) = module.trim().rsplit_once('/')
                        && last.strip_prefix('v').is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()))
                    {
                        add(path);
                    }
                });
                continue;
            }
            _ => continue,
        };
        let root = file.document().root();
        texts.iter().filter_map(|path| root.at(path)?.as_str()).for_each(&mut add);
    }
    names
}

/// The title names the project as people write it, and badges and links mostly lead to its own repository.
fn of_readme(markdown: &Markdown) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some((title, _)) = markdown.headings.first() {
        let title = title.to_lowercase();
        let short = [" - ", ":", "|", " \u{2014} ", " \u{2013} ", "("]
            .iter()
            .fold(title.as_str(), |title, mark| title.split_once(mark).map_or(title, |(before, _)| before));
        for title in [title.trim(), short.trim()] {
            names.insert(title.replace(' ', "-"));
            names.insert(title.replace(' ', ""));
        }
    }
    let mut often: BTreeMap<&str, u32> = BTreeMap::new();
    for name in markdown.links.iter().filter_map(|(url, _)| repository(url)) {
        *often.entry(name).or_default() += 1;
    }
    let title: String =
        names.iter().next().map_or("", String::as_str).chars().filter(|c| c.is_alphanumeric()).collect();
    let is_titled = |name: &str| {
        let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        title.contains(&name) || title.len() > 3 && name.contains(&title)
    };
    // Few links may all lead to a tool.
    let most = often.into_iter().max_by_key(|(_, count)| *count);
    let most = most.filter(|(name, count)| *count > 4 || *count > 1 && is_titled(name));
    names.extend(most.map(|(name, _)| name.to_ascii_lowercase()));
    names
}
