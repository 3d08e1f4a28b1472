//! A browser window under the test's hands. It waits for conditions, never for a time, and it ends only well: a word on
//! the console, a broken content policy, a dialog or a request to another host fails the test.

use std::path::PathBuf;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::driver::{Driver, programs};
use super::record::Record;

/// Longer than any page may take to show what a test waits for: one that is offline asks again after up to 66 s.
const PATIENCE: Duration = Duration::from_secs(100);

/// A browser is several processes; the machine has few cores.
static WINDOWS: Semaphore = Semaphore::const_new(2);

pub(in crate::browser) struct Browser {
    pub(in crate::browser) client: Client,
    pub(super) base: String,
    session: String,
    http: reqwest::Client,
    record: Record,
    // In this order: the driver and its browser go before the folder that they write to.
    _driver: Driver,
    _home: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Browser {
    /// A fresh browser for the server at `base`; `None` where there is no browser, see [`programs`].
    pub(in crate::browser) async fn open(base: &str) -> Option<Self> {
        let programs = programs()?;
        let turn = WINDOWS.acquire().await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let driver = Driver::start(&programs, home.path());
        let capabilities = json!({
            "timeouts": { "script": PATIENCE.as_millis() },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": {
                "binary": programs.chromium,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
                    // Without its driver at the other end of the pipe the browser ends by itself.
                    "--remote-debugging-pipe",
                    "--window-size=1280,900", "--lang=en-US", "--hide-scrollbars",
                    format!("--user-data-dir={}", home.path().join("profile").display()),
                ],
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("written as an object above") };
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let client = client.expect("the browser starts");
        let session = format!("{}/session/{}", driver.url, client.session_id().await.unwrap().unwrap());
        let record = Record::new(base);
        let http = reqwest::Client::new();
        Some(Self { client, base: base.to_owned(), session, http, record, _driver: driver, _home: home, _turn: turn })
    }

    pub(in crate::browser) async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Run a script before any of a page that is opened from now on.
    pub(in crate::browser) async fn before_each_page(&self, source: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }

    /// Press a key where the focus is; [`fantoccini::key::Key`] has those without a letter.
    pub(in crate::browser) async fn press(&self, key: char) {
        self.client.active_element().await.unwrap().send_keys(&key.to_string()).await.unwrap();
    }

    /// Put what the page stores under `key` in place, before any script of a page that is opened from now on.
    pub(in crate::browser) async fn store(&self, key: &str, value: &str) {
        // An artifact that is opened by itself lies in a sandbox and has no storage.
        let script = format!("try {{ localStorage.setItem({}, {}) }} catch {{}}", json!(key), json!(value));
        self.before_each_page(&script).await;
    }

    /// The value of a JavaScript expression.
    pub(in crate::browser) async fn value(&self, expression: &str) -> Value {
        let answer = self.client.execute(&format!("return ({expression})"), Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Wait until the expression is true in JavaScript's sense, and answer it.
    pub(in crate::browser) async fn until(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.value(expression).await;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!("") && value != json!(0) {
                return value;
            }
            if Instant::now() > deadline {
                self.picture("failure").await;
                let text = self.value("document.body.innerText").await;
                panic!("never came true: {expression}; the page says: {text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Wait until the visible text of the page holds these words.
    pub(in crate::browser) async fn until_text(&self, words: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(words))).await;
    }

    /// The visible text of the first element that matches.
    pub(in crate::browser) async fn text(&self, selector: &str) -> String {
        let text = self.until(&format!("document.querySelector({})?.innerText", json!(selector))).await;
        text.as_str().unwrap().to_owned()
    }

    pub(in crate::browser) async fn count(&self, selector: &str) -> u64 {
        self.value(&format!("document.querySelectorAll({}).length", json!(selector))).await.as_u64().unwrap()
    }

    /// Click as a person does: on a link or button that is there, in view and not covered.
    pub(in crate::browser) async fn click(&self, locator: Locator<'_>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_click(locator).await {
                Ok(()) => return,
                Err(error) if Instant::now() > deadline => {
                    self.picture("failure").await;
                    panic!("{locator:?} cannot be clicked: {error}");
                }
                // The page may be drawing it anew this moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn try_click(&self, locator: Locator<'_>) -> Result<(), CmdError> {
        let element: Element = self.client.find(locator).await?;
        element.click().await
    }

    /// A command of the DevTools protocol.
    pub(in crate::browser) async fn devtools(&self, command: &str, params: Value) -> Value {
        self.ask("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    async fn ask(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/{path}", self.session)).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{path} {body}: {answer}");
        answer["value"].clone()
    }

    /// The page as on a screen of this width, in this colour scheme and without motion.
    pub(in crate::browser) async fn look(&self, width: u32, scheme: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({ "media": "", "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
        let applied = format!("innerWidth === {width} && matchMedia('(prefers-color-scheme: {scheme})').matches");
        self.until(&applied).await;
    }

    /// The whole page as a picture in `target/screenshots/`, for people to look at.
    pub(in crate::browser) async fn picture(&self, name: &str) -> PathBuf {
        self.picture_to(name, 6000).await
    }

    /// The same down to there.
    pub(in crate::browser) async fn picture_to(&self, name: &str, height: u32) -> PathBuf {
        let size = format!("[innerWidth, Math.min(document.documentElement.scrollHeight, {height}), innerHeight]");
        let size = self.value(&size).await;
        let metrics =
            |height: &Value| json!({ "width": size[0], "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics(&size[1])).await;
        let png = self.client.screenshot().await.unwrap();
        self.devtools("Emulation.setDeviceMetricsOverride", metrics(&size[2])).await;
        let folder = target().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, png).unwrap();
        path
    }

    /// What this test expects the console to say, and no other may.
    pub(in crate::browser) fn expect_on_console(&mut self, words: &'static str) {
        self.record.expected.push(words);
    }

    async fn read_logs(&mut self) {
        let console = self.ask("se/log", json!({ "type": "browser" })).await;
        self.record.take_console(&console);
        let performance = self.ask("se/log", json!({ "type": "performance" })).await;
        self.record.take_performance(&performance);
    }

    /// End it, and fail if anything was said on the console or asked of another host.
    pub(in crate::browser) async fn close(mut self) {
        self.read_logs().await;
        self.record.check();
        self.client.close().await.unwrap();
    }
}

/// The build's folder.
pub(super) fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder").to_owned()
}
