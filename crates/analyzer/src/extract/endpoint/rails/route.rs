//! The words of the route language, and single routes: verbs, `match`, `root`, `mount`.

use super::machine::{Drawn, MountedEngine, RouteMachine};
use super::path;
use super::scope::{Level, Path, Site};
use super::value::{Arguments, RubyValue};

/// Verbs that are calls.
const VERBS: [&str; 6] = ["get", "post", "put", "patch", "delete", "options"];

impl<'c> RouteMachine<'c, '_> {
    /// Draw what a call of the route language says; `false` if it is none.
    pub(super) fn route_call(&mut self, name: &str, mut arguments: Arguments<'c>, site: Site<'c>) -> bool {
        let block = arguments.block;
        match name {
            verb if VERBS.contains(&verb) => {
                arguments.unwrap_options();
                let arguments = arguments.with("via", RubyValue::Symbol(verb.to_owned()));
                self.match_call(arguments, site);
            }
            "match" => {
                arguments.unwrap_options();
                self.match_call(arguments, site);
            }
            "root" => self.root(arguments, site),
            "mount" => self.mount(arguments, site),
            "resources" | "resource" => {
                arguments.unwrap_options();
                self.resources(name == "resource", arguments, site, &|machine| machine.yield_to(block));
            }
            "collection" | "member" | "new" => self.on(name, |machine| machine.yield_to(block)),
            "nested" => self.nested(|machine| machine.yield_to(block)),
            "namespace" => {
                arguments.unwrap_options();
                self.namespace(arguments, site);
            }
            "scope" => {
                arguments.unwrap_options();
                let scope = self.scope_at(site).merge(&arguments);
                self.within(scope, |machine| machine.yield_to(block));
            }
            "controller" => {
                let mut scope = self.scope_at(site);
                scope.controller = arguments.positional.first().and_then(RubyValue::text);
                self.within(scope, |machine| machine.yield_to(block));
            }
            "constraints" | "defaults" | "devise_scope" | "as" | "unauthenticated" | "localized" => {
                self.yield_to(block);
            }
            "authenticate" | "authenticated" => {
                let mut scope = self.scope_at(site);
                scope.is_guarded = true;
                self.within(scope, |machine| machine.yield_to(block));
            }
            "shallow" => {
                let mut scope = (*self.scope).clone();
                scope.is_shallow = true;
                self.within(scope, |machine| machine.yield_to(block));
            }
            "concern" => {
                let given = arguments.positional.get(1).cloned().or_else(|| block.map(RubyValue::Block));
                if let (Some(name), Some(given)) = (arguments.positional.first().and_then(RubyValue::text), given) {
                    self.concerns.insert(name, given);
                }
            }
            "concerns" => {
                let options = RubyValue::Map(std::mem::take(&mut arguments.named));
                for value in arguments.positional {
                    self.concern(&value, &options, site);
                }
            }
            "with_options" => {
                if let Some(block) = block {
                    self.with_options(block, arguments.named);
                }
            }
            "draw" => match arguments.positional.first().and_then(RubyValue::text) {
                Some(name) => self.draw_file(&format!("config/routes/{name}.rb"), site),
                None => self.open("routes are drawn from a file with a computed name".to_owned(), site),
            },
            "direct" | "resolve" => {}
            "devise_for" => self.devise_for(arguments, site),
            "mount_devise_token_auth_for" => self.devise_token_auth(arguments, site),
            "api_version" => self.api_version(arguments, site),
            "use_doorkeeper" => self.doorkeeper(&arguments, site),
            "use_doorkeeper_openid_connect" => self.openid_connect(&arguments, site),
            _ => return false,
        }
        true
    }

    /// Routes that are drawn by name.
    pub(super) fn concern(&mut self, names: &RubyValue<'c>, options: &RubyValue<'c>, site: Site<'c>) {
        for name in names.texts().unwrap_or_default() {
            match self.concerns.get(&name) {
                Some(RubyValue::Block(block)) => {
                    let block = *block;
                    let scope = self.scope_at(site);
                    // A lambda is called with the mapper, a block is run in it.
                    let values = match block.node.kind() {
                        "lambda" => vec![RubyValue::Mapper(Vec::new()), options.clone()],
                        _ => vec![options.clone()],
                    };
                    self.within(scope, |machine| machine.invoke(block, &values));
                }
                _ => self.open(format!("the concern `{name}` is an object that draws routes itself"), site),
            }
        }
    }

    /// `api_version(module: "V1", path: { value: "v1" }) do` of the package Versionist; versions that stand in a header
    /// or a parameter change no path.
    fn api_version(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        arguments.unwrap_options();
        let block = arguments.block;
        let path = match arguments.take("path") {
            Some(RubyValue::Map(pairs)) => {
                pairs.iter().find(|(key, _)| key.text().as_deref() == Some("value")).map(|(_, value)| value.clone())
            }
            _ => None,
        };
        let mut options = Arguments::default();
        if let Some(module) = arguments.get("module").and_then(RubyValue::text) {
            options = options.with("module", RubyValue::Text(self.application.inflector.underscore(&module)));
        }
        if let Some(path) = path {
            options = options.with("path", path);
        }
        let scope = self.scope_at(site).merge(&options);
        self.within(scope, |machine| machine.yield_to(block));
    }

    fn with_options(&mut self, block: super::value::RubyBlock<'c>, options: Vec<(RubyValue<'c>, RubyValue<'c>)>) {
        self.invoke(block, &[RubyValue::Mapper(options)]);
    }

    fn root(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        arguments.unwrap_options();
        if let Some(to) = arguments.positional.first().cloned() {
            arguments = arguments.with("to", to);
        }
        arguments.positional = vec![RubyValue::Text("/".to_owned())];
        let arguments = match arguments.get("via") {
            Some(_) => arguments,
            None => arguments.with("via", RubyValue::Symbol("get".to_owned())),
        };
        if self.scope.level == Level::Resources
            && let Some(resource) = self.scope.resource.clone()
        {
            let mut scope = self.scope.below(&resource.path);
            scope.level = Level::Root;
            self.within(scope, |machine| machine.match_call(arguments, site));
        } else {
            self.match_call(arguments, site);
        }
    }

    /// One `match` with its paths and options.
    fn match_call(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        // `get "path" => "to"`; other options may stand beside it.
        if arguments.positional.is_empty() {
            let at = arguments.named.iter().position(|(key, _)| !matches!(key, RubyValue::Symbol(_)));
            let Some(at) = at else { return };
            let (path, to) = arguments.named.remove(at);
            arguments = match &to {
                RubyValue::Symbol(action) => arguments.with("action", RubyValue::Symbol(action.clone())),
                RubyValue::Text(text) if !text.contains('#') => arguments.with("controller", to.clone()),
                _ => arguments.with("to", to),
            };
            arguments.positional.push(path);
        }
        let paths = std::mem::take(&mut arguments.positional);
        for path in paths {
            let listed = match path {
                RubyValue::List(items) => items,
                one => vec![one],
            };
            for path in listed {
                self.decomposed(&path, arguments.clone(), site);
            }
        }
    }

    /// A path below the block that it stands in.
    fn decomposed(&mut self, path: &RubyValue<'c>, mut arguments: Arguments<'c>, site: Site<'c>) {
        if let Some(on) = arguments.take("on") {
            let on = on.text().unwrap_or_default();
            let inside = |machine: &mut Self| machine.decomposed(path, arguments, site);
            return match on.as_str() {
                "nested" => self.nested(inside),
                on => self.on(on, inside),
            };
        }
        match self.scope.level {
            Level::Resources => self.nested(|machine| machine.add(path, arguments, site)),
            Level::Resource => self.on("member", |machine| machine.add(path, arguments, site)),
            _ => self.add(path, arguments, site),
        }
    }

    fn add(&mut self, path: &RubyValue<'c>, arguments: Arguments<'c>, site: Site<'c>) {
        let own = match (path, arguments.get("path")) {
            (RubyValue::Symbol(_), Some(given)) if !matches!(given, RubyValue::Nil) => Some(given.known()),
            (RubyValue::Symbol(_), _) => None,
            (other, _) => Some(other.known()),
        };
        let action = path.text();
        let full = self.path_for(action.as_deref(), own);
        let via = arguments.get("via").or(self.scope.via.as_ref()).map_or(Some(Vec::new()), RubyValue::texts);
        let Some(methods) = via.filter(|methods| !methods.is_empty()) else {
            self.open("the methods of a route are computed".to_owned(), site);
            return;
        };
        let methods = methods.into_iter().map(|method| match method.as_str() {
            "all" => "ANY".to_owned(),
            other => other.to_uppercase(),
        });
        let mut full = match full {
            Ok(full) => full,
            Err(reason) => {
                self.open(format!("a route's path is not known, because {reason}"), site);
                return;
            }
        };
        let format = arguments.get("format").or(self.scope.format.as_ref());
        if matches!(format, Some(RubyValue::Bool(true))) {
            full.push_str(".:format");
        }
        let handler = self.handler(path, &arguments);
        let is_guarded = self.scope.is_guarded;
        for method in methods {
            let (path, handler) = (full.clone(), handler.clone());
            self.draw(Drawn { framework: super::NAME, method, path, handler, is_guarded, ..Drawn::default() }, site);
        }
    }

    fn path_for(&self, action: Option<&str>, own: Option<Path>) -> Path {
        let parent = self.scope.path.clone()?;
        if let Some(own) = own {
            return Ok(path::join(&parent, &own?));
        }
        let action = action.unwrap_or_default();
        let is_canonical = matches!(action, "index" | "create" | "new" | "show" | "update" | "destroy");
        if is_canonical && self.scope.is_resource_method() {
            return Ok(path::normalise(&parent));
        }
        let name = self.scope.path_names.get(action).map_or(action, String::as_str);
        Ok(path::join(&parent, name))
    }

    /// `controller#action`, or the name of what is called.
    fn handler(&self, path: &RubyValue<'c>, arguments: &Arguments<'c>) -> Option<String> {
        let scope = &self.scope;
        let controller = arguments.get("controller").and_then(RubyValue::text).or_else(|| scope.controller.clone());
        let to = arguments.get("to").or(scope.to.as_ref());
        let given = arguments.get("action").and_then(RubyValue::text).or_else(|| scope.action.clone());
        let written = path.text().unwrap_or_default();
        let written = written.strip_suffix("(.:format)").unwrap_or(&written);
        let is_plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/'));
        let (controller, action) = match to {
            Some(RubyValue::Text(to)) => match to.split_once('#') {
                Some((controller, action)) => (Some(controller.to_owned()), Some(action.to_owned())),
                None => (controller, Some(to.clone())),
            },
            Some(RubyValue::Symbol(action)) => (controller, Some(action.clone())),
            Some(RubyValue::Constant(name)) => return Some(name.clone()),
            Some(_) => return None,
            None if given.is_none() && matches!(path, RubyValue::Text(_)) && is_shorthand(written) => {
                let trimmed = written.trim_start_matches('/').replace('-', "_");
                let (controller, action) = trimmed.rsplit_once('/')?;
                (Some(controller.to_owned()), Some(action.to_owned()))
            }
            None => {
                let default = (is_plain(written) && !written.contains('/')).then(|| written.replace('-', "_"));
                (controller, given.or(default))
            }
        };
        let (controller, action) = (controller?, action?);
        let controller = match (controller.strip_prefix('/'), scope.module.as_deref()) {
            (Some(absolute), _) => absolute.to_owned(),
            (None, Some(module)) if !module.is_empty() => format!("{module}/{controller}"),
            (None, _) => controller,
        };
        Some(format!("{controller}#{action}"))
    }

    /// Another application below a path: an engine of the tree, or something that routes by itself.
    fn mount(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        arguments.unwrap_options();
        let (mounted, at) = match arguments.positional.first().cloned() {
            Some(mounted) => (mounted, arguments.get("at").cloned()),
            None => {
                let pair = arguments.named.iter().find(|(key, _)| !matches!(key, RubyValue::Symbol(_))).cloned();
                let Some((mounted, path)) = pair else { return };
                (mounted, Some(path))
            }
        };
        let shown = mounted.shown();
        let Some(at) = at else { return };
        let mut scope = self.scope_at(site).below(&at.known());
        // What is mounted draws its routes for itself.
        scope.module = None;
        scope.controller = None;
        scope.level = Level::Plain;
        scope.resource = None;
        match (mounted, &scope.path) {
            (RubyValue::Constant(engine), Ok(_)) => self.mounts.push(MountedEngine { engine, scope }),
            (_, path) => {
                let path = path.clone().unwrap_or_else(|reason| reason);
                self.open(format!("`{shown}` is mounted at {path}: its routes are not in the route files"), site);
            }
        }
    }
}

/// `get "photos/popular"` means the action `popular` of `photos`.
fn is_shorthand(path: &str) -> bool {
    let trimmed = path.strip_prefix('/').unwrap_or(path);
    let is_word = |part: &str| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    trimmed.contains('/') && !trimmed.starts_with('/') && !trimmed.ends_with('/') && trimmed.split('/').all(is_word)
}
