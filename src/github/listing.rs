//! The forge's lists of repositories and commits: where they are, what a page names, where the next page is, and why there is none. Asks
//! nobody itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{CommitSha, GitRef, RepoName};

/// Whose repositories an address lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the forge's API")]
pub enum Owner {
    Organization,
    User,
}

/// The first page of an owner's repositories.
pub fn first_page(api: &str, owner: &str, kind: Owner) -> String {
    match kind {
        Owner::Organization => format!("{api}/orgs/{owner}/repos?type=all&sort=full_name&per_page=100"),
        Owner::User => format!("{api}/users/{owner}/repos?type=owner&sort=full_name&per_page=100"),
    }
}

/// What the forge says of a repository.
pub fn repository(api: &str, repo: &RepoName) -> String {
    format!("{api}/repos/{repo}")
}

/// The last commits of a repository's default branch.
pub fn commits(api: &str, repo: &RepoName) -> String {
    format!("{api}/repos/{repo}/commits?per_page=100")
}

/// A commit of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCommit {
    /// Its id.
    pub sha: CommitSha,
    /// The first parent.
    pub parent: Option<CommitSha>,
    /// Title and text.
    pub message: String,
    /// Who wrote it.
    pub author: String,
}

/// The branch that a repository's page names as its default; `None` when it is no such page.
pub fn default_branch(page: &[u8]) -> Option<String> {
    let page: Value = serde_json::from_slice(page).ok()?;
    Some(GitRef::parse(page["default_branch"].as_str()?).ok()?.as_str().to_owned())
}

/// The commits of a page, newest first, along first parents; `None` when it is no such page.
pub fn last_commits(page: &[u8]) -> Option<Vec<ListedCommit>> {
    let page: Vec<Value> = serde_json::from_slice(page).ok()?;
    let sha = |value: &Value| CommitSha::parse(value["sha"].as_str()?).ok();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\0', "");
    let mut next = page.first().and_then(sha);
    let mut commits = Vec::new();
    // A merge lists the commits that it brought before the one that it was made on.
    for listed in &page {
        let Some(wanted) = next.clone().filter(|wanted| sha(listed).as_ref() == Some(wanted)) else { continue };
        let parent = sha(&listed["parents"][0]);
        let commit = &listed["commit"];
        let (message, author) = (text(&commit["message"]), text(&commit["author"]["name"]));
        commits.push(ListedCommit { sha: wanted, parent: parent.clone(), message, author });
        next = parent;
    }
    Some(commits)
}

/// The `owner/name` of each repository of a page.
///
/// # Errors
/// When it is no such page.
pub fn names(page: &[u8]) -> serde_json::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Repository {
        full_name: String,
    }
    let repositories: Vec<Repository> = serde_json::from_slice(page)?;
    Ok(repositories.into_iter().map(|repository| repository.full_name).collect())
}

/// The address of the next page, as a `Link` header says it.
pub fn next_page(link: &str) -> Option<&str> {
    link.split(',').find_map(|one| {
        let (address, relations) = one.trim().strip_prefix('<')?.split_once('>')?;
        relations.split(';').any(|relation| relation.trim() == r#"rel="next""#).then_some(address)
    })
}

/// Whether an answer with this status says that the caller asked too often; then how long it should wait.
/// `header` reads a header of the answer.
pub fn wait<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let number = |name| header(name)?.trim().parse::<i64>().ok();
    if !matches!(status, 403 | 429) {
        return None;
    }
    if let Some(seconds) = number("retry-after") {
        return TimeDelta::try_seconds(seconds);
    }
    let is_used_up = status == 429 || number("x-ratelimit-remaining") == Some(0);
    let reset = number("x-ratelimit-reset").and_then(|at| DateTime::from_timestamp(at, 0));
    let wait = reset.map_or(TimeDelta::minutes(1), |reset| (reset - now).max(TimeDelta::seconds(1)));
    is_used_up.then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_the_header_calls_so() {
        let link = r#"<https://api.github.com/a?page=1>; rel="prev", <https://api.github.com/a?page=3>; rel="next""#;
        assert_eq!(next_page(link), Some("https://api.github.com/a?page=3"));
        assert_eq!(next_page(r#"<https://api.github.com/a?page=1>; rel="last""#), None);
        assert_eq!(next_page("nonsense"), None);
    }

    #[test]
    fn who_asked_too_often_is_told_how_long_to_wait() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let of = |status, headers: &[(&str, &'static str)]| {
            let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            wait(status, header, now).map(|wait| wait.num_seconds())
        };
        assert_eq!(of(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")]), Some(90));
        assert_eq!(of(429, &[("retry-after", "7")]), Some(7));
        assert_eq!(of(429, &[]), Some(60));
        assert_eq!(of(403, &[("x-ratelimit-remaining", "12")]), None, "it is something else that is forbidden");
        assert_eq!(of(404, &[("retry-after", "7")]), None);
    }
}
