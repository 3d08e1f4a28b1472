//! Running an analyzer over a fetched commit: the built-in one on the bare repository, an external one on files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use super::child::{ChildError, ChildOutput, ChildSpec, supervise};
use super::fault::{Fault, Stopped};
use super::fetch::{MEMORY_BYTES, offline};
use super::output::{self, Product};
use super::sandbox::Limits;
use super::{Watch, Worker};
use crate::model::Run;

/// Largest file an analyzer may write, in bytes; more than an artifact may have, so that the error names the limit.
const MAX_WRITTEN_BYTES: u64 = 64 << 20;

impl Worker {
    /// Analyze `repository` (bare, the commit pinned) and collect what the analyzer left; with the dossier `base` the
    /// built-in one adds what the commit changed.
    pub(crate) async fn analyze(
        &self,
        run: &Run,
        repository: &Path,
        base: Option<&Path>,
        work: &Path,
        watch: Watch<'_>,
    ) -> Result<Product, Stopped> {
        let out = work.join("out");
        watch.phase.set("analyzing");
        let (said, name) = match &self.config.analyzer {
            None => {
                self.analyze_built_in(run, repository, base, &out, watch).await?;
                // The built-in analyzer explains itself in its artifacts; of another one its words are all there is.
                (None, format!("ci-feed {}", env!("CARGO_PKG_VERSION")))
            }
            Some(template) => {
                let src = work.join("src");
                self.write_files(run, repository, &src, work, watch).await?;
                let spec = self.external(template, run, &src, &out, work);
                (Some(self.analyze_with(spec, &out, watch).await?), template.first().cloned().unwrap_or_default())
            }
        };
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        tokio::task::spawn_blocking(move || output::collect(&out, said, name))
            .await
            .unwrap_or_else(|panic| Err(Fault::new("PANIC", panic.to_string())))
            .map_err(Stopped::Fault)
    }

    /// Run the built-in analyzer into the new folder `out`, beside which it may work.
    pub(super) async fn analyze_built_in(
        &self,
        run: &Run,
        repository: &Path,
        base: Option<&Path>,
        out: &Path,
        watch: Watch<'_>,
    ) -> Result<(), Stopped> {
        let work = out.parent().unwrap_or(out);
        let spec = self.built_in(run, repository, base, out, work);
        self.analyze_with(spec, out, watch).await.map(drop)
    }

    async fn analyze_with(&self, spec: ChildSpec, out: &Path, watch: Watch<'_>) -> Result<Vec<u8>, Stopped> {
        std::fs::create_dir(out)
            .map_err(|error| Fault::new("DISK", format!("no folder for the analyzer's output: {error}")))?;
        let output = supervise(spec, watch.deadline, watch.cancel, |line| watch.phase.progress(line)).await;
        check_end("the analyzer", "ANALYZER", output)
    }

    fn limits(&self) -> Limits {
        Limits {
            parent_pid: super::own_pid(),
            limit_memory_bytes: Some(self.config.analyzer_memory_bytes),
            // Two cores for the whole time of an attempt.
            limit_cpu_seconds: Some(self.config.job_timeout.as_secs() * 2),
            limit_file_bytes: Some(MAX_WRITTEN_BYTES),
        }
    }

    fn built_in(&self, run: &Run, repository: &Path, base: Option<&Path>, out: &Path, work: &Path) -> ChildSpec {
        let mut args: Vec<OsString> = vec!["analyze".into(), repository.into()];
        for (flag, value) in [
            ("--sha", run.commit_sha.as_str()),
            ("--owner", &run.repo_owner),
            ("--repo", &run.repo_name),
            ("--ref", &run.git_ref),
        ] {
            args.push(format!("{flag}={value}").into());
        }
        // A file:// server has no pages to link to.
        let forge = Some(&self.config.github_server_url).filter(|url| url.starts_with("http"));
        args.push(format!("--forge={}", forge.map_or("", String::as_str)).into());
        args.extend(["--out".into(), out.into(), "--progress".into()]);
        args.extend(base.into_iter().flat_map(|base| ["--base".into(), OsString::from(base)]));
        args.push(format!("--max-files={}", self.config.max_files).into());
        args.push(format!("--max-file-bytes={}", self.config.max_file_bytes).into());
        args.extend(self.limits().to_args());
        self.child(args, offline(), work)
    }

    fn external(&self, template: &[String], run: &Run, src: &Path, out: &Path, work: &Path) -> ChildSpec {
        let mut args: Vec<OsString> = vec!["confine".into()];
        args.extend(self.limits().to_args());
        args.push("--".into());
        args.extend(template.iter().map(|word| fill(word, run, src, out).into()));
        self.child(args, self.config.analyzer_env.clone(), work)
    }

    async fn write_files(
        &self,
        run: &Run,
        repository: &Path,
        src: &Path,
        work: &Path,
        watch: Watch<'_>,
    ) -> Result<(), Stopped> {
        let mut args: Vec<OsString> = vec!["checkout".into(), repository.into(), "--into".into(), src.into()];
        args.push(format!("--sha={}", run.commit_sha).into());
        args.push(format!("--max-files={}", self.config.max_files).into());
        args.push(format!("--max-file-bytes={}", self.config.max_file_bytes).into());
        // A child of ours: what an analyzer may use is not for it, and libgit2 calls an object that it cannot map missing.
        let limits = Limits { limit_memory_bytes: Some(MEMORY_BYTES), ..self.limits() };
        args.extend(limits.to_args());
        let output = supervise(self.child(args, offline(), work), watch.deadline, watch.cancel, |_| {}).await;
        check_end("writing the commit's files", "CHECKOUT", output).map(drop)
    }

    fn child(&self, args: Vec<OsString>, mut env: BTreeMap<String, String>, work: &Path) -> ChildSpec {
        for (name, value) in super::plain_env(work) {
            env.entry(name).or_insert(value);
        }
        ChildSpec { program: self.program.clone(), args, env, cwd: work.to_owned(), stdin: Vec::new() }
    }
}

/// One placeholder may stand anywhere in a word; what is put in is never read again.
fn fill(word: &str, run: &Run, src: &Path, out: &Path) -> String {
    let (src, out) = (src.display().to_string(), out.display().to_string());
    let values = [
        ("{src}", src.as_str()),
        ("{out}", &out),
        ("{owner}", &run.repo_owner),
        ("{repo}", &run.repo_name),
        ("{ref}", &run.git_ref),
        ("{sha}", &run.commit_sha),
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

/// Exit code, signal, deadline and memory each have a code and a sentence of their own. Answers what the child said.
fn check_end(who: &str, code: &str, ended: Result<ChildOutput, ChildError>) -> Result<Vec<u8>, Stopped> {
    let output = match ended {
        Ok(output) => output,
        Err(ChildError::Cancelled) => return Err(Stopped::Cancelled),
        Err(ChildError::TimedOut) => {
            let message = format!("{who} took longer than CI_JOB_TIMEOUT_SECONDS allows and was stopped");
            return Err(Fault::new(&format!("{code}_TIMEOUT"), message).into());
        }
        Err(ChildError::Spawn(error)) => {
            return Err(
                Fault::new(&format!("{code}_NOT_STARTED"), format!("{who} could not be started: {error}")).into()
            );
        }
    };
    if output.status.success() {
        return Ok([output.stdout, output.stderr].concat());
    }
    let said = last_words(&output.stderr);
    let fault = match how(output.status, &output.stderr) {
        How::Memory => Fault::new(
            &format!("{code}_OUT_OF_MEMORY"),
            format!("{who} needed more memory than CI_ANALYZER_MEMORY_BYTES allows{said}"),
        ),
        How::Signal(signal) => {
            Fault::new(&format!("{code}_KILLED"), format!("{who} was ended by signal {signal}{said}"))
        }
        How::Code(EXIT_TOO_MANY_FILES) if code == "CHECKOUT" => {
            Fault::new("TOO_MANY_FILES", said.trim_start_matches(": "))
        }
        How::Code(exit) => Fault::new(&format!("{code}_FAILED"), format!("{who} ended with exit code {exit}{said}")),
    };
    Err(fault.into())
}

/// Exit code of `ci-feed checkout` for a commit with too many files.
pub const EXIT_TOO_MANY_FILES: i32 = 3;

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

/// The last lines of what it wrote to standard error, for the error text.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.trim().lines().collect();
    let tail = lines[lines.len().saturating_sub(6)..].join("\n");
    if tail.is_empty() { String::new() } else { format!(": {tail}") }
}
