//! All files of one commit, in path order: the single input of every extractor.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::OnceLock;

use ci_feed_dossier::evidence::Evidence;

use super::file::{PathClass, SourceFile};
use super::path::ancestors;
use crate::syntax::grammar::{Family, Language};

/// Reads the bytes of a file that is not held; none of a file that is, or that went away meanwhile.
type ReadAgain = Box<dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync>;

/// The files that were read, sorted by path.
pub struct Corpus {
    files: Vec<SourceFile>,
    /// Places in `files`; import after import asks for paths, most of which do not exist.
    by_path: HashMap<Box<str>, u32>,
    others: BTreeMap<String, Option<String>>,
    /// Symbolic links that lead to a place of the tree, by that place.
    links: BTreeMap<String, Vec<String>>,
    read_again: ReadAgain,
    /// Paths of somebody else's programs that the application imports.
    foreign: BTreeSet<String>,
    /// Indices into `files` of the application's programs.
    families: OnceLock<BTreeMap<Family, Vec<usize>>>,
    /// Whether programs are parsed without being asked for the texts that rules look for.
    is_thorough: bool,
    /// The folders in which a Python project of the tree keeps a package, by the package's name.
    python_members: OnceLock<HashMap<String, Vec<String>>>,
}

impl Corpus {
    /// Take the files of a tree; their order does not matter.
    pub fn new(files: Vec<SourceFile>) -> Self {
        Self::with_others(files, BTreeMap::new(), |_| None)
    }

    /// The same, with the entries that exist but were not read (binary files, links, too large ones): path to git's
    /// id, where it is known. And with what reads the files among the first that have no bytes here.
    pub(crate) fn with_others(
        mut files: Vec<SourceFile>,
        others: BTreeMap<String, Option<String>>,
        read_again: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let by_path = files.iter().zip(0..).map(|(file, at)| (file.path.as_str().into(), at)).collect();
        Self {
            files,
            by_path,
            others,
            links: BTreeMap::new(),
            read_again: Box::new(read_again),
            foreign: BTreeSet::new(),
            families: OnceLock::new(),
            is_thorough: false,
            python_members: OnceLock::new(),
        }
    }

    /// The files alone.
    pub(super) fn into_files(self) -> Vec<SourceFile> {
        self.files
    }

    /// These files are the application's, whatever their paths say.
    pub(super) fn belong_to_application(&mut self, paths: impl IntoIterator<Item = String>) {
        for path in paths {
            if let Some(at) = self.by_path.get(path.as_str()) {
                self.files[*at as usize].class = PathClass::Application;
            }
        }
    }

    /// The tree has these symbolic links, by the place that each leads to.
    pub(super) fn link(&mut self, links: BTreeMap<String, Vec<String>>) {
        self.links = links;
    }

    /// The paths under which symbolic links show a file as well, to it or to a folder above it.
    pub(crate) fn aliases(&self, path: &str) -> impl Iterator<Item = String> {
        std::iter::once(path).chain(ancestors(path)).flat_map(move |place| {
            let below = &path[place.len()..];
            self.links.get(place).into_iter().flatten().map(move |link| format!("{link}{below}"))
        })
    }

    /// The application imports these, and they are somebody else's.
    pub(super) fn import_foreign(&mut self, paths: BTreeSet<String>) {
        self.foreign = paths;
    }

    /// Whether a file is somebody else's, whose copy is kept in the tree, and the application imports it.
    pub(crate) fn is_imported_foreign(&self, file: &SourceFile) -> bool {
        self.foreign.contains(&file.path)
    }

    /// From here on parse every program, also those that hold no text that a rule looks for.
    pub(crate) fn parse_everything(&mut self) {
        self.is_thorough = true;
    }

    /// See [`Self::parse_everything`].
    pub(crate) fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    /// The bytes of a file, also where they are not held.
    pub(crate) fn content<'c>(&self, file: &'c SourceFile) -> Cow<'c, [u8]> {
        (self.read_again)(&file.path).map_or(Cow::Borrowed(file.bytes()), Cow::Owned)
    }

    /// The application's programs of one family, in path order.
    pub(crate) fn programs(&self, family: Family) -> impl Iterator<Item = &SourceFile> {
        let families = self.families.get_or_init(|| {
            let mut families: BTreeMap<Family, Vec<usize>> = BTreeMap::new();
            for (at, file) in self.files.iter().enumerate().filter(|(_, file)| file.class == PathClass::Application) {
                if let Some(language) = Language::of_path(&file.path) {
                    families.entry(language.family()).or_default().push(at);
                }
            }
            families
        });
        families.get(&family).into_iter().flatten().map(|at| &self.files[*at])
    }

    /// What `find` finds of the Python projects, looked for once.
    pub(crate) fn python_members(
        &self,
        find: impl FnOnce(&Self) -> HashMap<String, Vec<String>>,
    ) -> &HashMap<String, Vec<String>> {
        self.python_members.get_or_init(|| find(self))
    }

    /// The files that facts may come from.
    pub fn application(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.class == PathClass::Application)
    }

    /// Whether the tree has an entry at exactly this path, read or not.
    pub fn has_path(&self, path: &str) -> bool {
        self.file(path).is_some() || self.others.contains_key(path)
    }

    /// Evidence that the tree has an entry at exactly this path, read or not.
    pub fn exists(&self, path: &str) -> Option<Evidence> {
        let read = self.file(path).map(SourceFile::exists);
        read.or_else(|| Some(Evidence::of_file(path, self.others.get(path)?.as_deref()?)))
    }

    /// Git's id of an entry that was not read, where it is known.
    pub(crate) fn id_of_other(&self, path: &str) -> Option<&str> {
        self.others.get(path)?.as_deref()
    }

    /// Whether the tree has a folder at exactly this path (no trailing `/`); the root is the empty path.
    pub fn has_folder(&self, path: &str) -> bool {
        if path.is_empty() {
            return true;
        }
        let inside = format!("{path}/");
        self.below(path).next().is_some()
            || self.others.range(inside.clone()..).next().is_some_and(|(other, _)| other.starts_with(&inside))
    }

    /// The files below a folder (no trailing `/`), in path order.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = &SourceFile> {
        let inside = format!("{folder}/");
        let at = self.files.partition_point(|file| file.path.as_str() < inside.as_str());
        self.files[at..].iter().take_while(move |file| file.path.starts_with(&inside))
    }

    /// Every file, sorted by path.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file at exactly this path, if facts may come from it.
    pub(crate) fn application_file(&self, path: &str) -> Option<&SourceFile> {
        self.file(path).filter(|file| file.class == PathClass::Application)
    }

    /// The file at exactly this path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.by_path.get(path).map(|at| &self.files[*at as usize])
    }
}

impl fmt::Debug for Corpus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Corpus")
            .field("files", &self.files)
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}
