//! What Python imports, and what Django's settings list: the applications that are installed, the modules of URLs.

use std::collections::BTreeSet;

use super::super::corpus::Corpus;
use super::super::file::{PathClass, SourceFile};
use super::{Edge, Edges, class_below, quoted};
use crate::lang::python::import;

/// What leads from a file to the candidates.
pub(super) fn edges(candidates: &[&SourceFile]) -> Box<dyn Edges> {
    Box::new(Imports::of(candidates))
}

struct Imports {
    /// The names of the candidates and of their folders.
    names: BTreeSet<String>,
}

impl Imports {
    fn of(candidates: &[&SourceFile]) -> Self {
        let mut names = BTreeSet::new();
        for file in candidates {
            names.extend(file.path.trim_end_matches(".py").split('/').map(str::to_owned));
        }
        Self { names }
    }

    fn is_known(&self, dotted: &str) -> bool {
        dotted.split('.').any(|part| self.names.contains(part))
    }

    /// The files of a module, its package and those around it.
    fn module(&self, corpus: &Corpus, importer: &str, dotted: &str, out: &mut Vec<Edge>) -> bool {
        let Some(found) = import::file_of(corpus, importer, dotted) else { return false };
        let mut folder = found.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !found.ends_with('/') {
            out.push(Edge::import(found.as_str()));
        }
        // Importing a module runs the packages that it stands in.
        for _ in 0..dotted.trim_start_matches('.').split('.').count() {
            let init = format!("{folder}/__init__.py");
            if folder.is_empty() || corpus.file(&init).is_none() {
                break;
            }
            out.push(Edge::import(init));
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
        true
    }

    fn statement(&self, corpus: &Corpus, importer: &str, statement: &str, out: &mut Vec<Edge>) {
        if let Some(names) = statement.strip_prefix("import ") {
            for name in names.split(',').filter_map(|name| name.split_whitespace().next()) {
                if self.is_known(name) {
                    self.module(corpus, importer, name, out);
                }
            }
            return;
        }
        let Some((from, names)) = statement.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) else {
            return;
        };
        let from = from.trim();
        let names = names.trim_start_matches('(').trim_end_matches(')');
        let names: Vec<&str> = names.split(',').filter_map(|name| name.split_whitespace().next()).collect();
        // A module beside the importer, in a folder of candidates, need not be named like one.
        let is_relative = from.starts_with('.');
        if !is_relative && !self.is_known(from) && !names.iter().any(|name| self.names.contains(*name)) {
            return;
        }
        self.module(corpus, importer, from, out);
        for name in names.iter().filter(|name| self.names.contains(**name)) {
            let end = if from.ends_with('.') { "" } else { "." };
            self.module(corpus, importer, &format!("{from}{end}{name}"), out);
        }
    }
}

impl Edges for Imports {
    fn of(&self, corpus: &Corpus, file: &SourceFile) -> Vec<Edge> {
        let text = file.text();
        let mut out = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.starts_with("import ") || line.starts_with("from ") {
                let mut statement = line.to_owned();
                while (statement.contains('(') && !statement.contains(')')) || statement.ends_with('\\') {
                    let Some(more) = lines.next() else { break };
                    statement = statement.trim_end_matches('\\').to_owned();
                    statement.push(' ');
                    statement.push_str(more.split('#').next().unwrap_or(more).trim());
                }
                let statement = statement.replace("( ", "(").replace(" )", ")");
                self.statement(corpus, &file.path, &statement, &mut out);
            } else if line.contains("include(") && !line.starts_with('#') {
                for (_, name) in quoted(line).filter(|(before, _)| before.trim_end().ends_with("include(")) {
                    if self.is_known(name) {
                        self.module(corpus, &file.path, name, &mut out);
                    }
                }
            }
        }
        for name in installed(&text).into_iter().filter(|name| self.is_known(name)) {
            app(corpus, &file.path, name, &mut out);
        }
        out
    }
}

/// The names in lists of applications: `INSTALLED_APPS`, and the lists that make it up (`LOCAL_APPS`).
fn installed(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    if !text.contains("INSTALLED_APPS") {
        return out;
    }
    let mut is_inside = false;
    for line in text.lines() {
        let code = line.split('#').next().unwrap_or(line);
        if !is_inside {
            let target = code.split(['=', '+']).next().unwrap_or_default().trim();
            let is_list = target.ends_with("APPS") && target.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            is_inside = is_list && code.contains(['[', '(']);
        }
        if is_inside {
            out.extend(quoted(code).map(|(_, name)| name));
            is_inside = !code.trim_end().ends_with([']', ')']);
        }
    }
    out
}

/// All of an application's package; the folders inside it still say what they are.
fn app(corpus: &Corpus, importer: &str, name: &str, out: &mut Vec<Edge>) {
    let mut dotted = name;
    loop {
        let found = import::file_of(corpus, importer, dotted);
        let folder = found
            .as_deref()
            .and_then(|found| found.strip_suffix("__init__.py").or(found.strip_suffix('/').map(|_| found)));
        if let Some(folder) = folder.map(|folder| folder.trim_end_matches('/')).filter(|folder| !folder.is_empty()) {
            let inside = corpus.below(folder).filter(|file| class_below(file, folder) == PathClass::Application);
            out.extend(inside.map(|file| Edge { path: file.path.clone(), is_installed: true }));
            return;
        }
        // `shop.apps.ShopConfig`: the longest start that is a package.
        let Some((start, _)) = dotted.rsplit_once('.') else { return };
        dotted = start;
    }
}
