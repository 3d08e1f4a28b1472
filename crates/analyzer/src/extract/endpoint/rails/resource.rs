//! `resources`, `resource`, `namespace` and the blocks inside them, expanded as the framework expands them.

use std::rc::Rc;

use super::machine::RouteMachine;
use super::scope::{Level, ResourceScope, RouteScope, Site};
use super::value::{Arguments, RubyValue, symbol};

/// Options that are the resource's own; all others are a scope around it.
const OWN: [&str; 7] = ["as", "controller", "path", "only", "except", "param", "concerns"];
const ACTIONS: [&str; 7] = ["index", "create", "new", "show", "update", "destroy", "edit"];

impl<'c> RouteMachine<'c, '_> {
    /// `resources :a, :b, …` and `resource :a`.
    pub(super) fn resources(
        &mut self,
        is_single: bool,
        mut arguments: Arguments<'c>,
        site: Site<'c>,
        body: &dyn Fn(&mut Self),
    ) {
        let names = std::mem::take(&mut arguments.positional);
        for name in names {
            match name.texts() {
                Some(names) => {
                    for name in names {
                        self.resource(is_single, &name, arguments.clone(), site, body);
                    }
                }
                None => self.open(format!("the resource's name is not known: {}", name.shown()), site),
            }
        }
    }

    /// One resource with its options.
    pub(super) fn resource(
        &mut self,
        is_single: bool,
        name: &str,
        mut arguments: Arguments<'c>,
        site: Site<'c>,
        body: &dyn Fn(&mut Self),
    ) {
        if !self.spend() {
            return;
        }
        if arguments.get("shallow").is_some_and(|value| value.truth() == Some(true)) {
            arguments.take("shallow");
            let mut scope = (*self.scope).clone();
            scope.is_shallow = true;
            return self.within(scope, |machine| machine.resource(is_single, name, arguments, site, body));
        }
        if self.scope.is_resource() {
            return self.nested(|machine| machine.resource(is_single, name, arguments, site, body));
        }
        let is_own = |key: &RubyValue<'_>| matches!(key, RubyValue::Symbol(key) if OWN.contains(&key.as_str()));
        let (own, around): (Vec<_>, Vec<_>) =
            std::mem::take(&mut arguments.named).into_iter().partition(|(key, _)| is_own(key));
        arguments.named = own;
        let scope = if around.is_empty() {
            (*self.scope).clone()
        } else {
            self.scope.merge(&Arguments { named: around, ..Arguments::default() })
        };
        self.within(scope, |machine| machine.one_resource(is_single, name, &arguments, site, body));
    }

    fn one_resource(
        &mut self,
        is_single: bool,
        name: &str,
        arguments: &Arguments<'c>,
        site: Site<'c>,
        body: &dyn Fn(&mut Self),
    ) {
        let resource = Rc::new(self.described(is_single, name, arguments));
        if resource.actions.is_none() {
            self.open(format!("which actions the resource `{name}` serves is computed"), site);
        }
        let mut scope = self.scope_at(site);
        // The place is cited by the routes inside; the resource's own cite it as their registration.
        let own_sites = self.scope.sites.clone();
        scope.level = if is_single { Level::Resource } else { Level::Resources };
        scope.shallow_depth += usize::from(resource.is_shallow);
        scope.controller = Some(resource.controller.clone());
        scope.resource = Some(Rc::clone(&resource));
        let concerns = arguments.get("concerns").cloned();
        self.within(scope.clone(), |machine| {
            body(machine);
            if let Some(concerns) = concerns {
                machine.concern(&concerns, &RubyValue::Map(Vec::new()), site);
            }
        });
        scope.sites = own_sites;
        self.within(scope, |machine| machine.defaults(&resource, site));
    }

    fn described(&self, is_single: bool, name: &str, arguments: &Arguments<'c>) -> ResourceScope {
        let inflector = &self.application.inflector;
        let text = |option: &str| arguments.get(option).and_then(RubyValue::text);
        let shown = text("as").unwrap_or_else(|| name.to_owned());
        let singular = if is_single { shown.clone() } else { inflector.singularize(&shown) };
        let plural = if is_single { inflector.pluralize(&shown) } else { name.to_owned() };
        let is_listed = arguments.get("only").is_some() || arguments.get("except").is_some();
        let (only, except) = if is_listed {
            (arguments.get("only").cloned(), arguments.get("except").cloned())
        } else {
            (self.scope.only.clone(), self.scope.except.clone())
        };
        let is_nil = |value: &RubyValue<'_>| matches!(value, RubyValue::Nil);
        let only = only.filter(|only| !is_nil(only));
        let except = except.filter(|except| !is_nil(except));
        let default = || {
            let is_api = self.application.is_api_only;
            let serves = move |action: &&&str| {
                let is_left_out = (is_single && **action == "index") || (is_api && matches!(**action, "new" | "edit"));
                !is_left_out
            };
            ACTIONS.iter().filter(serves).map(|action| (*action).to_owned())
        };
        let actions = match (only, except) {
            (Some(only), _) => only.texts(),
            (None, Some(except)) => {
                except.texts().map(|except| default().filter(|action| !except.contains(action)).collect())
            }
            (None, None) => Some(default().collect()),
        };
        ResourceScope {
            path: match arguments.get("path") {
                Some(path) if !is_nil(path) => path.known(),
                _ => Ok(name.to_owned()),
            },
            controller: text("controller").unwrap_or(plural),
            param: text("param").unwrap_or_else(|| "id".to_owned()),
            singular,
            actions,
            is_single,
            is_shallow: self.scope.is_shallow,
        }
    }

    /// The routes that a resource has of itself.
    fn defaults(&mut self, resource: &ResourceScope, site: Site<'c>) {
        let draw = |machine: &mut Self, on: &str, verb: &str, action: &str| {
            if resource.serves(action) {
                machine.on(on, |machine| {
                    let arguments = Arguments::of(symbol(action));
                    machine.route_call(verb, arguments, site);
                });
            }
        };
        if !resource.is_single {
            draw(self, "collection", "get", "index");
        }
        draw(self, "collection", "post", "create");
        draw(self, "new", "get", "new");
        draw(self, "member", "get", "edit");
        draw(self, "member", "get", "show");
        draw(self, "member", "patch", "update");
        draw(self, "member", "put", "update");
        draw(self, "member", "delete", "destroy");
    }

    /// A `member`, `collection` or `new` block.
    pub(super) fn on(&mut self, what: &str, inside: impl FnOnce(&mut Self)) {
        let Some(resource) = self.scope.resource.clone() else {
            // Outside of a resource the framework refuses it.
            return;
        };
        let (level, base, path) = match what {
            "member" if self.scope.is_shallow && !resource.is_single => {
                (Level::Member, self.scope.shallow(), resource.member_path())
            }
            "member" => (Level::Member, (*self.scope).clone(), resource.member_path()),
            "new" => {
                let name = self.scope.path_names.get("new").map_or("new", String::as_str);
                (Level::New, (*self.scope).clone(), resource.path.clone().map(|path| format!("{path}/{name}")))
            }
            _ => (Level::Collection, (*self.scope).clone(), resource.path.clone()),
        };
        let mut scope: RouteScope<'c> = base.below(&path);
        scope.level = level;
        self.within(scope, inside);
    }

    /// What stands inside a resource without a block of its own.
    pub(super) fn nested(&mut self, inside: impl FnOnce(&mut Self)) {
        let Some(resource) = self.scope.resource.clone() else { return inside(self) };
        let is_shallow = self.scope.is_shallow && !resource.is_single && self.scope.shallow_depth >= 1;
        let base = if is_shallow { self.scope.shallow() } else { (*self.scope).clone() };
        let mut scope = base.below(&resource.nested_path());
        scope.level = Level::Nested;
        self.within(scope, inside);
    }

    /// A path, a module and names at once.
    pub(super) fn namespace(&mut self, arguments: Arguments<'c>, site: Site<'c>) {
        if self.scope.is_resource() {
            return self.nested(|machine| machine.namespace(arguments, site));
        }
        let block = arguments.block;
        let Some(name) = arguments.positional.first().cloned() else { return };
        let path = arguments.get("path").cloned().unwrap_or_else(|| name.clone());
        let mut scope = self.scope_at(site).below(&path.known());
        let mut options = Arguments { named: arguments.named, ..Arguments::default() };
        options.take("path");
        let module = options.get("module").cloned().unwrap_or(name);
        let shallow_path = options.get("shallow_path").cloned().unwrap_or(path);
        let options = options.with("module", module).with("shallow_path", shallow_path);
        scope = scope.merge(&options);
        self.within(scope, |machine| machine.yield_to(block));
    }
}
