//! The methods that an object of a class has, each with all of its declarations up the hierarchy.

use super::model::{JvmMethod, TypeId};
use super::program::JvmProgram;

/// A declaration of a method: its type, and its place there.
pub(crate) type Declaration = (TypeId, usize);

impl JvmProgram<'_> {
    /// Each method with its declarations, the nearest first; overriding is told from name and parameters.
    pub(crate) fn methods(&mut self, of: TypeId) -> Vec<Vec<Declaration>> {
        let mut out: Vec<Vec<Declaration>> = Vec::new();
        for at in self.lineage(of) {
            for place in 0..self.types[at].methods.len() {
                let method = &self.types[at].methods[place];
                let overrides = |known: &&mut Vec<Declaration>| {
                    known.iter().all(|(holder, _)| *holder != at)
                        && known.iter().any(|(holder, place)| {
                            self.is_overridden(at, method, *holder, &self.types[*holder].methods[*place])
                        })
                };
                let is_shared = !method.is_static;
                match out.iter_mut().find(|known| is_shared && overrides(known)) {
                    Some(known) => known.push((at, place)),
                    None => out.push(vec![(at, place)]),
                }
            }
        }
        out
    }

    /// Whether `below` overrides `above`: same name and parameters, where a type variable fits any type.
    fn is_overridden(&self, above_of: TypeId, above: &JvmMethod, below_of: TypeId, below: &JvmMethod) -> bool {
        let is_variable = |of: TypeId, name: &str| self.types[of].parameters.iter().any(|one| one == name);
        above.name == below.name
            && above.parameters.len() == below.parameters.len()
            && above.parameters.iter().zip(&below.parameters).all(|((above, _), (below, _))| {
                let (above_name, below_name) = (super::model::simple(&above.name), super::model::simple(&below.name));
                above_name == below_name
                    || is_variable(above_of, above_name)
                    || is_variable(below_of, below_name)
                    // A variable of the method itself.
                    || above_name.len() == 1
            })
    }
}
