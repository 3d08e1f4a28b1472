//! The same questions from a terminal, with exit codes that mean the same everywhere.

use std::process::Command;

use serde_json::{Value, json};

use super::{Feed, reads};
use crate::support::database::{Backend, on_both_databases};
use crate::support::server::BINARY;

/// What a command says on standard output, what on standard error, and its exit code.
fn ci_feed(feed: &Feed, arguments: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(BINARY);
    let command = command.args(arguments).args(["--url", &feed.server.client.base]).env("CI_API_TOKEN", "t0ken");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

async fn a_terminal_asks_as_a_browser_does(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.shop.commit(&[("a.js", &reads(&["ALPHA"]))]);
    let second = feed.shop.commit(&[("a.js", &reads(&["ALPHA", "BETA"]))]);
    let run = feed.push("shop", &first).await;
    feed.push("shop", &second).await;
    let ask = |arguments: &[&str]| ci_feed(&feed, arguments);

    let line = format!("octo/shop main {}  BETA  a.js:2", &second[..9]);
    for arguments in [
        &["facts", "env", "BETA"][..],
        &["facts", "env", "be", "--contains"],
        &["facts", "env_var", "B", "--prefix", "--repo", "octo/shop", "--limit", "1"],
    ] {
        assert_eq!(ask(arguments), (line.clone(), String::new(), 0), "{arguments:?}");
    }
    let (json, _, code) = ask(&["facts", "env", "--json"]);
    let keys: Vec<_> = json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["key"].clone()).collect();
    assert_eq!((keys, code), (vec![json!("ALPHA"), json!("BETA")], 0));
    let (history, _, code) = ask(&["facts", "env", "BETA", "--repo", "octo/shop", "--history"]);
    assert!(code == 0 && history.contains(&format!(" added {}", &second[..9])), "{history}");
    assert_eq!(ask(&["facts", "env", "NOBODY"]), (String::new(), String::new(), 3));
    let (_, said, code) = ask(&["facts", "secret"]);
    assert!(code == 1 && said.contains("is not one of endpoint"), "{said}");
    assert_eq!(ask(&["facts", "env", "--attr", "x"]).2, 1);
    assert_eq!(ask(&["facts"]).2, 2);

    let (said, _, code) = ask(&["compare", "octo/shop", &first, "main"]);
    assert!(code == 0 && said.contains("+ env_var BETA") && said.contains("before you deploy"), "{said}");
    assert_eq!(ask(&["compare", "octo/shop", &first, "main", "--exit-code"]).2, 4);
    let (said, _, code) = ask(&["compare", "octo/shop", "main", "main", "--exit-code"]);
    assert!(code == 0 && said.contains("nothing that was read differs"), "{said}");
    let (json, _, _) = ask(&["compare", "octo/shop", &first, "main", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["base"]["run_id"], json!(run));
    for (side, code) in [("nowhere", 3), ("9999999", 3), ("deployed:moon", 1)] {
        let (_, said, found) = ask(&["compare", "octo/shop", side, "main"]);
        assert!(found == code && said.starts_with("ci-feed: "), "{said}");
    }

    let (said, _, code) = ask(&["runs", "octo/shop"]);
    assert!(code == 0 && said.lines().count() == 2 && said.contains(&run), "{said}");
    let (json, _, _) = ask(&["runs", "--commit", &first[..9], "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["id"], json!(run));
    assert_eq!(ask(&["runs", "octo/shop", "--ref", "nowhere"]).2, 3);
    assert_eq!(ask(&["runs", "--status", "FAILED"]).2, 3);
    assert_eq!(ask(&["runs", "--status", "GONE"]).2, 1);
    assert_eq!(ask(&["runs", "--limit", "0"]).2, 2);
    let nobody = Command::new(BINARY).args(["runs", "--url", "http://127.0.0.1:1"]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(1));
    feed.server.stop_and_check().await;
}

on_both_databases! {
    a_terminal_asks_as_a_browser_does,
}
