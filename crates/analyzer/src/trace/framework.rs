//! What is the same for all programs of one framework.

use super::join::{Join, braces};
use crate::page::Page;
use crate::syntax::grammar::Family;

/// What is the same for all programs of one framework.
#[derive(Debug)]
pub(crate) struct Framework {
    /// Its name in facts.
    pub(crate) name: &'static str,
    /// The languages it is written in.
    pub(crate) family: Family,
    /// How it joins the prefix of a router and the path of a route.
    pub(crate) join: Join,
    /// The paths that a client calls for one path as written, which starts with a slash: more than one where a part
    /// is optional.
    pub(crate) as_called: fn(&str) -> Vec<String>,
    /// The port that it listens on when it is given none; the variable `PORT` overrides it.
    pub(crate) default_port: Option<u16>,
    /// Whether a router that is handed to a server is served by itself even where another one that nobody serves
    /// mounts it.
    pub(crate) is_served_beside_mounts: bool,
    /// Byte patterns one of which stands in every file where a program using this framework begins.
    pub(crate) triggers: &'static [&'static str],
    /// Patterns in functions that are worth running although nobody is seen to call them.
    pub(crate) starts: &'static [&'static str],
    /// What makes an application of it and nothing else: where one is made, routes are expected.
    pub(crate) makes: &'static [&'static str],
    /// Its page in the documentation; calls that open ports have none.
    pub(crate) page: Option<&'static Page>,
}

impl Framework {
    /// A framework that joins texts and writes parameters as `{name}`.
    pub(crate) const fn new(name: &'static str, family: Family) -> Self {
        Self {
            name,
            family,
            join: Join::Verbatim,
            as_called: |path| vec![braces(path)],
            default_port: None,
            is_served_beside_mounts: false,
            triggers: &[],
            starts: &[],
            makes: &[],
            page: None,
        }
    }

    /// Whether this is the same framework.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (self.name, self.family) == (other.name, other.family)
    }
}
