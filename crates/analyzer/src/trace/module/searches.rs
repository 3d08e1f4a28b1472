//! Names that were looked for behind `use x::*`, `import *` and `export *`: modules that import
//! each other whole lead to each other on 2^n ways.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::trace::value::ModuleId;

/// A module, and the name or path that is looked for in it.
pub(super) type Search = (ModuleId, Sought, Rc<str>);

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sought {
    /// A name, in the module and in what it imports whole.
    Name,
    /// The module that a path of an import means.
    Path,
}

/// The searches that are under way, and those that found nothing.
#[derive(Debug, Default)]
pub(in crate::trace) struct Searches {
    pub(super) open: BTreeSet<Search>,
    /// With the depth at which it was: from further up more can be found.
    pub(super) missed: BTreeMap<Search, usize>,
    pub(super) order: Vec<Search>,
    /// The files that imports of a module mean.
    pub(super) files: BTreeMap<(ModuleId, Rc<str>), Option<Rc<str>>>,
    /// Modules by the paths that lead to them.
    pub(super) modules: BTreeMap<Search, ModuleId>,
    /// Modules that are running have not defined all their names yet.
    pub(super) running: usize,
    /// How many modules there were, and how often one began or ended to run: what was missed then may be there now.
    pub(super) age: (usize, usize),
    pub(super) runs: usize,
}

impl Searches {
    pub(super) fn forget(&mut self) {
        self.missed.clear();
        self.order.clear();
        self.modules.clear();
    }
}
