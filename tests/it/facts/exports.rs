//! A run's dossier in the forms of others.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::Feed;
use crate::support::database::{Backend, on_both_databases};

const SOURCE: &str = "const express = require('express');\nconst app = express();\napp.get('/items/:id', (req, res) => res.json({}));\nexports.port = process.env.PORT || 3000;\nexports.name = process.env.SHOP_NAME || 'the \"shop\" & $sons';\nif (!process.env.STRIPE_KEY) throw new Error('no key');\n";

async fn a_run_is_exported_in_the_forms_of_others(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let package = "{ \"name\": \"shop\", \"dependencies\": { \"express\": \"^5.0.0\" } }\n";
    let sha = feed.shop.commit(&[("app.js", SOURCE), ("package.json", package)]);
    let run = feed.push("shop", &sha).await;
    let get = async |name: &str| {
        let path = format!("/api/ci/runs/{run}/export/{name}");
        let response = feed.server.client.request("GET", &path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let media = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let tag = response.headers()[header::ETAG].clone();
        let again = feed.server.client.request("GET", &path).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{name}");
        (media, response.text().await.unwrap())
    };
    let (media, openapi) = get("openapi.json").await;
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    assert!(media.starts_with("application/vnd.oai.openapi+json"), "{media}");
    assert_eq!(openapi["paths"]["/items/{id}"]["get"]["x-ci-feed-evidence"]["path"], json!("app.js"));
    assert_eq!((&openapi["info"]["title"], &openapi["info"]["version"]), (&json!("octo/shop"), &json!(sha)));
    let (_, sbom) = get("sbom.cdx.json").await;
    let sbom: Value = serde_json::from_str(&sbom).unwrap();
    assert_eq!(sbom["components"][0]["purl"], json!("pkg:npm/express"));
    let (media, csv) = get("facts.csv").await;
    assert!(media.starts_with("text/csv") && csv.contains("\r\nenv_var,STRIPE_KEY,EVIDENCED,app.js,6,6,"), "{csv}");

    let (_, env) = get("env.example").await;
    let read = |text: &str| -> Vec<(String, String)> {
        dotenvy::from_read_iter(text.as_bytes()).map(Result::unwrap).collect()
    };
    assert_eq!(read(&env), [("STRIPE_KEY".to_owned(), String::new())], "what is not needed is a comment: {env}");
    let set = env.replace("# PORT", "PORT").replace("# SHOP_NAME", "SHOP_NAME");
    let defaults = read(&set);
    for (name, value) in [("PORT", "3000"), ("SHOP_NAME", "the \"shop\" & $sons")] {
        assert!(defaults.contains(&(name.to_owned(), value.to_owned())), "{name}: {env}");
    }

    for (path, status) in [
        (format!("/api/ci/runs/{run}/export/nothing.txt"), 404),
        ("/api/ci/runs/00000000-0000-0000-0000-000000000000/export/openapi.json".to_owned(), 404),
    ] {
        assert_eq!(feed.refused(&path).await.0, status, "{path}");
    }
    feed.server.stop_and_check().await;
}

on_both_databases! {
    a_run_is_exported_in_the_forms_of_others,
}
