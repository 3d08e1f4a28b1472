//! The values of constants: literals, concatenations, static fields of any type of the tree.

use super::model::{Expr, TypeId, simple};
use super::program::{JvmProgram, JvmScope};
use crate::budget::{Budget, Limits, short};

/// Constants made of constants.
const NESTED: Limits = Limits::nested(32);

impl JvmProgram<'_> {
    /// The text of a constant expression.
    pub(crate) fn constant(&mut self, scope: JvmScope, expr: &Expr) -> Option<String> {
        self.evaluate(scope, expr, &NESTED.start())
    }

    /// The texts of a list of constants; nothing when one of them is not known.
    pub(crate) fn constants(&mut self, scope: JvmScope, expr: &Expr) -> Option<Vec<String>> {
        expr.items().iter().map(|item| self.constant(scope, item)).collect()
    }

    fn evaluate(&mut self, scope: JvmScope, expr: &Expr, budget: &Budget) -> Option<String> {
        let budget = &budget.deeper()?;
        match expr {
            Expr::Text(text) | Expr::Number(text) => Some(text.clone()),
            Expr::Concat(left, right) => {
                let left = self.evaluate(scope, left, budget)?;
                short(left + &self.evaluate(scope, right, budget)?)
            }
            Expr::Name(name) => {
                let (holder, value) = self.field(scope, name)?;
                self.evaluate(self.scope(holder), &value, budget)
            }
            _ => None,
        }
    }

    /// The field that a name means, and what it is made with.
    fn field(&mut self, scope: JvmScope, name: &str) -> Option<(TypeId, Expr)> {
        if let Some((of, field)) = name.rsplit_once('.') {
            let holder = self.resolve(scope, of)?;
            return self.inherited(holder, field);
        }
        let mut around = scope.inside;
        while let Some(at) = around {
            if let Some(found) = self.inherited(at, name) {
                return Some(found);
            }
            around = self.types[at].outer;
        }
        let imports = &self.unit(scope.unit).imports;
        let statics: Vec<String> = imports
            .iter()
            .filter(|import| import.is_static)
            .filter_map(|import| match import.is_star {
                true => Some(import.path.clone()),
                false if simple(&import.path) == name => import.path.rsplit_once('.').map(|(of, _)| of.to_owned()),
                false => None,
            })
            .collect();
        statics.into_iter().find_map(|of| {
            let holder = self.qualified(&of, scope.unit)?;
            self.inherited(holder, name)
        })
    }

    /// A field of a type or of what it inherits from, with its value.
    pub(crate) fn inherited(&mut self, at: TypeId, name: &str) -> Option<(TypeId, Expr)> {
        let (holder, value, lines) = self.lineage(at).into_iter().find_map(|holder| {
            let field = self.types[holder].fields.iter().find(|field| field.name == name && field.is_final)?;
            Some((holder, field.value.clone()?, field.lines))
        })?;
        self.used.push((holder, lines));
        Some((holder, value))
    }
}
