//! What is delivered: pushes of real commits in as many repositories as it takes, and how each was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use ci_feed::config::Secret;
use ci_feed::github::signature;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Api, SECRET};

/// Commits of the one repository that all names lead to.
const COMMITS: usize = 10;
/// GitHub waits as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pushes in a fixed order.
pub(crate) struct Pushes {
    commits: Vec<String>,
    /// How many repositories are pushed to in turn; `None`: all commits to one, then to the next.
    in_turn: Option<usize>,
}

impl Pushes {
    /// Lay out `<root>/octo/r<n>.git` for so many pushes: ten to one repository, ten to the next.
    pub(crate) fn lay_out(root: &Path, count: usize) -> Self {
        Self { commits: commits(root, count / COMMITS + 1), in_turn: None }
    }

    /// Of so many repositories, to each in turn; ten commits of each at most.
    pub(crate) fn in_turn(root: &Path, repositories: usize) -> Self {
        Self { commits: commits(root, repositories), in_turn: Some(repositories) }
    }

    fn payload(&self, n: usize) -> Value {
        let (repository, commit) = match self.in_turn {
            None => (n / COMMITS, n % COMMITS),
            Some(repositories) => (n % repositories, n / repositories % COMMITS),
        };
        let mut push = payload::push("octo", &format!("r{repository}"), &self.commits[commit]);
        push["before"] = match commit {
            0 => json!("0".repeat(40)),
            at => json!(self.commits[at - 1]),
        };
        push
    }

    /// Deliver number n; `None` when no answer came.
    pub(crate) async fn deliver(&self, api: &Api, n: usize) -> Answer {
        let body = self.payload(n).to_string().into_bytes();
        let sent = Instant::now();
        let answer = api
            .request("POST", "/api/webhooks/github")
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "push")
            .header("X-GitHub-Delivery", Uuid::new_v4().to_string())
            .header("X-Hub-Signature-256", signature::sign(&Secret::new(SECRET), &body))
            .timeout(PATIENCE)
            .body(body)
            .send()
            .await;
        let Ok(response) = answer else { return Answer::None };
        let status = response.status();
        let Ok(answer) = response.json::<Value>().await else { return Answer::None };
        match answer["run_id"].as_str() {
            Some(run_id) => Answer::Accepted { run_id: run_id.to_owned(), took: sent.elapsed() },
            None => Answer::Refused(status.as_u16()),
        }
    }
}

/// The commits of one repository that so many names lead to.
fn commits(root: &Path, names: usize) -> Vec<String> {
    let mut repo = TestRepo::create(root, "octo", "origin");
    for n in 0..names {
        std::os::unix::fs::symlink("origin.git", root.join("octo").join(format!("r{n}.git"))).unwrap();
    }
    let commit = |n| {
        let route =
            format!("const app = require('express')();\napp.get('/v{n}', (q, r) => r.end());\napp.listen(3000);\n");
        repo.commit(&[("server.js", &route), ("package.json", "{ \"name\": \"shop\" }\n")])
    };
    (0..COMMITS).map(commit).collect()
}

/// How a delivery was answered.
pub(crate) enum Answer {
    Accepted {
        run_id: String,
        took: Duration,
    },
    Refused(u16),
    /// The connection broke, or nothing listened.
    None,
}

/// What is known of all deliveries.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) run_ids: BTreeSet<String>,
    pub(crate) accepted: BTreeSet<usize>,
    pub(crate) times: Vec<Duration>,
    pub(crate) unanswered: usize,
    pub(crate) refused: BTreeMap<u16, usize>,
}

impl Ledger {
    pub(crate) fn note(&mut self, n: usize, answer: Answer) {
        match answer {
            Answer::Accepted { run_id, took } => {
                self.run_ids.insert(run_id);
                self.accepted.insert(n);
                self.times.push(took);
            }
            Answer::Refused(status) => *self.refused.entry(status).or_default() += 1,
            Answer::None => self.unanswered += 1,
        }
    }

    pub(crate) fn report(&self) {
        println!(
            "  deliveries {} accepted, {} unanswered, refused {:?}; median {:.0?}, p99 {:.0?}, slowest {:.0?}",
            self.times.len(),
            self.unanswered,
            self.refused,
            self.within(0.5),
            self.within(0.99),
            self.within(1.0)
        );
    }

    /// The time within which this share of the accepted deliveries was answered.
    pub(crate) fn within(&self, share: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = (times.len() as f64 * share) as usize;
        times.get(at).or(times.last()).copied().unwrap_or_default()
    }
}

/// A number below `end`.
pub(crate) fn random(end: usize) -> usize {
    usize::try_from(Uuid::new_v4().as_u128() % end as u128).unwrap()
}
