//! A TCP proxy on loopback that can delay, hold, swallow, refuse and reset what goes through it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to bytes, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Each chunk arrives this much later.
    Delay(Duration),
    /// A black hole: bytes are taken and never arrive, not even when it is over.
    Swallow,
}

#[derive(Debug, Clone)]
struct State {
    mode: Mode,
    /// Held by every connection that is open; another one to break them.
    generation: Arc<()>,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
}

impl Proxy {
    pub(crate) async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = watch::channel(State { mode: Mode::Pass, generation: Arc::default() });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, upstream, seen.clone()));
            }
        });
        Self { address, state }
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Break every open connection by RST; when it answers, all are broken.
    pub(crate) async fn reset(&self) {
        let mut broken = Arc::default();
        self.state.send_modify(|state| std::mem::swap(&mut state.generation, &mut broken));
        while Arc::strong_count(&broken) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn carry(client: TcpStream, upstream: SocketAddr, mut state: watch::Receiver<State>) {
    let born = Arc::clone(&state.borrow_and_update().generation);
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    for stream in [&client, &server] {
        // Dropping the stream then sends RST and not FIN.
        let _ = stream.set_zero_linger();
        let _ = stream.set_nodelay(true);
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let seen = state.clone();
    tokio::select! {
        () = pump(from_client, to_server, seen.clone()) => {}
        () = pump(from_server, to_client, seen) => {}
        _ = state.wait_for(|state| !Arc::ptr_eq(&state.generation, &born)) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: watch::Receiver<State>) {
    let mut chunk = vec![0; 16 << 10];
    loop {
        let Ok(n @ 1..) = from.read(&mut chunk).await else { return };
        let mode = state.borrow().mode;
        match mode {
            Mode::Swallow => continue,
            Mode::Delay(time) => tokio::time::sleep(time).await,
            Mode::Pass => {}
        }
        if to.write_all(&chunk[..n]).await.is_err() {
            return;
        }
    }
}
