//! What is answered follows what stands.

use serde_json::json;

use super::{Feed, reads};
use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;

const MAIN: &str = "owner=octo&repo=shop&kind=env";

fn expected(names: &[&str], at: &str, sha: &str) -> Vec<String> {
    names.iter().map(|name| format!("{name} shop@{at}:{}", &sha[..7])).collect()
}

async fn the_newest_commit_of_the_default_branch_speaks_for_the_repository(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.shop.commit(&[("a.js", &reads(&["ALPHA", "BETA"]))]);
    let second = feed.shop.commit(&[("a.js", &reads(&["BETA", "GAMMA"]))]);
    let topic = feed.shop.commit_on("topic", &[("a.js", &reads(&["TOPIC"]))]);
    feed.push("shop", &first).await;
    assert_eq!(feed.keys(MAIN).await, expected(&["ALPHA", "BETA"], "main", &first), "written with its run");
    feed.deliver("push", &payload::push_to("topic", "octo", "shop", &topic)).await;
    assert_eq!(feed.keys(MAIN).await, expected(&["ALPHA", "BETA"], "main", &first));
    feed.push("shop", &second).await;
    assert_eq!(feed.keys(MAIN).await, expected(&["BETA", "GAMMA"], "main", &second));
    // Forced back: the commit has its dossier, and no run is made.
    feed.server.client.deliver("push", &payload::moved(&second, &first)).await;
    feed.come_to(MAIN, &expected(&["ALPHA", "BETA"], "main", &first)).await;
    // A commit that was on another branch first.
    feed.server.client.deliver("push", &payload::moved(&first, &topic)).await;
    feed.come_to(MAIN, &expected(&["TOPIC"], "main", &topic)).await;
    // Another branch is the default one.
    let mut edited = payload::repository("edited", ("octo", "shop", payload::number("octo", "shop")), 1);
    edited["repository"]["default_branch"] = json!("topic");
    feed.server.client.deliver("repository", &edited).await;
    feed.come_to(MAIN, &expected(&["TOPIC"], "topic", &topic)).await;
    feed.server.stop_and_check().await;
}

async fn a_pull_request_has_facts_while_it_is_open(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let base = feed.shop.commit(&[("a.js", &reads(&["ALPHA"]))]);
    let head = feed.shop.commit_on("feature", &[("a.js", &reads(&["ALPHA", "BETA"]))]);
    feed.push("shop", &base).await;
    let mut pull = payload::pull_request("octo", "shop", &head);
    let number = pull["number"].as_i64().unwrap();
    let of_pull = format!("{MAIN}&pr={number}");
    assert_eq!(feed.keys(&of_pull).await, Vec::<String>::new());
    feed.deliver("pull_request", &pull).await;
    let both = expected(&["ALPHA", "BETA"], &format!("#{number}"), &head);
    assert_eq!(feed.keys(&of_pull).await, both);
    assert_eq!(feed.keys("kind=env").await, expected(&["ALPHA"], "main", &base), "it speaks for nobody else");
    pull["action"] = json!("closed");
    pull["pull_request"]["updated_at"] = json!("2039-01-01T00:00:00Z");
    feed.server.client.deliver("pull_request", &pull).await;
    assert_eq!(feed.keys(&of_pull).await, Vec::<String>::new(), "at once");
    let left = async || feed.server.probe().await.number("select count(*) from ci_facts where pull > 0").await;
    feed.come_to(MAIN, &expected(&["ALPHA"], "main", &base)).await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while left().await > 0 {
        assert!(tokio::time::Instant::now() < deadline, "rows of a closed pull request are left");
        feed.server.client.tick().await;
    }
    pull["action"] = json!("reopened");
    pull["pull_request"]["updated_at"] = json!("2039-01-01T01:00:00Z");
    feed.server.client.deliver("pull_request", &pull).await;
    feed.come_to(&of_pull, &both).await;
    feed.server.stop_and_check().await;
}

async fn dossiers_of_before_the_index_are_read_by_and_by(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.shop.commit(&[("a.js", &reads(&["ALPHA", "BETA"]))]);
    let wish = feed.server.client.request("POST", "/api/ci/enqueue").bearer_auth("t0ken");
    let body = json!({ "owner": "octo", "repo": "shop", "ref": "main", "commit_sha": first });
    wish.json(&body).send().await.unwrap();
    feed.server.client.tick().await;
    let unnamed: Vec<_> = ["ALPHA", "BETA"].map(|name| format!("{name} shop@:{}", &first[..7])).into();
    assert_eq!(feed.keys(MAIN).await, unnamed, "nobody said which branch is the default one");
    let mut probe = feed.server.probe().await;
    // Whoever looks right now would end the look that is asked for below.
    while probe.number("select count(*) from ci_fact_looks").await > 0 {
        feed.server.client.tick().await;
    }
    for table in ["ci_facts", "ci_fact_places", "ci_fact_looks"] {
        probe.execute(&format!("delete from {table}")).await;
    }
    assert_eq!(feed.keys(MAIN).await, Vec::<String>::new());
    // As the migration does.
    let now = if backend == Backend::Postgres { "now()" } else { "'2026-01-01T00:00:00+00:00'" };
    let noted = format!(
        "insert into ci_fact_looks (repo_key, marks, asked_at) select distinct owner || '/' || name, 1, {now} from ci_counts"
    );
    probe.execute(&noted).await;
    feed.come_to(MAIN, &unnamed).await;
    feed.server.stop_and_check().await;
}

async fn a_repository_that_turns_private_tells_nobody_of_its_facts(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.shop.commit(&[("a.js", &reads(&["ALPHA", "BETA"]))]);
    let second = feed.shop.commit(&[("a.js", &reads(&["BETA"]))]);
    feed.push("shop", &first).await;
    feed.push("shop", &second).await;
    let history = "/api/ci/facts/history?owner=octo&repo=shop&kind=env&key=ALPHA";
    assert_eq!(feed.ok(history).await["events"][0]["change"], json!("removed"));
    let number = payload::number("octo", "shop");
    let mut privatized = payload::repository("privatized", ("octo", "shop", number), 1);
    privatized["repository"]["private"] = json!(true);
    feed.server.client.deliver("repository", &privatized).await;
    for query in ["kind=env", MAIN, "kind=env&key=BETA", "owner=octo&repo=shop"] {
        assert_eq!(feed.keys(query).await, Vec::<String>::new(), "{query}");
    }
    assert_eq!(feed.refused(history).await.0, 404);
    let found = feed.ok("/api/ci/search?q=env:BETA").await;
    assert_eq!(found["facts"], json!([]));
    assert_eq!(feed.trusted("/api/ci/facts?kind=env").await["facts"].as_array().unwrap().len(), 1);
    // Public again: what it did before stays its own, what it does now is seen.
    let third = feed.shop.commit(&[("a.js", &reads(&["BETA", "GAMMA"]))]);
    feed.push("shop", &third).await;
    feed.come_to("kind=env", &expected(&["BETA", "GAMMA"], "main", &third)).await;
    assert_eq!(feed.ok(history).await["events"], json!([]));
    let of_gamma = feed.ok(&history.replace("ALPHA", "GAMMA")).await;
    assert_eq!(of_gamma["events"][0]["change"], json!("added"), "{of_gamma}");
    assert_eq!(feed.trusted(history).await["events"][0]["change"], json!("removed"));
    feed.server.stop_and_check().await;
}

async fn a_repository_of_another_name_keeps_its_facts(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.shop.commit(&[("a.js", &reads(&["ALPHA"]))]);
    feed.push("shop", &sha).await;
    let mut renamed = payload::repository("renamed", ("octo", "store", payload::number("octo", "shop")), 1);
    renamed["changes"] = json!({ "repository": { "name": { "from": "shop" } } });
    feed.server.client.deliver("repository", &renamed).await;
    let expected = vec![format!("ALPHA store@main:{}", &sha[..7])];
    for query in ["kind=env", "owner=octo&repo=store&kind=env", MAIN, "kind=env&repo=store"] {
        assert_eq!(feed.keys(query).await, expected, "{query}");
    }
    feed.server.stop_and_check().await;
}

on_both_databases! {
    the_newest_commit_of_the_default_branch_speaks_for_the_repository,
    a_pull_request_has_facts_while_it_is_open,
    dossiers_of_before_the_index_are_read_by_and_by,
    a_repository_that_turns_private_tells_nobody_of_its_facts,
    a_repository_of_another_name_keeps_its_facts,
}
