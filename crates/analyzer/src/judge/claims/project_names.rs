//! The names that this project goes by: `git clone .../shop && cd shop` means this tree when it is called `shop`.

use std::collections::BTreeSet;

use crate::tree::corpus::Corpus;

/// Names in lower case, as manifests of the tree tell them.
pub(super) fn project_names(corpus: &Corpus) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut add = |text: &str| {
        let text = text.trim().trim_end_matches('/').trim_end_matches(".git");
        let last = text.rsplit(['/', ':']).next().unwrap_or(text);
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
    // A README's title names the project as people write it.
    if let Some(title) = corpus.file("README.md").and_then(|file| {
        file.text().lines().find_map(|line| Some(line.strip_prefix("# ")?.trim().to_ascii_lowercase()))
    }) {
        names.insert(title.replace(' ', "-"));
        names.insert(title.replace(' ', ""));
    }
    names
}
