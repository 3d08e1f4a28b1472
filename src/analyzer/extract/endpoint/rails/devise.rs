//! Sign-in routes of the package Devise: which parts a model has says its `devise` line, which paths they get the
//! options of `devise_for`. Parts of other packages are known where they are common; others draw nothing here.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::machine::Machine;
use super::scope::{Scope, Site};
use super::value::{Arguments, Value, symbol, symbols};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::file::SourceFile;
use crate::analyzer::inflect::Inflector;
use crate::analyzer::syntax::literal::text;

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
/// A model has a few concerns, not hundreds.
const MAX_CONCERNS: usize = 64;

/// What a model's `devise` lines say.
#[derive(Debug, Default)]
struct Model {
    parts: Vec<String>,
    providers: Vec<String>,
    /// A part of the list is computed.
    is_open: bool,
}

impl<'c> Machine<'c, '_> {
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
        let class = arguments.get("class_name").and_then(Value::text);
        let class = class.map_or_else(|| inflector.singularize(name), |class| inflector.underscore(&class));
        let Some(model) = model(self.corpus, &self.application.root, inflector, &class) else {
            let reason = format!("sign-in routes of `{name}`: its model `{class}` is not in the tree");
            return self.open(reason, site);
        };
        if model.is_open {
            self.open(format!("sign-in routes of `{name}`: the parts of its model are computed"), site);
        }
        let singular = |value: &Value<'c>| -> Vec<String> {
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
        let own = arguments.get("path").map_or(Ok(name.to_owned()), Value::known);
        let prefix = match arguments.get("path_prefix") {
            Some(prefix) => prefix.known(),
            None => self.scope.path.clone(),
        };
        let mut names: BTreeMap<String, String> = self.scope.path_names.clone();
        if let Some(Value::Map(pairs)) = arguments.get("path_names") {
            names.extend(pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?))));
        }
        let module = arguments.get("module").and_then(Value::text).or_else(|| self.scope.module.clone());
        let module = module.unwrap_or_else(|| "devise".to_owned());
        let mut controllers = BTreeMap::new();
        if let Some(Value::Map(pairs)) = arguments.get("controllers") {
            controllers.extend(pairs.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?))));
        }
        let configured = self.application.setting("config.sign_out_via").map(|text| literal_names(&text));
        let sign_out = arguments.get("sign_out_via").cloned().unwrap_or_else(|| {
            let configured = configured.filter(|names| !names.is_empty()).unwrap_or(vec!["delete".to_owned()]);
            Value::List(configured.into_iter().map(Value::Symbol).collect())
        });
        let path = match (prefix, own) {
            (Ok(prefix), Ok(own)) => Ok(super::path::normalise(&format!("{prefix}/{own}"))),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        let drawn = Sign { names, controllers, module, sign_out, site };
        let scope = Scope {
            path: path.clone(),
            module: None,
            controller: None,
            resource: None,
            level: super::scope::Level::Plain,
            ..self.scope_at(site)
        };
        let providers = self.providers(&model, site, routes.contains(&"omniauth_callback"));
        self.within(scope, |machine| {
            for route in routes {
                machine.sign_routes(route, &drawn, &path, &providers);
            }
        });
    }

    fn providers(&mut self, model: &Model, site: Site<'c>, is_asked: bool) -> Vec<String> {
        if !is_asked || !model.providers.is_empty() {
            return model.providers.clone();
        }
        let configured = self.application.calls("config.omniauth");
        if configured.is_empty() {
            self.open("sign-in by other sites: the providers are not named by a literal".to_owned(), site);
        }
        configured
    }

    fn sign_routes(&mut self, route: &str, sign: &Sign<'c>, path: &Result<String, String>, providers: &[String]) {
        let site = sign.site;
        let single = |only: &[&str], name: &str, controller: &str| {
            Arguments::default()
                .with("only", symbols(only))
                .with("path", Value::Text(sign.path_name(name)))
                .with("controller", Value::Text(sign.controller(controller)))
        };
        let on = |machine: &mut Self, verb: Value<'c>, action: &str, name: &str| {
            let given = Arguments { positional: vec![symbol(action)], ..Arguments::default() };
            let given = given.with("path", Value::Text(sign.path_name(name))).with("via", verb);
            machine.route_call("match", given, site);
        };
        let verb = |name: &str| symbol(name);
        match route {
            "session" => {
                let given = single(&[], "", "sessions");
                self.resource(true, "session", given, site, &|machine| {
                    on(machine, verb("get"), "new", "sign_in");
                    on(machine, verb("post"), "create", "sign_in");
                    on(machine, sign.sign_out.clone(), "destroy", "sign_out");
                });
            }
            "password" => {
                let given = single(&["new", "create", "edit", "update"], "password", "passwords");
                self.resource(true, "password", given, site, &|_| {});
            }
            "registration" => {
                let actions = ["new", "create", "edit", "update", "destroy"];
                let pairs = [("new", "sign_up"), ("edit", "edit"), ("cancel", "cancel")];
                let named = pairs.map(|(action, name)| (symbol(action), Value::Text(sign.path_name(name))));
                let given = single(&actions, "registration", "registrations");
                let given = given.with("path_names", Value::Map(named.to_vec()));
                self.resource(true, "registration", given, site, &|machine| {
                    on(machine, verb("get"), "cancel", "cancel");
                });
            }
            "confirmation" => {
                let given = single(&["new", "create", "show"], "confirmation", "confirmations");
                self.resource(true, "confirmation", given, site, &|_| {});
            }
            "unlock" => {
                let by = self.application.setting("config.unlock_strategy");
                // Of a computed setting the last choice is the default.
                let by = by.as_deref().map(|by| by.rsplit("||").next().unwrap_or(by).trim());
                if !matches!(by, Some(":time" | ":none")) {
                    let given = single(&["new", "create", "show"], "unlock", "unlocks");
                    self.resource(true, "unlock", given, site, &|_| {});
                }
            }
            "invitation" => {
                let given = single(&["new", "create", "update"], "invitation", "invitations");
                self.resource(true, "invitation", given, site, &|machine| {
                    on(machine, verb("get"), "edit", "accept");
                    on(machine, verb("get"), "destroy", "remove");
                });
            }
            "password_expired" | "verification_code" => {
                let given = single(&["show", "update"], route, route);
                self.resource(true, route, given, site, &|_| {});
            }
            "omniauth_callback" => self.by_other_sites(sign, path, providers),
            _ => {}
        }
    }

    /// The pages that send to another site and take its answer.
    fn by_other_sites(&mut self, sign: &Sign<'c>, path: &Result<String, String>, providers: &[String]) {
        let prefix = self.application.setting("config.omniauth_path_prefix").map(|text| literal_names(&text).concat());
        let prefix = match (prefix, path) {
            (Some(prefix), _) => prefix,
            (None, Ok(path)) => format!("{path}/auth"),
            (None, Err(_)) => return,
        };
        let starts = if self.application.starts_sign_in_by_get(self.corpus) {
            symbols(&["get", "post"])
        } else {
            symbols(&["post"])
        };
        let scope = Scope { path: Ok(String::new()), ..(*self.scope).clone() };
        self.within(scope, |machine| {
            for provider in providers {
                for (end, action, via) in
                    [("", "passthru", starts.clone()), ("/callback", provider.as_str(), symbols(&["get", "post"]))]
                {
                    let to = format!("{}#{action}", sign.controller("omniauth_callbacks"));
                    let path = Value::Text(format!("{prefix}/{provider}{end}"));
                    let given = Arguments { positional: vec![path], ..Arguments::default() };
                    let given = given.with("to", Value::Text(to)).with("via", via);
                    machine.route_call("match", given, sign.site);
                }
            }
        });
    }

    /// `mount_devise_token_auth_for 'User', at: 'auth'` of the package Devise Token Auth.
    pub(super) fn devise_token_auth(&mut self, mut arguments: Arguments<'c>, site: Site<'c>) {
        let Some(class) = arguments.positional.first().and_then(Value::text) else {
            return self.open("sign-in routes of a computed model".to_owned(), site);
        };
        let at = arguments.take("at").unwrap_or_else(|| Value::Text("auth".to_owned()));
        let skipped = arguments.take("skip").and_then(|skip| skip.texts()).unwrap_or_default();
        let mut controllers = match arguments.get("controllers") {
            Some(Value::Map(pairs)) => pairs.clone(),
            _ => Vec::new(),
        };
        let mut own = BTreeMap::new();
        for part in [
            "sessions",
            "registrations",
            "passwords",
            "confirmations",
            "unlocks",
            "token_validations",
            "omniauth_callbacks",
        ] {
            let given = controllers.iter().find(|(key, _)| key.text().as_deref() == Some(part));
            let given = given.and_then(|(_, value)| value.text()).unwrap_or(format!("devise_token_auth/{part}"));
            own.insert(part, given.clone());
            controllers.retain(|(key, _)| key.text().as_deref() != Some(part));
            controllers.push((symbol(part), Value::Text(given)));
        }
        let skip = skipped.iter().map(String::as_str).chain(["omniauth_callbacks"]).map(symbol).collect();
        let name = self.application.inflector.pluralize(&self.application.inflector.underscore(&class));
        let given = Arguments { positional: vec![Value::Symbol(name)], ..Arguments::default() }
            .with("class_name", Value::Text(class))
            .with("path", at.clone())
            .with("controllers", Value::Map(controllers))
            .with("skip", Value::List(skip));
        self.devise_for(given, site);
        let at = at.text().unwrap_or_default();
        let both = || symbols(&["get", "post"]);
        let mut rows = vec![(format!("{at}/validate_token"), "token_validations", "validate_token", symbol("get"))];
        if !skipped.iter().any(|name| name == "omniauth_callbacks") {
            rows.push((format!("{at}/failure"), "omniauth_callbacks", "omniauth_failure", symbol("get")));
            rows.push((format!("{at}/:provider/callback"), "omniauth_callbacks", "omniauth_success", symbol("get")));
            rows.push(("/omniauth/:provider/callback".into(), "omniauth_callbacks", "redirect_callbacks", both()));
            rows.push(("/omniauth/failure".into(), "omniauth_callbacks", "omniauth_failure", both()));
            rows.push((format!("{at}/:provider"), "omniauth_callbacks", "", symbol("get")));
        }
        for (path, controller, action, via) in rows {
            let given = Arguments { positional: vec![Value::Text(path)], ..Arguments::default() };
            let given = given.with("to", Value::Text(format!("/{}#{action}", own[controller]))).with("via", via);
            self.route_call("match", given, site);
        }
    }
}

/// The options of one `devise_for`.
struct Sign<'c> {
    names: BTreeMap<String, String>,
    controllers: BTreeMap<String, String>,
    module: String,
    sign_out: Value<'c>,
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

/// The `devise` lines of a model and of the modules that it includes.
fn model(corpus: &Corpus, root: &str, inflector: &Inflector, class: &str) -> Option<Model> {
    let end = format!("app/models/{class}.rb");
    let at_root = if root.is_empty() { end.clone() } else { format!("{root}/{end}") };
    let below = format!("/{end}");
    let file = corpus.file(&at_root).or_else(|| corpus.application().find(|file| file.path.ends_with(&below)))?;
    let mut model = Model::default();
    let mut open: Vec<&SourceFile> = vec![file];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(file) = open.pop() {
        if seen.contains(&file.path.as_str()) || seen.len() > MAX_CONCERNS {
            continue;
        }
        seen.push(&file.path);
        let Some(parsed) = file.syntax() else { continue };
        let mut included = Vec::new();
        lines(parsed.tree.root_node(), file.bytes(), &mut model, &mut included, 0);
        for name in included {
            let name = inflector.underscore(&name);
            let folder = file.path.split("app/models/").next().unwrap_or_default();
            let own = format!("{folder}app/models/{class}/{name}.rb");
            let paths =
                [format!("{folder}app/models/concerns/{name}.rb"), format!("{folder}app/models/{name}.rb"), own];
            open.extend(paths.iter().find_map(|path| corpus.file(path)));
        }
    }
    Some(model)
}

fn lines(node: Node<'_>, bytes: &[u8], model: &mut Model, included: &mut Vec<String>, depth: usize) {
    if depth > 60 {
        return;
    }
    if node.kind() == "call" {
        let method = node.child_by_field_name("method").map_or("", |method| text(method, bytes));
        if let (true, Some(arguments)) = (matches!(method, "devise" | "include"), node.child_by_field_name("arguments"))
        {
            let mut cursor = arguments.walk();
            for argument in arguments.named_children(&mut cursor) {
                match (method, argument.kind()) {
                    ("include", "constant" | "scope_resolution") => included.push(text(argument, bytes).to_owned()),
                    ("devise", "simple_symbol") => {
                        model.parts.push(text(argument, bytes).trim_start_matches(':').to_owned());
                    }
                    ("devise", "splat_argument") if !text(argument, bytes).contains(['[', '%']) => {
                        model.is_open = true;
                    }
                    ("devise", "splat_argument") => {
                        model.parts.extend(literal_names(text(argument, bytes).trim_start_matches('*')));
                    }
                    ("devise", "pair") => {
                        let key = argument.child_by_field_name("key").map_or("", |key| text(key, bytes));
                        if let (true, Some(value)) =
                            (key.contains("omniauth_providers"), argument.child_by_field_name("value"))
                            && matches!(value.kind(), "array" | "symbol_array" | "string_array")
                        {
                            let names = text(value, bytes).trim_start_matches("%w");
                            model.providers.extend(literal_names(&names.replace('\n', " ")));
                        }
                    }
                    _ => {}
                }
            }
            return;
        }
    }
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        lines(child, bytes, model, included, depth + 1);
    }
}
