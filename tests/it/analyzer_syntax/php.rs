//! PHP: routes of Laravel and Lumen, tables of migrations and models, variables, packages.

use ci_feed::analyzer::extract::{endpoint, env_var, table};

use super::support::{corpus, files, shown};

#[test]
fn laravel_endpoints_have_every_group_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/laravel")));
    insta::assert_snapshot!("laravel", shown(&found));
}

#[test]
fn older_laravel_endpoints_come_from_the_route_provider() {
    let found = endpoint::extract(&corpus(files("endpoint/laravel_old")));
    insta::assert_snapshot!("laravel_old", shown(&found));
}

#[test]
fn lumen_endpoints_have_patterns_and_optional_parts() {
    let found = endpoint::extract(&corpus(files("endpoint/lumen")));
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
