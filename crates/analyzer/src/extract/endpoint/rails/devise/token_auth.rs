//! The package Devise Token Auth: the same parts below one path, with routes for its tokens.

use std::collections::BTreeMap;

use crate::extract::endpoint::rails::machine::RouteMachine;
use crate::extract::endpoint::rails::scope::Site;
use crate::extract::endpoint::rails::value::{Arguments, RubyValue, symbol, symbols};

impl<'c> RouteMachine<'c, '_> {
    /// `mount_devise_token_auth_for 'User', at: 'auth'` of the package Devise Token Auth.
    pub(in crate::extract::endpoint::rails) fn devise_token_auth(
        &mut self,
        mut arguments: Arguments<'c>,
        site: Site<'c>,
    ) {
        let Some(class) = arguments.positional.first().and_then(RubyValue::text) else {
            return self.open("sign-in routes of a computed model".to_owned(), site);
        };
        let at = arguments.take("at").unwrap_or_else(|| RubyValue::Text("auth".to_owned()));
        let skipped = arguments.take("skip").and_then(|skip| skip.texts()).unwrap_or_default();
        let mut controllers = match arguments.get("controllers") {
            Some(RubyValue::Map(pairs)) => pairs.clone(),
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
            controllers.push((symbol(part), RubyValue::Text(given)));
        }
        let skip = skipped.iter().map(String::as_str).chain(["omniauth_callbacks"]).map(symbol).collect();
        let name = self.application.inflector.pluralize(&self.application.inflector.underscore(&class));
        let given = Arguments::of(RubyValue::Symbol(name))
            .with("class_name", RubyValue::Text(class))
            .with("path", at.clone())
            .with("controllers", RubyValue::Map(controllers))
            .with("skip", RubyValue::List(skip));
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
            let given = Arguments::of(RubyValue::Text(path));
            let given = given.with("to", RubyValue::Text(format!("/{}#{action}", own[controller]))).with("via", via);
            self.route_call("match", given, site);
        }
    }
}
