//! Group J: whatever strangers send or leave unread, the server's memory grows by a bounded amount.

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::rig::{OK, Rig};
use crate::support::database::{Backend, on_both_databases};
use crate::support::process::status_mib;
use crate::support::server::{Api, BinaryServer, Setting};

/// What docs/security.md promises above an idle server.
const BOUND_MIB: u64 = 128;

fn peak_mib(server: &BinaryServer) -> u64 {
    status_mib(server.pid(), "VmHWM")
}

async fn bodies_of_strangers_take_a_bounded_memory(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let push = rig.push();
    server.client.deliver("push", &push).await;
    let idle = peak_mib(&server);
    let body = bytes::Bytes::from(vec![b' '; 24 << 20]);
    let senders: Vec<_> = (0..32)
        .map(|n| {
            let (client, body) = (Api::new(server.client.base.clone()), body.clone());
            tokio::spawn(async move {
                let request = client.signed("push", &n.to_string(), "wrong", b"").body(body);
                // A sender that is refused early may see a broken connection.
                request.send().await.map(|response| response.status())
            })
        })
        .collect();
    for sender in senders {
        if let Ok(status) = sender.await.unwrap() {
            let refusals = [
                StatusCode::UNAUTHORIZED,
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            assert!(refusals.contains(&status), "{status}");
        }
    }
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
    // What is signed is still taken, large and small.
    let mut large = rig.push();
    large["padding"] = " ".repeat(20 << 20).into();
    let (status, answer) = server.client.deliver("push", &large).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    rig.drain(&server.client).await;
    rig.settle_with(server).await;
}

async fn downloads_that_nobody_reads_take_a_bounded_memory(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig =
        Rig::of(setting.with_analyzer(&format!(
            "for n in 1 2 3; do head -c 8000000 /dev/urandom > \"$2/noise$n.bin\"; done; {OK}"
        )))
        .await;
    let server = rig.setting.spawn();
    let push = rig.push();
    let (_, answer) = server.client.deliver("push", &push).await;
    rig.drain(&server.client).await;
    let run = answer["run_id"].as_str().unwrap().to_owned();
    assert_eq!(server.client.run(&run).await["status"], "SUCCEEDED");
    let idle = peak_mib(&server);
    let address = server.client.base.strip_prefix("http://").unwrap();
    let mut unread = Vec::new();
    for n in 0..40 {
        let file = if n % 2 == 0 { "artifacts.zip" } else { "artifacts/noise1.bin" };
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET /api/ci/runs/{run}/{file} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        unread.push(stream);
    }
    // Each has begun, or was told to come back.
    for stream in &mut unread {
        stream.read_exact(&mut [0; 12]).await.unwrap();
    }
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
    drop(unread);
    // What they held is given back, and an archive that is read is whole.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    let zip = loop {
        let response = server.client.request("GET", &format!("/api/ci/runs/{run}/artifacts.zip")).send().await.unwrap();
        if response.status() == StatusCode::OK {
            break response.bytes().await.unwrap();
        }
        assert!(tokio::time::Instant::now() < deadline, "{}", response.status());
    };
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    assert_eq!(archive.by_name("noise3.bin").unwrap().size(), 8_000_000);
    rig.settle_with(server).await;
}

async fn bodies_that_are_announced_and_not_sent_keep_no_delivery_out(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let address = server.client.base.strip_prefix("http://").unwrap();
    let mut silent = Vec::new();
    for length in [1_000_000, 256 << 10] {
        for _ in 0..80 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!(
                "POST /api/webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n",
                "0".repeat(64)
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            silent.push(stream);
        }
    }
    // The server wants the body, and so waits for it.
    for stream in &mut silent {
        stream.read_exact(&mut [0; 12]).await.unwrap();
    }
    for padding in [400_000, 200_000, 0] {
        let mut push = rig.push();
        push["padding"] = " ".repeat(padding).into();
        let (status, answer) = server.client.deliver("push", &push).await;
        assert_eq!(status, StatusCode::OK, "{padding}: {answer}");
    }
    drop(silent);
    rig.drain(&server.client).await;
    rig.settle_with(server).await;
}

on_both_databases! {
    bodies_of_strangers_take_a_bounded_memory,
    bodies_that_are_announced_and_not_sent_keep_no_delivery_out,
    downloads_that_nobody_reads_take_a_bounded_memory,
}

#[tokio::test]
async fn a_copy_that_a_client_has_is_not_sent_again() {
    let Some(mut rig) = Rig::new(Backend::Sqlite).await else { return };
    let server = rig.setting.spawn();
    let push = rig.push();
    let (_, answer) = server.client.deliver("push", &push).await;
    rig.drain(&server.client).await;
    let run = answer["run_id"].as_str().unwrap();
    let files = ["artifacts.zip", "artifacts/DOSSIER.md", "artifacts/DOSSIER.md/html"];
    let mut paths = files.map(|file| format!("/api/ci/runs/{run}/{file}")).to_vec();
    paths.extend(["/assets/dist/app.js".to_owned(), "/api/ci/health".to_owned()]);
    for path in paths {
        let first = server.client.request("GET", &path).send().await.unwrap();
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        for known in [tag.as_str(), "*", &format!("\"other\", {tag}")] {
            let again = server.client.request("GET", &path).header("If-None-Match", known).send().await.unwrap();
            // Health counts the seconds; its tag may have changed.
            if !path.ends_with("health") || known == "*" {
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path} with {known}");
            }
        }
    }
    rig.settle_with(server).await;
}
