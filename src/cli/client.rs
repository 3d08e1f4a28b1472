//! Calling a running server, for the subcommands that do.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::config::{Config, Secret};

/// A running server.
pub(super) struct Server {
    client: reqwest::Client,
    url: String,
    token: Option<Secret>,
}

/// Why a server did not do what it was asked.
pub(super) struct Refusal {
    /// As the server says it.
    pub(super) error: String,
    pub(super) code: String,
    /// When it may be asked again.
    pub(super) retry_after: Option<Duration>,
}

impl Server {
    /// The one at `base`, by default that of this machine's settings.
    pub(super) fn new(base: Option<&str>, config: &Config) -> Self {
        let here = format!("http://127.0.0.1:{}", config.bind.port());
        let url = base.unwrap_or(&here).trim_end_matches('/').to_owned();
        Self { client: reqwest::Client::new(), url, token: config.api_token.clone() }
    }

    /// POST JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Result<Value, Refusal>> {
        let url = format!("{}{path}", self.url);
        let mut request = self.client.post(&url).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("no ci-feed answers at {url}; start it with ci-feed serve"))?;
        let status = response.status();
        let retry_after = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let answer: Value =
            response.json().await.with_context(|| format!("{url} answered {status}, but not as ci-feed does"))?;
        if answer["ok"] == Value::Bool(true) {
            return Ok(Ok(answer));
        }
        let text = |field: &str, default: &str| answer[field].as_str().unwrap_or(default).to_owned();
        Ok(Err(Refusal { error: text("error", "refused"), code: text("code", "unknown"), retry_after }))
    }
}

/// POST JSON to the server at `base`; an error of the server becomes its own sentence.
pub(super) async fn post(base: Option<&str>, path: &str, config: &Config, body: &Value) -> anyhow::Result<Value> {
    let answer = Server::new(base, config).post(path, body).await?;
    answer.map_err(|Refusal { error, code, .. }| anyhow::anyhow!("{error} ({code})"))
}
