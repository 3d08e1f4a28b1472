//! Sinatra: verbs in the body of a class, or at the top of a program that requires it, and namespaces.

use super::machine::{Drawn, RouteMachine};
use super::scope::Site;
use super::value::{Arguments, RubyValue};

const VERBS: [&str; 8] = ["get", "post", "put", "patch", "delete", "options", "link", "unlink"];

impl<'c> RouteMachine<'c, '_> {
    /// A call in the body of the application; `true` if it is one of its words, or nothing that could hold routes.
    pub(super) fn sinatra_call(&mut self, name: &str, arguments: &Arguments<'c>, site: Site<'c>) -> bool {
        match name {
            verb if VERBS.contains(&verb) && self.is_drawing && arguments.block.is_some() => {
                let own = arguments.positional.first().map_or(Ok(String::new()), RubyValue::known);
                match (&self.scope.path, &own) {
                    (Ok(prefix), Ok(own)) => {
                        // A slash that may be left out is left out, and a parameter that may is two paths.
                        let own = optional(own.strip_suffix("/?").unwrap_or(own));
                        let own = if own == "/" && prefix.len() > 1 { "" } else { own.as_str() };
                        let path = format!("{}{own}", prefix.trim_end_matches('/'));
                        let handler = self.open_apis.last().cloned();
                        let method = verb.to_uppercase();
                        self.draw(Drawn { framework: "sinatra", method, path, handler, ..Drawn::default() }, site);
                    }
                    (Err(reason), _) | (_, Err(reason)) => {
                        let reason = format!("a route's path is not known, because {reason}");
                        self.open(reason, site);
                    }
                }
            }
            "namespace" => {
                let own = arguments.positional.first().map_or(Ok(String::new()), RubyValue::known);
                let scope = self.scope_at(site).below(&own);
                self.within(scope, |machine| machine.yield_to(arguments.block));
            }
            "lambda" | "proc" | "require" => return false,
            _ => {}
        }
        true
    }
}

/// `/:id?` as `(/:id)`.
fn optional(path: &str) -> String {
    let segments =
        path.split('/').map(|segment| match segment.strip_suffix('?').filter(|name| name.starts_with(':')) {
            Some(name) => format!("(/{name})"),
            None => format!("/{segment}"),
        });
    let joined: String = segments.collect();
    joined.strip_prefix('/').unwrap_or(&joined).to_owned()
}
