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
