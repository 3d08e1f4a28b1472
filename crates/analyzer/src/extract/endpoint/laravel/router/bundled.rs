//! Routes that the framework and its packages bring with one call.

use std::rc::Rc;

use super::Attributes;
use super::register::register;
use crate::extract::endpoint::laravel::registry::Evaluator;
use crate::extract::endpoint::laravel::routes::RouteKind;
use crate::lang::php::call::PhpCall;
use crate::lang::php::value::PhpValue;

/// The routes of `Auth::routes()`, as the package of the framework's sign-in pages registers them.
pub(in crate::extract::endpoint::laravel) fn authentication<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) {
    let options = call.value(0, "options").cloned().unwrap_or(PhpValue::Null);
    let is_on = |name: &str, default: bool| options.get(name).map_or(Some(default), PhpValue::truth) != Some(false);
    let path = machine.project.path("app/Http/Controllers/Auth/ConfirmPasswordController.php");
    let confirms = machine.corpus.has_path(&path);
    let all: [(bool, &str, &str, &str); 14] = [
        (is_on("login", true), "GET", "login", "LoginController@showLoginForm"),
        (is_on("login", true), "POST", "login", "LoginController@login"),
        (is_on("logout", true), "POST", "logout", "LoginController@logout"),
        (is_on("register", true), "GET", "register", "RegisterController@showRegistrationForm"),
        (is_on("register", true), "POST", "register", "RegisterController@register"),
        (is_on("reset", true), "GET", "password/reset", "ForgotPasswordController@showLinkRequestForm"),
        (is_on("reset", true), "POST", "password/email", "ForgotPasswordController@sendResetLinkEmail"),
        (is_on("reset", true), "GET", "password/reset/{token}", "ResetPasswordController@showResetForm"),
        (is_on("reset", true), "POST", "password/reset", "ResetPasswordController@reset"),
        (is_on("confirm", confirms), "GET", "password/confirm", "ConfirmPasswordController@showConfirmForm"),
        (is_on("confirm", confirms), "POST", "password/confirm", "ConfirmPasswordController@confirm"),
        (is_on("verify", false), "GET", "email/verify", "VerificationController@show"),
        (is_on("verify", false), "GET", "email/verify/{id}/{hash}", "VerificationController@verify"),
        (is_on("verify", false), "POST", "email/resend", "VerificationController@resend"),
    ];
    for (_, method, path, handler) in all.into_iter().filter(|(is_on, ..)| *is_on) {
        let route = RouteKind::Route {
            methods: vec![method.to_owned()],
            path: Ok(Rc::from(path)),
            handler: Some(handler.to_owned()),
        };
        register(machine, &Attributes::new(), call, route, None);
    }
}

/// The routes of `Broadcast::routes()`.
pub(in crate::extract::endpoint::laravel) fn broadcasting<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) {
    let mut attributes = Attributes::new();
    for (name, value) in call.value(0, "attributes").map(PhpValue::entries).unwrap_or_default() {
        if let Some(name) = name.as_text() {
            attributes.insert(name.to_owned(), value.clone());
        }
    }
    let inner = machine.host.group().with(&attributes, &call.evidence(None));
    machine.host.groups.push(Rc::new(inner));
    let methods = vec!["GET".to_owned(), "POST".to_owned()];
    let route = RouteKind::Route { methods, path: Ok(Rc::from("broadcasting/auth")), handler: None };
    register(machine, &Attributes::new(), call, route, None);
    machine.host.groups.pop();
}
