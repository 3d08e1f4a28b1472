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

fn name(payload: &mut Value, owner: &str, repo: &str) {
    payload["repository"]["name"] = json!(repo);
    payload["repository"]["full_name"] = json!(format!("{owner}/{repo}"));
    payload["repository"]["owner"]["login"] = json!(owner);
}
