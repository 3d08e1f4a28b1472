//! A git server that answers what a test tells it to: what hostile, broken and moved ones do. And what a real one can
//! stand behind: TLS with a certificate of its own, and a proxy.

use std::io::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Response, header};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hyper::body::Frame;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// One request.
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Bytes,
}

impl Asked {
    /// The repository's name.
    pub(crate) fn repo(&self) -> &str {
        self.path.split('/').nth(2).unwrap_or_default().trim_end_matches(".git")
    }

    pub(crate) fn wants_references(&self) -> bool {
        self.path.contains("/info/refs?service=git-upload-pack")
    }

    /// Whether this is the request that a pack answers, and not the one for where history is cut.
    pub(crate) fn wants_pack(&self) -> bool {
        self.body.ends_with(b"done\n")
    }
}

pub(crate) struct Forge {
    pub(crate) url: String,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
}

impl Forge {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Response<Body> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                        let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                        async move {
                            let (parts, body) = request.into_parts();
                            let body = axum::body::to_bytes(Body::new(body), 1 << 20).await.unwrap_or_default();
                            let authorization = parts.headers.get(header::AUTHORIZATION);
                            let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
                            let method = parts.method.to_string();
                            let asked = Asked { method, path: parts.uri.to_string(), authorization, body };
                            let response = answer(&asked);
                            log.lock().unwrap().push(asked);
                            Ok::<_, std::convert::Infallible>(response)
                        }
                    });
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, asked }
    }
}

/// A body whose pieces are made when they are wanted; an error cuts the connection.
struct Pieces<F>(F);

impl<F: FnMut() -> Option<std::io::Result<Bytes>> + Unpin> hyper::body::Body for Pieces<F> {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        Poll::Ready((self.0)().map(|piece| piece.map(Frame::data)))
    }
}

/// `piece` for ever.
pub(crate) fn endless(first: Vec<u8>, piece: Vec<u8>) -> Body {
    let (mut first, piece) = (Some(first), Bytes::from(piece));
    Body::new(Pieces(move || Some(Ok(first.take().map_or_else(|| piece.clone(), Bytes::from)))))
}

/// Half of it, then the connection breaks.
pub(crate) fn cut(bytes: &[u8]) -> Body {
    let mut half = Some(Bytes::copy_from_slice(&bytes[..bytes.len() / 2]));
    Body::new(Pieces(move || Some(half.take().ok_or_else(|| std::io::Error::other("cut")))))
}

pub(crate) fn response(kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().header(header::CONTENT_TYPE, kind).body(body.into()).unwrap()
}

pub(crate) fn references(body: impl Into<Body>) -> Response<Body> {
    response("application/x-git-upload-pack-advertisement", body)
}

pub(crate) fn result(body: impl Into<Body>) -> Response<Body> {
    response("application/x-git-upload-pack-result", body)
}

/// A packet of git's protocol.
pub(crate) fn packet(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [format!("{:04x}", payload.len() + 4).as_bytes(), payload].concat()
}

/// A list of references without its end: one branch, at `sha`.
pub(crate) fn advertised(sha: &str) -> Vec<u8> {
    let capabilities =
        "multi_ack_detailed shallow ofs-delta side-band-64k allow-tip-sha1-in-want allow-reachable-sha1-in-want";
    let head = packet(format!("{sha} refs/heads/main\0{capabilities}\n"));
    [packet("# service=git-upload-pack\n"), b"0000".to_vec(), head].concat()
}

/// What a server says before the pack, in answer to a shallow fetch of `sha`.
pub(crate) fn shallow(sha: &str) -> Vec<u8> {
    [packet(format!("shallow {sha}")), b"0000".to_vec()].concat()
}

/// A pack in side band packets, and what stands around it.
pub(crate) fn carried(sha: &str, pack: &[u8]) -> Vec<u8> {
    let packets = pack.chunks(60_000).map(|chunk| packet([b"\x01", chunk].concat()));
    [shallow(sha), packet("NAK\n"), packets.collect::<Vec<_>>().concat(), b"0000".to_vec()].concat()
}

/// Kinds of entries of a pack.
pub(crate) const BLOB: u8 = 3;
pub(crate) const OFS_DELTA: u8 = 6;
pub(crate) const REF_DELTA: u8 = 7;

/// An entry that says it has `size` bytes, whatever `data` has; `base` of a delta as it stands in the pack.
pub(crate) fn entry(kind: u8, size: usize, base: &[u8], data: &[u8]) -> Vec<u8> {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(data).unwrap();
    let mut head = vec![kind << 4 | (size & 15) as u8];
    head.extend(number(size >> 4));
    if size > 15 {
        head[0] |= 0x80;
    } else {
        head.truncate(1);
    }
    [&head, base, &deflate.finish().unwrap()].concat()
}

/// Entries with the header that says `count`, and the hash that ends a pack.
pub(crate) fn pack(count: u32, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut pack = [b"PACK\0\0\0\x02", count.to_be_bytes().as_slice(), &entries.concat()].concat();
    let hash = Sha1::digest(&pack);
    pack.extend_from_slice(&hash);
    pack
}

/// A pack of a blob of `size` bytes and `count` deltas, each made of the one before it; by its place or by its id.
pub(crate) fn delta_bomb(size: usize, count: u32, by_id: bool) -> Vec<u8> {
    let mut content = vec![0_u8; size];
    let mut entries = vec![entry(BLOB, size, &[], &content)];
    for n in 1..=count {
        let id = Sha1::digest([format!("blob {size}\0").as_bytes(), &content].concat());
        let distance = entries.last().unwrap().len();
        // Insert four bytes, then copy all but the last four.
        let copied = (size - 4).to_le_bytes();
        content.rotate_right(4);
        content[..4].copy_from_slice(&n.to_be_bytes());
        let sizes = [number(size), number(size)].concat();
        let delta = [&sizes, &[4][..], &content[..4], &[0x80 | 0x70], &copied[..3]].concat();
        let (kind, base) = if by_id { (REF_DELTA, id.to_vec()) } else { (OFS_DELTA, offset(distance)) };
        entries.push(entry(kind, delta.len(), &base, &delta));
    }
    pack(count + 1, &entries)
}

/// Seven bits a byte, the lowest first.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// How far back a base lies: seven bits a byte, the highest first, and one less for each further byte.
fn offset(mut distance: usize) -> Vec<u8> {
    let mut bytes = vec![distance as u8 & 0x7f];
    while distance > 0x7f {
        distance = (distance >> 7) - 1;
        bytes.insert(0, distance as u8 | 0x80);
    }
    bytes
}

/// TLS in front of `upstream`, with a certificate for 127.0.0.1 that no system knows. Answers its address and the
/// certificate.
pub(crate) async fn start_tls(upstream: SocketAddr) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else { return };
                let Ok(mut server) = TcpStream::connect(upstream).await else { return };
                let _ = copy_bidirectional(&mut inside, &mut server).await;
            });
        }
    });
    (url, certificate.pem())
}

/// A proxy as `HTTPS_PROXY` names one. Answers its address and which hosts it was asked for.
pub(crate) async fn start_proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let hosts = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&hosts);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let host = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
            log.lock().unwrap().push(host.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(host).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (url, hosts)
}
