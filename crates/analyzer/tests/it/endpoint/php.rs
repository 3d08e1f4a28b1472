//! Laravel: a callback in place of the route files.

use crate::support::{endpoints, keys};

#[test]
fn a_callback_that_loads_the_routes_takes_the_place_of_the_files() {
    let bootstrap = "<?php\nuse Illuminate\\Support\\Facades\\Route;\n\
        return Illuminate\\Foundation\\Application::configure()->withRouting(\n\
        using: fn () => Route::prefix('v1')->group(base_path('routes/api.php')),\n\
        web: __DIR__.'/../routes/web.php', channels: __DIR__.'/../routes/channels.php', health: '/up')->create();\n";
    let found = endpoints(&[
        ("composer.json", "{\"require\": {\"laravel/framework\": \"^11.0\"}}"),
        ("bootstrap/app.php", bootstrap),
        ("routes/api.php", "<?php\nRoute::get('used', fn () => 1);\n"),
        ("routes/web.php", "<?php\nRoute::get('unused', fn () => 1);\n"),
    ]);
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["GET /broadcasting/auth", "GET /v1/used", "POST /broadcasting/auth"]);
    assert!(found.unresolved.iter().any(|open| open.evidence[0].path == "routes/web.php"), "{:?}", found.unresolved);
}

#[test]
fn the_default_of_a_setting_never_decides_which_routes_of_laravel_there_are() {
    let routes = "<?php\nuse Illuminate\\Support\\Facades\\Route;\n\
        if (config('mail.default') !== 'log') {\n    Route::get('forgot-password', fn () => 1);\n} else {\n    Route::get('no-mail', fn () => 1);\n}\n";
    let found = endpoints(&[
        ("composer.json", "{\"require\": {\"laravel/framework\": \"^11\"}}"),
        ("artisan", "#!/usr/bin/env php\n"),
        (
            "bootstrap/app.php",
            "<?php\nreturn Application::configure(basePath: dirname(__DIR__))->withRouting(web: __DIR__.'/../routes/web.php')->create();\n",
        ),
        ("config/mail.php", "<?php\nreturn ['default' => env('MAIL_MAILER', 'log')];\n"),
        ("routes/web.php", routes),
    ]);
    assert_eq!(keys(&found), ["GET /forgot-password", "GET /no-mail"]);
}
