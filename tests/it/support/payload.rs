//! Payloads as GitHub sends them, from the recorded ones in `fixtures/payloads/`, with the commit filled in.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

pub(crate) const PUSH: &str = include_str!("../fixtures/payloads/push.json");
pub(crate) const PULL_REQUEST: &str = include_str!("../fixtures/payloads/pull_request.json");

/// A payload of exactly this size: one long string, which builds without optimization read fast too.
pub(crate) fn of_size(bytes: usize) -> Vec<u8> {
    let (start, end) = (b"{\"filler\":\"", b"\"}");
    [&start[..], &vec![b'x'; bytes - start.len() - end.len()], end].concat()
}

/// A push of one commit to `main`, later than those that were made before.
pub(crate) fn push(owner: &str, repo: &str, sha: &str) -> Value {
    /// The year 2038: later than any time at which something is seen.
    static SECONDS: AtomicI64 = AtomicI64::new(2_145_916_800);
    let mut payload: Value = serde_json::from_str(PUSH).unwrap();
    payload["after"] = json!(sha);
    payload["repository"]["pushed_at"] = json!(SECONDS.fetch_add(1, Ordering::Relaxed));
    payload["head_commit"]["id"] = json!(sha);
    name(&mut payload, owner, repo);
    payload
}

/// A push of one commit to another branch.
pub(crate) fn push_to(branch: &str, owner: &str, repo: &str, sha: &str) -> Value {
    let mut payload = push(owner, repo, sha);
    payload["ref"] = json!(format!("refs/heads/{branch}"));
    payload
}

/// A push that moves `main` from one commit to another.
pub(crate) fn moved(before: &str, after: &str) -> Value {
    let mut payload = push("octo", "shop", after);
    payload["before"] = json!(before);
    payload
}

/// A branch was deleted, from this commit.
pub(crate) fn deleted(branch: &str, before: &str) -> Value {
    let mut payload = push_to(branch, "octo", "shop", &"0".repeat(40));
    payload["before"] = json!(before);
    payload["deleted"] = json!(true);
    payload["head_commit"] = json!(null);
    payload
}

/// An opened pull request from branch `feature` whose head is this commit.
pub(crate) fn pull_request(owner: &str, repo: &str, sha: &str) -> Value {
    let mut payload: Value = serde_json::from_str(PULL_REQUEST).unwrap();
    payload["pull_request"]["head"]["sha"] = json!(sha);
    name(&mut payload, owner, repo);
    payload
}

/// An event of a repository itself, by its name now and the forge's number, at an hour of the year 2039.
pub(crate) fn repository(action: &str, (owner, repo, number): (&str, &str, i64), hour: u8) -> Value {
    let mut payload = json!({ "action": action, "repository": push(owner, repo, "")["repository"] });
    payload["repository"]["id"] = json!(number);
    payload["repository"]["updated_at"] = json!(format!("2039-01-01T{hour:02}:00:00Z"));
    payload
}

/// The forge gives every repository a number of its own.
pub(crate) fn number(owner: &str, repo: &str) -> i64 {
    let name = format!("{owner}/{repo}").to_lowercase();
    1 + name.bytes().fold(0, |number, byte| (number * 31 + i64::from(byte)) % 1_000_000_007)
}

fn name(payload: &mut Value, owner: &str, repo: &str) {
    payload["repository"]["id"] = json!(number(owner, repo));
    payload["repository"]["name"] = json!(repo);
    payload["repository"]["full_name"] = json!(format!("{owner}/{repo}"));
    payload["repository"]["owner"]["login"] = json!(owner);
}
