//! The folder of a package, the files in it that are built, and the name that others call it by.

use super::programs::GoFolder;
use crate::trace::machine::Machine;
use crate::trace::module::build;
use crate::tree::corpus::Corpus;
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::path::inside;

/// The files of a package that a build on Linux takes.
pub(super) fn files<'c>(corpus: &'c Corpus, folder: &str) -> Vec<&'c SourceFile> {
    let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let all = corpus.files();
    let first = all.partition_point(|file| file.path.as_str() < inside.as_str());
    let here = all[first..].iter().take_while(|file| file.path.starts_with(&inside));
    here.filter(|file| {
        let rest = &file.path[inside.len()..];
        !rest.contains('/')
            && rest.ends_with(".go")
            // What Wire writes joins the parts of a program; it states nothing by itself.
            && (file.class == PathClass::Application || rest == "wire_gen.go")
            && build::is_built(rest, file.bytes())
    })
    .collect()
}

/// The name that the package clause gives.
fn package_name(bytes: &[u8]) -> Option<String> {
    bytes.split(|byte| *byte == b'\n').take(400).find_map(|line| {
        let name = line.strip_prefix(b"package ")?;
        let name = String::from_utf8_lossy(name);
        name.split_whitespace().next().map(|name| name.trim_end_matches(';').to_owned())
    })
}

/// The names that a package outside of the tree may have, told from its path.
pub(super) fn likely_names(path: &str) -> Vec<String> {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let mut parts = path.rsplit('/');
    let mut last = parts.next().unwrap_or(path);
    if is_version(last) {
        last = parts.next().unwrap_or(last);
    }
    let last = match last.rsplit_once(".v") {
        Some((name, version)) if version.parse::<u32>().is_ok() => name,
        _ => last,
    };
    let mut names = vec![last.to_owned()];
    for short in [last.strip_prefix("go-"), last.strip_suffix("-go"), last.strip_suffix(".go")] {
        names.extend(short.map(str::to_owned));
    }
    names.extend(last.rsplit_once('-').map(|(_, name)| name.to_owned()));
    names
}

impl GoFolder {
    /// The package whose files lie in a folder, if any do.
    fn at(corpus: &Corpus, folder: &str) -> Option<Self> {
        let first = *files(corpus, folder).first()?;
        Some(Self { folder: folder.into(), name: package_name(first.bytes()).map(Into::into) })
    }
}

impl Machine<'_> {
    /// The imported package, if it is one of the tree.
    pub(super) fn go_found(&mut self, path: &str) -> Option<GoFolder> {
        if let Some(known) = self.go.found.get(path) {
            return known.clone();
        }
        let found = self.go_find(path);
        self.go.found.insert(path.into(), found.clone());
        found
    }

    fn go_find(&self, path: &str) -> Option<GoFolder> {
        if self.rules.iter().any(|rules| rules.owns(path)) {
            return None;
        }
        for (module, folder) in &self.go.modules {
            let Some(rest) = path.strip_prefix(module.as_str()) else { continue };
            if !rest.is_empty() && !rest.starts_with('/') {
                continue;
            }
            let rest = rest.trim_start_matches('/');
            let folder = if rest.is_empty() { folder.clone() } else { inside(folder, rest) };
            if let Some(found) = GoFolder::at(self.corpus, &folder) {
                return Some(found);
            }
        }
        if self.go.modules.is_empty() {
            // Before modules, a program lay below its own address.
            return GoFolder::at(self.corpus, path.splitn(4, '/').nth(3)?);
        }
        None
    }
}
