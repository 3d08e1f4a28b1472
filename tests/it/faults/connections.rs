//! Group I: clients that hold connections and make no progress. Whoever comes after them is served at once.

use std::time::Duration;

use reqwest::StatusCode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::rig::Rig;
use crate::support::database::Backend;
use crate::support::server::{Api, BinaryServer, Setting};

/// More than the server serves at once.
const HELD: usize = 1_100;

/// What a client sends before it does nothing any more.
const UNFINISHED_HEADERS: &str = "GET /api/ci/health HTTP/1.1\r\nHost: 127.0.0.1\r\n";
const UNFINISHED_BODY: &str = "POST /api/ci/enqueue HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
const UNREAD_ANSWER: &str = "GET /assets/dist/app.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// Asked for again and again, so that the server is always at work on one.
const WORK: &str = "GET /api/ci/runs?limit=200 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// This process holds as many sockets as the server.
fn raise_own_limit() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = 2 * HELD as u64 + 512;
    assert!(limit.maximum.is_none_or(|most| most >= wanted), "the test needs {wanted} open files");
    if limit.current.is_some_and(|current| current < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).unwrap();
    }
}

async fn held(server: &BinaryServer, request: &str, times: usize) -> Vec<TcpStream> {
    let address = server.client.base.strip_prefix("http://").unwrap();
    let mut streams = Vec::new();
    for _ in 0..HELD {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may have hung up on it already.
        let _ = stream.write_all(request.repeat(times).as_bytes()).await;
        streams.push(stream);
    }
    streams
}

#[tokio::test]
async fn clients_that_hold_every_connection_shut_nobody_out() {
    raise_own_limit();
    let Some(mut rig) = Rig::new(Backend::Sqlite).await else { return };
    let server = rig.setting.spawn();
    for (what, request, times) in [
        ("headers", UNFINISHED_HEADERS, 1),
        ("bodies", UNFINISHED_BODY, 1),
        ("answers", UNREAD_ANSWER, 200),
        ("work", WORK, 200),
    ] {
        let streams = held(&server, request, times).await;
        let push = rig.push();
        // On a connection of its own, as GitHub's are: an idle one may have had to give its place away.
        let client = Api::new(server.client.base.clone());
        let delivery = tokio::time::timeout(Duration::from_secs(18), client.deliver("push", &push)).await;
        assert_eq!(delivery.map(|(status, _)| status).ok(), Some(StatusCode::OK), "a delivery behind held {what}");
        let health = tokio::time::timeout(Duration::from_secs(18), client.get("/api/ci/health")).await;
        assert_eq!(health.map(|(status, _)| status).ok(), Some(StatusCode::OK), "health behind held {what}");
        drop(streams);
    }
    rig.drain(&Api::new(server.client.base.clone())).await;
    rig.settle_with(server).await;
}

#[tokio::test]
async fn a_client_that_makes_no_progress_is_hung_up_on() {
    let Some(mut rig) = Rig::new(Backend::Sqlite).await else { return };
    let server = rig.setting.spawn();
    let address = server.client.base.strip_prefix("http://").unwrap();
    for request in [UNFINISHED_HEADERS, UNFINISHED_BODY, ""] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the server still waits for the rest of {request:?}");
    }
    rig.settle_with(server).await;
}

#[tokio::test]
async fn who_may_not_write_is_refused_before_the_body_is_read() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let mut rig = Rig::of(setting.with("CI_API_TOKEN", "a token of twenty-four characters")).await;
    let server = rig.setting.spawn();
    let address = server.client.base.strip_prefix("http://").unwrap();
    for path in ["/api/ci/enqueue", "/api/ci/reconcile", "/api/webhooks/github"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await;
        assert!(read.is_ok(), "{path} waits for a body that it would not take");
        assert_eq!(&answer, b"HTTP/1.1 401", "{path}");
    }
    rig.settle_with(server).await;
}
