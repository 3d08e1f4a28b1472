//! What is known of the Go programs of a tree.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::lang::go::modules;
use crate::syntax::program::{FunctionId, NodeId};
use crate::trace::value::{Closure, DefinitionPlace, ModuleId, Scope, Value};
use crate::tree::corpus::Corpus;

/// What is known of the Go programs of a tree.
#[derive(Default)]
pub(in crate::trace) struct GoPrograms {
    /// Module paths and their folders, the longest path first.
    pub(super) modules: Vec<(String, String)>,
    pub(super) packages: BTreeMap<Rc<str>, Option<Rc<Package>>>,
    /// The packages that were looked for, by the path that imports them.
    pub(super) found: BTreeMap<Rc<str>, Option<GoFolder>>,
    /// The first instance of each struct: what a method that nobody is seen to call belongs to.
    pub(in crate::trace) instances: BTreeMap<DefinitionPlace, Value>,
    pub(in crate::trace) runs: BTreeMap<DefinitionPlace, u32>,
    /// Whether the file deals with routers.
    pub(in crate::trace) relevant: BTreeMap<ModuleId, bool>,
    /// Functions of command line programs, called when a command is given.
    pub(in crate::trace) commands: Vec<Rc<Closure>>,
}

/// A folder of files.
pub(in crate::trace) struct Package {
    pub(super) scope: Rc<Scope>,
    pub(super) pending: RefCell<BTreeMap<Rc<str>, (ModuleId, NodeId)>>,
    pub(super) methods: BTreeMap<(Rc<str>, Rc<str>), (ModuleId, FunctionId)>,
}

impl GoPrograms {
    /// Read the `go.mod` files.
    pub(in crate::trace) fn of(corpus: &Corpus) -> Self {
        Self { modules: modules::modules(corpus), ..Self::default() }
    }
}

/// A package of the tree.
#[derive(Clone)]
pub(super) struct GoFolder {
    pub(super) folder: Rc<str>,
    /// The name that it gives itself.
    pub(super) name: Option<Rc<str>>,
}
