//! Which file an import of JavaScript or TypeScript means: index files, left-out extensions, `.js` that means `.ts`, and
//! the common aliases for the source folder.

use crate::tree::corpus::Corpus;
use crate::tree::document::{Node, json};
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::path::{folder_of, inside, resolve, upwards};

const EXTENSIONS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"];

/// A start of import paths that stands for folders of the tree: from the compiler's options, or the
/// name of a package of the workspace.
pub(crate) struct Alias {
    /// Importers below this folder see it.
    folder: String,
    /// The path as imported, without the `*` at its end.
    prefix: String,
    has_rest: bool,
    targets: Vec<String>,
}

impl Alias {
    /// The name of the package whose whole it stands for.
    pub(crate) fn whole(&self) -> Option<&str> {
        (!self.has_rest && self.folder.is_empty()).then_some(&self.prefix)
    }
}

/// The aliases of all `tsconfig.json`, `jsconfig.json` and `package.json` of the tree.
pub(crate) fn aliases(corpus: &Corpus) -> Vec<Alias> {
    aliases_of(corpus, |file| file.class == PathClass::Application)
}

/// The same of the files that are asked.
pub(crate) fn aliases_of(corpus: &Corpus, is_asked: impl Fn(&SourceFile) -> bool) -> Vec<Alias> {
    let mut out = Vec::new();
    for file in corpus.files().iter().filter(|file| is_asked(file)) {
        let name = file.name();
        let folder = folder_of(&file.path);
        let is_options = (name.starts_with("tsconfig") || name == "jsconfig.json") && name.ends_with(".json");
        if is_options {
            let document = json::parse(file.bytes());
            let base = document.root().at(&["compilerOptions", "baseUrl"]).and_then(Node::as_str).unwrap_or(".");
            let paths = document.root().at(&["compilerOptions", "paths"]).map(Node::entries).unwrap_or_default();
            for entry in paths {
                let texts = entry.value.items().iter().filter_map(Node::as_str);
                let targets = texts.filter_map(|target| {
                    let target = target.trim_end_matches('*');
                    resolve(folder, base).and_then(|base| resolve(&base, target))
                });
                out.push(Alias {
                    folder: folder.to_owned(),
                    prefix: entry.key.trim_end_matches('*').to_owned(),
                    has_rest: entry.key.ends_with('*'),
                    targets: targets.collect(),
                });
            }
        } else if name == "package.json" {
            let document = json::parse(file.bytes());
            out.extend(subpaths(folder, document.root()));
            if folder.is_empty() {
                continue;
            }
            let Some(package) = document.root().get("name").and_then(Node::as_str) else { continue };
            let main = document.root().get("main").and_then(Node::as_str).and_then(|main| resolve(folder, main));
            let targets = [inside(folder, "src/index"), inside(folder, "index"), inside(folder, "src/main")];
            let whole = main.into_iter().chain(targets).collect();
            out.push(Alias { folder: String::new(), prefix: package.to_owned(), has_rest: false, targets: whole });
            let inside = vec![folder.to_owned(), inside(folder, "src")];
            out.push(Alias { folder: String::new(), prefix: format!("{package}/"), has_rest: true, targets: inside });
        }
    }
    // The nearest configuration and the longest start win.
    out.sort_by_key(|alias| std::cmp::Reverse((alias.folder.len(), alias.prefix.len())));
    out
}

/// `"imports": { "#lib/*": "./lib/*" }` of a package, with or without conditions.
fn subpaths<'p>(folder: &'p str, package: &'p Node) -> impl Iterator<Item = Alias> + 'p {
    let entries = package.get("imports").map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(move |entry| {
        let conditions = ["node", "import", "default", "require"];
        let target =
            entry.value.as_str().or_else(|| conditions.iter().find_map(|name| entry.value.get(name)?.as_str()));
        Some(Alias {
            folder: folder.to_owned(),
            prefix: entry.key.trim_end_matches('*').to_owned(),
            has_rest: entry.key.ends_with('*'),
            targets: vec![resolve(folder, target?.trim_end_matches('*'))?],
        })
    })
}

/// The file that an import means, as seen from a file.
pub(crate) fn file_of(corpus: &Corpus, aliases: &[Alias], importer: &str, from: &str) -> Option<String> {
    let folder = folder_of(importer);
    if from.starts_with('.') {
        return with_extension(corpus, &resolve(folder, from)?);
    }
    for alias in aliases {
        let is_near = alias.folder.is_empty() || importer.starts_with(&format!("{}/", alias.folder));
        let rest = from.strip_prefix(&alias.prefix).filter(|rest| is_near && (alias.has_rest || rest.is_empty()));
        let Some(rest) = rest else { continue };
        let found = alias.targets.iter().find_map(|target| with_extension(corpus, &resolve(target, rest)?));
        if found.is_some() {
            return found;
        }
    }
    if let Some(rest) = ["@/", "~/", "#/", "@app/", "@src/"].iter().find_map(|alias| from.strip_prefix(alias)) {
        return upwards(folder).find_map(|base| {
            let source = inside(base, "src");
            with_extension(corpus, &inside(&source, rest)).or_else(|| with_extension(corpus, &inside(base, rest)))
        });
    }
    // A base folder in the compiler's options: `src/x`, or a folder of the sources without a dot.
    if !from.contains('/') || from.starts_with('@') {
        return None;
    }
    upwards(folder).find_map(|base| with_extension(corpus, &inside(base, from)))
}

/// The file of a path whose extension, or whose `index`, may be left out.
pub(crate) fn with_extension(corpus: &Corpus, path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let is_code = EXTENSIONS.iter().any(|extension| path.ends_with(&format!(".{extension}")));
    if is_code && corpus.file(path).is_some() {
        return Some(path.to_owned());
    }
    if let Some(stem) = path.strip_suffix(".js").or_else(|| path.strip_suffix(".mjs"))
        && let Some(found) =
            ["ts", "tsx", "mts"].iter().map(|end| format!("{stem}.{end}")).find(|path| corpus.file(path).is_some())
    {
        return Some(found);
    }
    let beside = EXTENSIONS.iter().map(|extension| format!("{path}.{extension}"));
    let index = EXTENSIONS.iter().map(|extension| inside(path, &format!("index.{extension}")));
    beside.chain(index).find(|path| corpus.file(path).is_some())
}
