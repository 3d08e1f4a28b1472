//! What agents ask: every tool through the official client, in both ways of the protocol; malformed calls; and nothing of what is
//! private.

use reqwest::StatusCode;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

type Agent = RunningService<RoleClient, ()>;

async fn connect(server: &TestServer, lifecycle: ClientLifecycleMode) -> Agent {
    let transport = StreamableHttpClientTransport::from_uri(server.client.url("/mcp"));
    ().serve_with_lifecycle(transport, lifecycle).await.unwrap()
}

/// The structured answer of a tool.
async fn ask(agent: &Agent, tool: &'static str, arguments: Value) -> Value {
    let mut call = CallToolRequestParams::new(tool);
    call.arguments = arguments.as_object().cloned();
    let result = agent.call_tool(call).await.unwrap();
    assert_eq!(result.is_error, Some(false), "{tool}: {result:?}");
    result.structured_content.unwrap()
}

async fn deliver(server: &TestServer, event: &str, payload: &Value) -> String {
    let (_, accepted) = server.client.deliver(event, payload).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    accepted["run_id"].as_str().unwrap().to_owned()
}

/// Whether `path:line` of the answer has this hash in these files.
fn is_cited(files: &[(&str, &str)], fact: &Value) -> bool {
    let (path, line) = fact["at"].as_str().unwrap().rsplit_once(':').unwrap();
    let content = files.iter().find(|(name, _)| *name == path).unwrap().1;
    let line = content.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
    fact["sha256"] == json!(hex::encode(Sha256::digest(line)))
}

async fn an_agent_asks_every_tool_and_gets_lines_that_are_there(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = repo.commit(EXPRESS_APP);
    let more = "module.exports = process.env.STRIPE_KEY;\nif (!process.env.STRIPE_KEY) throw new Error('none');\n";
    let second = repo.commit(&[("pay.js", more)]);
    let server = setting.start().await;
    deliver(&server, "push", &payload::push("octo", "shop", &first)).await;
    deliver(&server, "push", &payload::push("octo", "shop", &second)).await;
    let of_shop = |more: Value| {
        let mut arguments = json!({ "owner": "octo", "repo": "shop" });
        more.as_object().unwrap().iter().for_each(|(name, value)| arguments[name] = value.clone());
        arguments
    };
    let deployment = of_shop(json!({ "environment": "production", "commit_sha": first }));
    let deployed = server.client.request("POST", "/api/ci/deployments").json(&deployment).send().await.unwrap();
    assert_eq!(deployed.status(), StatusCode::OK);

    let preferred_versions = vec![ProtocolVersion::LATEST];
    for lifecycle in [ClientLifecycleMode::Initialize, ClientLifecycleMode::Discover { preferred_versions }] {
        let agent = connect(&server, lifecycle).await;
        let tools = agent.list_all_tools().await.unwrap();
        let names: Vec<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        let expected =
            ["list_repositories", "find_facts", "fact_history", "what_changed", "before_you_deploy", "check_claims"];
        assert_eq!(names, expected);

        let known = ask(&agent, "list_repositories", json!({})).await;
        assert_eq!(known["repositories"][0]["repository"], json!("octo/shop"), "{known}");
        assert_eq!(known["repositories"][0]["facts_of"]["commit"], json!(second));
        let found = ask(&agent, "find_facts", json!({ "kind": "env_var", "key": "DATABASE_URL" })).await;
        assert!(is_cited(EXPRESS_APP, &found["facts"][0]), "{found}");
        let source = &found["sources"]["octo/shop"];
        assert_eq!([&source["commit"], &source["not_read"]["files"]], [&json!(second), &json!(0)], "{found}");
        assert!(source["as_of"].is_string() && found["note"].as_str().unwrap().contains("not instructions"), "{found}");
        let needs = ask(&agent, "find_facts", of_shop(json!({}))).await;
        assert!(needs["facts"].as_array().unwrap().len() > 5, "{needs}");

        let of_key = of_shop(json!({ "kind": "env_var", "key": "STRIPE_KEY" }));
        let history = ask(&agent, "fact_history", of_key).await;
        assert_eq!(history["events"][0]["commit_sha"], json!(second), "{history}");
        assert!(is_cited(&[("pay.js", more)], &history["now"]), "{history}");
        let changed = ask(&agent, "what_changed", of_shop(json!({ "base": first, "head": "main" }))).await;
        assert_eq!(changed["added"][0]["key"], json!("STRIPE_KEY"), "{changed}");
        assert_eq!(changed["head"]["commit_sha"], json!(second));
        let steps = ask(&agent, "before_you_deploy", of_shop(json!({ "head": "main" }))).await;
        assert_eq!(steps["steps"][0]["key"], json!("STRIPE_KEY"), "{steps}");
        let claims = ask(&agent, "check_claims", of_shop(json!({}))).await;
        assert_eq!(claims["commit"], json!(second));
        assert_eq!(claims["claims"]["contradicted"][0]["text"], json!("npm run serve"), "{claims}");

        // What has no answer says what to do; what is no question is refused.
        let mut call = CallToolRequestParams::new("before_you_deploy");
        call.arguments = of_shop(json!({ "head": "main", "environment": "moon" })).as_object().cloned();
        let result = agent.call_tool(call).await.unwrap();
        let said = format!("{:?}", result.content);
        assert!(result.is_error == Some(true) && said.contains("production"), "{said}");
        for (tool, arguments) in [
            ("fly", json!({})),
            ("find_facts", json!({})),
            ("find_facts", json!({ "kind": "env_var", "colour": "red" })),
            ("find_facts", json!({ "kind": "env_var", "key": "a", "match": "regex" })),
            ("fact_history", json!({ "owner": "octo" })),
        ] {
            let mut call = CallToolRequestParams::new(tool);
            call.arguments = arguments.as_object().cloned();
            assert!(agent.call_tool(call).await.unwrap_err().to_string().contains("-32602"), "{tool} {arguments}");
        }
        agent.cancel().await.unwrap();
    }
    server.stop_and_check().await;
}

async fn malformed_calls_are_answered_as_the_protocol_says(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    let send = async |body: &str, headers: &[(&str, &str)]| {
        let mut request = server.client.request("POST", "/mcp");
        if !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body.to_owned()).send().await.unwrap();
        (response.status().as_u16(), serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap_or_default())
    };
    for (body, status, code) in [
        ("{", 400, json!(-32700)),
        ("[]", 400, json!(-32600)),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, 400, json!(-32600)),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, 400, json!(-32600)),
        (r#"{"jsonrpc":"2.0","id":1}"#, 400, json!(-32600)),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400, json!(-32600)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, 400, json!(-32600)),
        (r#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, 200, json!(-32601)),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find_facts","arguments":7}}"#,
            200,
            json!(-32602),
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, 200, json!(null)),
        (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, 202, json!(null)),
    ] {
        let (found, answer) = send(body, &[]).await;
        assert_eq!((found, &answer["error"]["code"]), (status, &code), "{body}: {answer}");
    }
    let ping = r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#;
    let (status, answer) = send(ping, &[("MCP-Protocol-Version", "1999-01-01")]).await;
    assert_eq!((status, &answer["id"], &answer["error"]["code"]), (400, &json!("a"), &json!(-32022)), "{answer}");
    assert_eq!(send(ping, &[("Origin", "https://elsewhere.example")]).await.0, 403, "no other site's page");
    assert_eq!(send(ping, &[("Content-Type", "text/plain")]).await.0, 415);
    assert_eq!(send(&format!("{{\"x\":\"{}\"}}", "y".repeat(70_000)), &[]).await.0, 413);
    assert_eq!(server.client.request("GET", "/mcp").send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let text = server.client.request("GET", "/llms.txt").send().await.unwrap().text().await.unwrap();
    assert!(text.starts_with("# ci-feed\n") && text.contains("/mcp"), "{text}");
    server.stop_and_check().await;
}

async fn an_agent_without_the_token_learns_nothing_of_what_is_private(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with("CI_API_TOKEN", "t0ken");
    let sha = TestRepo::create(setting.git.root(), "octo", "sekret").commit(EXPRESS_APP);
    let server = setting.start().await;
    let mut push = payload::push("octo", "sekret", &sha);
    push["repository"]["private"] = json!(true);
    deliver(&server, "push", &push).await;
    let call = async |tool: &str, arguments: &Value, repo: &str, token: bool| {
        let mut arguments = arguments.clone();
        if arguments.get("repo").is_some() {
            arguments["repo"] = json!(repo);
        }
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
        let request = server.client.request("POST", "/mcp").json(&call);
        let request = if token { request.bearer_auth("t0ken") } else { request };
        request.send().await.unwrap().text().await.unwrap()
    };
    let of_repo = json!({ "owner": "octo", "repo": "" });
    let with = |more: Value| {
        let mut arguments = of_repo.clone();
        more.as_object().unwrap().iter().for_each(|(name, value)| arguments[name] = value.clone());
        arguments
    };
    for (tool, arguments) in [
        ("list_repositories", json!({})),
        ("find_facts", json!({ "kind": "env_var" })),
        ("find_facts", of_repo.clone()),
        ("fact_history", with(json!({ "kind": "env_var", "key": "DATABASE_URL" }))),
        ("what_changed", with(json!({ "base": sha, "head": "main" }))),
        ("before_you_deploy", with(json!({ "head": "main" }))),
        ("check_claims", of_repo.clone()),
    ] {
        let stranger = call(tool, &arguments, "sekret", false).await;
        assert_eq!(stranger, call(tool, &arguments, "nothing", false).await, "{tool}");
        assert!(!stranger.contains("sekret") && !stranger.contains("DATABASE_URL"), "{tool}: {stranger}");
        assert_ne!(stranger, call(tool, &arguments, "sekret", true).await, "{tool}");
    }
    server.stop_and_check().await;
}

on_both_databases! {
    an_agent_asks_every_tool_and_gets_lines_that_are_there,
    malformed_calls_are_answered_as_the_protocol_says,
    an_agent_without_the_token_learns_nothing_of_what_is_private,
}
