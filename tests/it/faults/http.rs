//! Group I: what arrives at the webhook's socket, byte by byte. Every request has one answer, in time; only a signed
//! delivery that is whole leaves a row.

use std::time::{Duration, Instant};

use ci_feed::config::Secret;
use ci_feed::github::signature;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::rig::Rig;
use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::server::{BinaryServer, SECRET};

const MIB_25: usize = 25 << 20;

async fn connect(server: &BinaryServer) -> TcpStream {
    TcpStream::connect(server.client.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Everything the server sends until it hangs up or `patience` is over, and the status it begins with.
async fn read(stream: &mut TcpStream, patience: Duration) -> (u16, String) {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(patience, async {
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut chunk).await {
            bytes.extend_from_slice(&chunk[..n]);
            let text = String::from_utf8_lossy(&bytes);
            if text.contains("\r\n\r\n") && text.trim_end().ends_with('}') {
                break;
            }
        }
    })
    .await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0), text)
}

/// A signed delivery's head with these further lines; the body comes behind it.
fn head(body: &[u8], event: &str, lines: &[String]) -> Vec<u8> {
    let mut head = format!(
        "POST /api/webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         X-GitHub-Event: {event}\r\nX-GitHub-Delivery: {}\r\nX-Hub-Signature-256: {}\r\n",
        uuid::Uuid::new_v4(),
        signature::sign(&Secret::new(SECRET), body)
    );
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

async fn send(server: &BinaryServer, bytes: &[u8]) -> (u16, String) {
    let mut stream = connect(server).await;
    // A server that answers early may hang up on the rest.
    let _ = stream.write_all(bytes).await;
    read(&mut stream, Duration::from_secs(15)).await
}

fn length(n: usize) -> String {
    format!("Content-Length: {n}")
}

async fn slow_senders_are_hung_up_on_and_hold_nobody_up(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let body = payload::push("octo", "shop", &"c".repeat(40)).to_string().into_bytes();
    let head = head(&body, "push", &[length(body.len())]);
    let mut slow = Vec::new();
    // One byte at a time: of the headers, and of the body.
    for (fast, trickled, expected) in [(0, head.clone(), [0, 408]), (head.len(), body.clone(), [408, 408])] {
        let mut stream = connect(&server).await;
        stream.write_all(&head[..fast]).await.unwrap();
        slow.push(tokio::spawn(async move {
            let began = Instant::now();
            let (mut reading, mut writing) = stream.into_split();
            let trickle = async {
                for byte in trickled {
                    if writing.write_all(&[byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                std::future::pending::<()>().await;
            };
            let mut answer = Vec::new();
            tokio::select! {
                () = trickle => unreachable!(),
                _ = reading.read_to_end(&mut answer) => {}
                () = tokio::time::sleep(Duration::from_secs(20)) => panic!("a slow sender is not hung up on"),
            }
            let answer = String::from_utf8_lossy(&answer).into_owned();
            let status: u16 = answer.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
            assert!(expected.contains(&status), "{answer}");
            assert!(began.elapsed() < Duration::from_secs(13), "hung up after {:?}", began.elapsed());
        }));
    }
    let push = rig.push();
    for _ in 0..20 {
        let asked = Instant::now();
        let (status, _) = server.client.deliver("push", &push).await;
        assert_eq!(status, 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "slow senders hold others up: {:?}", asked.elapsed());
    }
    for sender in slow {
        sender.await.unwrap();
    }
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, 1);
    rig.settle_with(server).await;
}

/// What of a delivery is odd, its body, the lines of its head beside the signed ones, what is sent as body, the answer.
type Odd = (&'static str, Vec<u8>, &'static str, Vec<String>, Vec<u8>, &'static [u16]);

fn odd_deliveries() -> Vec<Odd> {
    let first = payload::push("octo", "shop", "");
    let push = |n: usize| {
        let mut push = first.clone();
        push["after"] = json!(format!("{n:040x}"));
        push.to_string().into_bytes()
    };
    let whole = |name, body: Vec<u8>, event, status: &'static [u16]| {
        let line = length(body.len());
        (name, body.clone(), event, vec![line], body, status)
    };
    let chunked = |body: &[u8]| {
        let mut sent = Vec::new();
        for part in body.chunks(1000) {
            sent.extend(format!("{:x}\r\n", part.len()).into_bytes());
            sent.extend_from_slice(part);
            sent.extend(b"\r\n");
        }
        sent.extend(b"0\r\n\r\n");
        sent
    };
    let surrogate = String::from_utf8(push(3)).unwrap().replace("Sell", "\\ud800").into_bytes();
    let long = push(4);
    let short = push(5);
    vec![
        whole("as GitHub sends it", push(1), "push", &[200]),
        ("chunked", push(2), "push", vec!["Transfer-Encoding: chunked".into()], chunked(&push(2)), &[200]),
        (
            "chunked and with a length",
            push(6),
            "push",
            vec!["Transfer-Encoding: chunked".into(), length(3)],
            chunked(&push(6)),
            &[200, 400],
        ),
        whole("exactly 25 MiB", payload::of_size(MIB_25), "ping", &[202]),
        whole("25 MiB and one byte", payload::of_size(MIB_25 + 1), "ping", &[413]),
        whole("a lone surrogate", surrogate, "push", &[200, 400]),
        whole("JSON of depth 100,000", b"[".repeat(100_000), "push", &[400]),
        whole("NUL bytes", vec![0; 64], "push", &[400]),
        whole(
            "a NUL in a text",
            String::from_utf8(push(7)).unwrap().replace("Sell", "\\u0000").into_bytes(),
            "push",
            &[400],
        ),
        whole("a byte order mark", [b"\xef\xbb\xbf".to_vec(), push(8)].concat(), "push", &[400]),
        whole("invalid UTF-8", [push(9), b"\xff".to_vec()].concat(), "push", &[400]),
        whole("nothing", Vec::new(), "push", &[400]),
        ("two different lengths", long.clone(), "push", vec![length(long.len()), length(3)], long.clone(), &[400]),
        ("a length that is no number", push(10), "push", vec!["Content-Length: many".into()], push(10), &[400]),
        ("a length that is too small", short.clone(), "push", vec![length(short.len() - 1)], short.clone(), &[401]),
        (
            "a second signature",
            push(11),
            "push",
            vec![length(push(11).len()), "X-Hub-Signature-256: sha256=00".into()],
            push(11),
            &[200, 401],
        ),
        (
            "a second event",
            push(12),
            "push",
            vec![length(push(12).len()), "X-GitHub-Event: ping".into()],
            push(12),
            &[200, 202],
        ),
        (
            "a second delivery id",
            push(13),
            "push",
            vec![length(push(13).len()), "X-GitHub-Delivery: second".into()],
            push(13),
            &[200],
        ),
        (
            "an old signature beside the new one",
            push(14),
            "push",
            vec![length(push(14).len()), "X-Hub-Signature: sha1=00".into()],
            push(14),
            &[200],
        ),
        (
            "headers of 1 MiB",
            push(15),
            "push",
            vec![length(push(15).len()), format!("X-Long: {}", "a".repeat(1 << 20))],
            push(15),
            &[0, 400, 431],
        ),
        (
            "five hundred headers",
            push(16),
            "push",
            (0..500).map(|n| format!("X-{n}: 1")).chain([length(push(16).len())]).collect(),
            push(16),
            &[0, 400, 431],
        ),
    ]
}

async fn odd_requests_have_one_answer_and_leave_a_row_only_when_accepted(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    for (name, body, event, lines, sent, expected) in odd_deliveries() {
        let before = rig.probe.number("select count(*) from ci_deliveries").await;
        let (status, answer) = send(&server, &[head(&body, event, &lines), sent].concat()).await;
        assert!(expected.contains(&status), "{name}: {status} {}", answer.lines().last().unwrap_or_default());
        let rows = rig.probe.number("select count(*) from ci_deliveries").await - before;
        assert_eq!(rows, i64::from(matches!(status, 200 | 202)), "{name}: {status}");
        if status >= 400 && answer.contains('{') {
            assert!(answer.contains("\"ok\":false"), "{name}: {answer}");
        }
    }
    finish(rig, server).await;
}

/// The runs are of invented commits: they are not worked on, only checked.
async fn finish(mut rig: Rig, server: BinaryServer) {
    let (status, _) = server.client.get("/api/ci/health").await;
    assert_eq!(status, 200, "the server is well");
    assert_eq!(server.terminate(), Some(0));
    rig.check().await;
}

async fn a_body_shorter_than_it_says_leaves_no_row(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let body = payload::push("octo", "shop", &"c".repeat(40)).to_string().into_bytes();
    let mut stream = connect(&server).await;
    let said = head(&body, "push", &[length(body.len() + 10)]);
    stream.write_all(&[said, body].concat()).await.unwrap();
    stream.shutdown().await.unwrap();
    let (status, answer) = read(&mut stream, Duration::from_secs(15)).await;
    assert!([0, 400, 408].contains(&status), "{answer}");
    assert_eq!(rig.probe.number("select count(*) from ci_deliveries").await, 0);
    finish(rig, server).await;
}

/// A header of a push, as it should be, or missing.
const HEADERS: &[(&str, Option<&str>, u16)] = &[
    ("X-GitHub-Event", None, 400),
    ("X-GitHub-Event", Some(""), 400),
    ("X-GitHub-Delivery", None, 200),
    ("X-GitHub-Delivery", Some(""), 200),
    ("Content-Type", None, 415),
    ("Content-Type", Some("text/plain"), 415),
    ("Content-Type", Some("application/json; charset=utf-8"), 200),
    ("X-Hub-Signature-256", None, 401),
    ("X-Hub-Signature-256", Some(""), 401),
    ("X-Hub-Signature-256", Some("sha256="), 401),
];

async fn a_missing_or_odd_header_has_its_answer(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let mut accepted = 0;
    for (n, (name, value, expected)) in HEADERS.iter().enumerate() {
        let body = payload::push("octo", "shop", &format!("{:040x}", n + 1)).to_string().into_bytes();
        let whole = String::from_utf8(head(&body, "push", &[length(body.len())])).unwrap();
        let mut lines: Vec<_> =
            whole.trim_end().lines().filter(|line| !line.starts_with(&format!("{name}:"))).collect();
        let odd = value.map(|value| format!("{name}: {value}"));
        lines.extend(odd.as_deref());
        let request = [format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes(), body].concat();
        let (status, answer) = send(&server, &request).await;
        assert_eq!(status, *expected, "{name}: {value:?}: {answer}");
        accepted += i64::from(status == 200);
    }
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, accepted);
    finish(rig, server).await;
}

async fn no_signature_but_the_right_one_is_believed(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn_with(&[("GITHUB_WEBHOOK_SECRET", "old secret,new secret")]);
    let body = payload::push("octo", "shop", &"c".repeat(40)).to_string().into_bytes();
    let old = signature::sign(&Secret::new("old secret"), &body);
    let digits = old.strip_prefix("sha256=").unwrap().to_owned();
    for (header, expected) in [
        (format!("X-Hub-Signature: sha1={}", &digits[..40]), 401),
        (format!("X-Hub-Signature-256: sha256={}", &digits[1..]), 401),
        (format!("X-Hub-Signature-256: sha256={digits}0"), 401),
        (format!("X-Hub-Signature-256: sha512={digits}{digits}"), 401),
        (format!("X-Hub-Signature-256: {}", signature::sign(&Secret::new("other secret"), &body)), 401),
        (format!("X-Hub-Signature-256: {}", signature::sign(&Secret::new(""), &body)), 401),
        (format!("X-Hub-Signature-256: {}", signature::sign(&Secret::new("old secret"), b"another body")), 401),
        (format!("X-Hub-Signature-256: {old}"), 200),
        (format!("X-Hub-Signature-256: {}", signature::sign(&Secret::new("new secret"), &body)), 200),
    ] {
        let whole = String::from_utf8(head(&body, "push", &[length(body.len()), header.clone()])).unwrap();
        // The line that `head` signed itself goes.
        let right = signature::sign(&Secret::new(SECRET), &body);
        let request = whole.replacen(&format!("X-Hub-Signature-256: {right}\r\n"), "", 1);
        let (status, answer) = send(&server, &[request.into_bytes(), body.clone()].concat()).await;
        assert_eq!(status, expected, "{header}: {answer}");
    }
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, 1);
    finish(rig, server).await;
}

async fn eight_bodies_of_25_mib_at_once_are_read_within_bounded_memory(backend: Backend) {
    let Some(rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let body = payload::of_size(MIB_25);
    let request = std::sync::Arc::new([head(&body, "ping", &[length(body.len())]), body].concat());
    let address = server.client.base.strip_prefix("http://").unwrap().to_owned();
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (request, address) = (request.clone(), address.clone());
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(&request).await.unwrap();
                read(&mut stream, Duration::from_secs(30)).await
            })
        })
        .collect();
    for sender in senders {
        let (status, answer) = sender.await.unwrap();
        assert_eq!(status, 202, "{answer}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB");
    let peak_mib = peak.parse::<u64>().unwrap() >> 10;
    assert!(peak_mib < 8 * 25 * 3, "{peak_mib} MiB for eight bodies of 25 MiB");
    assert_eq!(server.client.get("/api/ci/health").await.1["ok"], json!(true));
    finish(rig, server).await;
}

on_both_databases! {
    slow_senders_are_hung_up_on_and_hold_nobody_up,
    odd_requests_have_one_answer_and_leave_a_row_only_when_accepted,
    a_body_shorter_than_it_says_leaves_no_row,
    a_missing_or_odd_header_has_its_answer,
    no_signature_but_the_right_one_is_believed,
    eight_bodies_of_25_mib_at_once_are_read_within_bounded_memory,
}
