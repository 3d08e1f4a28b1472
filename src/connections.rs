//! The connections of clients, bounded in number and in patience. Each remembers when its client last made progress.
//! One that makes none for too long is closed; at the bound a new connection takes the place of the stalest one of the
//! client that holds the most, or of one that has its answer, so that nobody who holds connections open can shut others out.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Connections at once, where the limit on open files allows them.
const MAX_CONNECTIONS: usize = 1024;
/// Open files beside those of connections: database, artifacts, children, the listener.
const OTHER_FILES: u64 = 256;
/// Connections that are served however low the limit on open files is.
const MIN_CONNECTIONS: usize = 32;
/// How long a client may neither send what is read nor take what is written.
const STALL_TIME: Duration = Duration::from_secs(20);
/// Bytes that a client takes within that time at least: what is left of an answer is memory that others wait for.
const LEAST_TAKEN: usize = 64 << 10;
/// How often one is looked for that can be closed, while somebody waits for a place.
const CROWDED_PERIOD: Duration = Duration::from_millis(50);
/// How often stalled connections are looked for.
const SWEEP_PERIOD: Duration = Duration::from_secs(1);

/// Every open connection of a server.
pub(crate) struct Connections {
    places: Arc<Semaphore>,
    open: Mutex<BTreeMap<u64, Arc<Connection>>>,
    next: AtomicU64,
    started: Instant,
    /// Whether somebody waits for a place.
    is_crowded: Arc<AtomicBool>,
}

/// One connection, as the others know it.
pub(crate) struct Connection {
    /// Milliseconds from the server's start to when the client last sent a byte or had taken enough.
    progress: AtomicU64,
    /// Bytes that the client took since then.
    taken: AtomicUsize,
    /// Whether the server works on a request that it has read: then it is not the client who makes it last.
    is_working: AtomicBool,
    /// Whom it counts for: the peer, or whom the trusted proxy names.
    client: Mutex<IpAddr>,
    started: Instant,
    close: CancellationToken,
    is_crowded: Arc<AtomicBool>,
}

/// A place among the open connections, given back when dropped.
pub(crate) struct ConnectionSlot {
    all: Arc<Connections>,
    id: u64,
    pub(crate) connection: Arc<Connection>,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    /// As many as the limit on open files allows once it is raised as far as this process may.
    pub(crate) fn new() -> Arc<Self> {
        let places = Arc::new(Semaphore::new(raise_file_limit()));
        let (open, next, started) = (Mutex::default(), AtomicU64::new(0), Instant::now());
        Arc::new(Self { places, open, next, started, is_crowded: Arc::default() })
    }

    /// A place for a client that was accepted; at the bound another one is closed for it.
    pub(crate) async fn enter(self: &Arc<Self>, peer: SocketAddr) -> ConnectionSlot {
        let permit = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.make_room().await,
        };
        let connection = Arc::new(Connection {
            progress: AtomicU64::new(0),
            taken: AtomicUsize::new(0),
            is_working: AtomicBool::new(false),
            client: Mutex::new(peer.ip()),
            started: self.started,
            close: CancellationToken::new(),
            is_crowded: Arc::clone(&self.is_crowded),
        });
        connection.touch();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, Arc::clone(&connection));
        ConnectionSlot { all: Arc::clone(self), id, connection, _permit: permit }
    }

    /// A place that another connection gives up: the stalest, or the first at work whose answer is ready.
    async fn make_room(&self) -> OwnedSemaphorePermit {
        self.is_crowded.store(true, Ordering::Relaxed);
        let permit = loop {
            self.close_stalest();
            let place = Arc::clone(&self.places).acquire_owned();
            if let Ok(permit) = tokio::time::timeout(CROWDED_PERIOD, place).await {
                break permit.expect("the semaphore is never closed");
            }
        };
        self.is_crowded.store(false, Ordering::Relaxed);
        permit
    }

    /// Close what has stalled, again and again, for as long as this is awaited.
    pub(crate) async fn sweep(&self) {
        let mut period = tokio::time::interval(SWEEP_PERIOD);
        loop {
            period.tick().await;
            for connection in self.lock().values() {
                if connection.idle_time().is_some_and(|idle| idle > STALL_TIME) {
                    connection.close.cancel();
                }
            }
        }
    }

    /// Close the connection that has waited longest for its client, of the client that lets most of them wait.
    fn close_stalest(&self) {
        let open = self.lock();
        let mut waiting: BTreeMap<IpAddr, Vec<(Duration, &Connection)>> = BTreeMap::new();
        for connection in open.values().filter(|connection| !connection.close.is_cancelled()) {
            if let Some(idle) = connection.idle_time() {
                waiting.entry(connection.client()).or_default().push((idle, connection));
            }
        }
        let most = waiting.into_values().max_by_key(Vec::len);
        if let Some((_, stalest)) = most.into_iter().flatten().max_by_key(|(idle, _)| *idle) {
            stalest.close.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.all.lock().remove(&self.id);
    }
}

impl Connection {
    /// Completes when the connection has to be closed.
    pub(crate) async fn closed(&self) {
        self.close.cancelled().await;
    }

    /// Count it for this client from now on.
    pub(crate) fn belongs_to(&self, client: IpAddr) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    /// Say whether the server is at work on a request of it.
    pub(crate) fn works(&self, is_working: bool) {
        self.is_working.store(is_working, Ordering::Relaxed);
        self.touch();
    }

    /// Whether an answer must be its last one: others wait for its place, and further requests may lie behind this one.
    pub(crate) fn is_last(&self) -> bool {
        self.is_crowded.load(Ordering::Relaxed)
    }

    fn client(&self) -> IpAddr {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client has taken so many bytes: progress, once it is enough.
    fn took(&self, bytes: usize) {
        if self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes >= LEAST_TAKEN {
            self.taken.store(0, Ordering::Relaxed);
            self.touch();
        }
    }

    fn touch(&self) {
        let since_start = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.progress.store(since_start, Ordering::Relaxed);
    }

    /// How long the client has made no progress; `None` while the server is at work.
    fn idle_time(&self) -> Option<Duration> {
        let last = Duration::from_millis(self.progress.load(Ordering::Relaxed));
        (!self.is_working.load(Ordering::Relaxed)).then(|| self.started.elapsed().saturating_sub(last))
    }
}

/// The stream of a connection, which notes its progress.
pub(crate) struct Noted {
    pub(crate) stream: TcpStream,
    pub(crate) connection: Arc<Connection>,
}

impl AsyncRead for Noted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.connection.touch();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Noted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.connection.took(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
        self.connection.took(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The body of a request: while its next part is waited for, the server is not at work.
pub(crate) struct Awaited<B> {
    pub(crate) body: B,
    pub(crate) connection: Arc<Connection>,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Awaited<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.connection.is_working.store(polled.is_ready(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Raise the limit on open files as far as connections want it and this process may; the number of connections that
/// then fit.
fn raise_file_limit() -> usize {
    let wanted = MAX_CONNECTIONS as u64 + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    let (Some(current), most) = (limit.current, limit.maximum.unwrap_or(wanted)) else {
        return MAX_CONNECTIONS;
    };
    let raised = wanted.min(most).max(current);
    let raise = || setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum });
    let files = if raised == current || raise().is_ok() { raised } else { current };
    let fitting = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(MAX_CONNECTIONS);
    let connections = fitting.clamp(MIN_CONNECTIONS, MAX_CONNECTIONS);
    if connections < MAX_CONNECTIONS {
        tracing::warn!(
            "the limit on open files is {files}: at most {connections} connections are served; raise it to {wanted} (ulimit -n)"
        );
    } else if files > current {
        tracing::info!("the limit on open files was raised from {current} to {files}");
    }
    connections
}
