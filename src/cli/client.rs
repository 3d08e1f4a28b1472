//! Calling a running server, for the subcommands that do.

use anyhow::Context as _;
use serde_json::Value;

use crate::config::Config;

/// POST JSON to the server at `base`, by default that of this machine's settings; an error of the server becomes its own
/// sentence.
pub(super) async fn post(base: Option<&str>, path: &str, config: &Config, body: &Value) -> anyhow::Result<Value> {
    let here = format!("http://127.0.0.1:{}", config.bind.port());
    let url = format!("{}{path}", base.unwrap_or(&here).trim_end_matches('/'));
    let mut request = reqwest::Client::new().post(&url).json(body);
    if let Some(token) = &config.api_token {
        request = request.bearer_auth(token.expose());
    }
    let response =
        request.send().await.with_context(|| format!("no ci-feed answers at {url}; start it with ci-feed serve"))?;
    let status = response.status();
    let answer: Value =
        response.json().await.with_context(|| format!("{url} answered {status}, but not as ci-feed does"))?;
    if answer["ok"] == Value::Bool(true) {
        return Ok(answer);
    }
    anyhow::bail!(
        "{} ({})",
        answer["error"].as_str().unwrap_or("refused"),
        answer["code"].as_str().unwrap_or("unknown")
    )
}
