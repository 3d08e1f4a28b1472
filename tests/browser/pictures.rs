//! The pictures of `docs/screenshots/`, made from a feed as people would have it; names and commits are invented.
//! They land in `target/screenshots/`; whoever changes the page copies them over.

use fantoccini::Locator;
use serde_json::json;

use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::Setting;

/// Owner, repository, branch, pull request, title, author, minutes ago; the files that the commit adds or replaces.
type Push = (
    &'static str,
    &'static str,
    &'static str,
    Option<i64>,
    &'static str,
    &'static str,
    u32,
    &'static [(&'static str, &'static str)],
);

const PUSHES: &[Push] = &[
    (
        "harbour",
        "orders",
        "main",
        None,
        "Orders as an Express service",
        "Mira Okafor",
        190,
        &[
            (
                "README.md",
                "# orders\n\nTakes orders and tells the warehouse.\n\n```sh\nnpm install\nnpm run dev\nnpm test\n```\n\nNeeds `DATABASE_URL`. See [the API](docs/api.md).\n",
            ),
            ("docs/api.md", "# API\n\n`GET /api/orders/{id}` answers one order.\n"),
            (
                "package.json",
                "{\n  \"name\": \"orders\",\n  \"scripts\": {\n    \"dev\": \"node --watch server.js\",\n    \"test\": \"node --test\",\n    \"start\": \"node server.js\"\n  },\n  \"dependencies\": {\n    \"express\": \"^5.1.0\",\n    \"pg\": \"^8.16.0\"\n  }\n}\n",
            ),
            (
                "server.js",
                "const express = require('express');\nconst orders = require('./routes/orders');\n\nconst app = express();\napp.use('/api/orders', orders);\napp.get('/healthz', (req, res) => res.json({ ok: true }));\n\napp.listen(process.env.PORT || 3000);\n",
            ),
            (
                "routes/orders.js",
                "const { Router } = require('express');\nconst { Pool } = require('pg');\n\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\nconst router = Router();\n\nrouter.get('/', async (req, res) => res.json(await pool.query('select * from orders')));\nrouter.get('/:id', async (req, res) => res.json({}));\nrouter.post('/', async (req, res) => res.status(201).end());\n\nmodule.exports = router;\n",
            ),
        ],
    ),
    (
        "harbour",
        "catalog",
        "main",
        None,
        "Serve the catalogue with FastAPI",
        "Jonas Lindqvist",
        128,
        &[
            ("README.md", "# catalog\n\nRun `uvicorn app.main:app`. Set `CATALOG_BUCKET`.\n"),
            (
                "pyproject.toml",
                "[project]\nname = \"catalog\"\nversion = \"1.4.0\"\ndependencies = [\"fastapi>=0.115\", \"uvicorn\"]\n",
            ),
            (
                "app/main.py",
                "import os\n\nfrom fastapi import FastAPI\n\nfrom app.items import router\n\napp = FastAPI()\napp.include_router(router, prefix=\"/items\")\nBUCKET = os.environ[\"CATALOG_BUCKET\"]\n",
            ),
            ("app/__init__.py", ""),
            (
                "app/items.py",
                "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get(\"/{item_id}\")\ndef read(item_id: str):\n    return {}\n\n\n@router.put(\"/{item_id}\")\ndef write(item_id: str):\n    return {}\n",
            ),
        ],
    ),
    (
        "harbour",
        "orders",
        "refunds",
        Some(41),
        "Refund an order within 14 days",
        "Priya Raman",
        64,
        &[
            (
                "routes/refunds.js",
                "const { Router } = require('express');\n\nconst router = Router();\nconst url = process.env.PAYMENT_URL;\n\nrouter.post('/:id/refund', async (req, res) => res.status(202).end());\n\nmodule.exports = router;\n",
            ),
            (
                "server.js",
                "const express = require('express');\nconst orders = require('./routes/orders');\nconst refunds = require('./routes/refunds');\n\nconst app = express();\napp.use('/api/orders', orders);\napp.use('/api/orders', refunds);\napp.get('/healthz', (req, res) => res.json({ ok: true }));\n\napp.listen(process.env.PORT || 3000);\n",
            ),
        ],
    ),
    (
        "harbour",
        "orders",
        "main",
        None,
        "Cancel an order within the hour",
        "Mira Okafor",
        21,
        &[
            (
                "package.json",
                "{\n  \"name\": \"orders\",\n  \"scripts\": {\n    \"watch\": \"node --watch server.js\",\n    \"test\": \"node --test\",\n    \"start\": \"node server.js\"\n  },\n  \"dependencies\": {\n    \"express\": \"^5.1.0\",\n    \"pg\": \"^8.16.0\"\n  }\n}\n",
            ),
            (
                "routes/orders.js",
                "const { Router } = require('express');\nconst { Pool } = require('pg');\n\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\nconst carrier = process.env.CARRIER_URL;\nconst hours = process.env.CANCEL_HOURS || '1';\nconst router = Router();\n\nrouter.get('/', async (req, res) => res.json(await pool.query('select * from orders')));\nrouter.get('/:id', async (req, res) => res.json({}));\nrouter.post('/', async (req, res) => res.status(201).end());\nrouter.delete('/:id', async (req, res) => {\n  await fetch('https://api.parcelwind.example/v2/cancellations', { method: 'POST', body: carrier + hours });\n  res.status(204).end();\n});\n\nmodule.exports = router;\n",
            ),
            (
                "migrations/0002_cancellations.sql",
                "create table cancellations (order_id integer primary key, at timestamptz not null);\n",
            ),
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_of_the_documentation_show_a_real_feed_and_a_real_dossier() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let setting = setting.with("CI_MAX_ATTEMPTS", "1").with("CI_PUBLIC_URL", "https://feed.example");
    let mut orders = TestRepo::create(setting.git.root(), "harbour", "orders");
    let mut catalog = TestRepo::create(setting.git.root(), "harbour", "catalog");
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    let mut latest = String::new();
    for (owner, repo, branch, pull, title, author, minutes, files) in PUSHES {
        let sha = if *repo == "orders" { orders.commit(files) } else { catalog.commit(files) };
        latest = deliver(&server.client, (owner, repo, &sha), branch, *pull, title, author).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        age(&server, &latest, *minutes).await;
    }
    let gone = deliver(
        &server.client,
        ("harbour", "catalog", &"5d0b1e0c".repeat(5)),
        "prices",
        None,
        "Prices in minor units",
        "Jonas Lindqvist",
    )
    .await;
    server.client.tick().await;
    age(&server, &gone, 9).await;

    page.store("ci-feed.tick", "on").await;
    page.look(1280, "light").await;
    page.goto("/feed").await;
    page.until(&format!("document.querySelectorAll('.run').length === {}", PUSHES.len() + 1)).await;
    page.until_text("next tick in").await;
    let feed = page.picture("docs-feed").await;
    page.goto("/").await;
    page.until("document.querySelectorAll('.repo-row [role=img]').length === 2 && document.querySelectorAll('.home-feed .run').length > 3").await;
    let home = page.picture("docs-home").await;
    page.goto(&format!("/runs/{latest}")).await;
    page.until("document.querySelectorAll('.deploy .fact').length > 2").await;
    let deploy = page.picture_to("docs-deploy", 1100).await;
    page.goto(&format!("/runs/{latest}#claims:CONTRADICTED")).await;
    page.click(Locator::Css(".evidence-toggle")).await;
    page.until("document.querySelector('.excerpt')").await;
    let dossier = page.picture("docs-dossier").await;
    for picture in [feed, home, deploy, dossier] {
        let bytes = std::fs::metadata(&picture).unwrap().len();
        assert!((10_000..200_000).contains(&bytes), "{} has {bytes} bytes", picture.display());
    }
    page.close().await;
    server.stop_and_check().await;
}

async fn deliver(
    client: &crate::support::server::Api,
    (owner, repo, sha): (&str, &str, &str),
    branch: &str,
    pull: Option<i64>,
    title: &str,
    author: &str,
) -> String {
    let (event, payload) = if let Some(number) = pull {
        let mut payload = payload::pull_request(owner, repo, sha);
        payload["number"] = json!(number);
        payload["pull_request"]["number"] = json!(number);
        payload["pull_request"]["title"] = json!(title);
        payload["pull_request"]["head"]["ref"] = json!(branch);
        payload["pull_request"]["user"]["login"] = json!(author);
        ("pull_request", payload)
    } else {
        let mut payload = payload::push(owner, repo, sha);
        payload["ref"] = json!(format!("refs/heads/{branch}"));
        payload["head_commit"]["message"] = json!(title);
        payload["head_commit"]["author"] = json!({ "name": author });
        ("push", payload)
    };
    let (_, answer) = client.deliver(event, &payload).await;
    answer["run_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Let a run have happened some minutes ago.
async fn age(server: &crate::support::server::TestServer, run: &str, minutes: u32) {
    let mut probe = server.probe().await;
    let earlier =
        |column: &str| format!("{column} = strftime('%Y-%m-%dT%H:%M:%f+00:00', {column}, '-{minutes} minutes')");
    let run_times = ["created_at", "started_at", "finished_at"].map(earlier).join(", ");
    assert_eq!(probe.execute(&format!("update ci_runs set {run_times} where id = '{run}'")).await, 1);
    let attempt = ["leased_at", "finished_at"].map(earlier).join(", ");
    probe
        .execute(&format!(
            "update ci_attempts set {attempt} where job_id = (select id from ci_jobs where run_id = '{run}')"
        ))
        .await;
}
