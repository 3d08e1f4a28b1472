//! The lines that calls are cited with, and the calls around a registration, which say parts of its path.

use ci_feed_dossier::evidence::Evidence;

use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::graph::PathText;
use crate::trace::machine::Machine;
use crate::trace::value::Argument;

/// Lines below the first one that a call is cited with: what is longer is cited with its first line.
pub(crate) const NEAR: u32 = 8;

/// Calls around a registration that are looked at for its path.
const MAX_CITED: usize = 12;

impl Machine<'_> {
    /// The same for every part of the path: a router of the program's own keeps the prefix of its groups, and each
    /// group is a call around this one.
    fn cite_all_callers(&mut self, before: usize) {
        for at in before..self.graph.routes.len() {
            let PathText::Known(written) = self.graph.routes[at].path.clone() else { continue };
            for part in written.split('/').map(|part| part.trim_start_matches([':', '*', '{'])) {
                let part = part.split([':', '}', '<', '?']).next().unwrap_or_default();
                if !part.contains(char::is_alphanumeric) {
                    continue;
                }
                let evidence = &self.graph.routes[at].evidence;
                if evidence.iter().any(|place| place.excerpt.contains(part)) {
                    continue;
                }
                let places = self.sites.iter().rev().take(MAX_CITED);
                let place = places
                    .map(|(path, start, end)| self.evidence(path, *start, *end))
                    .find(|place| place.excerpt.contains(part));
                self.graph.routes[at].evidence.extend(place);
            }
        }
    }

    /// A route that a helper registers is said where the helper is called: cite that place too when
    /// the registration itself does not hold the path.
    pub(in crate::trace) fn cite_callers(&mut self, before: usize) {
        if self.family == Family::Go {
            return self.cite_all_callers(before);
        }
        let Some((path, start, end)) = self.sites.last().cloned() else { return };
        let place = self.evidence(&path, start, end);
        for route in &mut self.graph.routes[before..] {
            let PathText::Known(written) = &route.path else { continue };
            let last = written.rsplit('/').find(|part| part.chars().any(char::is_alphanumeric)).unwrap_or_default();
            let is_cited = route.evidence.iter().any(|at| at.excerpt.contains(last));
            if !is_cited && place.excerpt.contains(last) {
                route.evidence.insert(0, place.clone());
            }
        }
    }
}

impl Call {
    /// Evidence from the call's first line to the end of an argument that ends near, else the first line alone.
    pub(crate) fn lines_to_near(&self, machine: &Machine<'_>, last: Option<&Argument>) -> Evidence {
        self.lines_within(machine, last, NEAR)
    }

    /// The same where the argument ends at most so many lines below.
    pub(crate) fn lines_within(&self, machine: &Machine<'_>, last: Option<&Argument>, lines: u32) -> Evidence {
        self.lines_to(machine, last.filter(|last| last.end <= self.start + lines))
    }

    /// Evidence from the call's first line to the end of the argument (or the first line alone).
    pub(crate) fn lines_to(&self, machine: &Machine<'_>, last: Option<&Argument>) -> Evidence {
        let end = last.map_or(self.start, |argument| argument.end).max(self.start);
        machine.evidence(&self.path, self.start, end)
    }
}

impl Argument {
    /// The argument as a path.
    pub(crate) fn as_path(&self, machine: &mut Machine<'_>) -> PathText {
        machine.path_text(&self.value, &self.text)
    }
}
