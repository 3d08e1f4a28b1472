//! A server from its parts: database, worker, router, listener; and its orderly shutdown.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::artifacts::Artifacts;
use crate::config::{Config, ConfigError, sqlite_file};
use crate::connections::{Awaited, Connection, ConnectionSlot, Connections, Noted};
use crate::http::{AppState, client_address, router};
use crate::store::{Store, StoreError};
use crate::worker::Worker;
use crate::worker::sandbox::Sandbox;

/// A connection that has not sent its headers by then is closed; axum's own `serve` would wait forever.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for the database's connections to close in order.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// How long a starting process may keep the database's lock file for itself.
const LOCK_ATTEMPTS: usize = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// Time for answers that are under way, after the jobs' grace.
const DRAIN_TIME: Duration = Duration::from_secs(3);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("cannot use the database of DATABASE_URL ({problem})")]
    Database {
        /// What it said, without the URL.
        problem: String,
        /// The error itself.
        source: StoreError,
    },
    /// The address.
    #[error("cannot listen on {address}: {source}; set CI_FEED_BIND or PORT to a free one")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// What confines fetching and analyzing.
    #[error("{0}")]
    Sandbox(std::io::Error),
    /// Where the artifacts are kept.
    #[error("{0}")]
    Artifacts(ConfigError),
    /// The folder of the SQLite file.
    #[error("cannot create the folder for the database file of DATABASE_URL: {0}")]
    Folder(std::io::Error),
}

impl StartError {
    fn of_database(source: StoreError) -> Self {
        let cause = std::error::Error::source(&source).map_or_else(|| source.to_string(), ToString::to_string);
        Self::Database { problem: cause, source }
    }
}

/// A server that listens and does not serve yet.
pub struct App {
    listener: TcpListener,
    router: Router,
    worker: Arc<Worker>,
    store: Store,
    config: Arc<Config>,
    /// Held as long as the process lives; see [`DatabaseLock`].
    _lock: Option<File>,
}

impl App {
    /// Open the database and the port. `program` is this binary, which the worker starts as its children.
    ///
    /// # Errors
    /// [`StartError`] with a sentence that names the setting.
    pub async fn start(config: Config, program: PathBuf) -> Result<Self, StartError> {
        let artifacts = Artifacts::new(&config.artifacts, config.job_timeout).map_err(StartError::Artifacts)?;
        let config = Arc::new(config);
        let sandbox = Sandbox::probe(&program, &config).await.map_err(StartError::Sandbox)?;
        let database = prepare_database_folder(config.database_url.expose()).await.map_err(StartError::Folder)?;
        let store = Store::open(config.database_url.expose(), config.max_attempts).await;
        let store = store.map_err(StartError::of_database)?;
        let store = if config.github_write_token.is_some() { store.speaking() } else { store };
        let lock = match database.as_deref() {
            Some(database) => DatabaseLock::open(database).await,
            None => None,
        };
        if lock.as_ref().is_some_and(DatabaseLock::is_alone) {
            let released = store.release_orphans().await;
            let released = released.map_err(StartError::of_database)?;
            if released > 0 {
                tracing::warn!("{released} jobs were leased by a process that is gone; they are due now");
            }
        }
        let lock = match lock {
            Some(lock) => lock.share().await,
            None => None,
        };
        let listener = TcpListener::bind(config.bind).await;
        let listener = listener.map_err(|source| StartError::Listen { address: config.bind, source })?;
        let analyzer = ci_feed_analyzer::identity();
        let worker = Worker::new(store.clone(), artifacts.clone(), config.clone(), program, analyzer, sandbox);
        let router = router(AppState::new(store.clone(), artifacts, worker.clone(), config.clone()));
        Ok(Self { listener, router, worker, store, config, _lock: lock })
    }

    /// Where it listens; the port is the real one where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or(self.config.bind)
    }

    /// Serve until `stop` is cancelled, then let jobs and answers finish.
    pub async fn serve(self, stop: CancellationToken) {
        let graceful = GracefulShutdown::new();
        let connections = Connections::new();
        let accepting = async {
            loop {
                let (stream, peer, place) = accept(&self.listener, &connections).await;
                let (router, hops) = (self.router.clone(), self.config.trusted_proxy_hops);
                let watched = graceful.watch(served(stream, peer, Arc::clone(&place.connection), router, hops));
                tokio::spawn(async move {
                    // Clients break off all the time; that is no news.
                    tokio::select! {
                        _ = watched => {}
                        () = place.connection.closed() => {}
                    }
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            () = connections.sweep() => {}
            () = stop.cancelled() => {}
        }
        drop(self.listener);
        tracing::info!("stopping: no new connections, waiting for what is under way");
        self.worker.shut_down().await;
        if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
            tracing::warn!("some connections did not end by themselves");
        }
        // A connection whose other end does not answer would be waited for without end.
        if tokio::time::timeout(CLOSE_TIME, self.store.close()).await.is_err() {
            tracing::warn!("the database's connections did not close in time; they end with the process");
        }
    }
}

async fn accept(listener: &TcpListener, connections: &Arc<Connections>) -> (TcpStream, SocketAddr, ConnectionSlot) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, connections.enter(peer).await),
            Err(error) => {
                // Out of descriptors, most likely; others will be closed soon.
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn served(
    stream: TcpStream,
    peer: SocketAddr,
    connection: Arc<Connection>,
    router: Router,
    trusted_proxy_hops: usize,
) -> http1::Connection<
    TokioIo<Noted>,
    impl hyper::service::HttpService<Incoming, ResBody = Body, Error = std::convert::Infallible, Future: Send> + use<>,
> {
    let _ = stream.set_nodelay(true);
    let stream = Noted { stream, connection: Arc::clone(&connection) };
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        if trusted_proxy_hops > 0 {
            connection.belongs_to(client_address(peer, request.headers(), trusted_proxy_hops));
        }
        let (router, connection) = (router.clone(), Arc::clone(&connection));
        let request = request.map(|body| Body::new(Awaited { body, connection: Arc::clone(&connection) }));
        async move {
            connection.works(true);
            let mut answer = router.oneshot(request).await;
            connection.works(false);
            if let (Ok(answer), true) = (&mut answer, connection.is_last()) {
                answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            answer
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
}

/// Make the folder of a SQLite file; answers the file, if the database is one.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) async fn prepare_database_folder(url: &str) -> std::io::Result<Option<PathBuf>> {
    let file = sqlite_file(url);
    if let Some(folder) = file.as_deref().and_then(Path::parent) {
        tokio::fs::create_dir_all(folder).await?;
    }
    Ok(file)
}

/// The lock file next to a SQLite database, held in common by every process that uses it.
pub(crate) struct DatabaseLock(File);

impl DatabaseLock {
    /// `None` where the file cannot be made; then leases expire.
    pub(crate) async fn open(database: &Path) -> Option<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        Some(Self(tokio::fs::File::create(name).await.ok()?.into_std().await))
    }

    /// Whether no other process uses the database: then every lease in it is a dead process's.
    pub(crate) fn is_alone(&self) -> bool {
        self.0.try_lock().is_ok()
    }

    /// From now on others are not alone. One that is just starting holds the file for itself for a moment.
    async fn share(self) -> Option<File> {
        for _ in 0..LOCK_ATTEMPTS {
            if self.0.try_lock_shared().is_ok() {
                return Some(self.0);
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        None
    }
}
