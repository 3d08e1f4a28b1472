//! `cargo bench --bench questions -- --repositories DIR [--transcript FILE] [NAME...]`: questions that the label files know the
//! answers of, asked through `/mcp` with the official client of a server that analyzed the labelled commits. Each cited line is
//! read from the clone and hashed again. Nothing here passes or fails; what is wrong is printed.
//!
//! DIR holds clones as for the bench `accuracy`. `--transcript` writes each question with its answer as a line of JSON.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

#[path = "../../tests/it/support/git_server.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "the tests use the rest; a bench without its forge has no result")]
mod git_server;
#[path = "../accuracy/labels.rs"]
mod labels;
mod oracle;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser as _;
use labels::Labels;
use oracle::Application;
use serde_json::{Value, json};
use server::Server;

const READERS: usize = 40;
const ENDPOINTS: usize = 40;
const CHANGES: usize = 20;
/// Commits between the sides of a comparison, one after the other.
const APART: [usize; 3] = [40, 150, 400];

#[derive(Debug, clap::Parser)]
struct Options {
    /// Folder of clones
    #[arg(long, value_name = "DIR")]
    repositories: Option<PathBuf>,
    /// A folder of label files
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accuracy"))]
    labels: PathBuf,
    /// File for the questions with their answers
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// Only applications whose name contains one of these
    names: Vec<String>,
    /// Cargo gives it to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is wrong with an answer.
type Judge<'a> = Box<dyn Fn(&Value) -> Vec<String> + 'a>;

struct Question<'a> {
    tool: &'static str,
    arguments: Value,
    /// The applications of which somebody without the tool would read the dossier.
    about: Vec<&'a Application>,
    judge: Judge<'a>,
}

fn main() {
    let options = Options::parse();
    let Some(clones) = &options.repositories else {
        println!("nothing asked: name the folder of clones with `-- --repositories DIR`");
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wanted = |labels: &Labels| {
        let has_both = ["endpoint", "env_var"].iter().all(|kind| labels.kinds.contains_key(*kind));
        let is_named = options.names.iter().any(|name| labels.repository.contains(name.as_str()));
        has_both && (options.names.is_empty() || is_named)
    };
    let labels = labels::read_all(&options.labels).expect("label files").into_iter().filter(wanted);
    let applications: Vec<_> = labels.filter_map(|labels| Application::new(labels, clones, &APART)).collect();
    println!("{} applications", applications.len());
    if applications.is_empty() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut server = Server::start(&applications).await;
        let mut transcript = options.transcript.map(|file| std::fs::File::create(file).expect("the transcript"));
        let groups = [
            ("which repositories read X", readers(&applications)),
            ("where is endpoint Y", endpoints(&applications)),
            ("what changed in Z between A and B", changes(&applications)),
        ];
        println!("| question | asked | right | cited lines, all hashed again | bytes of the answers | bytes of the DOSSIER.md instead |");
        println!("|---|---:|---:|---:|---:|---:|");
        let mut all = Vec::new();
        for (name, questions) in groups {
            let (mut right, mut cited, mut bytes, mut instead) = (0, 0, 0, 0);
            for question in &questions {
                let answer = server.ask(question.tool, &question.arguments).await;
                let mut wrong = (question.judge)(&answer);
                cited += cite(&applications, question, &answer, &mut wrong);
                bytes += answer.to_string().len();
                instead += question.about.iter().map(|application| server.dossier_bytes(application)).sum::<usize>();
                right += usize::from(wrong.is_empty());
                all.extend(wrong.iter().map(|wrong| format!("- {} {}: {wrong}", question.tool, question.arguments)));
                if let Some(file) = &mut transcript {
                    let line = json!({ "tool": question.tool, "arguments": question.arguments, "answer": answer });
                    writeln!(file, "{line}").expect("the transcript");
                }
            }
            println!("| {name} | {} | {right} | {cited} | {bytes} | {instead} |", questions.len());
        }
        all.iter().for_each(|line| println!("{line}"));
        server.stop().await;
    });
}

/// Variables, those that most applications read first.
fn readers(applications: &[Application]) -> Vec<Question<'_>> {
    let mut readers: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for application in applications {
        for key in application.keys("env_var") {
            readers.entry(key).or_default().insert(application.name.clone());
        }
    }
    let mut readers: Vec<_> = readers.into_iter().collect();
    readers.sort_by_key(|(_, repositories)| std::cmp::Reverse(repositories.len()));
    let question = |(key, expected): (&str, BTreeSet<String>)| Question {
        tool: "find_facts",
        arguments: json!({ "kind": "env_var", "key": key }),
        about: applications.iter().collect(),
        judge: Box::new(move |answer| differs(&expected, answer)),
    };
    readers.into_iter().take(READERS).map(question).collect()
}

/// Endpoints of all applications in turn, evenly over each one's list.
fn endpoints(applications: &[Application]) -> Vec<Question<'_>> {
    let mut questions = Vec::new();
    for round in 0.. {
        for application in applications {
            if questions.len() == ENDPOINTS {
                return questions;
            }
            let keys: Vec<_> = application.keys("endpoint").collect();
            let rounds = ENDPOINTS.div_ceil(applications.len());
            let key = keys[(2 * round + 1) * keys.len() / (2 * rounds)];
            let has_it = |other: &&Application| other.keys("endpoint").any(|is| is == key);
            let expected: BTreeSet<_> = applications.iter().filter(has_it).map(|other| other.name.clone()).collect();
            questions.push(Question {
                tool: "find_facts",
                arguments: json!({ "kind": "endpoint", "key": key }),
                about: vec![application],
                judge: Box::new(move |answer| differs(&expected, answer)),
            });
        }
    }
    questions
}

fn differs(expected: &BTreeSet<String>, answer: &Value) -> Vec<String> {
    let rows = answer["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told: BTreeSet<_> = rows.iter().filter_map(|row| row["repository"].as_str().map(str::to_owned)).collect();
    let missed = expected.difference(&told).map(|name| format!("{name} is not told"));
    let extra = told.difference(expected).map(|name| format!("{name} is told, and not labelled"));
    missed.chain(extra).collect()
}

/// Comparisons of a labelled commit with one before it.
fn changes(applications: &[Application]) -> Vec<Question<'_>> {
    let pairs = (0..APART.len()).flat_map(|at| applications.iter().map(move |application| (application, at)));
    let pairs = pairs.filter_map(|(application, at)| Some((application, application.before.get(at)?)));
    pairs.take(CHANGES).map(|(application, base)| change(application, base)).collect()
}

fn change<'a>(application: &'a Application, base: &'a str) -> Question<'a> {
    let (owner, repo) = application.name.split_once('/').expect("owner/name");
    Question {
        tool: "what_changed",
        arguments: json!({ "owner": owner, "repo": repo, "base": base, "head": application.commit }),
        about: vec![application, application],
        judge: Box::new(move |answer| application.judge_change(base, answer)),
    }
}

/// Hash the lines that an answer cites; answers how many they are.
fn cite(applications: &[Application], question: &Question<'_>, answer: &Value, wrong: &mut Vec<String>) -> usize {
    let mut cited = Vec::new();
    for row in answer["facts"].as_array().into_iter().flatten() {
        let of = applications.iter().find(|application| row["repository"] == application.name);
        let of = of.expect("an application that was analyzed");
        cited.push((of, of.commit.as_str(), row["at"].clone(), row["sha256"].clone()));
    }
    for (list, side, field) in [
        ("added", "head", "evidence"),
        ("removed", "base", "evidence"),
        ("changed", "head", "head_evidence"),
        ("changed", "base", "base_evidence"),
    ] {
        let commit = question.arguments[side].as_str().unwrap_or_default();
        let rows = answer[list].as_array().into_iter().flatten();
        for anchor in rows.flat_map(|row| row[field].as_array()).flatten() {
            let lines = format!("{}-{}", anchor["start_line"], anchor["end_line"]);
            let at = match text(&anchor["path"]) {
                path if lines == "0-0" => path,
                path => format!("{path}:{lines}"),
            };
            cited.push((question.about[0], commit, at.into(), anchor["sha256"].clone()));
        }
    }
    for (application, commit, at, sha256) in &cited {
        let hash = application.hash(commit, &text(at));
        if hash.as_deref() != sha256.as_str() {
            wrong.push(format!("{}@{commit}: {at} has the hash {hash:?}, cited is {sha256}", application.name));
        }
    }
    cited.len()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
