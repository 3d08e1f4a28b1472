//! What is answered, and what is refused.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Feed, is_cited, keys, reads};
use crate::support::database::{Backend, on_both_databases};
use crate::support::repo::EXPRESS_APP;

async fn who_reads_a_variable_is_answered_with_the_line_that_does(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let mut store = feed.repo("octo", "store");
    let source = reads(&["DATABASE_URL", "STRIPE_KEY"]);
    let (first, second) = (feed.shop.commit(EXPRESS_APP), store.commit(&[("app.js", &source), ("notes.bin", "\u{1}")]));
    feed.push("shop", &first).await;
    let run = feed.push("store", &second).await;
    let answer = feed.ok("/api/ci/facts?kind=env_var&key=DATABASE_URL").await;
    assert_eq!((&answer["next"], &answer["truncated"]), (&json!(null), &json!(false)));
    let [shop, of_store] = answer["facts"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    let server_js = EXPRESS_APP.iter().find(|(path, _)| *path == "server.js").unwrap().1;
    assert!(is_cited(server_js, shop) && is_cited(&source, of_store), "{answer}");
    let says = |field: &str| of_store[field].clone();
    assert_eq!(says("repo_owner"), json!("octo"));
    assert_eq!([says("repo_name"), says("branch"), says("path")], ["store", "main", "app.js"].map(Value::from));
    assert_eq!([says("commit_sha"), says("run_id")], [json!(second), json!(run)]);
    assert_eq!([says("line"), says("status"), says("pr_number")], [json!(1), json!("EVIDENCED"), json!(null)]);
    assert!(says("as_of").as_str().unwrap().ends_with('Z'), "{answer}");
    let of_run = feed.ok(&format!("/api/ci/runs/{run}")).await["run"]["finished_at"].clone();
    assert_eq!(says("as_of"), of_run);
    let coverage = says("coverage");
    assert_eq!([&coverage["files_seen"], &coverage["partial"]], [&json!(2), &json!(false)], "{coverage}");

    let (shop, store) = (format!("shop@main:{}", &first[..7]), format!("store@main:{}", &second[..7]));
    for (query, expected) in [
        ("kind=env&key=STRIPE_KEY", vec![format!("STRIPE_KEY {store}")]),
        ("kind=env&key=DATABASE&match=exact", vec![]),
        ("kind=env&key=DATABASE&match=prefix", vec![format!("DATABASE_URL {shop}"), format!("DATABASE_URL {store}")]),
        ("kind=env&key=e_u&match=contains", vec![format!("DATABASE_URL {shop}"), format!("DATABASE_URL {store}")]),
        ("kind=env&key=DATABASE_URL&owner=OCTO&repo=Store", vec![format!("DATABASE_URL {store}")]),
        ("kind=env&repo=store", vec![format!("DATABASE_URL {store}"), format!("STRIPE_KEY {store}")]),
        ("kind=env&key=DATABASE_URL&owner=nobody", vec![]),
        (
            "kind=endpoint&key=/api/items&match=contains&attr.framework=express",
            vec![format!("GET /api/items/{{id}} {shop}"), format!("POST /api/items {shop}")],
        ),
        ("kind=endpoint&attr.framework=flask", vec![]),
        ("kind=env&key=PORT&attr.default=3000", vec![format!("PORT {shop}")]),
        ("kind=env&key=100%25_&match=contains", vec![]),
        ("owner=octo&repo=store&branch=main&kind=env&key=STRIPE&match=prefix", vec![format!("STRIPE_KEY {store}")]),
    ] {
        assert_eq!(feed.keys(query).await, expected, "{query}");
    }
    let all = feed.ok("/api/ci/facts?owner=octo&repo=shop&limit=200").await;
    let dossier = feed.ok("/r/octo/shop/latest/dossier.json").await;
    assert_eq!(all["facts"].as_array().unwrap().len(), dossier["facts"].as_array().unwrap().len());
    feed.server.stop_and_check().await;
}

async fn a_list_goes_on_where_it_ended_and_only_there(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let names: Vec<String> = (0..9).map(|n| format!("NAME_{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for repo in ["shop", "store"] {
        let sha = match repo {
            "shop" => feed.shop.commit(&[("app.js", &reads(&names))]),
            _ => feed.repo("octo", repo).commit(&[("app.js", &reads(&names))]),
        };
        feed.push(repo, &sha).await;
    }
    for query in
        ["kind=env", "kind=env&key=AME&match=contains", "owner=octo&repo=shop&kind=env", "owner=octo&repo=store"]
    {
        let whole = feed.ok(&format!("/api/ci/facts?{query}&limit=200")).await;
        assert_eq!(whole["next"], json!(null), "{query}");
        let (mut paged, mut next) = (Vec::new(), String::new());
        loop {
            let page = feed.ok(&format!("/api/ci/facts?{query}&limit=4&before={next}")).await;
            assert!(page["truncated"] == json!(false) && page["facts"].as_array().unwrap().len() <= 4, "{page}");
            paged.extend(keys(&page));
            let Some(place) = page["next"].as_str() else { break };
            next = place.to_owned();
        }
        assert_eq!(paged, keys(&whole), "{query}");
        assert!(paged.len() >= 9, "{paged:?}");
        for changed in [format!("0{next}"), next[1..].to_owned(), next.replace('_', "0_")] {
            let (status, code, error) = feed.refused(&format!("/api/ci/facts?{query}&before={changed}")).await;
            assert_eq!((status, &*code), (400, "INVALID_REQUEST"), "{error}");
        }
        let (status, _, error) = feed.refused(&format!("/api/ci/facts?kind=port&before={next}")).await;
        assert_eq!(status, 400, "a place of another question: {error}");
    }
    feed.server.stop_and_check().await;
}

async fn what_cannot_be_asked_is_refused_with_the_choices(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.shop.commit(EXPRESS_APP);
    let run = feed.push("shop", &sha).await;
    feed.server
        .client
        .deliver("push", &crate::support::payload::push_to("topic", "octo", "shop", &"7".repeat(40)))
        .await;
    for (path, says) in [
        ("/api/ci/facts", "kind is one of endpoint, env_var"),
        ("/api/ci/facts?owner=octo", "owner and repo"),
        ("/api/ci/facts?kind=secret", "is not one of endpoint, env_var"),
        ("/api/ci/facts?kind=env&key=A&match=regex", "is not one of exact, prefix, contains"),
        ("/api/ci/facts?kind=env&colour=red", "is not one of kind, key, match"),
        ("/api/ci/facts?kind=env&kind=port", "given twice"),
        ("/api/ci/facts?kind=env&limit=201", "limit must be"),
        ("/api/ci/facts?kind=env&limit=x", "limit must be"),
        ("/api/ci/facts?kind=env&branch=main", "need owner and repo"),
        ("/api/ci/facts?owner=octo&repo=shop&pr=0", "pr must be"),
        ("/api/ci/facts?owner=octo&repo=shop&pr=7&branch=main", "not both"),
        ("/api/ci/facts?owner=octo&repo=shop&branch=topic", "default branches and open pull requests"),
        ("/api/ci/facts?kind=env&key=a%00b", "NUL"),
        ("/api/ci/facts?kind=env&before=x", "before must be"),
        ("/api/ci/facts/history?owner=octo&repo=shop&kind=env", "missing field"),
        ("/api/ci/facts/history?owner=octo&repo=shop&kind=none&key=A", "is not one of"),
        ("/api/ci/runs/{id}/facts?sort=size", "is not one of kind, key, natural, path"),
        ("/api/ci/runs/{id}/facts?group=size", "is not one of kind, part, path, status"),
        ("/api/ci/runs/{id}/facts?kind=none", "is not one of"),
        ("/api/ci/runs/{id}/facts?before=1", "before must be"),
        ("/api/ci/runs/{id}/facts?status=PROVEN", "is not one of EVIDENCED, INFERRED"),
        ("/api/ci/runs/{id}/facts?from=3&at=x", "before, from or at"),
        ("/api/ci/search?q=", "missing field"),
        ("/api/ci/search?q=%20", "q must be"),
        ("/api/ci/compare?owner=octo&repo=shop&base=main", "missing field"),
    ] {
        let (status, code, error) = feed.refused(&path.replace("{id}", &run)).await;
        assert_eq!((status, &*code), (400, "INVALID_REQUEST"), "{path}: {error}");
        assert!(error.contains(says), "{path}: {error}");
    }
    let (status, code, _) = feed.refused("/api/ci/facts?owner=octo&repo=shop&branch=nowhere").await;
    assert_eq!((status, &*code), (404, "NOT_FOUND"));
    assert_eq!(feed.refused("/api/ci/facts/history?owner=octo&repo=nothing&kind=env&key=A").await.0, 404);
    assert_eq!(feed.keys("owner=octo&repo=nothing&branch=main").await, Vec::<String>::new());
    feed.server.stop_and_check().await;
}

async fn the_facts_of_any_run_come_in_pages(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.shop.commit(EXPRESS_APP);
    let run = feed.push("shop", &sha).await;
    let dossier = feed.ok(&format!("/api/ci/runs/{run}/artifacts/dossier.json")).await;
    let all = feed.ok(&format!("/api/ci/runs/{run}/facts?limit=200&group=kind")).await;
    let facts = all["facts"].as_array().unwrap();
    assert_eq!(all["total"], json!(dossier["facts"].as_array().unwrap().len()));
    assert!(dossier["facts"].as_array().unwrap().iter().all(|fact| facts.contains(fact)), "{all}");
    assert_eq!([&all["commit_sha"], &all["repo_name"], &all["ref"]], [&json!(sha), &json!("shop"), &json!("main")]);
    assert_eq!(all["groups"], dossier["metrics"]["facts_by_kind"]);
    assert_eq!(all["coverage"]["unresolved"], json!(dossier["unresolved"].as_array().unwrap().len()));
    let of = async |query: &str| {
        let answer = feed.ok(&format!("/api/ci/runs/{run}/facts?{query}")).await;
        let keys = answer["facts"].as_array().unwrap().iter().map(|fact| fact["key"].as_str().unwrap().to_owned());
        (keys.collect::<Vec<_>>(), answer)
    };
    assert_eq!(of("kind=env").await.0, ["DATABASE_URL", "PORT"]);
    assert_eq!(of("q=ITEMS").await.0, ["GET /api/items/{id}", "POST /api/items"]);
    assert_eq!(of("q=routes/items&sort=path").await.0, ["GET /api/items/{id}", "POST /api/items"]);
    let (first, page) = of("sort=key&limit=3").await;
    let next = page["next"].as_str().unwrap();
    let (second, _) = of(&format!("sort=key&limit=3&before={next}")).await;
    let mut sorted: Vec<_> = facts.iter().map(|fact| fact["key"].as_str().unwrap().to_owned()).collect();
    sorted.sort();
    assert_eq!([first, second].concat(), sorted[..6]);
    assert_eq!(feed.refused(&format!("/api/ci/runs/{run}/facts?sort=path&limit=3&before={next}")).await.0, 400);
    assert_eq!(feed.refused("/api/ci/runs/00000000-0000-0000-0000-000000000000/facts").await.0, 404);

    // As tables show them: by what a reader parts a kind by, from any row, or where one fact stands.
    assert_eq!(of("kind=endpoint&q=EXPRESS+routes/items").await.0.len(), 2);
    assert_eq!(of("kind=env&group=part").await.1["groups"], json!({ "code_only": 2 }));
    let (routes, parts) = of("kind=endpoint&group=part&sort=natural").await;
    assert_eq!(parts["groups"]["/api/items"], json!(2), "{parts}");
    assert_eq!(of("kind=endpoint&group=part&sort=natural&from=1&limit=1").await.0, routes[1..2]);
    let last = parts["facts"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
    let (found, page) = of(&format!("kind=endpoint&group=part&sort=natural&limit=1&at={last}")).await;
    assert_eq!((&page["from"], found.first()), (&json!(routes.len() - 1), routes.last()));
    assert_eq!(of("kind=endpoint&status=INFERRED").await.1["total"], json!(0));
    let unresolved = feed.ok(&format!("/api/ci/runs/{run}/facts?kind=unresolved")).await;
    assert_eq!(unresolved["facts"], dossier["unresolved"]);
    feed.server.stop_and_check().await;
}

async fn facts_of_another_analyzer_are_not_looked_into(backend: Backend) {
    use crate::support::payload;
    use crate::support::repo::TestRepo;
    use crate::support::server::Setting;

    let Some(setting) = Setting::new(backend).await else { return };
    let fake = "echo '{\"schema\":\"ci-feed.dossier.v1\",\"facts\":[{\"kind\":\"env_var\",\"key\":\"A\"}]}' > \"$2/dossier.json\"";
    let setting = setting.with_analyzer(fake);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("a.js", "")]);
    let server = setting.start().await;
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let (status, answer) = server.client.get("/api/ci/facts?owner=octo&repo=shop").await;
    assert_eq!((status, &answer["facts"]), (StatusCode::OK, &json!([])), "{answer}");
    let history = "/api/ci/facts/history?owner=octo&repo=shop&kind=env&key=A";
    assert_eq!(server.client.get(history).await.0, StatusCode::NOT_FOUND);
    let run = accepted["run_id"].as_str().unwrap();
    assert_eq!(server.client.get(&format!("/api/ci/runs/{run}/facts")).await.0, StatusCode::OK);
    server.stop_and_check().await;
}

on_both_databases! {
    who_reads_a_variable_is_answered_with_the_line_that_does,
    a_list_goes_on_where_it_ended_and_only_there,
    what_cannot_be_asked_is_refused_with_the_choices,
    the_facts_of_any_run_come_in_pages,
    facts_of_another_analyzer_are_not_looked_into,
}
