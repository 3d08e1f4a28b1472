//! A server with the built-in analyzer, a repository to push, and a browser that looks at it.

use std::path::Path;

use serde_json::Value;

use super::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

/// The server, the commit of `octo/shop` and the browser.
pub(in crate::browser) struct World {
    pub(in crate::browser) server: TestServer,
    pub(in crate::browser) browser: Browser,
    pub(in crate::browser) sha: String,
}

impl World {
    pub(in crate::browser) async fn new() -> Option<Self> {
        Self::with(|setting| setting).await
    }

    /// The same with more settings; `None` where there is no browser.
    pub(in crate::browser) async fn with(more: impl FnOnce(Setting) -> Setting) -> Option<Self> {
        let setting = more(Setting::new(Backend::Sqlite).await?);
        let sha = shop(setting.git.root());
        let server = setting.start().await;
        let browser = Browser::open(&server.client.base).await?;
        Some(Self { server, browser, sha })
    }

    /// Deliver the push of the shop's commit; answers the run's id.
    pub(in crate::browser) async fn push(&self) -> String {
        self.deliver("push", &payload::push("octo", "shop", &self.sha)).await
    }

    pub(in crate::browser) async fn deliver(&self, event: &str, payload: &Value) -> String {
        let (status, answer) = self.server.client.deliver(event, payload).await;
        assert_eq!(status, 200, "{answer}");
        answer["run_id"].as_str().unwrap().to_owned()
    }

    /// Close the browser and the server, and hold both to what they promise.
    pub(in crate::browser) async fn end(self) {
        self.browser.close().await;
        self.server.stop_and_check().await;
    }
}

const README: &str = "# shop\n\n```sh\nnpm install\nnpm run dev\nnpm run serve\n```\n\nNeeds `DATABASE_URL`.\n";

/// The Express service of the fixtures as `octo/shop`, with a command in its README that is no longer there.
fn shop(root: &Path) -> String {
    let mut shop = TestRepo::create(root, "octo", "shop");
    shop.commit(EXPRESS_APP);
    shop.commit(&[("README.md", README)])
}
