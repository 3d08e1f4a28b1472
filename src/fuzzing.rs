//! What strangers send, handed to the parts that read it: the fuzzer (`crates/fuzz`) sees only what is public. Nothing of
//! the product calls this.

use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::Secret;
use crate::github::{event, signature};
use crate::http;
use crate::worker::output;

/// A signature header and a body. Panics when a signature that is not of this body is believed, or one that is, is not.
pub fn delivery(header: &[u8], body: &[u8]) {
    let secrets = [Secret::new("a secret that no input has")];
    let is_believed = |header: &[u8]| {
        let mut check = signature::Signature::parse(Some(header))?.check(&secrets);
        check.update(body);
        check.finish()
    };
    assert!(is_believed(header).is_err());
    assert!(is_believed(signature::sign(&secrets[0], body).as_bytes()).is_ok());
    for content_type in ["application/json", "application/x-www-form-urlencoded"] {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        if let Ok(payload) = http::webhook::payload(&headers, body) {
            for name in ["push", "pull_request", "deployment_status"] {
                drop(event::parse(name, &payload));
            }
        }
    }
}

/// A document as the page shows it.
pub fn markdown(document: &str) -> String {
    http::markdown::to_html(document)
}

/// The output folder of an external analyzer.
pub fn output(folder: &Path) {
    drop(output::collect(folder, None, String::new()));
}
