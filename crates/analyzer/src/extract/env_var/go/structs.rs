//! The structs of a Go program, each found in the package that a type names: its own, or one that its file imports.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::tags::{TaggedField, collect};
use crate::lang::go::{children, imports, modules};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::path::folder_of;

/// The methods with which a type reads one text, and what each takes: such a struct is one value.
const DECODES: [(&str, &str); 4] =
    [("Decode", "string"), ("Set", "string"), ("UnmarshalText", "[]byte"), ("UnmarshalBinary", "[]byte")];

/// A type as a file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// The name that the file has for the package; empty for its own.
    pub(super) package: String,
    pub(super) name: String,
}

/// Folder and name: what one type is everywhere.
pub(super) type Key = (String, String);

pub(super) struct GoStructs<'c> {
    corpus: &'c Corpus,
    modules: Vec<(String, String)>,
    /// The folder that each name of a file's imports means, by the path of the file.
    imported: BTreeMap<String, BTreeMap<String, String>>,
    /// The structs of a folder that are filled field by field.
    folders: BTreeMap<String, BTreeMap<String, Rc<[TaggedField]>>>,
}

impl<'c> GoStructs<'c> {
    pub(super) fn of(corpus: &'c Corpus) -> Self {
        let modules = modules::modules(corpus);
        Self { corpus, modules, imported: BTreeMap::new(), folders: BTreeMap::new() }
    }

    /// The folder and name of a type that a file names.
    pub(super) fn key(&mut self, path: &str, named: &Named) -> Option<Key> {
        if named.package.is_empty() {
            return Some((folder_of(path).to_owned(), named.name.clone()));
        }
        if !self.imported.contains_key(path) {
            let file = self.corpus.file(path)?;
            let source = file.text();
            let folder = |path: &str| modules::folder_of(&self.modules, path);
            let of_file = imports(&source).filter_map(|(name, path)| Some((name.to_owned(), folder(path)?)));
            self.imported.insert(path.to_owned(), of_file.collect());
        }
        let folder = self.imported.get(path)?.get(&named.package)?;
        Some((folder.clone(), named.name.clone()))
    }

    /// The fields of a struct that is filled field by field.
    pub(super) fn fields(&mut self, (folder, name): &Key) -> Option<Rc<[TaggedField]>> {
        if !self.folders.contains_key(folder) {
            let structs = self.of_folder(folder);
            self.folders.insert(folder.clone(), structs);
        }
        self.folders.get(folder)?.get(name).cloned()
    }

    fn of_folder(&self, folder: &str) -> BTreeMap<String, Rc<[TaggedField]>> {
        let mut found = BTreeMap::new();
        let mut whole: BTreeSet<String> = BTreeSet::new();
        let patterns = ["struct", ") Decode(", ") Set(", ") UnmarshalText(", ") UnmarshalBinary("];
        for file in prefilter::files_among(self.corpus, Family::Go, &patterns, |path| folder_of(path) == folder) {
            let Some(parsed) = file.syntax() else { continue };
            let root = parsed.tree.root_node();
            collect(file, root, &mut found);
            whole.extend(children(root).into_iter().filter_map(|node| decoder(node, file.bytes())));
        }
        let filled = found.into_iter().filter(|(name, _)| !whole.contains(name));
        filled.map(|(name, fields)| (name, fields.into())).collect()
    }
}

/// The type whose method a declaration is, where the method reads the whole of it from one text.
fn decoder(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let name = text(node.field("name").filter(|_| node.kind() == "method_declaration")?, bytes);
    let (_, takes) = DECODES.iter().find(|(method, _)| *method == name)?;
    let parameters = children(node.field("parameters")?);
    let [only] = parameters.as_slice() else { return None };
    let receiver = children(node.field("receiver")?).into_iter().next()?.field_text("type", bytes);
    only.field_is("type", takes, bytes).then(|| receiver.trim_start_matches('*').to_owned())
}
