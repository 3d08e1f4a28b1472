//! Running an analyzer over a fetched commit: the built-in one on the bare repository, an external one on files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use serde_json::json;

use super::checkout::CheckoutRequest;
use super::child::{ChildError, ChildOutput, ChildSpec, supervise};
use super::commit::{BaseSource, FetchedCommit};
use super::fault::Stopped;
use super::fetch::{MEMORY_BYTES, plain_env};
use super::output::{self, Product};
use super::sandbox::{self, Kind, Limits, Walls};
use super::supervisor::{EXIT_OUT_OF_MEMORY, EXIT_TOO_MANY_PROCESSES, EXIT_WROTE_TOO_MUCH, STOPPED};
use super::{Watch, Worker, folder};
use crate::model::{Fault, FaultCode};
use crate::store::Run;

/// Largest file an analyzer may write, in bytes; more than an artifact may have, so that the error names the limit.
const MAX_WRITTEN_BYTES: u64 = 64 << 20;

/// Folder for what the analyzer leaves.
const OUT: &str = "out";
/// Folder for what an external analyzer writes on its way: its HOME and TMPDIR.
const SCRATCH: &str = "scratch";
/// How much larger a commit's files may be than what is fetched: text is packed to about a quarter.
const UNPACKED: u64 = 4;

impl Worker {
    /// Analyze a fetched commit and collect what the analyzer left; with a `base` the built-in one adds what the commit
    /// changed.
    pub(super) async fn analyze(
        &self,
        run: &Run,
        commit: FetchedCommit<'_>,
        base: Option<&BaseSource>,
        work: &Path,
        watch: Watch<'_>,
    ) -> Result<Product, Stopped> {
        let out = work.join(OUT);
        watch.phase.set("analyzing");
        let (log, name) = match &self.config.analyzer {
            None => {
                self.analyze_with(self.built_in(run, commit, base, &out, work, watch.user), &out, watch).await?;
                // The built-in analyzer explains itself in its artifacts; of another one its output is all there is.
                (None, format!("ci-feed {}", env!("CARGO_PKG_VERSION")))
            }
            Some(template) => {
                let src = work.join("src");
                self.write_files(run, commit, &src, work, watch).await?;
                let spec = self.external(template, run, &src, &out, work, watch.user);
                self.create_for(watch.user, &work.join(SCRATCH)).await?;
                (Some(self.analyze_with(spec, &out, watch).await?), template.first().cloned().unwrap_or_default())
            }
        };
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let collected = tokio::task::spawn_blocking(move || output::collect(&out, log, name));
        tokio::time::timeout_at(watch.deadline, collected)
            .await
            .map_err(|_| Fault::new(FaultCode::AnalyzerTimeout, "the analyzer's output could not be read in time"))?
            .unwrap_or_else(|panic| Err(Fault::new(FaultCode::Panic, panic.to_string())))
            .map_err(Stopped::Fault)
    }

    /// Whether an analysis that builds on what is known can fail so for what is wrong with that: libgit2 reads damaged
    /// packs in ways of its own.
    pub(super) fn may_be_of_the_known(&self, code: FaultCode) -> bool {
        match code {
            FaultCode::AnalyzerFailed | FaultCode::AnalyzerKilled => self.config.analyzer.is_none(),
            FaultCode::CheckoutFailed | FaultCode::CheckoutKilled => true,
            _ => false,
        }
    }

    async fn analyze_with(&self, spec: ChildSpec, out: &Path, watch: Watch<'_>) -> Result<Vec<u8>, Stopped> {
        self.create_for(watch.user, out).await?;
        let output = supervise(spec, watch.deadline, watch.cancel, |line| watch.phase.progress(line)).await;
        check_end(&ANALYZER, output)
    }

    /// A folder that an analyzer may write.
    async fn create_for(&self, user: Option<u32>, folder: &Path) -> Result<(), Fault> {
        folder::create(folder.to_owned(), user)
            .await
            .map_err(|error| Fault::new(FaultCode::Disk, format!("no folder for the analyzer's output: {error}")))
    }

    fn limits(&self, walls: Option<Walls>) -> Limits {
        Limits {
            parent_pid: super::own_pid(),
            memory_bytes: self.config.analyzer_memory_bytes,
            // Two cores for the whole time of an attempt.
            cpu_seconds: self.config.job_timeout.as_secs() * 2,
            file_bytes: MAX_WRITTEN_BYTES,
            walls,
        }
    }

    fn built_in(
        &self,
        run: &Run,
        commit: FetchedCommit<'_>,
        base: Option<&BaseSource>,
        out: &Path,
        work: &Path,
        user: Option<u32>,
    ) -> ChildSpec {
        let mut args: Vec<OsString> = vec!["analyze".into(), commit.repository.into()];
        for (flag, value) in [
            ("--sha", run.commit_sha.as_str()),
            ("--owner", run.repo.owner()),
            ("--repo", run.repo.name()),
            ("--ref", run.git_ref.as_str()),
        ] {
            args.push(format!("{flag}={value}").into());
        }
        // A file:// server has no pages to link to.
        let forge = Some(&self.config.github_server_url).filter(|url| url.starts_with("http"));
        args.push(format!("--forge={}", forge.map_or("", String::as_str)).into());
        args.extend(["--out".into(), out.into(), "--progress".into()]);
        let mut builds_on_known = commit.known.is_some();
        let mut read: Vec<PathBuf> = commit.folders().collect();
        match base {
            None => {}
            Some(BaseSource::Dossier(dossier)) => {
                args.extend(["--base".into(), dossier.into()]);
                read.push(dossier.clone());
            }
            Some(BaseSource::Commit { commit, .. }) => {
                args.push(format!("--base-sha={}", commit.sha).into());
                args.extend(["--base-src".into(), OsString::from(&commit.repository)]);
                builds_on_known |= commit.known.is_some();
                read.extend(commit.fetched().folders());
            }
        }
        args.extend(builds_on_known.then(|| "--whole".into()));
        args.push(format!("--max-files={}", self.config.max_files).into());
        args.push(format!("--max-file-bytes={}", self.config.max_file_bytes).into());
        let walls = self.sandbox.walls(Kind::Offline, user, read, vec![out.to_owned()]);
        args.push(self.limits(walls).to_arg());
        // Or our allocator takes a gigabyte of address space before the limit is set, and a small limit leaves nothing.
        let env = [("MIMALLOC_ARENA_RESERVE", "32768")].map(|(name, kib)| (name.to_owned(), kib.to_owned()));
        self.child(args, env.into(), work, Vec::new())
    }

    fn external(
        &self,
        template: &[String],
        run: &Run,
        src: &Path,
        out: &Path,
        work: &Path,
        user: Option<u32>,
    ) -> ChildSpec {
        let scratch = work.join(SCRATCH);
        let mut read = sandbox::named_files(&self.config);
        read.push(work.to_owned());
        let folders = vec![out.to_owned(), scratch.clone()];
        let mut args: Vec<OsString> = vec!["confine".into()];
        args.extend(folders.iter().flat_map(|folder| ["--folder".into(), folder.into()]));
        args.push(self.limits(self.sandbox.walls(Kind::Program, user, read, folders)).to_arg());
        args.push("--".into());
        args.extend(template.iter().map(|word| fill(word, run, src, out).into()));
        let mut env = self.config.analyzer_env.clone();
        for name in ["HOME", "TMPDIR"] {
            env.entry(name.to_owned()).or_insert_with(|| scratch.display().to_string());
        }
        ChildSpec { leash: true, ..self.child(args, env, work, Vec::new()) }
    }

    async fn write_files(
        &self,
        run: &Run,
        commit: FetchedCommit<'_>,
        src: &Path,
        work: &Path,
        watch: Watch<'_>,
    ) -> Result<(), Stopped> {
        let request = json!(CheckoutRequest {
            repository: commit.repository.to_owned(),
            sha: run.commit_sha.to_string(),
            into: src.to_owned(),
            max_files: self.config.max_files,
            max_file_bytes: self.config.max_file_bytes,
            max_total_bytes: self.config.max_repo_bytes.saturating_mul(UNPACKED),
        });
        // A child of ours: what an analyzer may use is not for it, and libgit2 calls an object that it cannot map missing.
        let walls = self.sandbox.walls(Kind::Offline, watch.user, commit.folders().collect(), vec![work.to_owned()]);
        let limits = Limits { memory_bytes: MEMORY_BYTES, ..self.limits(walls) };
        let args = vec!["checkout".into(), limits.to_arg()];
        let spec = self.child(args, BTreeMap::new(), work, request.to_string().into_bytes());
        let output = supervise(spec, watch.deadline, watch.cancel, |_| {}).await;
        check_end(&CHECKOUT, output).map(drop)
    }

    pub(super) fn child(
        &self,
        args: Vec<OsString>,
        mut env: BTreeMap<String, String>,
        work: &Path,
        stdin: Vec<u8>,
    ) -> ChildSpec {
        for (name, value) in plain_env(work) {
            env.entry(name).or_insert(value);
        }
        ChildSpec { program: self.program.clone(), args, env, cwd: work.to_owned(), stdin, leash: false }
    }
}

/// One placeholder may stand anywhere in a word; what is put in is never read again.
fn fill(word: &str, run: &Run, src: &Path, out: &Path) -> String {
    let (src, out) = (src.display().to_string(), out.display().to_string());
    let values = [
        ("{src}", src.as_str()),
        ("{out}", &out),
        ("{owner}", run.repo.owner()),
        ("{repo}", run.repo.name()),
        ("{ref}", run.git_ref.as_str()),
        ("{sha}", run.commit_sha.as_str()),
    ];
    let mut filled = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(placeholder, _)| rest.starts_with(placeholder)) {
            Some((placeholder, value)) => {
                filled.push_str(value);
                rest = &rest[placeholder.len()..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

/// A kind of child, and the codes of its ends.
struct Who {
    name: &'static str,
    timeout: FaultCode,
    not_started: FaultCode,
    out_of_memory: FaultCode,
    killed: FaultCode,
    failed: FaultCode,
}

const ANALYZER: Who = Who {
    name: "the analyzer",
    timeout: FaultCode::AnalyzerTimeout,
    not_started: FaultCode::AnalyzerNotStarted,
    out_of_memory: FaultCode::AnalyzerOutOfMemory,
    killed: FaultCode::AnalyzerKilled,
    failed: FaultCode::AnalyzerFailed,
};
const CHECKOUT: Who = Who {
    name: "writing the commit's files",
    timeout: FaultCode::CheckoutTimeout,
    not_started: FaultCode::CheckoutNotStarted,
    out_of_memory: FaultCode::CheckoutOutOfMemory,
    killed: FaultCode::CheckoutKilled,
    failed: FaultCode::CheckoutFailed,
};

/// Exit code, signal, deadline and memory each have their code and sentence. Answers the child's output.
fn check_end(who: &Who, ended: Result<ChildOutput, ChildError>) -> Result<Vec<u8>, Stopped> {
    let name = who.name;
    let output = match ended {
        Ok(output) => output,
        Err(ChildError::Cancelled) => return Err(Stopped::Cancelled),
        Err(ChildError::TimedOut) => {
            let message = format!("{name} took longer than CI_JOB_TIMEOUT_SECONDS allows and was stopped");
            return Err(Fault::new(who.timeout, message).into());
        }
        Err(ChildError::Spawn(error)) => {
            return Err(Fault::new(who.not_started, format!("{name} could not be started: {error}")).into());
        }
    };
    if output.status.success() {
        return Ok([output.stdout, output.stderr].concat());
    }
    if let Some(fault) = stopped(&output) {
        return Err(fault.into());
    }
    let last = last_lines(&output.stderr);
    let fault = match how(output.status, &output.stderr) {
        How::Memory => Fault::new(
            who.out_of_memory,
            format!("{name} needed more memory than CI_ANALYZER_MEMORY_BYTES allows{last}"),
        ),
        How::Signal(signal) => Fault::new(who.killed, format!("{name} was ended by signal {signal}{last}")),
        How::Code(EXIT_TOO_MANY_FILES) if who.failed == FaultCode::CheckoutFailed => {
            Fault::new(FaultCode::TooManyFiles, last.trim_start_matches(": "))
        }
        How::Code(EXIT_TOO_LARGE) if who.failed == FaultCode::CheckoutFailed => {
            Fault::new(FaultCode::RepoTooLarge, last.trim_start_matches(": "))
        }
        How::Code(exit) => Fault::new(who.failed, format!("{name} ended with exit code {exit}{last}")),
    };
    Err(fault.into())
}

/// What the supervisor of an external analyzer stopped it for; its own sentence, not the analyzer's.
fn stopped(output: &ChildOutput) -> Option<Fault> {
    let code = match output.status.code()? {
        EXIT_OUT_OF_MEMORY => FaultCode::AnalyzerOutOfMemory,
        EXIT_TOO_MANY_PROCESSES => FaultCode::AnalyzerTooManyProcesses,
        EXIT_WROTE_TOO_MUCH => FaultCode::AnalyzerOutput,
        _ => return None,
    };
    let text = String::from_utf8_lossy(&output.stderr);
    let sentence = text.lines().next_back()?.strip_prefix(STOPPED)?;
    Some(Fault::new(code, format!("the analyzer was stopped: {sentence}")))
}

/// Exit code of `ci-feed checkout` for a commit with too many files or folders.
pub const EXIT_TOO_MANY_FILES: i32 = 3;
/// Exit code of `ci-feed checkout` for a commit whose files are too large together.
pub const EXIT_TOO_LARGE: i32 = 4;

enum How {
    Memory,
    Signal(i32),
    Code(i32),
}

fn how(status: ExitStatus, stderr: &[u8]) -> How {
    let text = String::from_utf8_lossy(stderr);
    let starved = ["memory allocation of", "MemoryError", "out of memory", "Cannot allocate memory"];
    match (status.signal(), status.code()) {
        _ if starved.iter().any(|words| text.contains(words)) => How::Memory,
        (Some(signal), _) => How::Signal(signal),
        (None, code) => How::Code(code.unwrap_or(-1)),
    }
}

/// The last lines of its standard error, for the error text.
fn last_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.trim().lines().collect();
    let tail = lines[lines.len().saturating_sub(6)..].join("\n");
    if tail.is_empty() { String::new() } else { format!(": {tail}") }
}
