//! A real S3 server on loopback (`s3s-fs`, which checks signatures and knows `If-None-Match`), with trouble on demand: it can be
//! away, silent, refuse, cut bodies short and send other bytes than it was given.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::server::Setting;

pub(crate) const BUCKET: &str = "dossiers";
pub(crate) const KEY: &str = "the-key-of-the-tests";
pub(crate) const SECRET_KEY: &str = "the+secret/of/that=key";

/// What happens to requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nobody answers.
    Silent,
    /// This status, with this code of S3.
    Answers(u16, &'static str),
    /// Sends half of the body and breaks the connection.
    Cut,
    /// A byte of it is another.
    Other,
}

#[derive(Default)]
struct Seen {
    /// Which requests are in trouble, how, and how often still.
    trouble: Option<(&'static str, Trouble, usize)>,
    requests: BTreeMap<String, usize>,
}

pub(crate) struct ObjectServer {
    address: SocketAddr,
    folder: TempDir,
    service: S3Service,
    seen: Arc<Mutex<Seen>>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl ObjectServer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET_KEY));
        let address = SocketAddr::from(([127, 0, 0, 1], super::free_port()));
        let server =
            Self { address, folder, service: builder.build(), seen: Arc::default(), serving: Mutex::default() };
        server.comes_back().await;
        server
    }

    /// Listen, again where it was away.
    pub(crate) async fn comes_back(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let (service, seen) = (self.service.clone(), Arc::clone(&self.seen));
        let serving = tokio::spawn(async move {
            // Dropped with this task, and the connections with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (service, seen) = (service.clone(), Arc::clone(&seen));
                let answer =
                    hyper::service::service_fn(move |request| answer(service.clone(), Arc::clone(&seen), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
                connections.spawn(async move { drop(connection.await) });
            }
        });
        *self.serving.lock().unwrap() = Some(serving);
    }

    /// From now on connections are refused.
    pub(crate) async fn goes_away(&self) {
        let serving = self.serving.lock().unwrap().take();
        if let Some(serving) = serving {
            serving.abort();
            let _ = serving.await;
        }
    }

    /// So many of the next requests of this method are in trouble.
    pub(crate) fn is_in(&self, trouble: Trouble, method: &'static str, times: usize) {
        self.seen.lock().unwrap().trouble = Some((method, trouble, times));
    }

    pub(crate) fn is_fine(&self) {
        self.seen.lock().unwrap().trouble = None;
    }

    /// How many requests there were since the last time, by method.
    pub(crate) fn requests(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut self.seen.lock().unwrap().requests)
    }

    /// The keys of all objects below a prefix, and what they hold.
    pub(crate) fn objects(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.folder.path().join(BUCKET);
        let files = files_below(&root.join(prefix));
        let key = |path: &Path| path.strip_prefix(root.join(prefix)).unwrap().display().to_string();
        // One may be removed just now.
        files.iter().filter_map(|path| Some((key(path), std::fs::read(path).ok()?))).collect()
    }

    /// Where an object lies on this machine.
    pub(crate) fn file(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// As if everything had been written long ago.
    pub(crate) fn ages(&self) {
        let long_ago = SystemTime::now() - Duration::from_secs(7 * 24 * 3600);
        for file in files_below(&self.folder.path().join(BUCKET)) {
            std::fs::File::options().append(true).open(file).unwrap().set_modified(long_ago).unwrap();
        }
    }

    /// What a server needs to keep its artifacts here.
    pub(crate) fn settings(&self, prefix: &str) -> [(&'static str, String); 5] {
        [
            ("CI_ARTIFACTS_URL", format!("s3://{BUCKET}/{prefix}")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ]
    }

    pub(crate) fn keeps(&self, setting: Setting, prefix: &str) -> Setting {
        self.settings(prefix).into_iter().fold(setting, |setting, (name, value)| setting.with(name, value))
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

async fn answer(
    service: S3Service,
    seen: Arc<Mutex<Seen>>,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<hyper::Response<Body>, Box<dyn std::error::Error + Send + Sync>> {
    let lists = request.uri().query().is_some_and(|query| query.contains("list-type=2"));
    let method = if lists { "LIST" } else { request.method().as_str() }.to_owned();
    let trouble = {
        let mut seen = seen.lock().unwrap();
        *seen.requests.entry(method.clone()).or_default() += 1;
        match &mut seen.trouble {
            Some((of, trouble, times)) if *times > 0 && (*of == method || *of == "*") => {
                *times -= 1;
                Some(*trouble)
            }
            _ => None,
        }
    };
    match trouble {
        Some(Trouble::Silent) => std::future::pending().await,
        Some(Trouble::Answers(status, code)) => {
            // All of the request first: who still writes would see a broken connection instead of the answer.
            let _ = axum::body::to_bytes(Body::new(request.into_body()), usize::MAX).await?;
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{KEY}</Message></Error>");
            return Ok(hyper::Response::builder().status(status).body(Body::from(body))?);
        }
        _ => {}
    }
    let response = service.call(request.map(s3s::Body::from)).await.map_err(|error| format!("{error:?}"))?;
    let (parts, body) = response.into_parts();
    let body = Body::new(body);
    let body = match trouble {
        Some(Trouble::Cut) => {
            let whole = axum::body::to_bytes(body, usize::MAX).await?;
            let half = Ok(whole.slice(..whole.len() / 2));
            let broken = Err(std::io::Error::other("cut"));
            Body::from_stream(futures_util::stream::iter([half, broken]))
        }
        Some(Trouble::Other) => {
            let mut whole = axum::body::to_bytes(body, usize::MAX).await?.to_vec();
            if let Some(byte) = whole.last_mut() {
                *byte ^= 1;
            }
            Body::from(Bytes::from(whole))
        }
        _ => body,
    };
    Ok(hyper::Response::from_parts(parts, body))
}
