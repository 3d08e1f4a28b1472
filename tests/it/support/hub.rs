//! A forge's API that keeps what is said to it, and has the faults that a test tells it to have.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode};
use futures_util::stream;
use serde_json::{Value, json};

use super::forge::{Asked, Forge, cut};

pub(crate) const WRITE_TOKEN: &str = "ghp_may_write";
/// Who the token belongs to.
pub(crate) const OURSELVES: i64 = 4711;

/// What goes wrong with a request.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// This status, with a header.
    Status(u16, Option<(&'static str, &'static str)>),
    /// Done, and then this status instead of the answer.
    DoneBut(u16, Option<(&'static str, &'static str)>),
    /// An answer that is none.
    Garbage,
    /// Half an answer.
    Cut,
    /// No end of an answer.
    Slow,
}

#[derive(Clone)]
pub(crate) struct Pull {
    pub(crate) head: String,
    pub(crate) base: String,
    /// Where it started from.
    pub(crate) start: String,
    pub(crate) state: &'static str,
    pub(crate) label: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: i64,
    pub(crate) pull: i64,
    pub(crate) author: i64,
    pub(crate) body: String,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) repo_id: i64,
    pub(crate) pulls: BTreeMap<i64, Pull>,
    pub(crate) comments: Vec<Comment>,
    /// Commit, state, description, address; the oldest first.
    pub(crate) statuses: Vec<(String, String, String, Value)>,
    /// Requests that begin so, and what happens to the next of each.
    faults: VecDeque<(&'static str, Fault)>,
    /// What happens to every request that begins so.
    pub(crate) broken: Option<(&'static str, Fault)>,
    next_id: i64,
}

impl State {
    /// The states of a commit, the oldest first.
    pub(crate) fn said(&self, commit: &str) -> Vec<&str> {
        self.statuses.iter().filter(|(sha, ..)| sha == commit).map(|(_, state, ..)| state.as_str()).collect()
    }

    pub(crate) fn comment(&mut self, pull: i64, author: i64, body: &str) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.comments.push(Comment { id, pull, author, body: body.to_owned() });
        id
    }

    fn fault(&mut self, request: &str) -> Option<Fault> {
        if let Some(at) = self.faults.iter().position(|(start, _)| is_of(request, start)) {
            return self.faults.remove(at).map(|(_, fault)| fault);
        }
        self.broken.filter(|(start, _)| is_of(request, start)).map(|(_, fault)| fault)
    }
}

/// `POST statuses` is of `POST /repos/octo/shop/statuses/...`.
fn is_of(request: &str, what: &str) -> bool {
    what.split(' ').all(|word| request.contains(word))
}

pub(crate) struct Hub {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    forge: Forge,
}

impl Hub {
    pub(crate) async fn start(repo_id: i64) -> Self {
        let state = Arc::new(Mutex::new(State { repo_id, next_id: 100, ..State::default() }));
        let shared = Arc::clone(&state);
        let forge = Forge::start(move |asked| answer(&mut shared.lock().unwrap(), asked)).await;
        Self { url: forge.url.clone(), state, forge }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next request of this kind goes wrong.
    pub(crate) fn fails(&self, what: &'static str, fault: Fault) {
        self.state().faults.push_back((what, fault));
    }

    pub(crate) fn pull(&self, number: i64, head: &str, start: &str) {
        let pull =
            Pull { head: head.to_owned(), base: start.to_owned(), start: start.to_owned(), state: "open", label: "" };
        self.state().pulls.insert(number, pull);
    }

    /// Method and path of each request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.forge.asked.lock().unwrap().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// Bodies of our comments.
    pub(crate) fn ours(&self) -> Vec<String> {
        let state = self.state();
        state.comments.iter().filter(|one| one.author == OURSELVES).map(|one| one.body.clone()).collect()
    }
}

fn answer(state: &mut State, asked: &Asked) -> Response<Body> {
    let request = format!("{} {}", asked.method, asked.path);
    if asked.authorization.as_deref() != Some(&format!("Bearer {WRITE_TOKEN}")) {
        return response(StatusCode::UNAUTHORIZED, &json!({}), None);
    }
    match state.fault(&request) {
        None => done(state, asked),
        Some(Fault::Status(status, header)) => response(StatusCode::from_u16(status).unwrap(), &json!({}), header),
        Some(Fault::DoneBut(status, header)) => {
            done(state, asked);
            response(StatusCode::from_u16(status).unwrap(), &json!({}), header)
        }
        Some(Fault::Garbage) => Response::new(Body::from("<html>")),
        Some(Fault::Cut) => Response::new(cut(b"{\"id\": 1, \"more\": 2}")),
        Some(Fault::Slow) => Response::new(Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())),
    }
}

fn done(state: &mut State, asked: &Asked) -> Response<Body> {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let number = |text: &str| text.parse::<i64>().unwrap();
    let missing = || response(StatusCode::NOT_FOUND, &json!({ "message": "Not Found" }), None);
    let shown = |one: &Comment| json!({ "id": one.id, "body": one.body, "user": { "id": one.author } });
    match (asked.method.as_str(), &parts[..]) {
        ("GET", ["user"] | ["users", "github-actions%5Bbot%5D"]) => {
            response(StatusCode::OK, &json!({ "id": OURSELVES }), None)
        }
        ("POST", ["repos", _, _, "statuses", sha]) => {
            let said = ((*sha).to_owned(), text("state"), text("description"), body["target_url"].clone());
            assert!(said.2.chars().count() <= 140, "{said:?}");
            state.statuses.push(said);
            response(StatusCode::CREATED, &json!({ "id": 1 }), None)
        }
        ("GET", ["repos", _, _, "commits", sha, "statuses"]) => {
            let of = state.statuses.iter().rev().filter(|(commit, ..)| commit == sha);
            let of = of.map(|(_, state, description, _)| {
                json!({ "context": "ci-feed", "state": state, "description": description })
            });
            response(StatusCode::OK, &of.collect(), None)
        }
        ("GET", ["repos", _, _, "pulls", pull]) => match state.pulls.get(&number(pull)) {
            None => missing(),
            Some(pull) => {
                let base = json!({ "sha": pull.base, "repo": { "id": state.repo_id } });
                let labels = json!([{ "name": pull.label }]);
                let pull = json!({ "labels": labels, "state": pull.state, "head": { "sha": pull.head, "repo": null }, "base": base });
                response(StatusCode::OK, &pull, None)
            }
        },
        ("GET", ["repos", _, _, "compare", compared]) => {
            let head = compared.split("...").nth(1).unwrap();
            match state.pulls.values().find(|pull| pull.head == head) {
                None => missing(),
                Some(pull) => response(StatusCode::OK, &json!({ "merge_base_commit": { "sha": pull.start } }), None),
            }
        }
        ("GET", ["repos", _, _, "issues", pull, "comments"]) => {
            let value = |name: &str| {
                let found = query.split('&').find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
                found.unwrap().parse::<usize>().unwrap()
            };
            let (each, page) = (value("per_page"), value("page"));
            let all = state.comments.iter().filter(|one| one.pull == number(pull));
            response(StatusCode::OK, &all.skip(each * (page - 1)).take(each).map(shown).collect(), None)
        }
        ("POST", ["repos", _, _, "issues", pull, "comments"]) => {
            let id = state.comment(number(pull), OURSELVES, &text("body"));
            response(StatusCode::CREATED, &json!({ "id": id }), None)
        }
        (method, ["repos", _, _, "issues", "comments", id]) => {
            let Some(at) = state.comments.iter().position(|one| one.id == number(id)) else { return missing() };
            match method {
                "PATCH" => state.comments[at].body = text("body"),
                "DELETE" => drop(state.comments.remove(at)),
                _ => {}
            }
            let comment = state.comments.get(at).filter(|one| one.id == number(id));
            match comment {
                None => response(StatusCode::NO_CONTENT, &Value::Null, None),
                Some(comment) => response(StatusCode::OK, &shown(comment), None),
            }
        }
        _ => panic!("nobody should ask for {} {}", asked.method, asked.path),
    }
}

fn response(status: StatusCode, body: &Value, header: Option<(&str, &str)>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if let Some((name, value)) = header {
        response = response.header(name, value);
    }
    let body = if status == StatusCode::NO_CONTENT { Body::empty() } else { Body::from(body.to_string()) };
    response.body(body).unwrap()
}
