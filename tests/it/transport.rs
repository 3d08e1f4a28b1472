//! Git servers that redirect, lie, flood or break off: each ends as a named failure, soon, and for good where it would
//! end the same again. And the ways to honest ones: TLS, proxies, a moved repository.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde_json::{Value, json};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::database::Backend;
use crate::support::forge::{self, Asked, BLOB, Forge};
use crate::support::git_server::TOKEN;
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer};

const OK: &str = "cp \"$1/README.md\" \"$2/DOSSIER.md\"";
const SHA: &str = "1111111111111111111111111111111111111111";

async fn setting() -> Setting {
    Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(OK)
}

/// Enqueue, tick once, and read the run.
async fn run_of(server: &TestServer, repo: &str, sha: &str) -> Value {
    let run_id = server.client.enqueue("octo", repo, sha).await;
    server.client.tick().await;
    server.client.run(&run_id).await
}

fn redirect(to: &str) -> Response<Body> {
    Response::builder().status(StatusCode::FOUND).header(header::LOCATION, to).body(Body::empty()).unwrap()
}

/// What a server says that has one branch at `sha`, up to the pack.
fn honest(asked: &Asked, sha: &str, pack: impl Fn() -> Body) -> Response<Body> {
    if asked.wants_references() {
        forge::references([forge::advertised(sha), b"0000".to_vec()].concat())
    } else if asked.wants_pack() {
        forge::result(pack())
    } else {
        forge::result(forge::shallow(sha))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_place_is_not_followed_and_the_place_is_not_asked() {
    let other = Forge::start(|_| redirect("/")).await;
    let host = other.url.strip_prefix("http://").unwrap().to_owned();
    let forge = Forge::start(move |asked| {
        let path = &asked.path;
        match asked.repo() {
            "port" => redirect(&format!("http://{host}{path}")),
            "password" => redirect(&format!("http://user:pw@{host}{path}")),
            "host" => redirect(&format!("//{host}{path}")),
            "scheme" => redirect(&format!("https://{host}{path}")),
            "file" => redirect("file:///etc/passwd"),
            "round" => redirect(path),
            "token" if asked.authorization.is_none() => {
                Response::builder().status(StatusCode::UNAUTHORIZED).body(Body::empty()).unwrap()
            }
            "token" => redirect(&format!("http://{host}{path}")),
            "later" if asked.wants_references() => honest(asked, SHA, Body::empty),
            "later" => redirect(&format!("http://{host}{path}")),
            _ => unreachable!("{path}"),
        }
    })
    .await;
    let setting = setting().await.with("GITHUB_SERVER_URL", &forge.url).with("CI_MAX_ATTEMPTS", "1");
    let server = setting.with("GITHUB_TOKEN", TOKEN).with("CI_TOKEN_OWNERS", "octo").start().await;
    for repo in ["port", "password", "host", "scheme", "file", "round", "token", "later"] {
        let run = run_of(&server, repo, SHA).await;
        assert_eq!(run["error_code"], json!("NETWORK"), "{repo}: {run}");
        assert!(run["error"].as_str().unwrap().contains("redirects to"), "{repo}: {run}");
        assert!(!run["error"].as_str().unwrap().contains("pw@"), "{repo}: {run}");
    }
    assert_eq!(other.asked.lock().unwrap().len(), 0);
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_moved_within_its_server_is_followed() {
    let setting = setting().await;
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "x\n")]);
    let server = setting.start().await;
    let run_id = server.client.enqueue("moved", "shop", &sha).await;
    server.client.tick().await;
    let run = server.client.run(&run_id).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_ends_at_once_and_for_good() {
    let zeros = vec![0; 4 << 20];
    let many: Vec<_> = (0..17).map(|n| forge::entry(BLOB, zeros.len(), &[], &[&[n], &zeros[1..]].concat())).collect();
    let too_large = forge::entry(BLOB, (4 << 20) + 1, &[], &[&zeros[..], &[0]].concat());
    let packs = BTreeMap::from([
        ("object", forge::pack(1, &[too_large])),
        ("inflated", forge::pack(17, &many)),
        ("objects", forge::pack(u32::MAX, &[])),
        ("deltas", forge::delta_bomb(1 << 20, 200, false)),
        ("deltas-by-id", forge::delta_bomb(1 << 20, 200, true)),
    ]);
    let forge = Forge::start(move |asked| match asked.repo() {
        "references" if asked.wants_references() => {
            let lines = (0..1000).map(|n| forge::packet(format!("{SHA} refs/heads/{n}\n"))).collect::<Vec<_>>();
            forge::references(forge::endless(forge::advertised(SHA), lines.concat()))
        }
        "shallow" if !asked.wants_references() => {
            forge::result(forge::endless(Vec::new(), forge::packet(format!("shallow {SHA}")).repeat(1000)))
        }
        "progress" => honest(asked, SHA, || {
            forge::endless(
                [forge::shallow(SHA), forge::packet("NAK\n")].concat(),
                forge::packet([&[2], &[b'x'; 1000][..]].concat()),
            )
        }),
        repo => honest(asked, SHA, || forge::carried(SHA, &packs[repo]).into()),
    })
    .await;
    let setting = setting().await.with("GITHUB_SERVER_URL", &forge.url).with("CI_MAX_REPO_BYTES", "4194304");
    let server = setting.with("CI_JOB_TIMEOUT_SECONDS", "60").start().await;
    for (repo, words) in [
        ("references", "branches and tags"),
        ("shallow", "history is cut"),
        ("progress", "bytes"),
        ("object", "bytes in one file"),
        ("inflated", "once it is unpacked"),
        ("objects", "objects"),
        ("deltas", "deltas upon deltas"),
        ("deltas-by-id", "deltas upon deltas"),
    ] {
        let run = run_of(&server, repo, SHA).await;
        assert_eq!((&run["error_code"], &run["status"]), (&json!("REPO_TOO_LARGE"), &json!("FAILED")), "{repo}: {run}");
        assert!(run["error"].as_str().unwrap().contains(words), "{repo}: {run}");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_a_network_error_at_once() {
    let pack = forge::pack(1, &[forge::entry(BLOB, 100_000, &[], &[7; 100_000])]);
    let forge = Forge::start(move |asked| match asked.repo() {
        "pack" => honest(asked, SHA, || forge::cut(&forge::carried(SHA, &pack))),
        "length" => {
            let mut answer = honest(asked, SHA, || forge::cut(&forge::carried(SHA, &pack)));
            if asked.wants_pack() {
                answer.headers_mut().insert(header::CONTENT_LENGTH, forge::carried(SHA, &pack).len().into());
            }
            answer
        }
        "references" => forge::references(forge::cut(&[forge::advertised(SHA), b"0000".to_vec()].concat())),
        "page" => forge::response("text/html", "<p>Sign in"),
        "busy" => Response::builder().status(503).body(Body::empty()).unwrap(),
        _ => unreachable!(),
    })
    .await;
    let server = setting().await.with("GITHUB_SERVER_URL", &forge.url).with("CI_MAX_ATTEMPTS", "1").start().await;
    for repo in ["pack", "length", "references", "page", "busy"] {
        let run = run_of(&server, repo, SHA).await;
        assert_eq!(run["error_code"], json!("NETWORK"), "{repo}: {run}");
    }
    server.stop_and_check().await;
}

/// As servers of HTTP/1.0 do, which say by closing that all is said.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_length_that_is_cut_is_a_network_error_at_once() {
    let pack = forge::pack(1, &[forge::entry(BLOB, 100_000, &[], &[7; 100_000])]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut packs = 0;
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let is_pack = head.starts_with(b"POST");
            packs += usize::from(is_pack);
            if packs > 1 {
                // Whoever asks again waits.
                open.push(stream);
                continue;
            }
            let carried = forge::carried(SHA, &pack);
            let (kind, body) = match is_pack {
                true => ("result", carried[..carried.len() / 2].to_vec()),
                false => ("advertisement", [forge::advertised(SHA), b"0000".to_vec()].concat()),
            };
            let head = format!("HTTP/1.0 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\n\r\n");
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let server = setting().await.with("GITHUB_SERVER_URL", &url).with("CI_MAX_ATTEMPTS", "1").start().await;
    let started = tokio::time::Instant::now();
    let run = run_of(&server, "pack", SHA).await;
    assert_eq!(run["error_code"], json!("NETWORK"), "{run}");
    assert!(started.elapsed().as_secs() < 15, "it waited for silence: {:?}", started.elapsed());
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_all_its_files_is_no_success() {
    let setting = setting().await.with("CI_MAX_ATTEMPTS", "1");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "x\n"), ("a/b", "y\n")]);
    let repository = git2::Repository::open(setting.git.root().join("octo/shop.git")).unwrap();
    let commit = repository.find_commit(git2::Oid::from_str(&sha).unwrap()).unwrap();
    let (root, folder) = (commit.tree().unwrap(), commit.tree().unwrap().get_name("a").unwrap().id());
    let objects = repository.odb().unwrap();
    let pack_of = |ids: &[git2::Oid]| {
        let entries: Vec<_> = ids
            .iter()
            .map(|id| {
                let object = objects.read(*id).unwrap();
                let kind = [git2::ObjectType::Commit, git2::ObjectType::Tree, git2::ObjectType::Blob]
                    .iter()
                    .position(|kind| *kind == object.kind())
                    .unwrap();
                forge::entry(kind as u8 + 1, object.len(), &[], object.data())
            })
            .collect();
        forge::pack(entries.len() as u32, &entries)
    };
    let readme = root.get_name("README.md").unwrap().id();
    let below = repository.find_tree(folder).unwrap().get_name("b").unwrap().id();
    let lies = forge::pack(1, &[forge::entry(BLOB, 10, &[], &[0; 100_000])]);
    let packs = [
        ("whole", vec![commit.id(), root.id(), folder, readme, below]),
        ("commit", vec![commit.id()]),
        ("root", vec![commit.id(), root.id(), readme]),
        ("trees", vec![commit.id(), root.id(), folder]),
        ("file", vec![commit.id(), root.id(), folder, readme]),
    ];
    let packs = packs.map(|(repo, ids)| (repo, pack_of(&ids)));
    let others = [("lies", lies), ("zeros", vec![0; 100_000])];
    let packs: BTreeMap<_, _> = packs.into_iter().chain(others).collect();
    let asked_for = sha.clone();
    let forge =
        Forge::start(move |asked| honest(asked, &sha, || forge::carried(&sha, &packs[asked.repo()]).into())).await;
    let server = setting.with("GITHUB_SERVER_URL", &forge.url).start().await;
    let run = run_of(&server, "whole", &asked_for).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    for (repo, words) in [
        ("commit", "left out"),
        ("root", "left out"),
        ("trees", "left out"),
        ("file", "left out"),
        ("lies", "another size"),
        ("zeros", "does not begin"),
    ] {
        let run = run_of(&server, repo, &asked_for).await;
        assert_eq!(run["error_code"], json!("FETCH_FAILED"), "{repo}: {run}");
        assert!(run["error"].as_str().unwrap().contains(words), "{repo}: {run}");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn https_takes_the_certificates_and_the_proxy_that_the_system_names() {
    let setting = setting().await.with("CI_MAX_ATTEMPTS", "1");
    let upstream = setting.git.url.strip_prefix("http://").unwrap().parse().unwrap();
    let (https, certificate) = forge::start_tls(upstream).await;
    let (proxy, hosts) = forge::start_proxy().await;
    let (file, none) = (setting.folder.path().join("ca.pem"), setting.folder.path().join("none.pem"));
    std::fs::write(&file, certificate).unwrap();
    let known = ("SSL_CERT_FILE", file.to_str().unwrap());
    let plain = setting.git.url.clone();
    for (name, settings, succeeds, proxied) in [
        ("known", vec![("GITHUB_SERVER_URL", https.as_str()), known], true, 0),
        ("unknown", vec![("GITHUB_SERVER_URL", &https)], false, 0),
        ("proxied", vec![("GITHUB_SERVER_URL", &https), known, ("HTTPS_PROXY", &proxy)], true, 1),
        (
            "direct",
            vec![("GITHUB_SERVER_URL", &https), known, ("HTTPS_PROXY", &proxy), ("NO_PROXY", "127.0.0.1")],
            true,
            0,
        ),
        // Nothing to verify, so nothing is read.
        ("plain", vec![("GITHUB_SERVER_URL", &plain), ("SSL_CERT_FILE", none.to_str().unwrap())], true, 0),
    ] {
        hosts.lock().unwrap().clear();
        let sha = TestRepo::create(setting.git.root(), "octo", name).commit(&[("README.md", "x\n")]);
        let server = setting.spawn_with(&settings);
        let run_id = server.client.enqueue("octo", name, &sha).await;
        server.client.tick().await;
        let run = server.client.run(&run_id).await;
        let (status, code) = if succeeds { ("SUCCEEDED", Value::Null) } else { ("FAILED", json!("NETWORK")) };
        assert_eq!((&run["status"], &run["error_code"]), (&json!(status), &code), "{name}: {run}");
        assert!(succeeds || run["error"].as_str().unwrap().contains("certificate"), "{name}: {run}");
        assert_eq!(hosts.lock().unwrap().len(), proxied, "{name}");
        server.terminate();
    }
    crate::support::server::check_all(&setting).await;
}
