//! The types of a program by name. A public type stands in the file of its name in the folder of its package, so a
//! name leads to a file, and only the files that somebody asks for are parsed.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use super::java;
use super::model::{Annotation, CompilationUnit, JvmType, Lines, TypeId, TypeKind, UnitId, simple};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Types that extend types, followed while a name is looked up.
const MAX_SUPERS: usize = 24;
/// Names that are looked up for the sake of a name.
const MAX_LOOKUP_DEPTH: usize = 64;

/// The types that were asked for so far.
pub(crate) struct JvmProgram<'c> {
    pub(crate) corpus: &'c Corpus,
    /// Java files by their name without ending.
    by_stem: BTreeMap<&'c str, Vec<&'c SourceFile>>,
    units: Vec<CompilationUnit>,
    by_path: BTreeMap<&'c str, Option<UnitId>>,
    pub(crate) types: Vec<JvmType>,
    /// Types inside of types, by name; what is being looked for is not there yet.
    nested: BTreeMap<(TypeId, String), Option<TypeId>>,
    /// Names being looked up for the sake of names.
    depth: usize,
    /// The constants that were needed since somebody asked for them.
    pub(super) used: Vec<(TypeId, Lines)>,
}

/// Where a name is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JvmScope {
    pub(crate) unit: UnitId,
    /// The type around it.
    pub(crate) inside: Option<TypeId>,
}

impl<'c> JvmProgram<'c> {
    /// A program of which nothing is read yet.
    pub(crate) fn new(corpus: &'c Corpus) -> Self {
        let mut by_stem: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
        for file in corpus.application() {
            if let Some(stem) = file.name().strip_suffix(".java") {
                by_stem.entry(stem).or_default().push(file);
            }
        }
        Self {
            corpus,
            by_stem,
            units: Vec::new(),
            by_path: BTreeMap::new(),
            types: Vec::new(),
            nested: BTreeMap::new(),
            depth: 0,
            used: Vec::new(),
        }
    }

    /// Read a file, once.
    pub(crate) fn load(&mut self, file: &'c SourceFile) -> Option<UnitId> {
        if let Some(known) = self.by_path.get(file.path.as_str()) {
            return *known;
        }
        let id = self.units.len();
        let unit = file
            .syntax()
            .map(|parsed| java::read(&file.path, parsed.tree.root_node(), file.bytes(), id, &mut self.types));
        let known = unit.is_some().then_some(id);
        self.units.extend(unit);
        self.by_path.insert(&file.path, known);
        known
    }

    /// Every type of a file that was read, nested ones too.
    pub(crate) fn types_of(&self, unit: UnitId) -> Vec<TypeId> {
        let mut open = self.units[unit].types.clone();
        let mut out = Vec::new();
        while let Some(id) = open.pop() {
            out.push(id);
            open.extend(&self.types[id].nested);
        }
        out.sort_unstable();
        out
    }

    pub(crate) fn unit(&self, id: UnitId) -> &CompilationUnit {
        &self.units[id]
    }

    /// The scope inside of a type.
    pub(crate) fn scope(&self, id: TypeId) -> JvmScope {
        JvmScope { unit: self.types[id].unit, inside: Some(id) }
    }

    /// The path of the file that a type stands in.
    pub(crate) fn path_of(&self, id: TypeId) -> &str {
        &self.units[self.types[id].unit].path
    }

    /// The package of a type.
    pub(crate) fn package_of(&self, id: TypeId) -> &str {
        &self.units[self.types[id].unit].package
    }

    /// Evidence of lines in the file of a type.
    pub(crate) fn evidence(&self, id: TypeId, lines: Lines) -> Evidence {
        self.evidence_in(self.types[id].unit, lines)
    }

    /// The lines of the constants that were needed since the last time that this was asked.
    pub(crate) fn take_used(&mut self) -> Vec<Evidence> {
        let used = std::mem::take(&mut self.used);
        let mut out: Vec<Evidence> = Vec::new();
        for (of, lines) in used {
            let evidence = self.evidence(of, lines);
            if !out.contains(&evidence) {
                out.push(evidence);
            }
        }
        out
    }

    /// Evidence of lines in a file that was read.
    pub(crate) fn evidence_in(&self, unit: UnitId, lines: Lines) -> Evidence {
        let file = self.corpus.file(&self.units[unit].path).expect("units are made of files of the corpus");
        file.lines(lines.0, lines.1)
    }

    /// Whether an annotation is the one of this name in one of these packages. The packages decide only where the
    /// file says so; a name that is written without any import belongs to the own package and is none of them.
    pub(crate) fn is(&self, unit: UnitId, annotation: &Annotation, packages: &[&str], name: &str) -> bool {
        annotation.simple() == name && self.comes_from(unit, &annotation.name, packages)
    }

    /// Whether a name means a type of one of these packages.
    pub(crate) fn comes_from(&self, unit: UnitId, written: &str, packages: &[&str]) -> bool {
        if let Some((package, _)) = written.rsplit_once('.') {
            return packages.contains(&package);
        }
        let imports = &self.units[unit].imports;
        let explicit = imports.iter().find(|import| !import.is_star && simple(&import.path) == written);
        match explicit.and_then(|import| import.path.rsplit_once('.')) {
            Some((package, _)) => packages.contains(&package),
            None => imports.iter().any(|import| import.is_star && packages.contains(&import.path.as_str())),
        }
    }

    /// The type that a name means at a place; nothing when it is not in the tree.
    pub(crate) fn resolve(&mut self, scope: JvmScope, name: &str) -> Option<TypeId> {
        if self.depth >= MAX_LOOKUP_DEPTH {
            return None;
        }
        self.depth += 1;
        let mut parts = name.split('.');
        let first = parts.next().and_then(|first| self.simple_name(scope, first));
        let found = first.and_then(|first| parts.try_fold(first, |at, part| self.nested(at, part)));
        let found = found.or_else(|| if name.contains('.') { self.qualified(name, scope.unit) } else { None });
        self.depth -= 1;
        found
    }

    fn simple_name(&mut self, scope: JvmScope, name: &str) -> Option<TypeId> {
        let mut around = scope.inside;
        while let Some(at) = around {
            if self.types[at].name == name {
                return Some(at);
            }
            if let Some(found) = self.nested(at, name) {
                return Some(found);
            }
            around = self.types[at].outer;
        }
        let unit = &self.units[scope.unit];
        if let Some(found) = unit.types.iter().find(|id| self.types[**id].name == name) {
            return Some(*found);
        }
        let explicit = unit.imports.iter().find(|import| !import.is_star && simple(&import.path) == name);
        if let Some(import) = explicit {
            let path = import.path.clone();
            return self.qualified(&path, scope.unit);
        }
        let package = unit.package.clone();
        let stars: Vec<String> =
            unit.imports.iter().filter(|import| import.is_star).map(|import| import.path.clone()).collect();
        std::iter::once(package).chain(stars).find_map(|package| {
            let path = if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") };
            self.qualified(&path, scope.unit)
        })
    }

    /// A type inside of a type, or of those above it.
    fn nested(&mut self, at: TypeId, name: &str) -> Option<TypeId> {
        let own = self.types[at].nested.iter().copied().find(|id| self.types[*id].name == name);
        if own.is_some() || !self.may_inherit(at) {
            return own;
        }
        let key = (at, name.to_owned());
        if let Some(known) = self.nested.get(&key) {
            return *known;
        }
        // Looking above from inside of the type would ask for the type again.
        self.nested.insert(key.clone(), None);
        let outside = JvmScope { unit: self.types[at].unit, inside: self.types[at].outer };
        let found = self.above(at).into_iter().filter(|above| simple(above) != name).find_map(|above| {
            let above = self.supertype(outside, &above)?;
            self.nested(above, name)
        });
        self.nested.insert(key, found);
        found
    }

    fn may_inherit(&self, at: TypeId) -> bool {
        self.types[at].superclass.is_some() || !self.types[at].interfaces.is_empty()
    }

    fn above(&self, at: TypeId) -> Vec<String> {
        let here = &self.types[at];
        here.superclass.iter().chain(&here.interfaces).map(|above| above.name.clone()).collect()
    }

    /// A type that another extends, found without looking into what that one inherits.
    fn supertype(&mut self, scope: JvmScope, name: &str) -> Option<TypeId> {
        let mut around = scope.inside;
        while let Some(at) = around {
            let nested = self.types[at].nested.iter().copied().find(|id| self.types[*id].name == name);
            if nested.is_some() {
                return nested;
            }
            around = self.types[at].outer;
        }
        let top = JvmScope { unit: scope.unit, inside: None };
        self.resolve(top, name)
    }

    /// The types that a type extends and implements, the superclass first; those outside of the tree are left out.
    pub(crate) fn supers(&mut self, at: TypeId) -> (Option<TypeId>, Vec<TypeId>) {
        let scope = JvmScope { unit: self.types[at].unit, inside: self.types[at].outer };
        let superclass = self.types[at].superclass.as_ref().map(|above| above.name.clone());
        let interfaces: Vec<String> = self.types[at].interfaces.iter().map(|above| above.name.clone()).collect();
        let superclass = superclass.and_then(|name| self.supertype(scope, &name)).filter(|above| *above != at);
        let interfaces = interfaces
            .into_iter()
            .filter_map(|name| self.supertype(scope, &name))
            .filter(|above| *above != at)
            .collect();
        (superclass, interfaces)
    }

    /// `a.b.C` or `a.b.C.D`; of several files the one that is nearest to the asking one.
    pub(crate) fn qualified(&mut self, name: &str, from: UnitId) -> Option<TypeId> {
        let parts: Vec<&str> = name.split('.').collect();
        for top in (0..parts.len()).rev() {
            let Some(files) = self.by_stem.get(parts[top]) else { continue };
            let package = parts[..top].join(".");
            let folder = package.replace('.', "/");
            let is_there = |file: &&&'c SourceFile| {
                file.folder() == folder
                    || file
                        .folder()
                        .strip_suffix(folder.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            let mut fitting: Vec<&'c SourceFile> = files.iter().filter(is_there).copied().collect();
            let asking = self.units[from].path.clone();
            fitting.sort_by_key(|file| std::cmp::Reverse(shared(&file.path, &asking)));
            for file in fitting {
                let Some(unit) = self.load(file).filter(|unit| self.units[*unit].package == package) else { continue };
                let first = self.units[unit].types.iter().copied().find(|id| self.types[*id].name == parts[top]);
                let found =
                    first.and_then(|first| parts[top + 1..].iter().try_fold(first, |at, part| self.nested(at, part)));
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Every type that a type is, itself first, then its interfaces, then its superclass and so on: the order in
    /// which Spring looks for annotations.
    pub(crate) fn lineage(&mut self, at: TypeId) -> Vec<TypeId> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        self.descend(at, &mut out, &mut seen, 0);
        out
    }

    fn descend(&mut self, at: TypeId, out: &mut Vec<TypeId>, seen: &mut BTreeSet<TypeId>, depth: usize) {
        if depth > MAX_SUPERS || !seen.insert(at) {
            return;
        }
        out.push(at);
        let (superclass, interfaces) = self.supers(at);
        for above in interfaces.into_iter().chain(superclass) {
            self.descend(above, out, seen, depth + 1);
        }
    }

    /// The annotation type of the program that an annotation is an instance of.
    pub(crate) fn own_annotation(&mut self, scope: JvmScope, annotation: &Annotation) -> Option<TypeId> {
        let found = self.resolve(scope, &annotation.name)?;
        (self.types[found].kind == TypeKind::Annotation).then_some(found)
    }
}

/// How much of two paths is the same, in bytes.
fn shared(left: &str, right: &str) -> usize {
    left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count()
}
