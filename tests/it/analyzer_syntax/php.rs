//! PHP: routes of Laravel and Lumen, tables of migrations and models, variables, packages.

use ci_feed_analyzer::extract::{env_var, table};

use super::support::{corpus, endpoints, files, shown};

#[test]
fn laravel_endpoints_have_every_group_above_them() {
    let found = endpoints(&corpus(files("endpoint/laravel")));
    insta::assert_snapshot!("laravel", shown(&found));
}

#[test]
fn older_laravel_endpoints_come_from_the_route_provider() {
    let found = endpoints(&corpus(files("endpoint/laravel_old")));
    insta::assert_snapshot!("laravel_old", shown(&found));
}

#[test]
fn lumen_endpoints_have_patterns_and_optional_parts() {
    let found = endpoints(&corpus(files("endpoint/lumen")));
    insta::assert_snapshot!("lumen", shown(&found));
}

#[test]
fn migrations_state_the_tables_that_are_left_at_their_end() {
    let found = table::extract(&corpus(files("table/laravel")));
    insta::assert_snapshot!("laravel_tables", shown(&found));
}

#[test]
fn variables_are_read_in_each_of_the_ways_that_the_language_has() {
    let found = env_var::extract(&corpus(files("settings/php")));
    insta::assert_snapshot!("php_env_var", shown(&found));
}

#[test]
fn a_callback_that_loads_the_routes_takes_the_place_of_the_files() {
    let bootstrap = "<?php\nuse Illuminate\\Support\\Facades\\Route;\n\
        return Illuminate\\Foundation\\Application::configure()->withRouting(\n\
        using: fn () => Route::prefix('v1')->group(base_path('routes/api.php')),\n\
        web: __DIR__.'/../routes/web.php', channels: __DIR__.'/../routes/channels.php', health: '/up')->create();\n";
    let found = endpoints(&corpus(vec![
        ("composer.json".to_owned(), "{\"require\": {\"laravel/framework\": \"^11.0\"}}".into()),
        ("bootstrap/app.php".to_owned(), bootstrap.into()),
        ("routes/api.php".to_owned(), "<?php\nRoute::get('used', fn () => 1);\n".into()),
        ("routes/web.php".to_owned(), "<?php\nRoute::get('unused', fn () => 1);\n".into()),
    ]));
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["GET /broadcasting/auth", "GET /v1/used", "POST /broadcasting/auth"]);
    assert!(found.unresolved.iter().any(|open| open.evidence[0].path == "routes/web.php"), "{:?}", found.unresolved);
}
