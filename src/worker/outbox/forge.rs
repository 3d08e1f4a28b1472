//! The forge's API, called with the token that may write.

use std::time::Duration;

use reqwest::{Client, Method, header, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::config::{Config, Secret};
use crate::github::message::{self, MessageFault, Numbered};
use crate::model;

/// Time for one request.
pub(super) const REQUEST_TIME: Duration = Duration::from_secs(5);
/// Largest answer that is read, in bytes: a page of the longest comments.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// Where things are said.
pub(crate) struct Forge {
    client: Client,
    api: String,
    token: Secret,
    /// The forge's number of whom the token belongs to.
    ourselves: OnceCell<i64>,
}

impl Forge {
    /// `None` without a token that may write.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let (token, api) = (config.github_write_token.clone()?, config.github_api_url.clone()?);
        // Whatever has moved is asked for under its new name the next time: a token goes nowhere else.
        let client =
            Client::builder().user_agent("ci-feed").timeout(REQUEST_TIME).redirect(redirect::Policy::none()).build();
        let client = client.inspect_err(|error| tracing::error!(%error, "nothing can be said at the forge")).ok()?;
        Some(Self { client, api, token, ourselves: OnceCell::new() })
    }

    /// Who writes, by the forge's number.
    pub(super) async fn ourselves(&self) -> Result<i64, MessageFault> {
        let ask = async || match self.get::<Numbered>(message::OURSELVES).await {
            Ok(who) => Ok(who.id),
            // The token of a workflow belongs to nobody; it writes as this one.
            Err(MessageFault::Refused(..)) => self.get::<Numbered>(message::WORKFLOWS).await.map(|who| who.id),
            Err(trouble) => Err(trouble),
        };
        self.ourselves.get_or_try_init(ask).await.copied()
    }

    /// Ask for JSON.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, MessageFault> {
        self.call(Method::GET, path, None).await.and_then(|answer| read(&answer))
    }

    /// Write; the answer is for [`read`].
    pub(super) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Vec<u8>, MessageFault> {
        let silent = |_| MessageFault::again("the forge does not answer, or broke off");
        let request = self.client.request(method, format!("{}{path}", self.api));
        let request = request.bearer_auth(self.token.expose()).header(header::ACCEPT, "application/vnd.github+json");
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let mut answer = request.send().await.map_err(silent)?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        if let Some(trouble) = message::trouble(answer.status().as_u16(), header, model::now()) {
            return Err(trouble);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(silent)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER_BYTES {
                return Err(MessageFault::again("the forge's answer has no end"));
            }
        }
        Ok(bytes)
    }
}

/// What an answer says.
pub(super) fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, MessageFault> {
    serde_json::from_slice(answer)
        .map_err(|_| MessageFault::again("the forge's answer is not what its API answers; check GITHUB_API_URL"))
}
