//! Grape: namespaces, versions in the path, prefixes, mounts, and the verbs in them.

use std::rc::Rc;

use super::machine::{Drawn, RouteMachine};
use super::path;
use super::scope::{Path, RouteScope, Site};
use super::value::{Arguments, RubyValue};

const VERBS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl<'c> RouteMachine<'c, '_> {
    /// A call in the body of an API class; `true` if it is one of its words, or nothing that could hold routes.
    pub(super) fn grape_call(&mut self, name: &str, mut arguments: Arguments<'c>, site: Site<'c>) -> bool {
        let block = arguments.block;
        match name {
            verb if VERBS.contains(&verb) => {
                let paths = std::mem::take(&mut arguments.positional);
                self.grape_routes(&[verb.to_uppercase()], &paths, site);
            }
            "route" => {
                let mut given = std::mem::take(&mut arguments.positional).into_iter();
                let methods = given.next().and_then(|methods| methods.texts()).unwrap_or_default();
                let methods: Vec<String> = methods
                    .iter()
                    .map(|method| match method.as_str() {
                        "any" | "*" => "ANY".to_owned(),
                        other => other.to_uppercase(),
                    })
                    .collect();
                self.grape_routes(&methods, &given.collect::<Vec<_>>(), site);
            }
            "namespace" | "group" | "resource" | "resources" | "segment" => {
                let own = arguments.positional.first().map_or(Ok(String::new()), RubyValue::known);
                let scope = self.scope_at(site).below(&own);
                self.within(scope, |machine| machine.yield_to(block));
            }
            "route_param" => {
                let own = arguments.positional.first().map_or(Ok(String::new()), RubyValue::known);
                let scope = self.scope_at(site).below(&own.map(|name| format!(":{name}")));
                self.within(scope, |machine| machine.yield_to(block));
            }
            "prefix" => {
                let own = arguments.positional.first().map_or(Ok(String::new()), RubyValue::known);
                let scope = Rc::make_mut(&mut self.scope);
                scope.prefix = own;
                scope.sites.insert(0, site);
            }
            "version" => {
                let is_in_path = arguments.get("using").is_none_or(|using| using.text().as_deref() == Some("path"));
                let versions: Vec<Path> = arguments
                    .positional
                    .iter()
                    .flat_map(|version| match version {
                        RubyValue::List(items) => items.iter().map(RubyValue::known).collect(),
                        one => vec![one.known()],
                    })
                    .collect();
                let mut scope = self.scope_at(site);
                scope.versions = if is_in_path { versions } else { Vec::new() };
                match block {
                    Some(block) => self.within(scope, |machine| machine.yield_to(Some(block))),
                    None => self.scope = Rc::new(scope),
                }
            }
            "mount" => self.grape_mount(arguments, site),
            "lambda" | "proc" | "require" => return false,
            // Parameters, descriptions, helpers and filters hold no routes.
            _ => {}
        }
        true
    }

    fn grape_mount(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        arguments.unwrap_options();
        let plain = arguments.positional.iter().map(|class| (class.clone(), RubyValue::Nil));
        let placed = arguments.named.iter().filter(|(key, _)| !matches!(key, RubyValue::Symbol(_))).cloned();
        for (class, at) in plain.chain(placed).collect::<Vec<_>>() {
            let RubyValue::Constant(name) = &class else {
                self.open(format!("`{}` is mounted, and is not known", class.shown()), site);
                continue;
            };
            if !self.is_drawing {
                continue;
            }
            let Some(known) = self.seen_class(name) else {
                self.open(format!("`{name}` is mounted, and its class is not in the tree"), site);
                continue;
            };
            let scope: RouteScope<'c> = self.scope_at(site).below(&at.known());
            self.within(scope, |machine| machine.run_api(&known));
        }
    }

    fn grape_routes(&mut self, methods: &[String], paths: &[RubyValue<'c>], site: Site<'c>) {
        if !self.is_drawing {
            return;
        }
        let none = [RubyValue::Text(String::new())];
        let listed: Vec<RubyValue<'c>> = paths
            .iter()
            .flat_map(|path| match path {
                RubyValue::List(items) => items.clone(),
                one => vec![one.clone()],
            })
            .collect();
        let listed = if listed.is_empty() { none.to_vec() } else { listed };
        for own in listed {
            let scope = Rc::clone(&self.scope);
            let unversioned = [Ok(String::new())];
            let versions = if scope.versions.is_empty() { &unversioned[..] } else { &scope.versions[..] };
            for version in versions {
                let full = placed(&scope, version, &own.known());
                match full {
                    Ok(full) => {
                        let handler = self.open_apis.last().cloned();
                        for method in methods {
                            let (method, path, handler) = (method.clone(), full.clone(), handler.clone());
                            self.draw(Drawn { framework: "grape", method, path, handler, ..Drawn::default() }, site);
                        }
                    }
                    Err(reason) => self.open(format!("a route's path is not known, because {reason}"), site),
                }
            }
        }
    }
}

/// Where the API is mounted, its prefix, the version, the namespaces, the route.
fn placed(scope: &RouteScope<'_>, version: &Path, own: &Path) -> Path {
    let full = scope.path.clone()?;
    let inner = full.strip_prefix(&scope.mounted_at).unwrap_or(&full);
    let parts = [scope.mounted_at.clone(), scope.prefix.clone()?, version.clone()?, inner.to_owned(), own.clone()?];
    Ok(path::normalise(&parts.join("/")))
}
