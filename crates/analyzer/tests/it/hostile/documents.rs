//! Manifests that are broken, nested without end, or that expand without end.

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::Dossier;

use crate::support::dossier;

fn problems(dossier: &Dossier) -> Vec<&str> {
    dossier.coverage.parse_problems.iter().map(|problem| problem.path.as_str()).collect()
}

#[test]
fn a_broken_manifest_yields_what_stands_before_the_break_and_a_note() {
    let dossier = dossier(&[
        ("package.json", "{ \"scripts\": { \"build\": \"tsc\" }, \"dependencies\": { \"a\": \"1\", \"b\": }"),
        ("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n[dev-dependencies]\ninsta = = 1\n"),
    ]);
    let keys: Vec<&str> = dossier.facts_of(FactKind::Dependency).map(|fact| fact.key.as_str()).collect();
    assert!(keys.contains(&"npm:a (runtime) package.json"), "{keys:?}");
    assert!(keys.contains(&"cargo:serde (runtime) Cargo.toml"), "{keys:?}");
    assert_eq!(problems(&dossier), ["Cargo.toml", "package.json"]);
}

#[test]
fn nesting_without_end_is_bounded_in_every_format() {
    let deep = 100_000;
    let dossier = dossier(&[
        ("package.json", &format!("{{\"scripts\":{}", "[".repeat(deep))),
        ("a/package.json", &format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep))),
        ("pyproject.toml", &format!("a = {}", "[".repeat(deep))),
        ("b/pyproject.toml", &format!("{} = 1", vec!["a"; deep].join("."))),
        (".gitlab-ci.yml", &format!("a: {}", "[".repeat(deep))),
        (".github/workflows/x.yml", &format!("jobs: {}", "- ".repeat(10_000))),
        ("README.md", &"> ".repeat(5_000)),
    ]);
    assert_eq!(dossier.coverage.analyzed, 7);
    assert!(problems(&dossier).len() >= 5, "{:?}", problems(&dossier));
}

#[test]
fn an_alias_bomb_costs_a_note() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let last = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![last; 9].join(", ")));
    }
    let dossier = dossier(&[(".gitlab-ci.yml", &bomb)]);
    assert_eq!(problems(&dossier), [".gitlab-ci.yml"]);
}
