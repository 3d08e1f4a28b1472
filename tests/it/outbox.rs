//! What is said at the forge: a status for each commit, and one comment for each pull request, which follows it.

mod faults;
mod kill;

use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::hub::{Hub, OURSELVES, WRITE_TOKEN};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

const PULL: i64 = 7;

const ROUTES: &str = "const router = require('express').Router();\nrouter.get('/:id', (req, res) => res.json({}));\nrouter.post('/', (req, res) => res.end());\nmodule.exports = router;\n";

fn routes(more: &str) -> String {
    ROUTES.replace("module.exports", &format!("{more}\nmodule.exports"))
}

/// A setting that writes to a forge, and a repository.
struct Stage {
    hub: Hub,
    repo: TestRepo,
    base: String,
}

impl Stage {
    async fn set(backend: Backend) -> Option<(Self, Setting)> {
        let setting = Setting::new(backend).await?;
        let hub = Hub::start(payload::number("octo", "shop")).await;
        let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
        let base = repo.commit(EXPRESS_APP);
        let setting = setting
            .with("GITHUB_WRITE_TOKEN", WRITE_TOKEN)
            .with("GITHUB_API_URL", hub.url.clone())
            .with("CI_PUBLIC_URL", "https://ci.example.com/");
        Some((Self { hub, repo, base }, setting))
    }

    /// With a server that knows the base.
    async fn start(backend: Backend) -> Option<(Self, TestServer)> {
        let (stage, setting) = Self::set(backend).await?;
        let server = setting.start().await;
        server.client.deliver("push", &payload::moved(&"0".repeat(40), &stage.base)).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        Some((stage, server))
    }

    /// A commit of the pull request, which the forge knows.
    fn commit(&mut self, files: &[(&str, &str)]) -> String {
        let head = self.repo.commit_on("feature", files);
        self.hub.pull(PULL, &head, &self.base);
        head
    }

    fn event(&self, head: &str) -> Value {
        let mut event = payload::pull_request("octo", "shop", head);
        event["pull_request"]["base"]["sha"] = json!(self.base);
        event
    }

    /// A commit, its event, and a tick.
    async fn push(&mut self, server: &TestServer, files: &[(&str, &str)]) -> String {
        let head = self.commit(files);
        server.client.deliver("pull_request", &self.event(&head)).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        head
    }
}

async fn a_pull_request_has_one_comment_which_follows_it(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let pay = routes("router.delete('/:id', (req, res) => pay(process.env.STRIPE_KEY));");
    let first = stage.push(&server, &[("routes/items.js", &pay)]).await;
    let [comment] = &stage.hub.ours()[..] else { panic!("{:?}", stage.hub.ours()) };
    for part in [
        "### Before you deploy",
        "`STRIPE_KEY`",
        "documented nowhere",
        "| new | endpoint `DELETE /api/items/{id}` | [`routes/items.js:4`]",
        &format!("/octo/shop/blob/{first}/routes/items.js#L4"),
        "[The whole dossier](https://ci.example.com/runs/",
    ] {
        assert!(comment.contains(part), "{part} is not in:\n{comment}");
    }
    assert_eq!(stage.hub.state().said(&first), ["pending", "success"]);
    let at = stage.hub.state().statuses.last().unwrap().clone();
    assert_eq!(at.2, "read; 1 thing to look at before it is deployed");
    assert!(at.3.as_str().unwrap().starts_with("https://ci.example.com/runs/"), "{at:?}");

    for n in 0..4 {
        stage.push(&server, &[("routes/items.js", &pay), ("notes.txt", &format!("{n}"))]).await;
    }
    assert_eq!(stage.hub.ours().len(), 1, "five pushes, one comment");
    let posted =
        |hub: &Hub| hub.asked().iter().filter(|one| one.starts_with("POST") && one.contains("/issues/")).count();
    assert_eq!(posted(&stage.hub), 1);

    // What it did is taken back.
    stage.push(&server, &[("routes/items.js", ROUTES)]).await;
    assert_eq!(stage.hub.ours(), Vec::<String>::new());
    server.stop_and_check().await;
}

async fn nothing_to_say_is_not_said(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let moved = ROUTES.replace("(req, res)", "(request, response)").replace("res.", "response.");
    let head = stage.push(&server, &[("routes/items.js", &moved)]).await;
    assert_eq!(stage.hub.ours(), Vec::<String>::new());
    assert_eq!(stage.hub.state().said(&head), ["pending", "success"]);
    let asked = stage.hub.asked();
    assert!(asked.iter().all(|one| !one.contains("/comments")), "nobody looks for what never was: {asked:?}");
    let before = asked.len();
    server.client.tick().await;
    assert_eq!(stage.hub.asked().len(), before, "nor again");
    server.stop_and_check().await;
}

async fn nothing_is_sent_by_the_webhook_and_nothing_without_a_token(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    let server = setting.start().await;
    let head = stage.commit(&[("routes/items.js", &routes("router.delete('/:id', (req, res) => res.end());"))]);
    server.client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    server.client.deliver("pull_request", &stage.event(&head)).await;
    assert_eq!(stage.hub.asked(), Vec::<String>::new());
    let setting = server.stop_and_check().await;
    let server = setting.with("GITHUB_WRITE_TOKEN", "").start().await;
    for _ in 0..3 {
        server.client.tick().await;
    }
    server.client.deliver("push", &payload::push_to("other", "octo", "shop", &head)).await;
    server.client.tick().await;
    assert_eq!(stage.hub.asked(), Vec::<String>::new());
    let written = "select count(*) from ci_outbox";
    assert_eq!(server.probe().await.number(written).await, 2, "what was written before waits");
    server.stop_and_check().await;
}

async fn a_pull_request_that_came_to_a_commit_with_a_dossier_has_its_comment(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let head = stage.commit(&[("routes/items.js", &routes("router.delete('/:id', (req, res) => res.end());"))]);
    let mut push = payload::push_to("feature", "octo", "shop", &head);
    push["before"] = json!(stage.base);
    server.client.deliver("push", &push).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    assert_eq!(stage.hub.ours(), Vec::<String>::new(), "there is no pull request");
    let (_, answer) = server.client.deliver("pull_request", &stage.event(&head)).await;
    assert_eq!(answer["deduplicated"], json!(true));
    server.client.tick().await;
    assert!(stage.hub.ours()[0].contains("DELETE /api/items/{id}"), "{:?}", stage.hub.ours());
    // The same event again changes nothing.
    server.client.deliver("pull_request", &stage.event(&head)).await;
    server.client.tick().await;
    assert_eq!(stage.hub.ours().len(), 1);
    server.stop_and_check().await;
}

/// What the base branch got meanwhile is not taken away by a pull request that does not have it.
async fn a_pull_request_is_compared_with_where_it_started(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let head = stage.commit(&[("routes/items.js", &routes("router.delete('/:id', (req, res) => res.end());"))]);
    let later =
        stage.repo.commit_on("main", &[("routes/items.js", &routes("router.put('/:id', (req, res) => res.end());"))]);
    server.client.deliver("push", &payload::push("octo", "shop", &later)).await;
    server.client.tick().await;
    stage.hub.state().pulls.get_mut(&PULL).unwrap().base = later.clone();
    let mut event = stage.event(&head);
    event["pull_request"]["base"]["sha"] = json!(later);
    server.client.deliver("pull_request", &event).await;
    server.client.tick().await;
    let [comment] = &stage.hub.ours()[..] else { panic!("{:?}", stage.hub.ours()) };
    assert!(comment.contains("DELETE /api/items/{id}") && !comment.contains("PUT"), "{comment}");

    // A commit of which there is no dossier: rather nothing than something wrong.
    let nowhere = "9".repeat(40);
    stage.hub.state().pulls.get_mut(&PULL).unwrap().start = nowhere;
    stage.hub.state().comments.clear();
    server.client.deliver("pull_request", &event).await;
    server.client.tick().await;
    assert_eq!(stage.hub.ours(), Vec::<String>::new());
    server.stop_and_check().await;
}

async fn what_people_do_to_the_comment_is_borne(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let more = |n: usize| routes(&format!("router.delete('/{n}', (req, res) => res.end());"));
    stage.hub.state().comment(PULL, 5, "<!-- ci-feed: the comment of this pull request -->\nno, mine");
    for n in 0..60 {
        stage.hub.state().comment(PULL, 6, &format!("I say {n}"));
    }
    stage.push(&server, &[("routes/items.js", &more(1))]).await;
    let ours = |stage: &Stage| stage.hub.ours();
    assert_eq!(ours(&stage).len(), 1);
    // Edited, marker and all.
    stage.hub.state().comments.iter_mut().find(|one| one.author == OURSELVES).unwrap().body = "nonsense".to_owned();
    stage.push(&server, &[("routes/items.js", &more(2))]).await;
    assert!(ours(&stage).len() == 1 && ours(&stage)[0].contains("DELETE /api/items/2"), "{:?}", ours(&stage));
    // Deleted.
    stage.hub.state().comments.retain(|one| one.author != OURSELVES);
    stage.push(&server, &[("routes/items.js", &more(3))]).await;
    assert!(ours(&stage).len() == 1 && ours(&stage)[0].contains("DELETE /api/items/3"), "{:?}", ours(&stage));
    let others = stage.hub.state().comments.iter().filter(|one| one.author != OURSELVES).count();
    assert_eq!(others, 61, "other people's are theirs");
    // Another database knows nothing of it, and finds it.
    server.probe().await.execute("delete from ci_outbox").await;
    stage.push(&server, &[("routes/items.js", &more(4))]).await;
    assert!(ours(&stage).len() == 1 && ours(&stage)[0].contains("DELETE /api/items/4"), "{:?}", ours(&stage));
    server.stop_and_check().await;
}

async fn nothing_is_said_where_it_does_not_belong(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let added = routes("router.delete('/:id', (req, res) => res.end());");
    let head = stage.commit(&[("routes/items.js", &added)]);
    for wrong in ["closed", "moved on", "another repository"] {
        stage.hub.pull(PULL, &head, &stage.base);
        match wrong {
            "closed" => stage.hub.state().pulls.get_mut(&PULL).unwrap().state = "closed",
            "moved on" => stage.hub.state().pulls.get_mut(&PULL).unwrap().head = "8".repeat(40),
            _ => stage.hub.state().repo_id = 1,
        }
        server.client.deliver("pull_request", &stage.event(&head)).await;
        server.client.tick().await;
        assert_eq!(stage.hub.ours(), Vec::<String>::new(), "{wrong}");
    }
    let health = server.client.get("/api/ci/health").await.1["diagnosis"].to_string();
    assert!(health.contains("about octo/shop") && health.contains("another repository has its name"), "{health}");
    // Closed here, too.
    stage.hub.state().repo_id = payload::number("octo", "shop");
    let mut closed = stage.event(&head);
    closed["action"] = json!("closed");
    server.client.deliver("pull_request", &closed).await;
    let before = stage.hub.asked().len();
    server.client.tick().await;
    assert_eq!(stage.hub.asked().len(), before);
    server.stop_and_check().await;
}

async fn each_end_of_a_run_closes_its_status_and_no_commit_has_more_than_three(backend: Backend) {
    let Some((stage, server)) = Stage::start(backend).await else { return };
    let nowhere = "5".repeat(40);
    server.client.deliver("push", &payload::push_to("lost", "octo", "shop", &nowhere)).await;
    for _ in 0..3 {
        server.client.tick().await;
    }
    assert_eq!(stage.hub.state().said(&nowhere), ["pending", "error"]);
    assert_eq!(stage.hub.state().statuses.last().unwrap().2, "not read (COMMIT_NOT_FOUND)");
    // Cancelled while it waits.
    let waiting = "6".repeat(40);
    let (_, run) = server.client.deliver("push", &payload::push_to("wait", "octo", "shop", &waiting)).await;
    let path = format!("/api/ci/runs/{}/cancel", run["run_id"].as_str().unwrap());
    server.client.request("POST", &path).send().await.unwrap();
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&waiting), ["error"]);
    // As often as it is asked for again.
    for _ in 0..4 {
        server.client.enqueue("octo", "shop", &stage.base).await;
        server.client.tick().await;
    }
    assert_eq!(stage.hub.state().said(&stage.base), ["pending", "success"]);
    server.stop_and_check().await;
}

async fn a_status_tells_a_base_that_cannot_be_had_from_none(backend: Backend) {
    for (before, said) in
        [("0", "read; there is nothing to compare it with"), ("5", "read, but not the commit to compare it with")]
    {
        let Some((stage, setting)) = Stage::set(backend).await else { return };
        let server = setting.start().await;
        server.client.deliver("push", &payload::moved(&before.repeat(40), &stage.base)).await;
        server.client.tick().await;
        assert_eq!(stage.hub.state().statuses.last().unwrap().2, said);
        server.stop_and_check().await;
    }
}

/// By the policy of the base: the change may say what it likes.
async fn the_policy_of_the_base_fails_the_check_and_says_what_is_noise(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    let policy = "[check]\nfail = [\"removed-endpoint\"]\nlift-label = \"callers-told\"\n[ignore]\npaths = [\"tryout\"]\n[services]\nroutes = \"routes\"\n";
    stage.base = stage.repo.commit(&[(".ci-feed.toml", policy)]);
    let server = setting.start().await;
    server.client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    server.client.tick().await;
    let example = "const app = require('express')();\napp.get('/example', (req, res) => res.end(process.env.EXAMPLE));\napp.listen(3000);\n";
    let gone = ROUTES.replace("router.post('/', (req, res) => res.end());\n", "");
    let own = ("tryout/a.js", example);
    let head = stage.push(&server, &[("routes/items.js", &gone), own, (".ci-feed.toml", "[check]\nfail = []\n")]).await;
    assert_eq!(stage.hub.state().said(&head), ["pending", "failure"]);
    assert_eq!(stage.hub.state().statuses.last().unwrap().2, "1 by .ci-feed.toml: removed-endpoint");
    let comment = stage.hub.ours().remove(0);
    for part in [
        "- `routes`: Tell its callers: `POST /api/items` is gone",
        "**The check fails** by the base's `.ci-feed.toml`: `removed-endpoint` (1); the label `callers-told` lifts that.",
        "rows are left out",
    ] {
        assert!(comment.contains(part), "{part} is not in:\n{comment}");
    }
    assert!(!comment.contains("/example"), "{comment}");
    // A label lifts it.
    stage.hub.state().pulls.get_mut(&PULL).unwrap().label = "callers-told";
    let mut labeled = stage.event(&head);
    labeled["action"] = json!("labeled");
    let (status, _) = server.client.deliver("pull_request", &labeled).await;
    assert_eq!(status.as_u16(), 202);
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&head), ["pending", "failure", "success"]);
    // What the base already had never fails.
    let other = stage.push(&server, &[("routes/items.js", ROUTES), ("notes.txt", "x")]).await;
    assert_eq!(stage.hub.state().said(&other), ["pending", "success"]);
    server.stop_and_check().await;
}

async fn a_policy_that_says_what_is_not_known_is_said_and_not_guessed(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    stage.base = stage.repo.commit(&[(".ci-feed.toml", "[check]\nfail = [\"@everybody <b>\"]\n")]);
    let server = setting.start().await;
    server.client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    server.client.tick().await;
    let gone = ROUTES.replace("router.post('/', (req, res) => res.end());\n", "");
    let head = stage.push(&server, &[("routes/items.js", &gone)]).await;
    assert_eq!(stage.hub.state().said(&head), ["pending", "success"], "it fails nothing");
    assert!(stage.hub.state().statuses.last().unwrap().2.ends_with("; .ci-feed.toml is not applied"));
    let comment = stage.hub.ours().remove(0);
    let said = "The base's `.ci-feed.toml` is not applied: `line 2: there is no rule \"@everybody <b>\"`.";
    assert!(comment.contains(said), "{comment}");
    server.stop_and_check().await;
}

/// A process of the version before writes nothing down, and a name may change while something waits to be said.
async fn a_run_that_ended_without_a_word_and_a_new_name_are_found_out(backend: Backend) {
    let Some((stage, server)) = Stage::start(backend).await else { return };
    let nowhere = "5".repeat(40);
    server.client.deliver("push", &payload::push_to("lost", "octo", "shop", &nowhere)).await;
    let mut probe = server.probe().await;
    let aside = "update ci_jobs set run_after = '2100-01-01T00:00:00+00:00', turn = null where status = 'READY'";
    probe.execute(aside).await;
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&nowhere), ["pending"]);
    let at = "finished_at = '2026-01-01T00:00:00+00:00'";
    probe.execute(&format!("update ci_jobs set status = 'DEAD', {at} where status = 'READY'")).await;
    let ended = format!("update ci_runs set status = 'FAILED', error_code = 'NETWORK', {at} where status = 'QUEUED'");
    probe.execute(&ended).await;
    let mut renamed = payload::repository("renamed", ("octo", "store", payload::number("octo", "shop")), 1);
    renamed["changes"] = json!({ "repository": { "name": { "from": "shop" } } });
    server.client.deliver("repository", &renamed).await;
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&nowhere), ["pending"], "it is not time to look again");
    probe.time_passes().await;
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&nowhere), ["pending", "error"]);
    assert_eq!(stage.hub.asked().pop().unwrap(), format!("POST /repos/octo/store/statuses/{nowhere}"));
    drop(probe);
    server.stop_and_check().await;
}

async fn deleting_a_repository_closes_what_is_pending(backend: Backend) {
    let Some((stage, server)) = Stage::start(backend).await else { return };
    let nowhere = "5".repeat(40);
    server.client.deliver("push", &payload::push_to("lost", "octo", "shop", &nowhere)).await;
    server
        .probe()
        .await
        .execute("update ci_jobs set run_after = '2100-01-01T00:00:00+00:00', turn = null where status = 'READY'")
        .await;
    server.client.tick().await;
    assert_eq!(stage.hub.state().said(&nowhere), ["pending"]);
    let deleted = server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await.unwrap();
    assert!(deleted.text().await.unwrap().contains("\"done\":true"));
    assert_eq!(stage.hub.state().said(&nowhere), ["pending", "error"]);
    assert_eq!(server.probe().await.number("select count(*) from ci_outbox").await, 0);
    server.stop_and_check().await;
}

on_both_databases! {
    a_pull_request_has_one_comment_which_follows_it,
    nothing_to_say_is_not_said,
    nothing_is_sent_by_the_webhook_and_nothing_without_a_token,
    a_pull_request_that_came_to_a_commit_with_a_dossier_has_its_comment,
    a_pull_request_is_compared_with_where_it_started,
    what_people_do_to_the_comment_is_borne,
    nothing_is_said_where_it_does_not_belong,
    the_policy_of_the_base_fails_the_check_and_says_what_is_noise,
    a_policy_that_says_what_is_not_known_is_said_and_not_guessed,
    each_end_of_a_run_closes_its_status_and_no_commit_has_more_than_three,
    a_status_tells_a_base_that_cannot_be_had_from_none,
    a_run_that_ended_without_a_word_and_a_new_name_are_found_out,
    deleting_a_repository_closes_what_is_pending,
}
