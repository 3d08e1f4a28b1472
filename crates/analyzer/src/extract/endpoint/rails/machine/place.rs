//! Where the program stands: the scope that is open, the lines of a call, and what is left open there.

use crate::syntax::node::NodeExt as _;
use ci_feed_dossier::fact::FactKind;
use tree_sitter::Node;

use std::rc::Rc;

use super::RouteMachine;
use crate::extract::endpoint::rails::scope::{RouteScope, Site};
use crate::fact::Unresolved;

impl<'c> RouteMachine<'c, '_> {
    /// Do something inside a scope.
    pub(in crate::extract::endpoint::rails) fn within<R>(
        &mut self,
        scope: RouteScope<'c>,
        inside: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let before = std::mem::replace(&mut self.scope, Rc::new(scope));
        let result = inside(self);
        self.scope = before;
        result
    }

    /// The scope with one more place around its routes.
    pub(in crate::extract::endpoint::rails) fn scope_at(&self, site: Site<'c>) -> RouteScope<'c> {
        let mut scope = (*self.scope).clone();
        scope.sites.insert(0, site);
        scope
    }

    /// The lines of a call without its block.
    pub(in crate::extract::endpoint::rails) fn site(&self, node: Node<'c>) -> Site<'c> {
        let arguments = node.field("arguments");
        let method = node.field("method").unwrap_or(node);
        Site { file: self.file, lines: (node.first_line(), arguments.unwrap_or(method).last_line()) }
    }

    /// The lines of a node.
    pub(in crate::extract::endpoint::rails) fn whole_site(&self, node: Node<'c>) -> Site<'c> {
        Site { file: self.file, lines: (node.first_line(), node.last_line()) }
    }

    /// What was recognised here and cannot be pinned down.
    pub(in crate::extract::endpoint::rails) fn open(&mut self, reason: String, site: Site<'c>) {
        let mut evidence = vec![site.file.lines(site.lines.0, site.lines.1)];
        for at in &self.scope.sites {
            let at = at.file.lines(at.lines.0, at.lines.1);
            if !evidence.contains(&at) {
                evidence.push(at);
            }
        }
        let open = Unresolved::new(FactKind::Endpoint, reason, evidence);
        if !self.unresolved.contains(&open) {
            self.unresolved.push(open);
        }
    }
}
