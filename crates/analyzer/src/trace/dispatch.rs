//! Asks the rules: those of every framework about names of packages, those of one about what it made.

use super::graph::Handle;
use super::machine::Machine;
use super::rules::Call;
use super::value::Value;
use super::why::Why;

impl Machine<'_> {
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
                let own = self.graph.routers[on].rules.method(self, on, name, call);
                own.or_else(|| rules.iter().find_map(|rules| rules.any_method(self, on, name, call)))
            }
            Handle::Draft(on) => self.graph.drafts[on].rules.draft_method(self, on, name, call),
        };
        value.unwrap_or_else(|| Value::unknown(Why::Unsaid))
    }

    /// A member of something that a framework made.
    pub(super) fn handle_attribute(&mut self, handle: Handle, name: &str) -> Option<Value> {
        match handle {
            Handle::Router(on) => self.graph.routers[on].rules.attribute(self, on, name),
            Handle::Draft(_) => None,
        }
    }
}
