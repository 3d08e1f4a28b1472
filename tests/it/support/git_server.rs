//! A real smart-HTTP git server on loopback: git's own `http-backend` behind a tiny route.
//!
//! Repositories of the owner `private` ask for the token [`TOKEN`]; those of `slow` never answer; those of `moved` are
//! now of `octo`; of `refs-only` no commit is handed out by its id, as servers do that have not been told to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

/// What `private/*` wants as password of `x-access-token`; base64 of `x-access-token:ghp_secret_token`.
pub(crate) const TOKEN: &str = "ghp_secret_token";
const BASIC: &str = "Basic eC1hY2Nlc3MtdG9rZW46Z2hwX3NlY3JldF90b2tlbg==";

pub(crate) struct GitServer {
    pub(crate) url: String,
    folder: TempDir,
    sent: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Served {
    root: Arc<PathBuf>,
    /// Bytes of all bodies.
    sent: Arc<AtomicUsize>,
}

impl GitServer {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let served = Served { root: Arc::new(folder.path().to_owned()), sent: Arc::clone(&sent) };
        let router = Router::new().fallback(serve).with_state(served);
        tokio::spawn(async move { axum_serve(listener, router).await });
        Self { url: format!("http://{address}"), folder, sent }
    }

    /// Bytes that it sent since this was asked last.
    pub(crate) fn sent(&self) -> usize {
        self.sent.swap(0, Ordering::SeqCst)
    }

    /// What its API answers from now on to the question for this path.
    pub(crate) fn tell(&self, path: &str, answer: &serde_json::Value) {
        let folder = self.root().join("api");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(path.replace('/', "~")), answer.to_string()).unwrap();
    }

    /// Where `<owner>/<name>.git` lie.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }
}

/// axum's own `serve` is not among our features; a loop over hyper does.
async fn axum_serve(listener: tokio::net::TcpListener, router: Router) {
    use hyper_util::rt::TokioIo;
    use tower::ServiceExt as _;
    while let Ok((stream, _)) = listener.accept().await {
        let router = router.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                router.clone().oneshot(request.map(axum::body::Body::new))
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn serve(State(Served { root, sent }): State<Served>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path.starts_with("/slow/") {
        std::future::pending::<()>().await;
    }
    if let Some(asked) = path.strip_prefix("/api/v3/") {
        let told = std::fs::read(root.join("api").join(asked.replace('/', "~")));
        return told.map_or_else(|_| StatusCode::NOT_FOUND.into_response(), |told| told.into_response());
    }
    if let Some(rest) = parts.uri.to_string().strip_prefix("/moved/") {
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, format!("/octo/{rest}"))]).into_response();
    }
    let header_text =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if path.starts_with("/private/") && header_text("authorization") != BASIC {
        let mut refused = StatusCode::UNAUTHORIZED.into_response();
        refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"git\""));
        return refused;
    }
    let body: Bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap_or_default();
    let any_sha = if path.starts_with("/refs-only/") { "false" } else { "true" };
    let mut backend = tokio::process::Command::new("git");
    backend
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root.as_path())
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", &path)
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("CONTENT_TYPE", header_text("content-type"))
        .env("HTTP_CONTENT_ENCODING", header_text("content-encoding"))
        .env("GIT_CONFIG_COUNT", "2")
        .env("GIT_CONFIG_KEY_0", "uploadpack.allowAnySHA1InWant")
        .env("GIT_CONFIG_VALUE_0", any_sha)
        .env("GIT_CONFIG_KEY_1", "safe.directory")
        .env("GIT_CONFIG_VALUE_1", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = backend.spawn().expect("git is installed");
    let mut stdin = child.stdin.take().unwrap();
    let write = async move {
        let _ = stdin.write_all(&body).await;
    };
    let ((), output) = tokio::join!(write, child.wait_with_output());
    let output = output.unwrap().stdout;
    sent.fetch_add(output.len(), Ordering::SeqCst);
    from_cgi(&output)
}

/// CGI: headers, an empty line, the body; the status is a header.
fn from_cgi(output: &[u8]) -> Response {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(output.len().saturating_sub(4));
    let mut response = Response::new(axum::body::Body::from(output[end + 4..].to_vec()));
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let Some((name, value)) = line.split_once(": ") else { continue };
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().and_then(|code| code.parse().ok());
            *response.status_mut() =
                code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_GATEWAY);
        } else if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(name), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
