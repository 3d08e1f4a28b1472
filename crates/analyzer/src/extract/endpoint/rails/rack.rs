//! What `config.ru` runs and maps, and the routes of the classes that route by themselves.

use super::apis::Api;
use super::machine::{MountedEngine, RouteMachine};
use super::scope::{Level, Site};
use super::value::{Arguments, RubyValue};
use crate::syntax::node::NodeExt as _;

impl<'c> RouteMachine<'c, '_> {
    /// The words of `config.ru`.
    pub(super) fn rack_call(&mut self, name: &str, arguments: &Arguments<'c>, site: Site<'c>) -> bool {
        match (name, arguments.positional.first()) {
            ("map", Some(path)) => {
                let scope = self.scope_at(site).below(&path.known());
                self.within(scope, |machine| machine.yield_to(arguments.block));
            }
            ("run" | "use", Some(RubyValue::Constant(class))) => {
                if self.apis.find(class, "").is_some() {
                    self.mounts.push(MountedEngine { engine: class.clone(), scope: self.scope_at(site) });
                }
            }
            ("run" | "use", _) => {}
            _ => return false,
        }
        true
    }

    /// The routes of a class, below the scope that it is mounted in.
    pub(super) fn run_api(&mut self, name: &str) {
        if !self.spend() || self.open_apis.iter().any(|open| open == name) || self.open_apis.len() > 40 {
            return;
        }
        self.open_apis.push(name.to_owned());
        self.depth += 1;
        let before = (self.dialect, self.file, self.is_drawing);
        let mut scope = (*self.scope).clone();
        scope.level = Level::Plain;
        let apis = self.apis;
        self.within(scope, |machine| {
            for (api, above) in apis.all(name) {
                machine.dialect = api.dialect;
                let inside = name.rsplit_once("::").map_or("", |(inside, _)| inside);
                if let Some((above, _)) = apis.find(&above, inside) {
                    // Of what it extends only the settings count.
                    machine.is_drawing = false;
                    for (api, _) in apis.all(above) {
                        machine.class_body(api);
                    }
                }
                machine.is_drawing = true;
                machine.class_body(api);
            }
        });
        (self.dialect, self.file, self.is_drawing) = before;
        self.depth -= 1;
        self.open_apis.pop();
        self.reached.insert(name.to_owned());
    }

    fn class_body(&mut self, api: Api<'c>) {
        self.file = api.file;
        if let Some(body) = api.node.field("body") {
            self.frames.push(Vec::new());
            self.body(body);
            self.frames.pop();
        }
    }

    /// A class as seen from the class that is open.
    pub(super) fn seen_class(&self, name: &str) -> Option<String> {
        let inside = self.open_apis.last().map_or("", String::as_str);
        self.apis.find(name, inside).map(|(name, _)| name.to_owned())
    }
}
