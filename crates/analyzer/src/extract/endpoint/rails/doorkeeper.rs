//! The routes of two packages that sign-in is commonly served with (Doorkeeper and its OpenID Connect part), as their
//! documentation lists them.

use super::machine::RouteMachine;
use super::scope::Site;
use super::value::{Arguments, RubyValue, symbol, symbols};

impl<'c> RouteMachine<'c, '_> {
    /// `use_doorkeeper`, with `scope:` and `skip_controllers`.
    pub(super) fn doorkeeper(&mut self, arguments: &Arguments<'c>, site: Site<'c>) {
        let block = arguments.block;
        let said: String = block.map_or(String::new(), |block| {
            String::from_utf8_lossy(block.file.bytes().get(block.node.byte_range()).unwrap_or_default()).into_owned()
        });
        let skipped =
            said.lines().find_map(|line| line.trim().split_once("skip_controllers").map(|(_, rest)| rest.to_owned()));
        let serves = |name: &str| {
            let skipped = skipped.as_deref().unwrap_or_default();
            !skipped.split([',', ' ', '(', ')', '[', ']']).any(|word| word.trim_start_matches(':') == name)
        };
        let controller = |name: &str| {
            let given = said.split([',', '\n', '{', '}']).find_map(|part| {
                let (key, value) =
                    part.split_once(&format!("{name}:")).or_else(|| part.split_once(&format!(":{name} =>")))?;
                let is_key = key.trim_end().is_empty() || key.trim_end().ends_with("controllers") || key.ends_with('(');
                is_key.then(|| value.trim().trim_matches(['"', '\'', ')']).to_owned())
            });
            RubyValue::Text(given.unwrap_or_else(|| format!("doorkeeper/{name}")))
        };
        let path = arguments.get("scope").cloned().unwrap_or_else(|| RubyValue::Text("oauth".to_owned()));
        let scope = self.scope_at(site).merge(&Arguments::of(path));
        let is_api_only = self.application.setting_is_called("api_only");
        self.within(scope, |machine| {
            let options = || Arguments::default();
            let single = |only: &[&str], path: &str, controller: RubyValue<'c>| {
                options()
                    .with("only", symbols(only))
                    .with("path", RubyValue::Text(path.to_owned()))
                    .with("controller", controller)
            };
            if serves("authorizations") {
                let given = single(&["create", "destroy"], "authorize", controller("authorizations"));
                machine.resource(true, "authorization", given, site, &|machine| {
                    machine.verb("get", "native", "show", site);
                    if !is_api_only {
                        machine.verb("get", "/", "new", site);
                    }
                });
            }
            if serves("tokens") {
                let given = single(&["create"], "token", controller("tokens"));
                machine.resource(true, "token", given, site, &|_| {});
                for action in ["revoke", "introspect"] {
                    let given = options().with("controller", controller("tokens")).with("action", symbol(action));
                    let given = Arguments { positional: vec![RubyValue::Text(action.to_owned())], ..given };
                    machine.route_call("post", given, site);
                }
            }
            if serves("applications") && !is_api_only {
                let given = options().with("controller", controller("applications"));
                machine.resource(false, "applications", given, site, &|_| {});
            }
            if serves("authorized_applications") && !is_api_only {
                let given = options()
                    .with("only", symbols(&["index", "destroy"]))
                    .with("controller", controller("authorized_applications"));
                machine.resource(false, "authorized_applications", given, site, &|_| {});
            }
            if serves("token_info") {
                let given = single(&["show"], "token/info", controller("token_info"));
                machine.resource(true, "token_info", given, site, &|_| {});
            }
        });
    }

    /// `use_doorkeeper_openid_connect`.
    pub(super) fn openid_connect(&mut self, arguments: &Arguments<'c>, site: Site<'c>) {
        let path = arguments.get("scope").and_then(RubyValue::text).unwrap_or_else(|| "oauth".to_owned());
        let to = |name: &str| RubyValue::Text(format!("doorkeeper/openid_connect/{name}"));
        for (verb, path, handler) in [
            ("get", format!("{path}/userinfo"), "userinfo#show"),
            ("post", format!("{path}/userinfo"), "userinfo#show"),
            ("get", format!("{path}/discovery/keys"), "discovery#keys"),
            ("get", ".well-known/openid-configuration".to_owned(), "discovery#provider"),
            ("get", ".well-known/webfinger".to_owned(), "discovery#webfinger"),
        ] {
            let given = Arguments::of(RubyValue::Text(path)).with("to", to(handler));
            self.route_call(verb, given, site);
        }
    }

    /// One route on the member of the resource that is open.
    pub(super) fn verb(&mut self, verb: &str, path: &str, action: &str, site: Site<'c>) {
        let given = Arguments::of(RubyValue::Text(path.to_owned()));
        self.route_call(verb, given.with("action", symbol(action)).with("on", symbol("member")), site);
    }
}
