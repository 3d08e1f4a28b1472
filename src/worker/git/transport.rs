//! How libgit2 reaches a git server over http and https: its smart protocol, carried by a client of ours that stays at
//! one origin, bounds what it reads and remembers why it stopped.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport};
use git2::{Error, Remote};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

use super::answer::GitAnswer;
use super::bounds::Bounds;
use super::{FetchRequest, failure};
use crate::model::Fault;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest silence, before an answer and within it.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_REDIRECTS: usize = 5;
/// Servers choose the protocol by the first word.
const USER_AGENT: &str = concat!("git/2.0 (ci-feed ", env!("CARGO_PKG_VERSION"), ")");
const REFERENCES: &str = "/info/refs?service=git-upload-pack";

/// One repository's server; clones share the connection.
#[derive(Clone)]
pub(super) struct HttpTransport(Arc<Shared>);

struct Shared {
    client: Client,
    token: Option<String>,
    max_bytes: u64,
    /// Commits that are here already: sent to the server as `have` lines.
    offered: Vec<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where the repository is, after redirects.
    repository: String,
    open: Option<Open>,
    failure: Option<Fault>,
}

/// An answer that is being read.
struct Open {
    /// What it answers; empty for the list of references.
    request: Vec<u8>,
    response: Response,
    answer: GitAnswer,
}

impl HttpTransport {
    /// For a repository at an address of this scheme; the token goes along with each request.
    pub(super) fn new(scheme: &str, request: &FetchRequest) -> Result<Self, Fault> {
        let mut client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(SILENCE_TIMEOUT)
            .redirect(Policy::custom(|attempt| {
                let stays = attempt.previous().first().is_some_and(|first| same_origin(first, attempt.url()));
                if stays && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
            }));
        if scheme == "http" {
            // Reading the system's certificates takes longer than a small fetch.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(|error| failure::client(&error))?;
        let (token, max_bytes) = (request.token.clone(), request.max_bytes);
        let offered = request.known.iter().flat_map(|known| known.commits.iter().cloned()).collect();
        Ok(Self(Arc::new(Shared { client, token, max_bytes, offered, state: Mutex::default() })))
    }

    /// What libgit2 is to use for a remote.
    pub(super) fn of(&self, remote: &Remote<'_>) -> Result<Transport, Error> {
        Transport::smart(remote, true, self.clone())
    }

    /// Why the last exchange stopped; libgit2 passes on no more than that it did.
    pub(super) fn take_failure(&self) -> Option<Fault> {
        self.0.state().failure.take()
    }
}

/// Credentials in the address would be sent along, and were not asked for.
fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin() && other.username().is_empty() && other.password().is_none()
}

impl SmartSubtransport for HttpTransport {
    fn action(&self, url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, Error> {
        let mut state = self.0.state();
        match service {
            Service::UploadPackLs => {
                let request = self.0.client.get(format!("{url}{REFERENCES}"));
                let answered =
                    self.0.ask(request, "application/x-git-upload-pack-advertisement").and_then(|response| {
                        let repository = response.url().as_str().strip_suffix(REFERENCES).map(str::to_owned);
                        Ok((repository.ok_or_else(failure::not_git)?, response))
                    });
                let (repository, response) = answered.map_err(|failure| {
                    state.failure = Some(failure);
                    Error::from_str("the transport stopped")
                })?;
                let open = Open { request: Vec::new(), response, answer: GitAnswer::advertisement() };
                *state = State { repository, open: Some(open), failure: None };
            }
            Service::UploadPack => {}
            Service::ReceivePackLs | Service::ReceivePack => return Err(Error::from_str("nothing is ever pushed")),
        }
        Ok(Box::new(Exchange { shared: Arc::clone(&self.0), request: Vec::new() }))
    }

    fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// One request of libgit2, and the reading of its answer.
struct Exchange {
    shared: Arc<Shared>,
    request: Vec<u8>,
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.request.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Exchange {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut state = self.shared.state();
        self.shared.read(&mut state, &self.request, into).map_err(|failure| {
            state.failure = Some(failure);
            // libgit2 takes it as a C string: nothing of the server's.
            io::Error::other("the transport stopped")
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Read on in the answer to `request`, which is sent first if it is not the one being read.
    fn read(&self, state: &mut State, request: &[u8], into: &mut [u8]) -> Result<usize, Fault> {
        let request = completed(request, &self.offered);
        if state.open.as_ref().is_none_or(|open| open.request != request) {
            if let Some(mut done) = state.open.take() {
                // libgit2 knows the end when it sees it; the connection can be used again once it was read.
                let _ = done.response.read(&mut [0]);
            }
            let post = self.client.post(format!("{}/git-upload-pack", state.repository));
            let post = post.header(CONTENT_TYPE, "application/x-git-upload-pack-request").body(request.clone());
            let response = self.ask(post, "application/x-git-upload-pack-result")?;
            state.open = Some(Open { request, response, answer: GitAnswer::pack(Bounds::of(self.max_bytes)) });
        }
        let Some(open) = &mut state.open else { return Ok(0) };
        let read = open.response.read(into).map_err(|error| failure::broken_off(&error))?;
        if read == 0 && !into.is_empty() {
            // It asks for more only where more must come. Without a length the end of a connection looks like an end.
            return Err(failure::cut_off());
        }
        open.answer.see(&into[..read]).map_err(|excess| excess.failure(self.max_bytes))?;
        Ok(read)
    }

    fn ask(&self, request: RequestBuilder, content_type: &str) -> Result<Response, Fault> {
        let request = match &self.token {
            Some(token) => request.basic_auth("x-access-token", Some(token)),
            None => request,
        };
        let response = request.send().map_err(|error| failure::unreachable(&error))?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        match response.status() {
            StatusCode::OK if header(CONTENT_TYPE) == Some(content_type) => Ok(response),
            StatusCode::OK => Err(failure::not_git()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(failure::auth_required(self.token.is_some())),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(failure::repo_not_found()),
            status if status.is_redirection() => {
                Err(failure::redirected(header(LOCATION).and_then(|to| response.url().join(to).ok())))
            }
            status => Err(failure::status(status)),
        }
    }
}

/// What libgit2 asks for, as it is sent.
///
/// A shallow fetch is two requests for libgit2: which commits will be the last ones, then the same again with `done` for
/// the pack. A server that is told `done` at once answers both in one, and libgit2 reads on where it stopped. libgit2
/// has no commits to offer, because each fetch has a repository of its own; those that are known are added here, each as
/// shallow: its parents are not here.
///
/// The packets are those of gitprotocol-pack(5), "Packfile Negotiation".
fn completed(request: &[u8], offered: &[String]) -> Vec<u8> {
    const DONE: &[u8] = b"0009done\n";
    const FLUSH: &[u8] = b"0000";
    let wanted = request.strip_suffix(DONE).unwrap_or(request);
    let Some(wanted) = wanted.strip_suffix(FLUSH) else { return request.to_vec() };
    let packet = |word: &str, commit: &String| format!("{:04x}{word} {commit}\n", word.len() + commit.len() + 6);
    let packets = |word: &str| offered.iter().map(|commit| packet(word, commit)).collect::<String>();
    let deepen = wanted.windows(11).position(|window| &window[4..] == b"deepen ").unwrap_or(wanted.len());
    let (wants, deepen) = wanted.split_at(deepen);
    [wants, packets("shallow").as_bytes(), deepen, FLUSH, packets("have").as_bytes(), DONE].concat()
}
