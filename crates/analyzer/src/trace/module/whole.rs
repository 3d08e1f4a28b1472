//! What `import *` and `export *` lead to. Modules that take each other whole lead to each other on 2^n ways, so each is
//! looked at once for a question, and knows where its lines lead.

use std::rc::Rc;

use crate::trace::machine::Machine;
use crate::trace::value::{ModuleId, Value};

impl Machine<'_> {
    /// Look for something in the modules that imports of a module mean, and in those that they take whole: depth first.
    pub(super) fn in_whole(
        &mut self,
        module: ModuleId,
        imports: &[Rc<str>],
        mut look: impl FnMut(&mut Self, ModuleId) -> Option<Value>,
    ) -> Option<Value> {
        let mut seen = vec![false; self.modules.len()];
        seen[module] = true;
        for from in imports {
            let mut next = self.loaded_whole(module, from);
            let mut open = Vec::new();
            loop {
                if let Some(inner) = next {
                    // A question may load modules.
                    seen.resize(self.modules.len().max(seen.len()), false);
                    if !std::mem::replace(&mut seen[inner], true) {
                        if let Some(found) = look(self, inner) {
                            return Some(found);
                        }
                        open.push((inner, 0));
                    }
                }
                let Some((outer, index)) = open.last_mut() else { break };
                next = match self.taken_whole(*outer, *index) {
                    Some(inner) => {
                        *index += 1;
                        inner
                    }
                    None => {
                        open.pop();
                        None
                    }
                };
            }
        }
        None
    }

    /// The module that a line of this one takes whole, if it is of the tree; `None` past the last line.
    fn taken_whole(&mut self, module: ModuleId, index: usize) -> Option<Option<ModuleId>> {
        let known = |machine: &Self| machine.modules[module].whole.get(index).copied();
        if let Some(inner) = known(self) {
            return Some(inner);
        }
        let from = self.modules[module].scope.globs.borrow().get(index).cloned()?;
        let inner = self.loaded_whole(module, &from);
        if known(self).is_none() {
            self.modules[module].whole.push(inner);
        }
        Some(inner)
    }

    fn loaded_whole(&mut self, module: ModuleId, from: &str) -> Option<ModuleId> {
        let file = self.imported_file(module, from)?;
        self.load(&file)
    }
}
