//! Asks the rules: those of every framework about names of packages, those of one about what it made; and which rules
//! made a router or a draft.

use super::call::Call;
use super::framework::Framework;
use super::graph::{Draft, DraftId, Graph, Handle, Router, RouterId};
use super::machine::{Machine, Rules};
use super::value::Value;
use super::why::Why;

impl Machine<'_> {
    /// The rules of the framework that made a router or a draft.
    pub(super) fn rules_of(&self, framework: &Framework) -> &'static dyn Rules {
        let own = self.rules.iter().find(|rules| rules.framework().is(framework));
        *own.expect("what makes routers is among the rules of the family")
    }

    /// What a call of a name out of a package makes, if a framework's rules know the name.
    pub(super) fn by_rules(&mut self, name: &str, call: &Call) -> Option<Value> {
        let rules = self.rules;
        rules.iter().find_map(|rules| rules.external(self, name, call))
    }

    /// What something of an external type is.
    pub(super) fn typed_by_rules(&mut self, of: &str) -> Option<Value> {
        let rules = self.rules;
        rules.iter().find_map(|rules| rules.typed(self, of))
    }

    /// A method of something that a framework made: its own rules come first.
    pub(super) fn handle_method(&mut self, handle: Handle, name: &str, call: &Call) -> Value {
        let rules = self.rules;
        let value = match handle {
            Handle::Router(on) => {
                let own = self.rules_of(self.graph.routers[on].framework).method(self, on, name, call);
                own.or_else(|| rules.iter().find_map(|rules| rules.any_method(self, on, name, call)))
            }
            Handle::Draft(on) => self.rules_of(self.graph.drafts[on].framework).draft_method(self, on, name, call),
        };
        value.unwrap_or_else(|| Value::unknown(Why::Unsaid))
    }

    /// A member of something that a framework made.
    pub(super) fn handle_attribute(&mut self, handle: Handle, name: &str) -> Option<Value> {
        match handle {
            Handle::Router(on) => self.rules_of(self.graph.routers[on].framework).attribute(self, on, name),
            Handle::Draft(_) => None,
        }
    }
}

impl Router {
    /// A router that nobody serves, without a prefix.
    pub(crate) fn of(rules: &'static dyn Rules) -> Self {
        Self::made_with(rules.framework())
    }

    /// An application.
    pub(crate) fn root(rules: &'static dyn Rules) -> Self {
        Self { is_root: true, ..Self::of(rules) }
    }

    /// Whether it is one of these rules.
    pub(crate) fn is_of(&self, rules: &dyn Rules) -> bool {
        self.framework.is(rules.framework())
    }
}

impl Draft {
    /// A draft that says nothing yet.
    pub(crate) fn of(rules: &'static dyn Rules) -> Self {
        Self::made_with(rules.framework())
    }

    /// Whether it is one of these rules.
    pub(crate) fn is_of(&self, rules: &dyn Rules) -> bool {
        self.framework.is(rules.framework())
    }
}

impl Graph {
    /// The router behind a handle, if it is one of these rules.
    pub(crate) fn router_of(&self, handle: Handle, rules: &dyn Rules) -> Option<RouterId> {
        match handle {
            Handle::Router(router) if self.routers[router].is_of(rules) => Some(router),
            _ => None,
        }
    }

    /// The draft behind a handle, if it is one of these rules.
    pub(crate) fn draft_of(&self, handle: Handle, rules: &dyn Rules) -> Option<DraftId> {
        match handle {
            Handle::Draft(draft) if self.drafts[draft].is_of(rules) => Some(draft),
            _ => None,
        }
    }
}
