//! What route groups say for the routes inside: prefix, middleware, controller, and the lines that say so.

use std::collections::BTreeMap;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use crate::lang::php::value::PhpValue;

/// The groups around a route, merged from the outermost in.
#[derive(Clone)]
pub(super) struct Group {
    /// Without slashes at its ends, or why it is not known.
    pub(super) prefix: Result<String, Rc<str>>,
    pub(super) middleware: Vec<Rc<str>>,
    pub(super) excluded: Vec<Rc<str>>,
    pub(super) controller: Option<Rc<str>>,
    /// Innermost first.
    pub(super) evidence: Vec<Evidence>,
}

impl Default for Group {
    fn default() -> Self {
        let prefix = Ok(String::new());
        Self { prefix, middleware: Vec::new(), excluded: Vec::new(), controller: None, evidence: Vec::new() }
    }
}

impl Group {
    /// This group with another inside.
    pub(super) fn with(&self, attributes: &BTreeMap<String, PhpValue<'_>>, evidence: &Evidence) -> Self {
        let mut out = self.clone();
        if let Some(prefix) = attributes.get("prefix") {
            out.prefix = match (&self.prefix, prefix.to_text()) {
                (Ok(above), Ok(own)) => Ok(below(above, &own)),
                (Err(reason), _) => Err(reason.clone()),
                (_, Err(reason)) => Err(reason),
            };
        }
        if let Some(middleware) = attributes.get("middleware") {
            out.middleware.extend(middleware.texts());
        }
        if let Some(excluded) = attributes.get("excluded_middleware") {
            out.excluded.extend(excluded.texts());
        }
        if let Some(controller) = attributes.get("controller").and_then(PhpValue::as_text) {
            out.controller = Some(Rc::from(controller));
        }
        out.from(evidence);
        out
    }

    /// These lines lead here as well.
    pub(super) fn from(&mut self, evidence: &Evidence) {
        if !self.evidence.contains(evidence) {
            self.evidence.insert(0, evidence.clone());
        }
    }
}

/// A path below a prefix, as the router joins them.
pub(super) fn below(prefix: &str, path: &str) -> String {
    format!("{}/{}", prefix.trim_matches('/'), path.trim_matches('/')).trim_matches('/').to_owned()
}
