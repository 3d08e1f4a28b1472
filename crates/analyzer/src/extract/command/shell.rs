//! What a shell script starts that a container runs. No shell runs: the lines are read one by one, whatever stands around them.

use ci_feed_dossier::evidence::Evidence;

use crate::lang::shell::script_of;
use crate::tree::corpus::Corpus;

/// Programs that a script starts a server or a worker with, also without `exec`.
const SERVERS: &[&str] = &[
    "apache2ctl",
    "caddy",
    "celery",
    "daphne",
    "dotnet",
    "granian",
    "gunicorn",
    "hypercorn",
    "java",
    "nginx",
    "node",
    "php-fpm",
    "pm2-runtime",
    "puma",
    "sidekiq",
    "supervisord",
    "unicorn",
    "uvicorn",
    "uwsgi",
    "waitress-serve",
];
/// Programs that run the rest of their line.
const WRAPPERS: &[&str] = &["exec", "bundle", "poetry", "uv", "run", "tini", "dumb-init", "--", "-g", "sudo"];
/// The same, as somebody else, who is named first.
const AS_USER: &[&str] = &["gosu", "su-exec", "setpriv"];
/// What one script starts; more are those of a script for many things.
const MAX_STARTS: usize = 5;
const MAX_COMMAND_BYTES: usize = 500;

/// What the script starts that a command line runs, each with its place.
pub(super) fn starts_of(corpus: &Corpus, folder: &str, line: &str) -> Option<(String, Vec<Evidence>)> {
    let script = script_of(corpus, folder, line)?;
    let mut starts = Vec::new();
    let text = script.text();
    let mut lines = text.lines().zip(1_u32..);
    while let Some((line, first)) = lines.next() {
        let (mut whole, mut last) = (line.trim().to_owned(), first);
        while let Some(open) = whole.strip_suffix('\\') {
            let Some((next, at)) = lines.next() else { break };
            (whole, last) = (format!("{} {}", open.trim_end(), next.trim()), at);
        }
        if is_start(&whole) {
            starts.push((whole, script.lines(first, last)));
        }
    }
    let (lines, places): (Vec<String>, Vec<Evidence>) = starts.into_iter().unzip();
    let all = lines.join("; ");
    (!lines.is_empty() && lines.len() <= MAX_STARTS && all.len() <= MAX_COMMAND_BYTES).then_some((all, places))
}

/// Whether a line of a script ends in a server: it replaces the shell, or its program is one. `exec "$@"` runs the arguments of
/// the container, which the Dockerfile has.
fn is_start(line: &str) -> bool {
    let is_exec = line.starts_with("exec ");
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).peekable();
    while let Some(word) = words.next_if(|word| WRAPPERS.contains(word) || AS_USER.contains(word)) {
        if AS_USER.contains(&word) {
            words.next();
        }
    }
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    let is_redirection = program.starts_with(['<', '>']) || program.starts_with(|c: char| c.is_ascii_digit());
    let is_given = program.starts_with('$');
    SERVERS.contains(&name) || is_exec && !program.is_empty() && !is_redirection && !is_given
}
