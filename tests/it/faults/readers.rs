//! Group J: what an analyzer leaves, what is compared, and who reads slowly cost the server a bounded memory.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::rig::Rig;
use crate::support::database::{Backend, on_both_databases};
use crate::support::process::status_mib;
use crate::support::repo::TestRepo;
use crate::support::server::{BINARY, BinaryServer, Setting};

/// What docs/security.md promises above an idle server.
const BOUND_MIB: u64 = 128;

fn peak_mib(server: &BinaryServer) -> u64 {
    status_mib(server.pid(), "VmHWM")
}

/// A shell command for so many objects in a list: a tree of values of them takes a hundred times their text.
fn objects(count: usize) -> String {
    format!("{{ printf '['; yes '{{\"\":0}},' | head -n {count} | tr -d '\\n'; printf '0]'; }}")
}

/// Push, tick until nothing waits, and answer with the run's id.
async fn run_of(rig: &mut Rig, server: &BinaryServer) -> String {
    let push = rig.push();
    let (_, answer) = server.client.deliver("push", &push).await;
    rig.drain(&server.client).await;
    answer["run_id"].as_str().unwrap().to_owned()
}

async fn json_that_an_analyzer_leaves_takes_a_bounded_memory(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let bomb = objects(1_000_000);
    let script = format!(
        "for name in operate.json a.sarif drift.json; do {bomb} > \"$2/$name\"; done
         {{ printf '{{\"metrics\":{{\"dci_v1_claim_visibility\":{{\"score\":0.5}}}},\"rest\":'; {bomb}; printf '}}'; }} > \"$2/evidence_pack.v1.json\""
    );
    let mut rig = Rig::of(setting.with_analyzer(&script)).await;
    let server = rig.setting.spawn();
    server.client.get("/api/ci/runs").await;
    let idle = peak_mib(&server);
    let run = run_of(&mut rig, &server).await;
    let shown = server.client.run(&run).await;
    assert_eq!(shown["summary_json"]["metrics"], json!({ "dci": 0.5, "rci": null }), "{shown}");
    let drift = server.client.request("GET", &format!("/api/ci/runs/{run}/drift")).send().await.unwrap();
    assert_eq!(drift.status(), StatusCode::OK);
    let drift = drift.bytes().await.unwrap();
    assert!(drift.starts_with(b"{\"ok\":true,\"drift\":[{\"\":0},") && drift.ends_with(b"0]}"), "{}", drift.len());
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
    rig.settle_with(server).await;
}

async fn summaries_of_many_runs_take_a_bounded_memory(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let summary = format!("{{ printf '{{\"facts\":'; {}; printf '}}'; }} > \"$2/summary.json\"", objects(9_000));
    let mut rig = Rig::of(setting.with_analyzer(&summary)).await;
    let server = rig.setting.spawn();
    for _ in 0..16 {
        run_of(&mut rig, &server).await;
    }
    let idle = peak_mib(&server);
    let paths = ["/api/ci/runs?limit=200", "/api/ci/repos", "/api/ci/repos/octo/shop/trend?limit=200"];
    let asking: Vec<_> = (0..24)
        .map(|n| {
            let request = server.client.request("GET", paths[n % paths.len()]);
            tokio::spawn(async move { request.send().await.unwrap().bytes().await.unwrap().len() })
        })
        .collect();
    let mut sizes = Vec::new();
    for answer in asking {
        sizes.push(answer.await.unwrap());
    }
    assert!(sizes[0] > 16 * 60_000, "lists have summaries whole: {sizes:?}");
    assert!(sizes[1] < 4_000, "that of a repository is left out where it is large: {sizes:?}");
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
    rig.settle_with(server).await;
}

/// A dossier with so many variables whose names begin so, each with this detail.
fn dossier(variables: usize, prefix: &str, detail: &Value) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.js"), "process.env.A;\n").unwrap();
    let out = folder.path().join("out");
    let analyze = std::process::Command::new(BINARY).arg("analyze").arg(folder.path()).arg("--out").arg(&out).output();
    assert!(analyze.unwrap().status.success());
    let mut dossier: Value = serde_json::from_slice(&std::fs::read(out.join("dossier.json")).unwrap()).unwrap();
    let mut fact = dossier["facts"][0].clone();
    fact["attrs"]["detail"] = detail.clone();
    let named = |n: usize| {
        let mut fact = fact.clone();
        (fact["key"], fact["id"]) = (json!(format!("{prefix}_{n}")), json!(format!("{prefix}{n}")));
        fact
    };
    dossier["facts"] = (0..variables).map(named).collect();
    dossier.to_string()
}

async fn comparing_dossiers_takes_a_bounded_memory(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer("cp \"$1/dossier.json\" \"$2\"; echo '{}' > \"$2/summary.json\"");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "facts");
    let dense: Value = (0..40).map(|_| json!({ "": 0 })).collect();
    let dossiers = [dossier(3_500, "A", &json!(0)), dossier(3_500, "B", &json!(0)), dossier(3_000, "C", &dense)];
    let server = setting.spawn();
    let mut runs = Vec::new();
    for dossier in dossiers {
        let sha = repo.commit(&[("dossier.json", &dossier)]);
        runs.push(server.client.enqueue("octo", "facts", &sha).await);
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    }
    let idle = peak_mib(&server);
    let drift = |base: &str| server.client.request("GET", &format!("/api/ci/runs/{}/drift?base={base}", runs[0]));
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let request = drift(&runs[1]);
            tokio::spawn(async move {
                let answer = request.send().await.unwrap();
                (answer.status(), answer.bytes().await.unwrap().len())
            })
        })
        .collect();
    let mut compared = 0;
    for answer in asking {
        let (status, bytes) = answer.await.unwrap();
        assert!(
            status == StatusCode::SERVICE_UNAVAILABLE || (status == StatusCode::OK && bytes > 1_000_000),
            "{status}, {bytes} bytes"
        );
        compared += usize::from(status == StatusCode::OK);
    }
    assert!(compared > 0, "nobody was served");
    let (status, refused) = crate::support::server::answer(drift(&runs[2]).send().await.unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(refused["error"].as_str().unwrap().contains("too large to be compared here"), "{refused}");
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
}

/// A client whose system takes next to nothing of an answer.
async fn slow_reader(address: &str, path: &str, headers: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes()).await.unwrap();
    stream
}

async fn slow_readers_take_a_bounded_memory_and_keep_nobody_else_from_reading(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let script = "head -c 6000000 /dev/urandom | od -v -x > \"$2/noise.txt\"; truncate -s 8000000 \"$2/noise.txt\"; echo '{}' > \"$2/summary.json\"";
    let mut rig = Rig::of(setting.with_analyzer(script)).await;
    let server = rig.setting.spawn();
    let run = run_of(&mut rig, &server).await;
    assert_eq!(server.client.run(&run).await["status"], "SUCCEEDED");
    let idle = peak_mib(&server);
    let address = server.client.base.strip_prefix("http://").unwrap().to_owned();
    let mut readers = Vec::new();
    for n in 0..120 {
        let file = if n % 12 == 0 { "artifacts.zip" } else { "artifacts/noise.txt" };
        let headers = if n % 4 == 1 { "Accept-Encoding: gzip\r\n" } else { "" };
        readers.push(slow_reader(&address, &format!("/api/ci/runs/{run}/{file}"), headers).await);
    }
    let mut begun = 0;
    for reader in &mut readers {
        let mut status = [0; 12];
        reader.read_exact(&mut status).await.unwrap();
        begun += usize::from(status.ends_with(b"200"));
    }
    assert!(begun > 60, "only {begun} were served");
    let whole = server.client.request("GET", &format!("/api/ci/runs/{run}/artifacts/noise.txt")).send().await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    assert_eq!(whole.headers()["content-length"], "8000000");
    assert_eq!(whole.bytes().await.unwrap().len(), 8_000_000);
    let grown = peak_mib(&server) - idle;
    assert!(grown <= BOUND_MIB, "the server grew by {grown} MiB");
    drop(readers);
    rig.settle_with(server).await;
}

on_both_databases! {
    json_that_an_analyzer_leaves_takes_a_bounded_memory,
    summaries_of_many_runs_take_a_bounded_memory,
    comparing_dossiers_takes_a_bounded_memory,
    slow_readers_take_a_bounded_memory_and_keep_nobody_else_from_reading,
}
