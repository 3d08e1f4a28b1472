//! What is private stays private: every route, asked by a stranger and by a holder of the token, at each moment of a run
//! that may not be shown. The stranger's answer is the one for a run and a repository that do not exist.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::described;
use crate::support::git_server::TOKEN;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Api, Setting, TestServer, answer, until_exists};

/// Every route of the router, and what is asked of it. In braces: the case's values, which are asked for twice: once as
/// they are and once as those of something that does not exist.
const TABLE: &[(&str, &str, &[&str])] = &[
    ("POST", "/api/webhooks/github", &[""]),
    // Each tick of these tests is a stranger's, and its answer is searched.
    ("POST", "/api/ci/worker/tick", &[]),
    ("POST", "/api/ci/enqueue", &[""]),
    ("POST", "/api/ci/reconcile", &[""]),
    (
        "GET",
        "/api/ci/runs",
        &[
            "?limit=200",
            "?status=QUEUED&limit=200",
            "?status=RUNNING&limit=200",
            "?status=FAILED&limit=200",
            "?status=SUCCEEDED&limit=200",
            "?event_type=push&limit=200",
            "?event_type=manual&limit=200",
            "?owner={owner}&repo={repo}",
            "?repo={repo}",
            "?ref={branch}",
            "?owner={owner}&repo={repo}&ref={branch}",
            "?owner={owner}&repo={repo}&pr=7",
            "?commit={sha}",
        ],
    ),
    ("GET", "/api/ci/runs/{id}", &[""]),
    ("POST", "/api/ci/runs/{id}/retry", &[""]),
    ("POST", "/api/ci/runs/{id}/cancel", &[""]),
    ("GET", "/api/ci/runs/{id}/artifacts", &[""]),
    ("GET", "/api/ci/runs/{id}/artifacts.zip", &[""]),
    ("GET", "/api/ci/runs/{id}/artifacts/{name}", &[""]),
    ("GET", "/api/ci/runs/{id}/artifacts/{name}/html", &[""]),
    ("GET", "/api/ci/runs/{id}/drift", &["", "?base={id}"]),
    ("GET", "/api/ci/runs/{id}/export/{name}", &[""]),
    ("GET", "/api/ci/runs/{id}/dossier", &[""]),
    ("GET", "/api/ci/runs/{id}/facts", &["", "?kind=env"]),
    ("GET", "/api/ci/runs/{id}/claims", &["", "?verdict=VERIFIED"]),
    ("GET", "/api/ci/runs/{id}/findings", &["", "?level=note"]),
    (
        "GET",
        "/api/ci/facts",
        &[
            "?kind=env&limit=200",
            "?kind=command&key={repo}&match=contains",
            "?owner={owner}&repo={repo}",
            "?owner={owner}&repo={repo}&branch={branch}",
            "?owner={owner}&repo={repo}&pr=7",
        ],
    ),
    ("GET", "/api/ci/facts/history", &["?owner={owner}&repo={repo}&kind=env&key=A"]),
    (
        "GET",
        "/api/ci/compare",
        &[
            "?owner={owner}&repo={repo}&base={id}&head={sha}",
            "?owner={owner}&repo={repo}&base={branch}&head=deployed:production",
        ],
    ),
    ("GET", "/api/ci/deployments", &["?owner={owner}&repo={repo}"]),
    ("POST", "/api/ci/deployments", &[""]),
    ("GET", "/api/ci/search", &["?q=a", "?q=env:A", "?q={repo}", "?q={branch}", "?q={sha}", "?q={id}"]),
    ("GET", "/api/ci/repos", &[""]),
    ("GET", "/api/ci/repos/trends", &["?of={owner}/{repo}"]),
    ("DELETE", "/api/ci/repos/{owner}/{repo}", &["", "?id=7"]),
    ("GET", "/api/ci/repos/{owner}/{repo}/trend", &["", "?ref={branch}"]),
    ("GET", "/r/{owner}/{repo}/latest/{artifact}", &["", "?ref={branch}"]),
    ("GET", "/badge/{owner}/{file}", &["", "?metric=dci", "?metric=drift&ref={branch}"]),
    ("GET", "/api/ci/deliveries", &["?limit=200"]),
    ("GET", "/api/ci/session", &[""]),
    ("POST", "/api/ci/session", &[""]),
    ("DELETE", "/api/ci/session", &[""]),
    ("GET", "/api/ci/health", &[""]),
    ("GET", "/api/ci/openapi.json", &[""]),
    ("POST", "/mcp", &[""]),
    ("GET", "/llms.txt", &[""]),
    ("GET", "/", &[""]),
    ("GET", "/feed", &[""]),
    ("GET", "/search", &["?q={repo}"]),
    ("GET", "/compare", &["?owner={owner}&repo={repo}"]),
    ("GET", "/setup", &[""]),
    ("GET", "/status", &[""]),
    ("GET", "/runs/{id}", &[""]),
    ("GET", "/r/{owner}/{repo}", &[""]),
    ("GET", "/r/{owner}/{repo}/fact", &["?kind=env_var&key=A"]),
    ("GET", "/assets/{*path}", &[""]),
];

#[test]
fn no_route_is_missing_from_the_table() {
    let routes: BTreeSet<_> = described::routes().into_iter().map(|(method, path, _)| (method, path)).collect();
    let table: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(table, routes);
}

/// A run, and what nobody without the token may learn of it.
struct Case {
    what: String,
    id: String,
    owner: String,
    repo: String,
    branch: String,
    sha: String,
}

impl Case {
    /// Title, author and content name the repository.
    fn secrets(&self) -> [&str; 3] {
        [&self.repo, &self.branch, &self.sha]
    }

    fn fill(&self, text: &str, exists: bool) -> String {
        let nil = "00000000-0000-0000-0000-000000000000";
        let (id, repo, branch, sha) = match exists {
            true => (&*self.id, &*self.repo, &*self.branch, &*self.sha),
            false => (nil, "nothing", "nowhere", "9876543210"),
        };
        [
            ("{id}", id),
            ("{owner}", &self.owner),
            ("{repo}", repo),
            ("{branch}", branch),
            ("{sha}", sha),
            ("{name}", "DOSSIER.md"),
            ("{artifact}", "DOSSIER.md"),
            ("{file}", &format!("{repo}.svg")),
            ("{*path}", "css/page.css"),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

struct Rig {
    server: TestServer,
    next: usize,
}

impl Rig {
    async fn start(backend: Backend) -> Option<Self> {
        let setting = Setting::new(backend).await?;
        let hold = setting.folder.path().join("hold").display().to_string();
        let script = format!(
            "if [ -e {hold} ]; then touch {hold}ing; while [ -e {hold} ]; do sleep 0.05; done; fi
             cp \"$1/README.md\" \"$2/DOSSIER.md\"
             cat \"$1/README.md\" >&2
             ! grep -q FAILS \"$1/README.md\""
        );
        let setting = setting
            .with_talking_analyzer(&script)
            .with("CI_API_TOKEN", "t0ken")
            .with("GITHUB_TOKEN", TOKEN)
            .with("CI_TOKEN_OWNERS", "private")
            .with("CI_MAX_ATTEMPTS", "1");
        Some(Self { server: setting.start().await, next: 0 })
    }

    fn api(&self) -> &Api {
        &self.server.client
    }

    /// A repository with one commit, by names of its own.
    fn commit(&mut self, owner: &str, fails: bool) -> (String, String, String) {
        self.next += 1;
        let (repo, branch) = (format!("sekret{:03}", self.next), format!("hiddenbranch{:03}", self.next));
        let readme = format!("The plans of {repo} {}\n", if fails { "FAILS" } else { "" });
        let sha = TestRepo::create(self.server.setting.git.root(), owner, &repo).commit(&[("README.md", &readme)]);
        (repo, branch, sha)
    }

    /// A push whose payload says this about the repository.
    async fn push(&mut self, what: &str, owner: &str, private: Option<bool>, fails: bool) -> Case {
        let (repo, branch, sha) = self.commit(owner, fails);
        self.push_again(what, (owner, &repo, &branch, &sha), private).await
    }

    async fn push_again(&self, what: &str, at: (&str, &str, &str, &str), private: Option<bool>) -> Case {
        let (owner, repo, branch, sha) = at;
        let mut push = payload::push_to(branch, owner, repo, sha);
        push["head_commit"]["message"] = json!(format!("Work on {repo}"));
        push["head_commit"]["author"]["username"] = json!(format!("author-of-{repo}"));
        match private {
            Some(private) => push["repository"]["private"] = json!(private),
            None => drop(push["repository"].as_object_mut().unwrap().remove("private")),
        }
        let (status, accepted) = self.api().deliver("push", &push).await;
        assert_eq!(status, StatusCode::OK, "{accepted}");
        let owned = str::to_owned;
        let id = owned(accepted["run_id"].as_str().unwrap());
        Case { what: owned(what), id, owner: owned(owner), repo: owned(repo), branch: owned(branch), sha: owned(sha) }
    }

    /// A run that a holder of the token asks for.
    async fn wish(&mut self, what: &str, owner: &str, by_branch: bool, fails: bool) -> Case {
        let (repo, branch, sha) = self.commit(owner, fails);
        let body = match by_branch {
            true => json!({ "owner": owner, "repo": repo, "ref": "main" }),
            false => json!({ "owner": owner, "repo": repo, "ref": branch, "commit_sha": sha }),
        };
        let wish = self.api().request("POST", "/api/ci/enqueue").bearer_auth("t0ken").json(&body);
        let (status, accepted) = answer(wish.send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{accepted}");
        let id = accepted["run_id"].as_str().unwrap().to_owned();
        Case { what: what.to_owned(), id, owner: owner.to_owned(), repo, branch, sha }
    }

    /// One tick by a stranger, with the analyzer held until `during` has looked.
    async fn tick(&self, case: &Case, during: impl AsyncFnOnce()) {
        let folder = self.server.setting.folder.path();
        std::fs::write(folder.join("hold"), "").unwrap();
        let client = self.api().clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        until_exists(&folder.join("holding")).await;
        during().await;
        std::fs::remove_file(folder.join("hold")).unwrap();
        let ticked = ticking.await.unwrap();
        assert_eq!(ticked["run_id"], json!(case.id), "{}: {ticked}", case.what);
        for secret in case.secrets() {
            assert!(!ticked.to_string().contains(secret), "{}: a tick says {secret}: {ticked}", case.what);
        }
        std::fs::remove_file(folder.join("holding")).unwrap();
    }

    /// As a stranger, every route; then as a holder of the token, what is there.
    async fn is_hidden(&self, case: &Case, state: &str) {
        let ask = async |method: &str, path: &str| {
            let response = self.api().request(method, path).send().await.unwrap();
            let head = format!("{} {:?}", response.status(), response.headers());
            (response.status(), head, response.text().await.unwrap_or_default())
        };
        for (method, route, queries) in TABLE {
            for query in *queries {
                let template = format!("{route}{query}");
                let at = format!("{}, {state}: {method} {template}", case.what);
                let (status, head, body) = ask(method, &case.fill(&template, true)).await;
                for secret in case.secrets() {
                    assert!(!head.contains(secret) && !body.contains(secret), "{at} says {secret}: {head} {body}");
                }
                if template.contains('{') {
                    let (nothing, _, none) = ask(method, &case.fill(&template, false)).await;
                    assert_eq!((status, body), (nothing, none), "{at}");
                }
            }
        }
        // What a holder was just told is no answer for a stranger, and the holder is not told twice.
        let path = format!("/api/ci/runs?repo={}", case.repo);
        let get = |tag: &str| self.api().request("GET", &path).header("If-None-Match", tag);
        let told = get("").bearer_auth("t0ken").send().await.unwrap().headers()["etag"].to_str().unwrap().to_owned();
        let statuses =
            (get(&told).send().await.unwrap().status(), get(&told).bearer_auth("t0ken").send().await.unwrap().status());
        assert_eq!(statuses, (StatusCode::OK, StatusCode::NOT_MODIFIED));
        let run = self.as_holder(&format!("/api/ci/runs/{}", case.id)).await;
        assert_eq!((&run["run"]["commit_sha"], &run["run"]["private"]), (&json!(case.sha), &json!(true)), "{run}");
        assert_eq!(run["run"]["status"], json!(state), "{}: {run}", case.what);
        let runs = self.as_holder(&format!("/api/ci/runs?repo={}", case.repo)).await;
        assert!(runs["runs"].as_array().unwrap().iter().any(|run| run["id"] == json!(case.id)), "{runs}");
    }

    async fn as_holder(&self, path: &str) -> Value {
        let (status, answer) = answer(self.api().request("GET", path).bearer_auth("t0ken").send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    async fn is_shown(&self, case: &Case, state: &str) {
        let (status, run) = self.api().get(&format!("/api/ci/runs/{}", case.id)).await;
        assert_eq!((status, &run["run"]["status"]), (StatusCode::OK, &json!(state)), "{}: {run}", case.what);
        let of = format!("/api/ci/repos/{}/{}/trend?ref={}", case.owner, case.repo, case.branch);
        let (_, trend) = self.api().get(&of).await;
        let is_done = ["SUCCEEDED", "FAILED"].contains(&state);
        assert_eq!(trend["points"].as_array().unwrap().is_empty(), !is_done, "{}: {trend}", case.what);
    }

    /// Look at a hidden run while it waits, while it runs and when it has ended.
    async fn is_hidden_to_its_end(&self, case: &Case, end: &str) {
        self.is_hidden(case, "QUEUED").await;
        self.tick(case, async || self.is_hidden(case, "RUNNING").await).await;
        self.is_hidden(case, end).await;
    }
}

async fn what_is_private_does_not_exist_for_strangers(backend: Backend) {
    let Some(mut rig) = Rig::start(backend).await else { return };
    for (fails, end) in [(false, "SUCCEEDED"), (true, "FAILED")] {
        let case = rig.push("a push of a private repository", "octo", Some(true), fails).await;
        rig.is_hidden_to_its_end(&case, end).await;
        let case = rig.push("a push that says nothing", "private", None, fails).await;
        rig.is_hidden_to_its_end(&case, end).await;
        for by_branch in [true, false] {
            let case = rig.wish("a wish that the token may fulfil", "private", by_branch, fails).await;
            rig.is_hidden_to_its_end(&case, end).await;
        }
        // Its payload was wrong, or is older than the change: until the fetch nobody can know.
        let case = rig.push("a push that says it is public and is not", "private", Some(false), fails).await;
        rig.tick(&case, async || rig.is_hidden(&case, "RUNNING").await).await;
        rig.is_hidden(&case, end).await;
        let case = rig.push("a push of a public repository", "octo", Some(false), fails).await;
        rig.is_shown(&case, "QUEUED").await;
        rig.tick(&case, async || rig.is_shown(&case, "RUNNING").await).await;
        rig.is_shown(&case, end).await;
        let case = rig.push("a push that says nothing of what all can read", "octo", None, fails).await;
        rig.is_hidden(&case, "QUEUED").await;
        rig.tick(&case, async || rig.is_shown(&case, "RUNNING").await).await;
        rig.is_shown(&case, end).await;
        let case = rig.wish("a wish without the token", "octo", false, fails).await;
        rig.is_shown(&case, "QUEUED").await;
        rig.tick(&case, async || rig.is_shown(&case, "RUNNING").await).await;
        rig.is_shown(&case, end).await;
    }
    rig.server.stop_and_check().await;
}

async fn what_the_forge_refuses_to_strangers_is_hidden_once_it_has(backend: Backend) {
    let Some(mut rig) = Rig::start(backend).await else { return };
    let case = rig.wish("a wish for what is not there", "octo", false, false).await;
    let gone = rig.server.setting.git.root().join(format!("octo/{}.git", case.repo));
    std::fs::remove_dir_all(gone).unwrap();
    rig.is_shown(&case, "QUEUED").await;
    assert_eq!(rig.api().tick().await["error_code"], json!("REPO_NOT_FOUND"));
    rig.is_hidden(&case, "FAILED").await;
    rig.server.stop_and_check().await;
}

async fn a_repository_that_turns_private_takes_its_old_runs_with_it(backend: Backend) {
    let Some(mut rig) = Rig::start(backend).await else { return };
    let shown = async |rig: &mut Rig| {
        let case = rig.push("a public run of a repository that turns private", "octo", Some(false), false).await;
        rig.tick(&case, async || {}).await;
        rig.is_shown(&case, "SUCCEEDED").await;
        case
    };
    // By a push of the very commit to another branch.
    let first = shown(&mut rig).await;
    let at = (&*first.owner, &*first.repo, "hiddenbranch-of-later", &*first.sha);
    let second = rig.push_again("a private push of a public run's commit", at, Some(true)).await;
    assert_eq!(second.id, first.id, "one commit, one run");
    rig.is_hidden(&first, "SUCCEEDED").await;
    rig.is_hidden(&second, "SUCCEEDED").await;
    // By an event that makes no run.
    let case = shown(&mut rig).await;
    let mut event = payload::push("octo", &case.repo, &case.sha);
    event["repository"]["private"] = json!(true);
    event["action"] = json!("privatized");
    assert_eq!(rig.api().deliver("repository", &event).await.0, StatusCode::ACCEPTED);
    rig.is_hidden(&case, "SUCCEEDED").await;
    // Public again: new runs only, and once the fetch has borne it out.
    let mut repo = TestRepo::create(rig.server.setting.git.root(), "octo", &format!("{}x", case.repo));
    let sha = repo.commit(&[("README.md", "all may read\n")]);
    let root = rig.server.setting.git.root().join("octo");
    std::fs::remove_dir_all(root.join(format!("{}.git", case.repo))).unwrap();
    std::fs::rename(root.join(format!("{}x.git", case.repo)), root.join(format!("{}.git", case.repo))).unwrap();
    let again = rig.push_again("a push of what is public again", ("octo", &case.repo, "main", &sha), Some(false)).await;
    assert_eq!(rig.api().get(&format!("/api/ci/runs/{}", again.id)).await.0, StatusCode::NOT_FOUND);
    rig.tick(&again, async || {}).await;
    rig.is_shown(&again, "SUCCEEDED").await;
    assert_eq!(rig.api().get(&format!("/api/ci/runs/{}", case.id)).await.0, StatusCode::NOT_FOUND);
    // By branches that can only be listed with the token.
    let case = rig.push("a run of what is private since", "private", Some(false), false).await;
    rig.tick(&case, async || {}).await;
    let mut probe = rig.server.probe().await;
    probe.execute("update ci_runs set private = false").await;
    probe.execute("update ci_privacy set private = false").await;
    rig.is_shown(&case, "SUCCEEDED").await;
    let body = json!({ "owner": case.owner, "repo": case.repo });
    let look = rig.api().request("POST", "/api/ci/reconcile").bearer_auth("t0ken").json(&body);
    assert_eq!(answer(look.send().await.unwrap()).await.0, StatusCode::OK);
    rig.is_hidden(&case, "SUCCEEDED").await;
    rig.server.stop_and_check().await;
}

async fn a_retry_is_hidden_as_its_run_was(backend: Backend) {
    let Some(mut rig) = Rig::start(backend).await else { return };
    let case = rig.push("a push of a private repository", "octo", Some(true), true).await;
    rig.tick(&case, async || {}).await;
    let retry = rig.api().request("POST", &format!("/api/ci/runs/{}/retry", case.id)).bearer_auth("t0ken");
    let (_, retried) = answer(retry.send().await.unwrap()).await;
    let case = Case { id: retried["run_id"].as_str().unwrap().to_owned(), what: "its retry".into(), ..case };
    rig.is_hidden_to_its_end(&case, "FAILED").await;
    rig.server.stop_and_check().await;
}

on_both_databases! {
    what_is_private_does_not_exist_for_strangers,
    what_the_forge_refuses_to_strangers_is_hidden_once_it_has,
    a_repository_that_turns_private_takes_its_old_runs_with_it,
    a_retry_is_hidden_as_its_run_was,
}
