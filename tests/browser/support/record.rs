//! What the browser said and asked for while a test drove it.

use serde_json::Value;

/// The console's words and the requests so far.
pub(super) struct Record {
    base: String,
    console: Vec<String>,
    /// As `METHOD url`.
    requests: Vec<String>,
    /// Words of console lines that the test brought about itself.
    pub(super) expected: Vec<&'static str>,
}

impl Record {
    pub(super) fn new(base: &str) -> Self {
        Self { base: base.to_owned(), console: Vec::new(), requests: Vec::new(), expected: Vec::new() }
    }

    pub(super) fn take_console(&mut self, entries: &Value) {
        for entry in entries.as_array().unwrap() {
            self.console.push(format!("{} {}", entry["level"].as_str().unwrap(), entry["message"].as_str().unwrap()));
        }
    }

    /// The DevTools events, each as JSON in a string.
    pub(super) fn take_performance(&mut self, entries: &Value) {
        for entry in entries.as_array().unwrap() {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let event = &event["message"];
            if event["method"] == "Network.requestWillBeSent" {
                let request = &event["params"]["request"];
                let (method, url) = (request["method"].as_str().unwrap(), request["url"].as_str().unwrap());
                self.requests.push(format!("{method} {url}"));
            }
        }
    }

    /// Every content policy report is a line on the console, too.
    pub(super) fn check(&self) {
        let unexpected: Vec<_> =
            self.console.iter().filter(|line| !self.expected.iter().any(|words| line.contains(words))).collect();
        assert!(unexpected.is_empty(), "the console says: {unexpected:#?}");
        assert!(!self.requests.is_empty(), "the record of requests is empty");
        // What the browser itself shows before the first page is chrome://.
        let foreign = |request: &&String| {
            let url = request.split_once(' ').map_or("", |(_, url)| url);
            let local = ["chrome:", "data:", "blob:", "about:"].iter().any(|scheme| url.starts_with(scheme));
            !local && !url.starts_with(&format!("{}/", self.base))
        };
        let foreign: Vec<_> = self.requests.iter().filter(foreign).collect();
        assert!(foreign.is_empty(), "requests to elsewhere: {foreign:#?}");
    }
}
