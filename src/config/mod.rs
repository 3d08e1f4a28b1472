//! Settings: the only place that reads the environment. A bad value stops the start with a sentence that names it.

pub(crate) mod analyzer;
mod artifacts;
mod secret;
mod variables;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use percent_encoding::percent_decode_str;

use crate::model::{RepoName, Retention};
pub use artifacts::{ArtifactsPlace, ObjectsPlace, Provider};
pub use secret::Secret;
pub use variables::{OBJECT_VARIABLES, VARIABLES, Variable, env_example, markdown_table};

/// A setting that cannot be used. Shows the variable, never a secret's value.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it and what it should be.
    pub problem: String,
}

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAccess {
    /// Anyone, private repositories apart.
    Public,
    /// Holders of the API token.
    Token,
}

/// What becomes of a child whose sandbox is incomplete on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxMode {
    /// It runs within what the kernel offers; health says what is missing.
    Auto,
    /// The server does not start.
    Require,
    /// Nothing but the limits is tried.
    Off,
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is the variable of the same name, documented in variables.rs")]
pub struct Config {
    pub bind: SocketAddr,
    pub database_url: Secret,
    pub webhook_secrets: Vec<Secret>,
    pub artifacts: ArtifactsPlace,
    pub api_token: Option<Secret>,
    pub read_access: ReadAccess,
    pub public_url: Option<String>,
    pub trusted_proxy_hops: usize,
    pub rate_limit_per_minute: u32,
    pub github_token: Option<Secret>,
    pub token_owners: Vec<String>,
    pub github_server_url: String,
    pub github_write_token: Option<Secret>,
    /// `None` where the forge is a folder.
    pub github_api_url: Option<String>,
    pub repo_allowlist: Option<GlobSet>,
    pub dedupe: Duration,
    /// `None`: branches are looked at only when somebody asks.
    pub reconcile: Option<Duration>,
    pub lease: Duration,
    pub job_timeout: Duration,
    pub retention: Retention,
    pub max_attempts: i64,
    pub retry_backoff: Duration,
    pub tick_slots: usize,
    pub shutdown_grace: Duration,
    pub tmp_dir: PathBuf,
    pub cache_dir: PathBuf,
    /// 0: nothing is kept.
    pub cache_bytes: u64,
    pub max_repo_bytes: u64,
    pub max_files: u64,
    pub max_file_bytes: u64,
    pub analyzer: Option<Vec<String>>,
    /// Variables that an external analyzer gets, with their values.
    pub analyzer_env: BTreeMap<String, String>,
    pub analyzer_memory_bytes: u64,
    /// Files and folders that an external analyzer may read besides the system's.
    pub analyzer_read: Vec<PathBuf>,
    pub sandbox: SandboxMode,
    pub web_dir: Option<PathBuf>,
    pub log: LogFormat,
    pub log_filter: String,
    /// Where this machine keeps certificates and proxies: what a child that fetches over https needs.
    pub network_env: BTreeMap<String, String>,
}

/// Variables of the system that the fetching child keeps, because TLS or the way out depends on them.
const NETWORK_VARIABLES: [&str; 6] =
    ["SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];

impl Config {
    /// Read the process's environment, and beneath it the file `.env` of the current folder.
    ///
    /// # Errors
    /// [`ConfigError`] for the first value that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_env_for(None)
    }

    /// The same, for another database where one is given.
    pub(crate) fn from_env_for(database_url: Option<&str>) -> Result<Self, ConfigError> {
        let file = dotenv_file()?;
        Self::from_lookup(&|name| {
            let other = database_url.filter(|_| name == "DATABASE_URL").map(str::to_owned);
            other.or_else(|| from_process(name)).or_else(|| file.get(name).cloned())
        })
    }

    /// Read settings from anywhere: tests and the demo bring their own.
    ///
    /// # Errors
    /// [`ConfigError`] for the first value that cannot be used.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let env = Lookup(lookup);
        let database_url = env.text("DATABASE_URL");
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database_url.starts_with(scheme)) {
            return Err(bad("DATABASE_URL", "must start with sqlite:// or postgres://"));
        }
        let config = Self {
            bind: env.bind()?,
            artifacts: env.artifacts(&database_url)?,
            database_url: Secret::new(database_url),
            webhook_secrets: env.list("GITHUB_WEBHOOK_SECRET").into_iter().map(Secret::new).collect(),
            api_token: env.optional("CI_API_TOKEN").map(Secret::new),
            read_access: env
                .choice("CI_READ_ACCESS", &[("public", ReadAccess::Public), ("token", ReadAccess::Token)])?,
            public_url: env.optional("CI_PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()),
            trusted_proxy_hops: env.number("TRUSTED_PROXY_HOPS", 0, 16)?,
            rate_limit_per_minute: env.number("CI_RATE_LIMIT_PER_MINUTE", 0, 1_000_000)?,
            github_token: env.optional("GITHUB_TOKEN").map(Secret::new),
            token_owners: env.list("CI_TOKEN_OWNERS"),
            github_server_url: env.server_url()?,
            github_write_token: env.optional("GITHUB_WRITE_TOKEN").map(Secret::new),
            github_api_url: env.api_url()?,
            repo_allowlist: env.allowlist()?,
            dedupe: hours(env.number("CI_DEDUPE_HOURS", 0, 24 * 365)?),
            reconcile: env.optional_minutes("CI_RECONCILE")?,
            lease: seconds(env.number("CI_LEASE_SECONDS", 1, 86_400)?),
            job_timeout: seconds(env.number("CI_JOB_TIMEOUT_SECONDS", 1, 86_400)?),
            retention: env.retention()?,
            max_attempts: env.number("CI_MAX_ATTEMPTS", 1, 100)?,
            retry_backoff: seconds(env.number("CI_RETRY_BACKOFF_SECONDS", 0, 86_400)?),
            tick_slots: env.number("CI_TICK_SLOTS", 1, 64)?,
            shutdown_grace: seconds(env.number("CI_SHUTDOWN_GRACE_SECONDS", 0, 3_600)?),
            tmp_dir: PathBuf::from(env.text("CI_TMP_DIR")),
            cache_dir: PathBuf::from(env.text("CI_CACHE_DIR")),
            cache_bytes: env.number("CI_CACHE_BYTES", 0, u64::MAX)?,
            max_repo_bytes: env.number("CI_MAX_REPO_BYTES", 1, u64::MAX)?,
            max_files: env.number("CI_MAX_FILES", 1, u64::MAX)?,
            max_file_bytes: env.number("CI_MAX_FILE_BYTES", 1, u64::MAX)?,
            analyzer: env.analyzer()?,
            analyzer_env: env.values_of(&env.list("CI_ANALYZER_ENV")),
            analyzer_memory_bytes: env.number("CI_ANALYZER_MEMORY_BYTES", 64 << 20, u64::MAX)?,
            analyzer_read: env.analyzer_read()?,
            sandbox: env.choice(
                "CI_SANDBOX",
                &[("auto", SandboxMode::Auto), ("require", SandboxMode::Require), ("off", SandboxMode::Off)],
            )?,
            web_dir: env.optional("CI_WEB_DIR").map(PathBuf::from),
            log: env.choice("CI_LOG", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_filter: env.text("RUST_LOG"),
            network_env: env.values_of(&NETWORK_VARIABLES.map(str::to_owned)),
        };
        if config.job_timeout >= config.lease {
            return Err(bad(
                "CI_JOB_TIMEOUT_SECONDS",
                "must be less than CI_LEASE_SECONDS, or a job would outlive its lease",
            ));
        }
        if config.read_access == ReadAccess::Token && config.api_token.is_none() {
            return Err(bad("CI_READ_ACCESS", "is \"token\", but CI_API_TOKEN is not set: nobody could read anything"));
        }
        if config.github_write_token.is_some() && config.github_api_url.is_none() {
            return Err(bad(
                "GITHUB_WRITE_TOKEN",
                "is set, but GITHUB_SERVER_URL is a folder, which nothing can be written to; set GITHUB_API_URL",
            ));
        }
        Ok(config)
    }

    /// Whether runs of this repository are accepted.
    pub fn allows(&self, repo: &RepoName) -> bool {
        self.repo_allowlist.as_ref().is_none_or(|globs| globs.is_match(repo.to_string()))
    }

    /// Whether only this machine can reach the server.
    pub fn is_loopback(&self) -> bool {
        self.bind.ip().is_loopback()
    }
}

#[expect(clippy::disallowed_methods, reason = "settings are read here only")]
fn from_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The file `.env` of the current folder; none is fine.
fn dotenv_file() -> Result<BTreeMap<String, String>, ConfigError> {
    let Ok(entries) = dotenvy::from_path_iter(".env") else { return Ok(BTreeMap::new()) };
    let unreadable =
        |error: dotenvy::Error| bad(".env", format!("this file cannot be read as NAME=value lines: {error}"));
    entries.collect::<Result<_, _>>().map_err(unreadable)
}

/// Where a variable's value comes from (`process`, `.env` or `default`), and the value if it is set.
pub fn source_of(name: &str) -> (&'static str, Option<String>) {
    let in_file = || dotenv_file().ok().and_then(|mut file| file.remove(name));
    match from_process(name) {
        Some(value) => ("process", Some(value)),
        None => in_file().map_or(("default", None), |value| (".env", Some(value))),
    }
}

fn bad(name: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError { name, problem: problem.into() }
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn hours(number: u64) -> Duration {
    Duration::from_secs(number * 3600)
}

fn is_address(url: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('@'))
}

/// Where the API of the forge at `server` is; `None` where that is a folder.
fn default_api_url(server: &str) -> Option<String> {
    match server {
        "https://github.com" => Some("https://api.github.com".to_owned()),
        _ if server.starts_with("file:") => None,
        _ => Some(format!("{server}/api/v3")),
    }
}

struct Lookup<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Lookup<'_> {
    /// Set and not empty: hosts like to define empty variables.
    fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn text(&self, name: &str) -> String {
        let default =
            || VARIABLES.iter().find(|variable| variable.name == name).map_or("", |variable| variable.default);
        self.optional(name).unwrap_or_else(|| default().to_owned())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let parts = self.text(name);
        parts.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        &self,
        name: &'static str,
        least: T,
        most: T,
    ) -> Result<T, ConfigError> {
        let text = self.text(name);
        match text.parse() {
            Ok(number) if number >= least && number <= most => Ok(number),
            _ => Err(bad(name, format!("{text:?} is not a whole number from {least} to {most}"))),
        }
    }

    /// `None` for 0.
    fn optional_minutes(&self, name: &'static str) -> Result<Option<Duration>, ConfigError> {
        let minutes: u64 = self.number(name, 0, 60 * 24 * 365)?;
        Ok((minutes > 0).then(|| seconds(minutes * 60)))
    }

    fn retention(&self) -> Result<Retention, ConfigError> {
        let runs: i64 = self.number("CI_RETENTION_RUNS", 0, 1_000_000)?;
        let days: u64 = self.number("CI_RETENTION_DAYS", 0, 36_500)?;
        Ok(Retention { runs_per_ref: (runs > 0).then_some(runs), age: (days > 0).then(|| hours(days * 24)) })
    }

    fn choice<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let text = self.text(name);
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            bad(name, format!("{text:?} is not one of {}", words.join(", ")))
        })
    }

    fn values_of(&self, names: &[String]) -> BTreeMap<String, String> {
        names.iter().filter_map(|name| Some((name.clone(), (self.0)(name)?))).collect()
    }

    fn bind(&self) -> Result<SocketAddr, ConfigError> {
        if self.optional("PORT").is_some() {
            return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), self.number("PORT", 0, u16::MAX)?));
        }
        let text = self.text("CI_FEED_BIND");
        text.parse().map_err(|_| bad("CI_FEED_BIND", format!("{text:?} is not an address such as 127.0.0.1:8080")))
    }

    fn server_url(&self) -> Result<String, ConfigError> {
        let url = self.text("GITHUB_SERVER_URL").trim_end_matches('/').to_owned();
        let problem = "must be an https://, http:// or file:// address without credentials in it";
        if is_address(&url, &["https://", "http://", "file://"]) {
            Ok(url)
        } else {
            Err(bad("GITHUB_SERVER_URL", problem))
        }
    }

    fn api_url(&self) -> Result<Option<String>, ConfigError> {
        let Some(url) = self.optional("GITHUB_API_URL") else {
            return Ok(default_api_url(&self.server_url()?));
        };
        let url = url.trim_end_matches('/').to_owned();
        let problem = "must be an https:// or http:// address without credentials in it";
        if is_address(&url, &["https://", "http://"]) { Ok(Some(url)) } else { Err(bad("GITHUB_API_URL", problem)) }
    }

    fn allowlist(&self) -> Result<Option<GlobSet>, ConfigError> {
        let globs = self.list("CI_REPO_ALLOWLIST");
        if globs.is_empty() {
            return Ok(None);
        }
        let mut set = GlobSetBuilder::new();
        for glob in &globs {
            let glob = GlobBuilder::new(glob).case_insensitive(true).literal_separator(true).build();
            set.add(glob.map_err(|error| bad("CI_REPO_ALLOWLIST", error.to_string()))?);
        }
        set.build().map(Some).map_err(|error| bad("CI_REPO_ALLOWLIST", error.to_string()))
    }

    fn analyzer(&self) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(command) = self.optional("CI_ANALYZER") else { return Ok(None) };
        analyzer::parse(&command).map(Some).map_err(|problem| bad("CI_ANALYZER", problem))
    }
    fn analyzer_read(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let paths = self.text("CI_ANALYZER_READ");
        let paths: Vec<_> = paths.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        match paths.iter().find(|path| !path.is_absolute() || !path.exists()) {
            Some(path) => {
                Err(bad("CI_ANALYZER_READ", format!("{path:?} is not an absolute path of something that exists")))
            }
            None => Ok(paths),
        }
    }
}

/// The file behind a `sqlite:` URL, unless it lives in memory.
pub(crate) fn sqlite_file(url: &str) -> Option<PathBuf> {
    let address = url.strip_prefix("sqlite:")?;
    let (path, options) = address.split_once('?').unwrap_or((address, ""));
    let path = percent_decode_str(path.strip_prefix("//").unwrap_or(path)).decode_utf8_lossy();
    let in_memory = path.is_empty() || path.contains(":memory:") || options.contains("mode=memory");
    (!in_memory).then(|| PathBuf::from(path.as_ref()))
}
