//! Looks for names behind `use x::*`, `import *` and `export *`: each module is searched for a name once.

use super::searches::{Search, Sought};
use crate::trace::machine::Machine;
use crate::trace::value::{ModuleId, Value};

impl Machine<'_> {
    /// A module begins to run its body.
    pub(in crate::trace) fn body_begins(&mut self) {
        self.searches.running += 1;
        self.searches.runs += 1;
    }

    /// A module has run its body.
    pub(in crate::trace) fn body_ends(&mut self) {
        self.searches.running -= 1;
        self.searches.runs += 1;
    }

    /// Look for something in a module, unless that is being done, or was done in vain.
    pub(super) fn search(
        &mut self,
        module: ModuleId,
        what: Sought,
        name: &str,
        look: impl FnOnce(&mut Self) -> Option<Value>,
    ) -> Option<Value> {
        let age = (self.modules.len(), self.searches.runs);
        if self.searches.age != age {
            self.searches.forget();
            self.searches.age = age;
        }
        let search: Search = (module, what, name.into());
        if let Some(module) = self.searches.modules.get(&search) {
            return Some(Value::Module(*module));
        }
        let is_missed = self.searches.missed.get(&search).is_some_and(|depth| *depth <= self.depth);
        if is_missed || !self.searches.open.insert(search.clone()) {
            return None;
        }
        let before = self.searches.order.len();
        let found = look(self);
        let searches = &mut self.searches;
        searches.open.remove(&search);
        let is_of_age = searches.age == age && (self.modules.len(), searches.runs) == age;
        if let Some(value) = &found {
            if let (Value::Module(module), Sought::Path, true) = (value, what, is_of_age) {
                searches.modules.insert(search, *module);
            }
            // What was passed over because this search was under way is not known to be in vain.
            for search in searches.order.split_off(before.min(searches.order.len())) {
                searches.missed.remove(&search);
            }
        } else if is_of_age {
            searches.missed.insert(search.clone(), self.depth);
            searches.order.push(search);
        }
        if searches.open.is_empty() && searches.running > 0 {
            searches.forget();
        }
        found
    }
}
