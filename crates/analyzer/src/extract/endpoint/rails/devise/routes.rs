//! The routes of each part.

use super::{Sign, literal_names};
use crate::extract::endpoint::rails::machine::RouteMachine;
use crate::extract::endpoint::rails::scope::RouteScope;
use crate::extract::endpoint::rails::value::{Arguments, RubyValue, symbol, symbols};

impl<'c> RouteMachine<'c, '_> {
    pub(super) fn sign_routes(
        &mut self,
        route: &str,
        sign: &Sign<'c>,
        path: &Result<String, String>,
        providers: &[String],
    ) {
        let site = sign.site;
        let single = |only: &[&str], name: &str, controller: &str| {
            Arguments::default()
                .with("only", symbols(only))
                .with("path", RubyValue::Text(sign.path_name(name)))
                .with("controller", RubyValue::Text(sign.controller(controller)))
        };
        let on = |machine: &mut Self, verb: RubyValue<'c>, action: &str, name: &str| {
            let given = Arguments::of(symbol(action));
            let given = given.with("path", RubyValue::Text(sign.path_name(name))).with("via", verb);
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
                let named = pairs.map(|(action, name)| (symbol(action), RubyValue::Text(sign.path_name(name))));
                let given = single(&actions, "registration", "registrations");
                let given = given.with("path_names", RubyValue::Map(named.to_vec()));
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
        let scope = RouteScope { path: Ok(String::new()), ..(*self.scope).clone() };
        self.within(scope, |machine| {
            for provider in providers {
                for (end, action, via) in
                    [("", "passthru", starts.clone()), ("/callback", provider.as_str(), symbols(&["get", "post"]))]
                {
                    let to = format!("{}#{action}", sign.controller("omniauth_callbacks"));
                    let path = RubyValue::Text(format!("{prefix}/{provider}{end}"));
                    let given = Arguments::of(path);
                    let given = given.with("to", RubyValue::Text(to)).with("via", via);
                    machine.route_call("match", given, sign.site);
                }
            }
        });
    }
}
