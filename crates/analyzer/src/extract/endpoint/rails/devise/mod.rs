//! Sign-in routes of the package Devise: which parts a model has says its `devise` line, which paths they get the
//! options of `devise_for`. Parts of other packages are known where they are common; others draw nothing here.

mod model;
mod routes;
mod token_auth;

use std::collections::BTreeMap;

use super::machine::RouteMachine;
use super::path;
use super::scope::{Level, RouteScope, Site};
use super::value::{Arguments, RubyValue};
use model::{DeviseModel, model};

/// A part of a model and the routes that it brings.
const PARTS: &[(&str, &str)] = &[
    ("database_authenticatable", "session"),
    ("two_factor_authenticatable", "session"),
    ("two_factor_backupable", "session"),
    ("ldap_authenticatable", "session"),
    ("pam_authenticatable", "session"),
    ("cas_authenticatable", "session"),
    ("magic_link_authenticatable", "session"),
    ("recoverable", "password"),
    ("registerable", "registration"),
    ("omniauthable", "omniauth_callback"),
    ("confirmable", "confirmation"),
    ("lockable", "unlock"),
    ("invitable", "invitation"),
    ("password_expirable", "password_expired"),
    ("paranoid_verification", "verification_code"),
];

impl<'c> RouteMachine<'c, '_> {
    /// `devise_for :users, …`.
    pub(super) fn devise_for(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        arguments.unwrap_options();
        for name in std::mem::take(&mut arguments.positional) {
            match name.texts() {
                Some(names) => names.iter().for_each(|name| self.devise_one(name, &arguments, site)),
                None => self.open("sign-in routes of a model with a computed name".to_owned(), site),
            }
        }
    }

    fn devise_one(&mut self, name: &str, arguments: &Arguments<'c>, site: Site<'c>) {
        let inflector = &self.application.inflector;
        let class = arguments.get("class_name").and_then(RubyValue::text);
        let class = class.map_or_else(|| inflector.singularize(name), |class| inflector.underscore(&class));
        let Some(model) = model(self.corpus, &self.application.root, inflector, &class) else {
            let reason = format!("sign-in routes of `{name}`: its model `{class}` is not in the tree");
            return self.open(reason, site);
        };
        if model.is_open {
            self.open(format!("sign-in routes of `{name}`: the parts of its model are computed"), site);
        }
        let singular = |value: &RubyValue<'c>| -> Vec<String> {
            value.texts().unwrap_or_default().iter().map(|name| inflector.singularize(name)).collect()
        };
        let is_used = |route: &str| match (arguments.get("only"), arguments.get("skip")) {
            (Some(only), _) => singular(only).iter().any(|own| own == route),
            (None, Some(skip)) => {
                let skip = singular(skip);
                !skip.iter().any(|own| own == route || own == "all")
            }
            (None, None) => true,
        };
        let mut routes: Vec<&str> = Vec::new();
        for (part, route) in PARTS {
            if model.parts.iter().any(|own| own == part) && !routes.contains(route) && is_used(route) {
                routes.push(route);
            }
        }
        let own = arguments.get("path").map_or(Ok(name.to_owned()), RubyValue::known);
        let prefix = match arguments.get("path_prefix") {
            Some(prefix) => prefix.known(),
            None => self.scope.path.clone(),
        };
        let mut names: BTreeMap<String, String> = self.scope.path_names.clone();
        if let Some(RubyValue::Map(pairs)) = arguments.get("path_names") {
            names.extend(pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?))));
        }
        let module = arguments.get("module").and_then(RubyValue::text).or_else(|| self.scope.module.clone());
        let module = module.unwrap_or_else(|| "devise".to_owned());
        let mut controllers = BTreeMap::new();
        if let Some(RubyValue::Map(pairs)) = arguments.get("controllers") {
            controllers.extend(pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?))));
        }
        let configured = self.application.setting("config.sign_out_via").map(|text| literal_names(&text));
        let sign_out = arguments.get("sign_out_via").cloned().unwrap_or_else(|| {
            let configured = configured.filter(|names| !names.is_empty()).unwrap_or(vec!["delete".to_owned()]);
            RubyValue::List(configured.into_iter().map(RubyValue::Symbol).collect())
        });
        let path = match (prefix, own) {
            (Ok(prefix), Ok(own)) => Ok(path::normalise(&format!("{prefix}/{own}"))),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        let drawn = Sign { names, controllers, module, sign_out, site };
        let scope = RouteScope {
            path: path.clone(),
            module: None,
            controller: None,
            resource: None,
            level: Level::Plain,
            ..self.scope_at(site)
        };
        let providers = self.providers(&model, site, routes.contains(&"omniauth_callback"));
        self.within(scope, |machine| {
            for route in routes {
                machine.sign_routes(route, &drawn, &path, &providers);
            }
        });
    }

    fn providers(&mut self, model: &DeviseModel, site: Site<'c>, is_asked: bool) -> Vec<String> {
        if !is_asked || !model.providers.is_empty() {
            return model.providers.clone();
        }
        let configured = self.application.calls("config.omniauth");
        if configured.is_empty() {
            self.open("sign-in by other sites: the providers are not named by a literal".to_owned(), site);
        }
        configured
    }
}

/// The options of one `devise_for`.
struct Sign<'c> {
    names: BTreeMap<String, String>,
    controllers: BTreeMap<String, String>,
    module: String,
    sign_out: RubyValue<'c>,
    site: Site<'c>,
}

impl Sign<'_> {
    fn path_name(&self, name: &str) -> String {
        let default = if name == "registration" { "" } else { name };
        self.names.get(name).map_or(default, String::as_str).to_owned()
    }

    fn controller(&self, name: &str) -> String {
        self.controllers.get(name).cloned().unwrap_or_else(|| format!("{}/{name}", self.module))
    }
}

/// The symbols and texts of a literal as it is written.
fn literal_names(written: &str) -> Vec<String> {
    let parts = written.trim_start_matches("%i").split([',', ' ', '[', ']', '(', ')']);
    parts
        .map(|part| part.trim_matches([':', '"', '\'', ' ']))
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
