//! What a dossier says beside its facts, in parts that a page can take.

use serde_json::{Value, json};

use super::Feed;
use crate::support::database::{Backend, on_both_databases};
use crate::support::repo::EXPRESS_APP;

/// Commands, of which two are not there, a dead link, and a file that no rule reads.
const README: &str = "# shop\n\n```sh\nnpm install\nnpm run dev\nnpm run serve\n```\n\nNeeds `DATABASE_URL`. See [more](docs/more.md).\n";

async fn what_a_dossier_states_comes_in_pages_and_by_what_it_is_chosen_by(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    feed.shop.commit(EXPRESS_APP);
    let sha = feed.shop.commit(&[("README.md", README), ("logo.png", "\0not a picture")]);
    let run = feed.push("shop", &sha).await;
    let dossier = feed.ok(&format!("/api/ci/runs/{run}/artifacts/dossier.json")).await;
    let of = async |part: &str| feed.ok(&format!("/api/ci/runs/{run}/{part}")).await;
    let rows = |answer: &Value, name: &str| answer[name].as_array().unwrap().clone();

    let rest = of("dossier").await;
    for part in ["analyzer", "subject", "metrics", "unknowns"] {
        assert_eq!(rest[part], dossier[part], "{part}");
    }
    assert_eq!([&rest["commit_sha"], &rest["repo_name"], &rest["ref"]], [&json!(sha), &json!("shop"), &json!("main")]);
    assert_eq!(rest["coverage"]["languages"], dossier["coverage"]["languages"]);
    assert_eq!(rest["coverage"].get("unread"), None);
    let unread = rows(&dossier["coverage"], "unread");
    assert_eq!(rest["unread_files"], json!(unread.len()));
    assert!(unread.len() == rows(&rest, "unread").len() && rest["unread"][0]["path"].is_string(), "{rest}");
    assert_eq!(rest["frameworks"], json!([]));

    let claims = of("claims").await;
    let all = rows(&dossier, "claims");
    assert_eq!(claims["total"], json!(all.len()));
    assert!(rows(&claims, "claims").len() == all.len() && all.iter().all(|one| rows(&claims, "claims").contains(one)));
    assert_eq!(claims["claims"][0]["verdict"], json!("CONTRADICTED"), "{claims}");
    let contradicted = of("claims?verdict=CONTRADICTED").await;
    assert_eq!(contradicted["total"], claims["verdicts"]["CONTRADICTED"]);
    assert_eq!(contradicted["verdicts"], claims["verdicts"], "the numbers are those of all");
    assert_eq!(rows(&of("claims?from=1&limit=2").await, "claims"), rows(&claims, "claims")[1..3]);
    let last = rows(&claims, "claims").pop().unwrap();
    let page = of(&format!("claims?limit=1&at={}", last["id"].as_str().unwrap())).await;
    assert_eq!((&page["from"], &page["claims"][0]), (&json!(all.len() - 1), &last));

    let findings = of("findings").await;
    let all = rows(&dossier, "findings");
    assert!(rows(&findings, "findings").len() == all.len() && all.len() > 1, "{findings}");
    let rules = rows(&findings, "rules");
    assert_eq!(rules.iter().map(|rule| rule["count"].as_u64().unwrap()).sum::<u64>(), all.len() as u64);
    assert!(rules.iter().all(|rule| rule["short"] != json!("") && rule["text"] != json!("")), "{findings}");
    let order: Vec<_> = rows(&findings, "findings").iter().map(|one| one["rule"].clone()).collect();
    let mut together = order.clone();
    together.dedup();
    assert_eq!(together, rules.iter().map(|rule| rule["rule"].clone()).collect::<Vec<_>>());
    let dead = of("findings?rule=dead-relative-link").await;
    assert_eq!((&dead["total"], &dead["rules"]), (&json!(1), &findings["rules"]));
    let notes = of("findings?level=note&limit=1").await;
    assert_eq!(notes["total"], findings["levels"].get("note").cloned().unwrap_or(json!(0)));

    for (path, says) in [
        ("claims?verdict=TRUE", "is not one of CONTRADICTED, UNVERIFIABLE, VERIFIED"),
        ("claims?from=1&at=x", "from or at"),
        ("findings?level=fatal", "is not one of error, warning, note, none"),
        ("findings?limit=201", "limit must be"),
    ] {
        let (status, code, error) = feed.refused(&format!("/api/ci/runs/{run}/{path}")).await;
        assert_eq!((status, &*code), (400, "INVALID_REQUEST"), "{path}: {error}");
        assert!(error.contains(says), "{path}: {error}");
    }
    for part in ["dossier", "claims", "findings"] {
        assert_eq!(feed.refused(&format!("/api/ci/runs/00000000-0000-0000-0000-000000000000/{part}")).await.0, 404);
    }
    feed.server.stop_and_check().await;
}

on_both_databases! {
    what_a_dossier_states_comes_in_pages_and_by_what_it_is_chosen_by,
}
