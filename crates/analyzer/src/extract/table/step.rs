//! Steps of a script, SQL or code, that changes tables.

use std::ops::Range;

use super::replay::Change;
use crate::tree::file::SourceFile;

/// What a script is to its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ScriptKind {
    /// One of several that are run in order.
    Migration,
    /// A file of SQL that stands for itself.
    Schema,
    /// SQL that a program runs.
    Code,
}

/// A file that changes tables.
#[derive(Debug)]
pub(super) struct Script<'c> {
    pub(super) file: &'c SourceFile,
    /// The folder of the sequence, or the path of the file itself.
    pub(super) place: String,
    pub(super) kind: ScriptKind,
    /// In the order of the text.
    pub(super) steps: Vec<Step>,
}

/// What a statement does, and its bytes.
#[derive(Debug)]
pub(in crate::extract::table) struct Step {
    /// The change, or why its table has no known name.
    pub(in crate::extract::table) change: Result<Change, String>,
    pub(in crate::extract::table) range: Range<usize>,
    /// The name is kept as it is written, whatever the database does to unquoted ones.
    pub(in crate::extract::table) is_exact: bool,
}
