//! `ci-feed doctor`: every setting with its source, and what would stop the start.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::artifacts::Artifacts;
use crate::config::{Config, VARIABLES};
use crate::model::{FaultCode, rfc3339};
use crate::store::{Repositories, Store};
use crate::worker::free_bytes;
use crate::worker::sandbox::Sandbox;

/// Check every setting and what this machine offers.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed doctor\n  ci-feed doctor --json\n  ci-feed doctor --env-example > .env.example\n\nExit codes: 0 all is well, 1 something would stop the start or the work"
)]
pub(super) struct DoctorArgs {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Print .env.example and nothing else
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    env_example: bool,
    /// Print the table of settings in Markdown and nothing else
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Write the pages about supported frameworks into a folder and do nothing else
    #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "markdown", "env_example"])]
    framework_pages: Option<PathBuf>,
    /// Print the table of supported frameworks in Markdown and nothing else
    #[arg(long, conflicts_with_all = ["json", "markdown", "env_example"])]
    rules: bool,
    /// Print the table of a run's error codes in Markdown and nothing else
    #[arg(long, conflicts_with_all = ["json", "markdown", "env_example", "rules"])]
    error_codes: bool,
    /// Print the description of the HTTP API (OpenAPI 3.1) and nothing else
    #[arg(long, conflicts_with_all = ["json", "markdown", "env_example", "rules", "error_codes"])]
    openapi: bool,
}

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<i32> {
    if args.env_example {
        super::say(crate::config::env_example().trim_end());
        return Ok(0);
    }
    if args.markdown {
        super::say(crate::config::markdown_table().trim_end());
        return Ok(0);
    }
    if let Some(folder) = &args.framework_pages {
        std::fs::create_dir_all(folder)?;
        for (name, text) in ci_feed_analyzer::extract::framework_pages() {
            std::fs::write(folder.join(name), text)?;
        }
        return Ok(0);
    }
    if args.rules {
        super::say(ci_feed_analyzer::extract::sources_table().trim_end());
        return Ok(0);
    }
    if args.error_codes {
        super::say(FaultCode::markdown_table().trim_end());
        return Ok(0);
    }
    if args.openapi {
        super::say(&format!("{:#}", crate::http::openapi::document()));
        return Ok(0);
    }
    let mut problems = Vec::new();
    let config = Config::from_env();
    let ((database, repositories), layers) = match &config {
        Ok(config) => {
            check(config, &mut problems);
            let runtime = super::runtime()?;
            runtime.block_on(check_artifacts(config, &mut problems));
            let database = runtime.block_on(check_database(config, &mut problems));
            (database.unwrap_or_default(), runtime.block_on(sandbox(config, &mut problems))?)
        }
        Err(error) => {
            problems.push(error.to_string());
            (Default::default(), Value::Null)
        }
    };
    let of_the_bucket = config.iter().flat_map(|config| config.artifacts.variables());
    let settings: Vec<Value> = VARIABLES
        .iter()
        .chain(of_the_bucket)
        .map(|variable| {
            let (source, value) = crate::config::source_of(variable.name);
            let shown = match (&value, variable.secret) {
                (Some(_), true) => "set".to_owned(),
                (Some(value), false) => value.clone(),
                (None, _) => variable.default.to_owned(),
            };
            json!({ "name": variable.name, "source": source, "value": shown })
        })
        .collect();
    let report = json!({
        "version": env!("CI_FEED_VERSION"),
        "settings": settings,
        "database": database,
        "repositories": repositories,
        "sandbox": layers,
        "problems": problems,
    });
    if args.json {
        super::say(&report.to_string())
    } else {
        show(&report)
    }
    Ok(i32::from(!problems.is_empty()))
}

/// Which layers are on, tried as the server does at its start.
async fn sandbox(config: &Config, problems: &mut Vec<String>) -> anyhow::Result<Value> {
    Ok(match Sandbox::probe(&std::env::current_exe()?, config).await {
        Ok(sandbox) => json!(sandbox.shown()),
        Err(error) => {
            problems.push(error.to_string());
            Value::Null
        }
    })
}

fn check(config: &Config, problems: &mut Vec<String>) {
    if config.webhook_secrets.is_empty() {
        problems.push("GITHUB_WEBHOOK_SECRET is not set: every webhook would be answered with 503".into());
    }
    if !config.is_loopback() && config.api_token.is_none() {
        problems.push("CI_API_TOKEN is not set: enqueue, retry and the delivery log are closed on this address".into());
    }
    if free_bytes(&config.tmp_dir).is_some_and(|free| free < crate::worker::LOW_DISK_BYTES) {
        problems.push("little space is free under CI_TMP_DIR: no job would be leased".into());
    }
    if let Some(words) = &config.analyzer
        && !(is_file(&words[0]) || on_path(&words[0]))
    {
        problems.push(format!(
            "CI_ANALYZER: {:?} is neither a file nor a program in /usr/local/bin, /usr/bin or /bin",
            words[0]
        ));
    }
}

/// Whether the bucket, if it is one, takes and gives back what a server would keep there.
async fn check_artifacts(config: &Config, problems: &mut Vec<String>) {
    match Artifacts::new(&config.artifacts, config.job_timeout) {
        Ok(artifacts) => problems.extend(
            artifacts
                .check()
                .await
                .into_iter()
                .map(|fault| format!("CI_ARTIFACTS_URL: {}: {}", fault.message, fault.code.advice())),
        ),
        Err(error) => problems.push(error.to_string()),
    }
}

/// Which database the server would use, if it can, and what is to be known of its repositories.
async fn check_database(config: &Config, problems: &mut Vec<String>) -> Option<(Option<&'static str>, Vec<String>)> {
    if let Err(error) = crate::app::prepare_database_folder(config.database_url.expose()).await {
        problems.push(format!("DATABASE_URL: the folder of the database file cannot be made: {error}"));
        return None;
    }
    match Store::open(config.database_url.expose(), config.max_attempts).await {
        Ok(store) => {
            let health = store.health().await.ok();
            let kind = health.as_ref().map(|health| health.kind);
            let kind = kind.map(|kind| if store.is_pooled() { "postgres behind a transaction pooler" } else { kind });
            store.close().await;
            Some((kind, health.map(|health| said_of(&health.repositories)).unwrap_or_default()))
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            problems.push(format!("DATABASE_URL: the database cannot be used: {cause}"));
            None
        }
    }
}

/// A line for each repository that is gone, renamed or being deleted.
fn said_of(repositories: &Repositories) -> Vec<String> {
    let Repositories { gone, renamed, deletions } = repositories;
    let gone = gone.iter().map(|gone| {
        let what = if gone.is_replaced { "lost its name to another repository" } else { "is gone at the forge" };
        format!("{} {what} since {}: {} forgets it", gone.repo, rfc3339(gone.gone_at), gone.command())
    });
    let renamed = renamed
        .iter()
        .map(|renamed| format!("{} is called {} since {}", renamed.before, renamed.repo, rfc3339(renamed.since)));
    let deletions = deletions.iter().map(|deletion| {
        format!("{} is being deleted, {} runs are left: each tick goes on with it", deletion.repo, deletion.runs)
    });
    gone.chain(renamed).chain(deletions).collect()
}

fn is_file(program: &str) -> bool {
    program.contains('/') && std::path::Path::new(program).is_file()
}

fn on_path(program: &str) -> bool {
    ["/usr/local/bin", "/usr/bin", "/bin"].iter().any(|folder| std::path::Path::new(folder).join(program).is_file())
}

fn show(report: &Value) {
    super::say(&format!("ci-feed {}", report["version"].as_str().unwrap_or_default()));
    for setting in report["settings"].as_array().into_iter().flatten() {
        let text = |key: &str| setting[key].as_str().unwrap_or_default().to_owned();
        super::say(&format!("  {:<28} {:<9} {}", text("name"), text("source"), text("value")));
    }
    if let Some(database) = report["database"].as_str() {
        super::say(&format!("  the database is {database}"));
    }
    for line in report["repositories"].as_array().into_iter().flatten() {
        super::say(&format!("  {}", line.as_str().unwrap_or_default()));
    }
    for (layer, on) in report["sandbox"].as_object().into_iter().flatten() {
        super::say(&format!("  sandbox {layer:<20} {}", if *on == json!(true) { "on" } else { "off" }));
    }
    let problems = report["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    for problem in problems {
        super::say(&format!("! {}", problem.as_str().unwrap_or_default()));
    }
    if problems.is_empty() {
        super::say("all is well");
    }
}
