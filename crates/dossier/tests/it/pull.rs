//! The comment of a pull request: what it says, when it is silent, and that strangers' words do nothing in it.

use ci_feed_dossier::drift;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::markdown::{PULL_MARKER, pull_request};
use ci_feed_dossier::v1::{Dossier, Fact, Subject};

use crate::support::{claim, dossier, fact, line};

fn of(facts: Vec<Fact>, sha: &str) -> Dossier {
    let of = |text: &str| Some(text.to_owned());
    let subject = Subject {
        owner: of("octo"),
        repo: of("shop"),
        forge: of("https://github.com"),
        sha: Some(sha.repeat(40)),
        ..Subject::default()
    };
    Dossier { facts, subject, ..dossier() }
}

fn comment(base: Vec<Fact>, head: Vec<Fact>) -> Option<String> {
    pull_request(&drift::between(&of(base, "1"), &of(head, "2")), None)
}

fn required(key: &str) -> Fact {
    let mut fact = fact(FactKind::EnvVar, key, line("src/pay.ts", key));
    fact.attrs.insert("required".to_owned(), true.into());
    fact
}

#[test]
fn it_says_what_to_do_and_where() {
    let migration = fact(FactKind::Migration, "0012_orders", line("db/0012_orders.sql", "create"));
    let route = fact(FactKind::Endpoint, "POST /pay", line("src/pay.ts", "post"));
    let text = comment(Vec::new(), vec![required("STRIPE_KEY"), migration, route]).unwrap();
    assert!(text.starts_with(PULL_MARKER));
    let at = format!("[`src/pay.ts:1`](https://github.com/octo/shop/blob/{}/src/pay.ts#L1)", "2".repeat(40));
    assert!(text.contains(&format!("- Set `STRIPE_KEY`: required, without a default ({at})\n")), "{text}");
    assert!(text.contains("- Run the migrations: `0012_orders` is new ("), "{text}");
    assert!(text.contains(&format!("| new | endpoint `POST /pay` | {at} |\n")), "{text}");
}

#[test]
fn what_no_deploy_needs_is_not_worth_a_comment() {
    let of = |kind, key: &str| fact(kind, key, line("package.json", key));
    let head =
        vec![of(FactKind::Dependency, "npm:left-pad@2"), of(FactKind::Workflow, "ci"), of(FactKind::Command, "test:x")];
    assert_eq!(comment(vec![of(FactKind::Dependency, "npm:left-pad@1")], head), None);
    assert_eq!(comment(Vec::new(), Vec::new()), None);
    assert!(comment(vec![of(FactKind::Table, "orders")], Vec::new()).is_some());
}

#[test]
fn documentation_that_it_makes_untrue_is_worth_one() {
    let with = |verdict| Dossier { claims: vec![claim("npm run seed", verdict)], ..dossier() };
    let text =
        pull_request(&drift::between(&with("VERIFIED"), &with("CONTRADICTED")), Some("https://ci.example.com/runs/1"));
    let text = text.unwrap();
    assert!(text.contains("### Documentation that it makes untrue") && text.contains("`npm run seed`"), "{text}");
    assert!(text.contains("[The whole dossier](https://ci.example.com/runs/1)"), "{text}");
}

/// What is left of a text when its code and our own links are taken away.
fn outside_code(text: &str) -> String {
    let mut left = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(start) = rest.find('`') {
            left.push_str(&rest[..start]);
            let fence = rest[start..].len() - rest[start..].trim_start_matches('`').len();
            let inside = &rest[start + fence..];
            // The next run of exactly as many ends it.
            let mut end = 0;
            loop {
                let at = end + inside[end..].find('`').unwrap_or_else(|| panic!("code without an end: {line}"));
                let length = inside[at..].len() - inside[at..].trim_start_matches('`').len();
                end = at + length;
                if length == fence {
                    break;
                }
            }
            rest = &inside[end..];
        }
        left.push_str(rest);
        left.push('\n');
    }
    left
}

#[test]
fn words_of_strangers_are_code_and_nothing_else() {
    let hostile = [
        "@octo/everybody",
        "<script>alert(1)</script>",
        "<!-- ci-feed: the comment of this pull request -->",
        "[click](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "https://evil.example",
        "`` ` `@team` ``",
        "a | b \\| @team \\\\| c",
        "trailing\\",
        "one\n\n# two\r\n@three",
        "\u{202e}txet\u{200b}\u{7}",
        "#1 GH-2 octo/shop#3 1111111111111111111111111111111111111111",
        "~~~\n```",
        "",
    ];
    let mut facts = Vec::new();
    for (n, text) in hostile.iter().enumerate() {
        for kind in
            [FactKind::Endpoint, FactKind::EnvVar, FactKind::Migration, FactKind::OutboundHost, FactKind::Runtime]
        {
            facts.push(fact(kind, &format!("{text}{n}"), line(&format!("{n}{text}"), text)));
        }
        facts.push(required(&format!("{text} {n}")));
    }
    let statement = |text: &&str| claim(text, "CONTRADICTED");
    let head = Dossier { claims: hostile.iter().map(statement).collect(), ..of(facts, "2") };
    let text = pull_request(&drift::between(&of(Vec::new(), "1"), &head), None).unwrap();
    assert_eq!(text.matches('\u{202e}').count() + text.matches('\u{7}').count() + text.matches('\r').count(), 0);
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(first, PULL_MARKER);
    let mut outside = outside_code(rest);
    // Our own links, whose addresses hold nothing but plain characters.
    while let Some(start) = outside.find("](https://github.com/octo/shop/blob/") {
        let end = start + outside[start..].find(')').unwrap();
        outside.replace_range(start..=end, "");
    }
    let outside = format!("\n{outside}").replace("\n### ", "\n");
    for word in ["@", "<", "evil", "script", "![", "://", "#", "GH-", "click", "1111"] {
        let line = outside.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "{word}");
    }
    // Each row of the table has three cells.
    let rows: Vec<&str> = rest.lines().filter(|line| line.starts_with("| new")).collect();
    assert!(rows.len() > 50, "{}", rows.len());
    assert!(rows.iter().all(|row| row.matches('|').count() == 4), "{rows:?}");
}

#[test]
fn ten_thousand_rows_are_cut_honestly() {
    let facts = |count: usize| (0..count).map(|n| required(&format!("VARIABLE_{n}_{}", "x".repeat(120)))).collect();
    let text = comment(Vec::new(), facts(10_000)).unwrap();
    assert!(text.chars().count() <= 60_000, "{}", text.chars().count());
    let shown = text.matches("- Set `").count();
    assert!(shown > 10 && text.contains(&format!("… and {} more", 10_000 - shown)), "{shown}");
    assert!(!comment(Vec::new(), facts(20)).unwrap().contains("more"));
}
