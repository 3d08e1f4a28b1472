//! What a program finds in its own folders: where its files are, and what lies beside them. Such a place is a text that
//! begins with [`TREE`].

use std::collections::BTreeMap;
use std::rc::Rc;

use super::call::Call;
use super::machine::Machine;
use super::value::{Argument, ModuleId, Value};
use crate::syntax::grammar::Family;
use crate::tree::path::{folder_of, inside, resolve};

/// Where the root of the tree is to a program that asks.
const TREE: &str = "/[tree]";
/// A row of `pkgutil.iter_modules`: who found it, its name, whether it is a package.
const ROW: usize = 3;

/// The path in the tree that a text means.
pub(super) fn in_tree(text: &str) -> Option<String> {
    resolve("", text.strip_prefix(TREE)?)
}

fn place(path: &str) -> Value {
    Value::text(format!("{TREE}/{path}"))
}

/// A file's name without and with its ending.
fn split_ending(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a name is one that a pattern with stars means. The first place that fits each part is as good as any later one,
/// so that no pattern is tried again and again.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name == pattern };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let between = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    let after = |name: &'_ str, part: &str| Some(name.find(part)? + part.len());
    between.is_some_and(|name| middle.split('*').try_fold(0, |at, part| Some(at + after(&name[at..], part)?)).is_some())
}

impl<'c> Machine<'c> {
    /// `__file__`, `__filename`, `__dirname`.
    pub(super) fn own_place(&self, module: ModuleId, name: &str) -> Option<Value> {
        let path = &self.modules[module].path;
        match (self.family, name) {
            (Family::Python, "__file__") | (Family::Script, "__filename") => Some(place(path)),
            (Family::Script, "__dirname") => Some(place(folder_of(path))),
            _ => None,
        }
    }

    /// The paths of all files below a folder, seen from there. Looking through them counts.
    fn files_below(&mut self, folder: &str) -> Vec<&'c str> {
        let corpus = self.corpus;
        let files: Vec<&str> = match folder.is_empty() {
            true => corpus.files().iter().map(|file| file.path.as_str()).collect(),
            false => corpus.below(folder).map(|file| &file.path[folder.len() + 1..]).collect(),
        };
        self.copy(files.len());
        files
    }

    /// What lies right in a folder, by name, and whether it is a folder.
    fn beside(&mut self, folder: &str) -> BTreeMap<&'c str, bool> {
        let below = self.files_below(folder).into_iter();
        below.map(|rest| rest.split_once('/').map_or((rest, false), |(first, _)| (first, true))).collect()
    }

    /// What the standard libraries say of paths and folders.
    pub(super) fn folder_builtin(&mut self, name: &str, arguments: &[Argument]) -> Option<Value> {
        let texts: Option<Vec<Rc<str>>> = arguments
            .iter()
            .filter(|argument| argument.name.is_none())
            .map(|argument| match self.settle(&argument.value) {
                Value::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        if name == "pkgutil.iter_modules" {
            let folders = self.items(&arguments.first()?.value);
            let found = folders.iter().flat_map(|folder| self.python_modules_in(folder)).collect();
            return Some(self.list_of(found));
        }
        let texts = texts?;
        let first = texts.first()?;
        match (name, in_tree(first)) {
            ("os.path.basename" | "path.basename", _) => {
                let name = name_of(first);
                let ending = texts.get(1).map_or("", |ending| ending);
                Some(Value::text(name.strip_suffix(ending).unwrap_or(name)))
            }
            ("path.extname", _) => Some(Value::text(split_ending(name_of(first)).1)),
            ("os.path.splitext", _) => {
                let ending = split_ending(name_of(first)).1;
                Some(Value::array(vec![Value::text(&first[..first.len() - ending.len()]), Value::text(ending)]))
            }
            (
                "pathlib.Path" | "pathlib.PurePath" | "os.path.join" | "os.path.abspath" | "os.path.realpath"
                | "os.path.normpath" | "path.join" | "path.resolve",
                Some(path),
            ) => texts[1..].iter().try_fold(path, |path, more| resolve(&path, more)).map(|path| place(&path)),
            ("os.path.dirname" | "path.dirname", Some(path)) => Some(place(folder_of(&path))),
            ("os.listdir" | "fs.readdirSync" | "fs.promises.readdir" | "fs/promises.readdir", Some(path)) => {
                let names = self.beside(&path).into_keys().map(Value::text).collect();
                Some(self.list_of(names))
            }
            _ => None,
        }
    }

    fn python_modules_in(&mut self, folder: &Value) -> Vec<Value> {
        let Value::Text(folder) = self.settle(folder) else { return Vec::new() };
        let Some(folder) = in_tree(&folder) else { return Vec::new() };
        let corpus = self.corpus;
        let is_package = |name: &str| corpus.file(&inside(&inside(&folder, name), "__init__.py")).is_some();
        let row =
            |name: &str, is_package: bool| Value::array(vec![Value::Null, Value::text(name), Value::Bool(is_package)]);
        let rows = self.beside(&folder).into_iter().filter_map(|(name, is_folder)| match is_folder {
            true => is_package(name).then(|| row(name, true)),
            false => name.strip_suffix(".py").filter(|name| *name != "__init__").map(|name| row(name, false)),
        });
        rows.collect()
    }

    /// An attribute of a path or of what was found in a folder.
    pub(super) fn place_member(&self, of: &Value, name: &str) -> Option<Value> {
        match of {
            _ if self.family != Family::Python => None,
            Value::Text(text) => {
                let path = in_tree(text)?;
                match name {
                    "parent" => Some(place(folder_of(&path))),
                    "name" => Some(Value::text(name_of(&path))),
                    "stem" => Some(Value::text(split_ending(name_of(&path)).0)),
                    "suffix" => Some(Value::text(split_ending(name_of(&path)).1)),
                    _ => None,
                }
            }
            Value::Array(row) if row.borrow().len() == ROW => match name {
                "name" => row.borrow().get(1).cloned(),
                "ispkg" => row.borrow().get(2).cloned(),
                _ => None,
            },
            Value::Module(module) if name == "__path__" => {
                Some(Value::array(vec![place(folder_of(&self.modules[*module].path))]))
            }
            Value::Folder(folder) if name == "__path__" => Some(Value::array(vec![place(folder)])),
            _ => None,
        }
    }

    /// A method of Python's paths.
    pub(super) fn folder_method(&mut self, text: &str, name: &str, call: &Call) -> Option<Value> {
        let path = in_tree(text).filter(|_| self.family == Family::Python)?;
        let argument = call.at(0).map(|argument| self.settle(&argument.value));
        match (name, argument) {
            ("resolve" | "absolute" | "expanduser" | "as_posix", _) => Some(place(&path)),
            ("joinpath", Some(Value::Text(more))) => resolve(&path, &more).map(|path| place(&path)),
            ("iterdir", _) => {
                let names = self.beside(&path).into_keys();
                let found = names.map(|name| place(&inside(&path, name))).collect();
                Some(self.list_of(found))
            }
            ("glob" | "rglob", Some(Value::Text(pattern))) => {
                let is_deep = name == "rglob" || pattern.starts_with("**/");
                let (folders, pattern) = pattern
                    .trim_start_matches("**/")
                    .rsplit_once('/')
                    .unwrap_or(("", pattern.trim_start_matches("**/")));
                let is_meant = |below: &str| {
                    let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
                    let is_there = if is_deep { folder.ends_with(folders) } else { fits_all(folder, folders) };
                    is_there && fits(name, pattern)
                };
                let below = self.files_below(&path).into_iter().filter(|below| is_meant(below));
                let found = below.map(|below| place(&inside(&path, below))).collect();
                Some(self.list_of(found))
            }
            _ => None,
        }
    }
}

/// Whether each folder of a path is one that its pattern means.
fn fits_all(path: &str, pattern: &str) -> bool {
    path.split('/').count() == pattern.split('/').count()
        && path.split('/').zip(pattern.split('/')).all(|(name, pattern)| fits(name, pattern))
}

#[cfg(test)]
mod tests {
    use super::{fits, fits_all, in_tree};

    #[test]
    fn stars_stand_for_any_part_of_a_name() {
        assert!(fits("router_x.py", "router_*.py") && fits("a", "*") && fits("ab", "*a*b*"));
        assert!(!fits("x.py", "router_*.py") && !fits("a.pyc", "*.py") && !fits("aba", "ab*ba"));
        assert!(!fits(&"a".repeat(200), &format!("{}b*", "*a".repeat(60))));
        assert!(fits_all("a/b", "*/b") && !fits_all("a/b/c", "*/c"));
        assert_eq!(in_tree("/[tree]/a/../b/./c").as_deref(), Some("b/c"));
        assert_eq!(in_tree("/a"), None);
    }
}
