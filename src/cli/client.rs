//! Calling a running server, for the subcommands that do.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, Method, RequestBuilder, header};
use serde_json::Value;

use super::{complain, exit};
use crate::config::{Config, Secret};

/// More than health allows itself; a server that hangs is not well.
const GET_TIMEOUT: Duration = Duration::from_secs(10);

/// A running server.
pub(super) struct Server {
    client: Client,
    url: String,
    token: Option<Secret>,
}

/// Why a server did not do what it was asked.
pub(super) struct ServerRefusal {
    /// As the server says it.
    pub(super) error: String,
    pub(super) code: String,
    /// When it may be asked again.
    pub(super) retry_after: Option<Duration>,
}

impl ServerRefusal {
    /// Say why; what is not there is no failure of ours.
    pub(super) fn into_exit_code(self) -> anyhow::Result<i32> {
        if !["NOT_FOUND", "NO_DOSSIER"].contains(&&*self.code) {
            return Err(self.into_error());
        }
        complain(&format!("ci-feed: {}", self.error));
        Ok(exit::NOT_THERE)
    }

    fn into_error(self) -> anyhow::Error {
        anyhow::anyhow!("{} ({})", self.error, self.code)
    }
}

impl Server {
    /// The one at `base`, by default that of this machine's settings.
    pub(super) fn new(base: Option<&str>, config: &Config) -> Self {
        let here = format!("http://127.0.0.1:{}", config.bind.port());
        let url = base.unwrap_or(&here).trim_end_matches('/').to_owned();
        Self { client: Client::new(), url, token: config.api_token.clone() }
    }

    /// POST JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Result<Value, ServerRefusal>> {
        self.call(Method::POST, path, |request| request.json(body)).await
    }

    /// GET JSON of a server that is well.
    pub(super) async fn read(&self, path: &str) -> anyhow::Result<Result<Value, ServerRefusal>> {
        self.call(Method::GET, path, |request| request.timeout(GET_TIMEOUT)).await
    }

    /// DELETE, which needs no body; an error of the server becomes its own sentence.
    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::DELETE, path, |request| request).await?.map_err(ServerRefusal::into_error)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Result<Value, ServerRefusal>> {
        let (answer, retry_after) = self.ask(method, path, with).await?;
        if answer["ok"] == Value::Bool(true) {
            return Ok(Ok(answer));
        }
        let text = |field: &str, default: &str| answer[field].as_str().unwrap_or(default).to_owned();
        Ok(Err(ServerRefusal { error: text("error", "refused"), code: text("code", "unknown"), retry_after }))
    }

    /// GET JSON, whatever it says: also of a server that answers 503.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.ask(Method::GET, path, |request| request.timeout(GET_TIMEOUT)).await?.0)
    }

    /// The answer, and when the server may be asked again.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<(Value, Option<Duration>)> {
        let url = format!("{}{path}", self.url);
        let mut request = with(self.client.request(method, &url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("no ci-feed answers at {url}; start it with ci-feed serve"))?;
        let status = response.status();
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let answer =
            response.json().await.with_context(|| format!("{url} answered {status}, but not as ci-feed does"))?;
        Ok((answer, retry_after))
    }
}

/// POST JSON to the server at `base`; an error of the server becomes its own sentence.
pub(super) async fn post(base: Option<&str>, path: &str, config: &Config, body: &Value) -> anyhow::Result<Value> {
    let answer = Server::new(base, config).post(path, body).await?;
    answer.map_err(ServerRefusal::into_error)
}
