//! Which file of a package imports which other, read from its tokens: groups, `super`, paths in code and in macros.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// `a::b` as `["a", "b"]`; the root of a package is empty.
pub(super) type Module = Vec<String>;

/// The sources of one package by module.
pub(super) struct Package(BTreeMap<Module, TokenStream>);

impl Package {
    pub(super) fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (module(path), text.parse().expect("Rust"))).collect())
    }

    /// All sources below a folder.
    pub(super) fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        let mut open = vec![src.to_path_buf()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
        assert!(!files.is_empty(), "{} holds no sources", src.display());
        Self::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// The modules that name another package.
    pub(super) fn that_name(&self, package: &str) -> BTreeSet<String> {
        let names = |module: &Module| paths(module, &self.0[module]).iter().any(|(_, path)| path[0] == package);
        self.0.keys().filter(|module| names(module)).map(|module| module.join("::")).collect()
    }

    /// Types that more than one module declares for others, with where.
    pub(super) fn types_of_one_name(&self) -> Vec<String> {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (module, tokens) in &self.0 {
            for name in shared_types(tokens) {
                places.entry(name).or_default().push(module.join("::"));
            }
        }
        let several = places.into_iter().filter(|(_, places)| places.len() > 1);
        several.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect()
    }

    /// The imports of each circle of files, unless it is one file with its children, of which none imports a sibling in
    /// a circle.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let mut edges: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
        for (from, tokens) in &self.0 {
            let imported = paths(from, tokens).into_iter().filter_map(|(here, path)| self.file_of(&here, &path));
            edges.insert(from, imported.filter(|to| *to != from).collect());
        }
        let all: BTreeSet<&Module> = edges.keys().copied().collect();
        let mut out = Vec::new();
        for circle in circles_among(&edges, &all) {
            let is_child = |parent: &Module, of: &Module| of.len() == parent.len() + 1 && of.starts_with(parent);
            let parent = circle.iter().find(|one| circle.iter().all(|other| other == *one || is_child(one, other)));
            match parent {
                None => out.push(circle),
                Some(parent) => {
                    let children = circle.iter().copied().filter(|one| one != parent).collect();
                    out.extend(circles_among(&edges, &children));
                }
            }
        }
        let inside = |circle: Vec<&Module>| {
            let imports = circle.iter().flat_map(|from| edges[from].iter().map(move |to| (*from, *to)));
            let imports = imports.filter(|(_, to)| circle.contains(to));
            imports.map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::"))).collect()
        };
        out.into_iter().map(inside).collect()
    }

    /// The file that a path leads to, if it is one of this package.
    fn file_of(&self, here: &Module, path: &[String]) -> Option<&Module> {
        let mut base = here.clone();
        let mut rest = path;
        match rest[0].as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
                base.extend(rest.iter().cloned());
                rest = &[];
            }
            child => {
                base.push(child.to_owned());
                if path.len() == 1 || !self.0.contains_key(&base) {
                    return None;
                }
            }
        }
        base.extend(rest.iter().skip(1).cloned());
        (0..=base.len()).rev().find_map(|length| self.0.get_key_value(&base[..length])).map(|(module, _)| module)
    }
}

fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs").trim_end_matches("mod").trim_end_matches('/');
    if path == "lib" { Module::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Each set of modules from which every one reaches every other, among some.
fn circles_among<'m>(
    edges: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
    among: &BTreeSet<&'m Module>,
) -> Vec<Vec<&'m Module>> {
    let reached = |from: &'m Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(one) = open.pop() {
            open.extend(edges[one].iter().copied().filter(|to| among.contains(to) && seen.insert(*to)));
        }
        seen
    };
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = among.iter().map(|one| (*one, reached(one))).collect();
    let circle_of = |one: &'m Module| -> Vec<&'m Module> {
        reach[one].iter().copied().filter(|other| reach[other].contains(one)).collect()
    };
    let circles: BTreeSet<Vec<&Module>> = among.iter().map(|one| circle_of(one)).collect();
    circles.into_iter().filter(|circle| !circle.is_empty()).collect()
}

/// The names of the types that a file declares `pub`, to whomever.
fn shared_types(tokens: &TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let word = |at: usize| match trees.get(at) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    let public = (0..trees.len()).filter(|at| word(*at) == "pub");
    let types = public.filter_map(|at| {
        let at = at + 1 + usize::from(matches!(trees.get(at + 1), Some(TokenTree::Group(_))));
        ["struct", "enum", "trait", "type", "union"].contains(&word(at).as_str()).then(|| word(at + 1))
    });
    types.collect()
}

/// Every path that a file writes, with the module (of the file or inside of it) where it does.
fn paths(file: &Module, tokens: &TokenStream) -> Vec<(Module, Vec<String>)> {
    let mut out = Vec::new();
    collect(file, &tokens.clone().into_iter().collect::<Vec<_>>(), &mut out);
    out
}

fn collect(here: &Module, trees: &[TokenTree], out: &mut Vec<(Module, Vec<String>)>) {
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        match (tree, trees.get(at + 1), trees.get(at + 2)) {
            (TokenTree::Ident(word), Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) if word == "mod" => {
                let inside: Module = here.iter().cloned().chain([name.to_string()]).collect();
                collect(&inside, &body.stream().into_iter().collect::<Vec<_>>(), out);
                at += 3;
            }
            // A visibility, `pub(super)`, imports nothing.
            (TokenTree::Ident(word), Some(TokenTree::Group(_)), _) if word == "pub" => at += 2,
            (TokenTree::Ident(_), ..) => {
                let mut found = Vec::new();
                at += path(trees, at, Vec::new(), &mut found);
                out.extend(found.into_iter().map(|path| (here.clone(), path)));
            }
            (TokenTree::Group(group), ..) => {
                collect(here, &group.stream().into_iter().collect::<Vec<_>>(), out);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Read one path, or the tree of a `use`, that begins at an identifier; the number of tokens read.
fn path(trees: &[TokenTree], from: usize, mut read: Vec<String>, out: &mut Vec<Vec<String>>) -> usize {
    let mut at = from;
    while let Some(TokenTree::Ident(name)) = trees.get(at) {
        read.push(name.to_string());
        at += 1;
        let is_colon = |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
        if !(is_colon(trees.get(at)) && is_colon(trees.get(at + 1))) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(group)) = trees.get(at) {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(mark) if mark.as_char() == ',');
            for one in inside.split(is_comma).filter(|one| !one.is_empty()) {
                path(one, 0, read.clone(), out);
            }
            return at + 1 - from;
        }
    }
    out.push(read);
    at - from
}
