//! What an application has registered so far, and what surrounds the code that runs.

use std::collections::BTreeMap;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use super::group::Group;
use super::guard::MiddlewareNames;
use super::resource::Wording;
use super::routes::RouteEntry;
use crate::fact::{Found, Unresolved};
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::PhpMachine;
use crate::lang::php::value::{PhpClosure, PhpValue};
use crate::tree::file::SourceFile;

/// Runs the files of one application.
pub(super) type Evaluator<'c> = PhpMachine<'c, Routes<'c>>;

/// What was registered so far, and what surrounds the code that runs.
#[derive(Default)]
pub(super) struct Routes<'c> {
    pub(super) groups: Vec<Rc<Group>>,
    pub(super) entries: Vec<RouteEntry<'c>>,
    pub(super) macros: BTreeMap<String, Rc<PhpClosure<'c>>>,
    /// Runs when every provider has booted.
    pub(super) deferred: Vec<Deferred<'c>>,
    pub(super) names: MiddlewareNames,
    pub(super) wording: Wording,
    pub(super) found: Found,
}

/// Routes that are loaded later: a closure or files, the groups around them, and the lines that load them.
#[derive(Clone)]
pub(super) struct Deferred<'c> {
    pub(super) what: PhpValue<'c>,
    pub(super) group: Rc<Group>,
    pub(super) file: &'c SourceFile,
    pub(super) evidence: Evidence,
}

impl<'c> Routes<'c> {
    /// Run the closure that a call is given, if it is given one, when every provider has booted.
    pub(super) fn defer(&mut self, what: Option<&PhpValue<'c>>, call: &PhpCall<'c>) -> bool {
        let Some(what @ PhpValue::Closure(_)) = what else { return false };
        let (group, evidence) = (self.group(), call.evidence(None));
        self.deferred.push(Deferred { what: what.clone(), group, file: call.file, evidence });
        true
    }

    /// The groups around the code that runs.
    pub(super) fn group(&self) -> Rc<Group> {
        self.groups.last().cloned().unwrap_or_default()
    }

    /// Something that is recognised and not known.
    pub(super) fn open(&mut self, reason: String, evidence: &Evidence) {
        let evidence = vec![evidence.clone()];
        self.found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
    }
}
