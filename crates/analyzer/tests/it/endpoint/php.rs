//! Laravel: a callback in place of the route files.

use crate::support::endpoints;

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
