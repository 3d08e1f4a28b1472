//! Since when something is there.

use serde_json::{Value, json};

use super::{Feed, reads};
use crate::support::database::{Backend, on_both_databases};

/// A program whose variable has this default.
fn with_default(name: &str, default: &str) -> String {
    format!("// moved\nexports.it = process.env.{name} || '{default}';\n")
}

async fn a_fact_was_added_changed_and_removed_by_these_commits(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let mut commits = Vec::new();
    for source in [
        reads(&["ALPHA"]),
        reads(&["ALPHA"]) + &with_default("MODE", "slow"),
        // Lines that move are no change.
        String::from("\n\n") + &reads(&["ALPHA"]) + &with_default("MODE", "slow"),
        reads(&["ALPHA"]) + &with_default("MODE", "fast"),
        reads(&["ALPHA"]),
    ] {
        let sha = feed.shop.commit(&[("a.js", &source)]);
        feed.push("shop", &sha).await;
        commits.push(sha);
    }
    let history = "/api/ci/facts/history?owner=octo&repo=shop&kind=env&key=MODE";
    let answer = feed.ok(history).await;
    let event = |event: &Value| {
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        (
            text("change"),
            text("commit_sha"),
            event["attrs_before"]["default"].clone(),
            event["attrs_after"]["default"].clone(),
        )
    };
    let events: Vec<_> = answer["events"].as_array().unwrap().iter().map(event).collect();
    let (slow, fast, none) = (json!("slow"), json!("fast"), json!(null));
    assert_eq!(
        events,
        [
            ("removed".into(), commits[4].clone(), fast.clone(), none.clone()),
            ("changed".into(), commits[3].clone(), slow.clone(), fast),
            ("added".into(), commits[1].clone(), none, slow),
        ]
    );
    assert_eq!([&answer["fact"], &answer["next"]], [&json!(null), &json!(null)]);
    assert!(answer["events"].as_array().unwrap().iter().all(|event| event["by_rules"] == json!(false)));
    assert_eq!(answer["head"]["commit_sha"], json!(commits[4]));
    let first = feed.ok(&format!("{history}&limit=2")).await;
    let next = first["next"].as_str().unwrap();
    let rest = feed.ok(&format!("{history}&limit=2&before={next}")).await;
    assert_eq!((&rest["events"][0]["change"], &rest["next"]), (&json!("added"), &json!(null)));
    assert_eq!(feed.refused(&format!("{history}&limit=2&before=0{next}")).await.0, 400);
    // What was there when the history began has no beginning in it.
    let alpha = feed.ok(&history.replace("MODE", "ALPHA")).await;
    assert_eq!((&alpha["events"], &alpha["head"]["since_sha"]), (&json!([]), &json!(commits[0])));
    assert_eq!([&alpha["fact"]["key"], &alpha["fact"]["commit_sha"]], [&json!("ALPHA"), &json!(commits[4])]);
    feed.server.stop_and_check().await;
}

on_both_databases! {
    a_fact_was_added_changed_and_removed_by_these_commits,
}
