//! A repository is the same whatever it is called: what was known of it stays, and old addresses lead to it. Another one
//! under the same name is another one.

use std::path::PathBuf;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{BINARY, Setting, TestServer, answer};

/// The repository's own summary is the run's.
const PASS_ON: &str = "cp \"$1/summary.json\" \"$2/summary.json\"";

struct Forge {
    server: TestServer,
}

impl Forge {
    async fn new(backend: Backend) -> Option<Self> {
        let setting = Setting::new(backend).await?.with_analyzer(PASS_ON).with("CI_API_TOKEN", "t0ken");
        Some(Self { server: setting.start().await })
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.server.setting.git.root().join(format!("{name}.git"))
    }

    /// A repository with a commit whose dossier says this share.
    fn create(&self, name: &str, dci: f64) -> (TestRepo, String) {
        let (owner, repo) = name.split_once('/').unwrap();
        let mut repo = TestRepo::create(self.server.setting.git.root(), owner, repo);
        let sha = repo.commit(&[("summary.json", &json!({ "metrics": { "dci": dci } }).to_string())]);
        (repo, sha)
    }

    /// The forge gives it another name, of which nobody is told.
    fn rename(&self, from: &str, to: &str) {
        std::fs::create_dir_all(self.folder(to).parent().unwrap()).unwrap();
        std::fs::rename(self.folder(from), self.folder(to)).unwrap();
    }

    async fn deliver(&self, event: &str, payload: &Value) -> Value {
        let (status, answer) = self.server.client.deliver(event, payload).await;
        assert!(status.is_success(), "{answer}");
        answer
    }

    /// A push, and the tick that works on it.
    async fn push(&self, name: &str, number: i64, sha: &str) -> String {
        self.push_at(name, number, sha, None).await
    }

    async fn push_at(&self, name: &str, number: i64, sha: &str, pushed_at: Option<i64>) -> String {
        let (owner, repo) = name.split_once('/').unwrap();
        let mut push = payload::push(owner, repo, sha);
        push["repository"]["id"] = json!(number);
        if let Some(pushed_at) = pushed_at {
            push["repository"]["pushed_at"] = json!(pushed_at);
        }
        let accepted = self.deliver("push", &push).await;
        self.server.client.tick().await;
        accepted["run_id"].as_str().unwrap_or_else(|| panic!("{accepted}")).to_owned()
    }

    /// Deliver the event of a rename; answers the reason that the server gives.
    async fn renamed(&self, from: &str, to: &str, number: i64, hour: u8) -> String {
        let ((before, old), (owner, repo)) = (from.split_once('/').unwrap(), to.split_once('/').unwrap());
        let mut event = payload::repository("renamed", (owner, repo, number), hour);
        event["changes"] = json!({ "repository": { "name": { "from": old } } });
        if before != owner {
            event["action"] = json!("transferred");
            event["changes"] = json!({ "owner": { "from": { "user": { "login": before } } } });
        }
        self.deliver("repository", &event).await["reason"].as_str().unwrap().to_owned()
    }

    /// What a stranger gets under this name: commits of its runs, oldest first, each with the name that its run says.
    async fn runs(&self, name: &str) -> Vec<(String, String)> {
        let (owner, repo) = name.split_once('/').unwrap();
        let path = format!("/api/ci/runs?owner={owner}&repo={repo}");
        let (status, answer) = self.server.client.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let text = |run: &Value, field: &str| run[field].as_str().unwrap().to_owned();
        let run =
            |run: &Value| (text(run, "commit_sha"), format!("{}/{}", text(run, "repo_owner"), text(run, "repo_name")));
        answer["runs"].as_array().unwrap().iter().rev().map(run).collect()
    }

    /// Under this name there are these commits of the repository that is called `now`, the last one with this share, in
    /// every place that has the name in its address.
    async fn leads_to(&self, name: &str, now: &str, commits: &[&str], dci: &str) {
        let runs = self.runs(name).await;
        let expected: Vec<_> = commits.iter().map(|sha| ((*sha).to_owned(), now.to_owned())).collect();
        assert_eq!(runs, expected, "{name}");
        let client = &self.server.client;
        let badge = client.request("GET", &format!("/badge/{name}.svg?metric=dci")).send().await.unwrap();
        let badge = badge.text().await.unwrap();
        assert!(badge.contains(&format!("DCI: {dci}\"")), "{name}: {badge}");
        let (status, latest) = client.get(&format!("/r/{name}/latest/summary.json?ref=main")).await;
        assert_eq!(status, StatusCode::OK, "{name}: {latest}");
        assert_eq!(latest["metrics"]["dci"].as_f64(), dci.parse().ok(), "{name}");
        let (_, trend) = client.get(&format!("/api/ci/repos/{name}/trend?ref=main")).await;
        assert_eq!(trend["points"].as_array().unwrap().len(), commits.len(), "{name}: {trend}");
        assert_eq!(trend["branches"], json!(["main"]), "{name}");
    }

    async fn notes(&self) -> String {
        let health = self.server.client.request("GET", "/api/ci/health").bearer_auth("t0ken").send().await.unwrap();
        let (_, health) = answer(health).await;
        assert_eq!(health["status"], json!("ok"), "none of it keeps the feed from moving: {health}");
        let (_, shown) = self.server.client.get("/api/ci/health").await;
        assert!(!shown["diagnosis"].to_string().contains("octo/"), "strangers are told no names: {shown}");
        health["diagnosis"].to_string()
    }
}

async fn a_renamed_or_transferred_repository_keeps_its_history_and_old_addresses(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    let (mut repo, first) = forge.create("octo/shop", 0.25);
    let second = repo.commit(&[("summary.json", "{\"metrics\":{\"dci\":0.5}}")]);
    forge.push("octo/shop", 7, &first).await;
    let mut probe = forge.server.probe().await;
    let rows = "select repo_owner || '/' || repo_name from ci_runs order by created_at";
    forge.rename("octo/shop", "octo/Store");
    let reason = forge.renamed("octo/shop", "octo/Store", 7, 1).await;
    assert_eq!(reason, "what was octo/shop has another name now, and keeps its history");
    for name in ["octo/shop", "octo/store"] {
        forge.leads_to(name, "octo/Store", &[&first], "0.25").await;
    }
    assert!(forge.notes().await.contains("octo/shop is called octo/Store since"));
    assert_eq!(probe.texts(rows).await, ["octo/shop"], "no run is written anew, however many there are");
    // To another account, of which only the next push tells.
    forge.rename("octo/Store", "acme/Store");
    let mut push = payload::push("acme", "Store", &second);
    push["repository"]["id"] = json!(7);
    push["repository"]["pushed_at"] = json!(2_177_500_000_i64);
    push["before"] = json!(first);
    forge.deliver("push", &push).await;
    assert_eq!(forge.server.client.tick().await["status"], json!("SUCCEEDED"), "fetched by its name now");
    for name in ["octo/shop", "octo/store", "acme/store"] {
        forge.leads_to(name, "acme/Store", &[&first, &second], "0.50").await;
    }
    let (_, repos) = forge.server.client.get("/api/ci/repos").await;
    let one = &repos["repos"][0];
    assert_eq!((&one["owner"], &one["repo"], &one["runs"]), (&json!("acme"), &json!("Store"), &json!(2)), "{repos}");
    assert_eq!(repos["repos"].as_array().unwrap().len(), 1);
    for (query, runs) in [("owner=acme", 2), ("owner=octo", 0), ("repo=store", 2), ("repo=shop", 0)] {
        let (_, found) = forge.server.client.get(&format!("/api/ci/runs?{query}")).await;
        assert_eq!(found["runs"].as_array().unwrap().len(), runs, "{query}: alone it is that of the name now");
    }
    assert_eq!(probe.texts("select distinct repo_owner || '/' || repo_name from ci_runs").await, ["octo/shop"]);
    assert_eq!(probe.texts("select branch || ' ' || head_sha from ci_branches").await, [format!("main {second}")]);
    forge.server.stop_and_check().await;
}

async fn a_run_that_is_repeated_stays_with_its_repository(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    let (_shop, sha) = forge.create("octo/shop", 0.25);
    let mut push = payload::push("octo", "shop", &sha);
    push["repository"]["id"] = json!(7);
    let run = forge.deliver("push", &push).await["run_id"].as_str().unwrap().to_owned();
    let post = async |path: String| {
        let (status, answer) =
            answer(forge.server.client.request("POST", &path).bearer_auth("t0ken").send().await.unwrap()).await;
        assert!(status.is_success(), "{answer}");
    };
    post(format!("/api/ci/runs/{run}/cancel")).await;
    forge.rename("octo/shop", "octo/store");
    forge.renamed("octo/shop", "octo/store", 7, 1).await;
    let (_other, others) = forge.create("octo/shop", 0.75);
    forge.push("octo/shop", 8, &others).await;
    post(format!("/api/ci/runs/{run}/retry")).await;
    assert_eq!(forge.server.client.tick().await["status"], json!("SUCCEEDED"), "fetched by the name now");
    let of = |sha: &str, name: &str| (sha.to_owned(), name.to_owned());
    assert_eq!(forge.runs("octo/store").await, [of(&sha, "octo/store"), of(&sha, "octo/store")]);
    assert_eq!(forge.runs("octo/shop").await, [of(&others, "octo/shop")]);
    forge.server.stop_and_check().await;
}

async fn two_repositories_exchange_their_names(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    let ((_one, first), (_other, second)) = (forge.create("octo/one", 0.25), forge.create("octo/two", 0.75));
    forge.push("octo/one", 1, &first).await;
    forge.push("octo/two", 2, &second).await;
    for (from, to, number, hour) in
        [("octo/one", "octo/aside", 1, 1), ("octo/two", "octo/one", 2, 2), ("octo/aside", "octo/two", 1, 3)]
    {
        forge.renamed(from, to, number, hour).await;
    }
    forge.leads_to("octo/two", "octo/two", &[&first], "0.25").await;
    forge.leads_to("octo/one", "octo/one", &[&second], "0.75").await;
    forge.leads_to("octo/aside", "octo/two", &[&first], "0.25").await;
    // Told in another order it is the same.
    forge.renamed("octo/two", "octo/one", 1, 6).await;
    forge.renamed("octo/one", "octo/aside", 2, 5).await;
    forge.renamed("octo/aside", "octo/two", 2, 7).await;
    forge.leads_to("octo/one", "octo/one", &[&first], "0.25").await;
    forge.leads_to("octo/two", "octo/two", &[&second], "0.75").await;
    assert!(!forge.notes().await.contains("gone"), "each has a name");
    forge.server.stop_and_check().await;
}

async fn a_repository_made_anew_under_a_name_is_another_one(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    for (was_private, is_private) in [(true, false), (false, true)] {
        let name = format!("octo/anew-{was_private}");
        let (owner, repo) = name.split_once('/').unwrap();
        let number = payload::number(owner, repo);
        let (_repo, first) = forge.create(&name, 0.25);
        let mut push = payload::push(owner, repo, &first);
        push["repository"]["private"] = json!(was_private);
        forge.deliver("push", &push).await;
        forge.server.client.tick().await;
        assert_eq!(forge.runs(&name).await.len(), usize::from(!was_private));
        let mut gone = payload::repository("deleted", (owner, repo, number), 1);
        gone["repository"]["private"] = json!(was_private);
        let reason = forge.deliver("repository", &gone).await["reason"].to_string();
        assert!(reason.contains("gone at the forge; what is known of it stays"), "{reason}");
        assert!(forge.notes().await.contains(&format!("{name} is gone at the forge")));
        assert_eq!(forge.runs(&name).await.len(), usize::from(!was_private), "its history is found by its name");

        std::fs::remove_dir_all(forge.folder(&name)).unwrap();
        let (_anew, second) = forge.create(&name, 0.75);
        let mut push = payload::push(owner, repo, &second);
        push["repository"]["id"] = json!(number + 1);
        push["repository"]["private"] = json!(is_private);
        let made = forge.deliver("push", &push).await;
        assert_eq!(made["deduplicated"], json!(false));
        forge.server.client.tick().await;
        let shown = forge.runs(&name).await;
        let expected: Vec<_> = (!is_private).then(|| (second.clone(), name.clone())).into_iter().collect();
        assert_eq!(shown, expected, "strangers see what is public, of the one that has the name");
        let (_, feed) = forge.server.client.get("/api/ci/runs?limit=200").await;
        assert_eq!(
            feed.to_string().contains(&first),
            !was_private,
            "what was hidden stays hidden, what was shown shown"
        );
        assert!(forge.notes().await.contains(&format!("{name} has no name any more, another repository took it")));
        let of_it = format!("/api/ci/runs?owner={owner}&repo={repo}");
        let runs = forge.server.client.request("GET", &of_it).bearer_auth("t0ken").send().await.unwrap();
        assert_eq!(answer(runs).await.1["runs"].as_array().unwrap().len(), 1, "nothing is inherited");
    }
    forge.server.stop_and_check().await;
}

async fn what_arrives_late_or_says_less_gives_no_name_back(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    let (mut repo, first) = forge.create("octo/shop", 0.25);
    let second = repo.commit(&[("summary.json", "{\"metrics\":{\"dci\":0.5}}")]);
    forge.push("octo/shop", 7, &first).await;
    forge.rename("octo/shop", "octo/store");
    forge.renamed("octo/shop", "octo/store", 7, 5).await;
    // A push of before, under the old name, and the rename once more.
    forge.push("octo/shop", 7, &second).await;
    let reason = forge.renamed("octo/depot", "octo/shop", 7, 1).await;
    assert!(reason.contains("came too late"), "{reason}");
    forge.leads_to("octo/shop", "octo/store", &[&first, &second], "0.50").await;
    // Another spelling is the same name, shown as the forge spells it now.
    forge.renamed("octo/store", "octo/Store", 7, 6).await;
    forge.leads_to("octo/store", "octo/Store", &[&first, &second], "0.50").await;
    let (_, asked) = forge.create("octo/wished", 0.75);
    let body = json!({ "owner": "octo", "repo": "wished", "commit_sha": asked });
    answer(
        forge.server.client.request("POST", "/api/ci/enqueue").bearer_auth("t0ken").json(&body).send().await.unwrap(),
    )
    .await;
    forge.server.client.tick().await;
    // Known by its name alone until it is renamed.
    let reason = forge.renamed("octo/wished", "octo/granted", 9, 1).await;
    assert!(reason.contains("keeps its history"), "{reason}");
    assert_eq!(forge.runs("octo/granted").await, [(asked.clone(), "octo/granted".to_owned())]);
    assert_eq!(forge.runs("octo/wished").await.len(), 1);
    // Nothing is known of these, and nothing is made of it.
    assert!(forge.renamed("octo/no", "octo/nothing", 99, 1).await.contains("not known here"));
    for action in ["deleted", "archived", "edited", "publicized"] {
        let said = forge.deliver("repository", &payload::repository(action, ("octo", "nothing", 98), 1)).await;
        assert!(said["reason"].as_str().unwrap().contains("is not known here"), "{said}");
    }
    let archived = forge.deliver("repository", &payload::repository("archived", ("octo", "Store", 7), 7)).await;
    assert_eq!(archived["reason"], json!("the repository was archived; its history stays"));
    let starred = forge.deliver("repository", &payload::repository("starred", ("octo", "Store", 7), 7)).await;
    assert!(starred["reason"].as_str().unwrap().contains("changes nothing here"), "{starred}");
    assert_eq!(forge.server.probe().await.number("select count(*) from ci_repos").await, 2);
    // Without a number, as other forges send it, a name is what it is.
    let mut push = payload::push("octo", "other", &"5".repeat(40));
    push["repository"]["id"] = json!("none");
    forge.deliver("push", &push).await;
    push["repository"]["name"] = json!("another");
    push["repository"]["full_name"] = json!("octo/another");
    push["after"] = json!("6".repeat(40));
    forge.deliver("push", &push).await;
    assert_eq!((forge.runs("octo/other").await.len(), forge.runs("octo/another").await.len()), (1, 1));
    while forge.server.client.tick().await["processed"] == json!(true) {}
    forge.server.stop_and_check().await;
}

async fn a_name_that_another_repository_had_is_taken_from_it(backend: Backend) {
    let Some(forge) = Forge::new(backend).await else { return };
    let ((_one, first), (mut other, second)) = (forge.create("octo/one", 0.25), forge.create("octo/two", 0.75));
    let third = other.commit(&[("summary.json", "{\"metrics\":{\"dci\":1.0}}")]);
    forge.push("octo/one", 1, &first).await;
    forge.push("octo/two", 2, &second).await;
    forge.renamed("octo/one", "octo/two", 1, 1).await;
    forge.leads_to("octo/two", "octo/two", &[&first], "0.25").await;
    forge.leads_to("octo/one", "octo/two", &[&first], "0.25").await;
    let notes = forge.notes().await;
    assert!(notes.contains("ci-feed delete octo/two --id 2 --yes"), "{notes}");
    // It was renamed too, which is told later.
    forge.rename("octo/two", "octo/three");
    forge.push_at("octo/three", 2, &third, Some(2_177_500_000)).await;
    forge.leads_to("octo/three", "octo/three", &[&second, &third], "1.00").await;
    assert!(!forge.notes().await.contains("another repository took it"));
    let mut doctor = std::process::Command::new(BINARY);
    let doctor = doctor.args(["doctor", "--json"]).env_clear().env("PATH", crate::support::path_variable());
    let doctor = doctor.env("DATABASE_URL", &forge.server.setting.database.url).output().unwrap();
    let report: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let said = report["repositories"].to_string();
    assert!(said.contains("octo/one is called octo/two since"), "{report}");
    forge.server.stop_and_check().await;
}

async fn what_leaves_the_allowlist_is_known_by_its_new_name_and_makes_no_more_runs(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(PASS_ON).with("CI_API_TOKEN", "t0ken").with("CI_REPO_ALLOWLIST", "octo/*");
    let forge = Forge { server: setting.start().await };
    let (_repo, first) = forge.create("octo/shop", 0.25);
    forge.push("octo/shop", 7, &first).await;
    forge.renamed("octo/shop", "acme/shop", 7, 1).await;
    forge.leads_to("octo/shop", "acme/shop", &[&first], "0.25").await;
    let mut push = payload::push("acme", "shop", &"5".repeat(40));
    push["repository"]["id"] = json!(7);
    let refused = forge.deliver("push", &push).await;
    assert!(refused["reason"].as_str().unwrap().contains("not in CI_REPO_ALLOWLIST"), "{refused}");
    forge.server.stop_and_check().await;
}

on_both_databases! {
    what_leaves_the_allowlist_is_known_by_its_new_name_and_makes_no_more_runs,
    a_renamed_or_transferred_repository_keeps_its_history_and_old_addresses,
    a_run_that_is_repeated_stays_with_its_repository,
    two_repositories_exchange_their_names,
    a_repository_made_anew_under_a_name_is_another_one,
    what_arrives_late_or_says_less_gives_no_name_back,
    a_name_that_another_repository_had_is_taken_from_it,
}
