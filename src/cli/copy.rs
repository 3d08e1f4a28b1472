//! `ci-feed copy --to postgres://…`: move to the other database.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::app::{DatabaseLock, prepare_database_folder};
use crate::artifacts::{Artifacts, OutputFile};
use crate::config::{ArtifactsPlace, Config};
use crate::store::{Copying, Store};

/// Copy everything of these settings' database into an empty one of the other kind: runs, jobs, deliveries, dossiers.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed copy --to postgres://ci@db.example.com/ci_feed\n  DATABASE_URL=postgres://… ci-feed copy --to 'sqlite:ci-feed.db?mode=rwc'\n\nStop the server first. The copy is whole or nothing, and this database stays as it is. Files of dossiers go where a\nserver with the other DATABASE_URL and otherwise these settings would keep them. Exit codes: 0 copied and counted,\n1 nothing was copied"
)]
pub(super) struct CopyArgs {
    /// Address of the other database
    #[arg(long, value_name = "URL")]
    to: String,
}

/// What became of the files.
#[derive(Default)]
struct Files {
    copied: usize,
    bytes: usize,
    /// Named, but not there: removed by somebody.
    missing: usize,
}

pub(super) fn run(args: &CopyArgs, config: &Config) -> anyhow::Result<i32> {
    let target = Config::from_env_for(Some(&args.to))?;
    super::runtime()?.block_on(copy(config, &target))?;
    Ok(0)
}

async fn copy(config: &Config, target: &Config) -> anyhow::Result<()> {
    let (file, to_url) = (prepare_database_folder(config.database_url.expose()).await?, target.database_url.expose());
    prepare_database_folder(to_url).await?;
    let from = Store::open(config.database_url.expose(), config.max_attempts).await?;
    // Held until the end. On Postgres only a job that is under way shows that somebody works.
    let lock = match file {
        Some(file) => DatabaseLock::open(&file).await,
        None => None,
    };
    if let Some(lock) = &lock {
        anyhow::ensure!(lock.is_alone(), "a server uses the SQLite file; stop it first, nothing was copied");
        // What a server would do that starts.
        from.release_orphans().await?;
    }
    let to = Store::open(to_url, target.max_attempts).await?;
    let mut copying = from.begin_copy(&to).await?;
    for (table, rows) in copying.tables().await? {
        super::complain(&format!("{table}: {rows}"));
    }
    let Files { copied, bytes, missing } = copy_files(&from, &mut copying, config, target).await?;
    copying.commit().await?;
    if config.artifacts == target.artifacts {
        let left = Artifacts::new(&target.artifacts, target.job_timeout)?.leave().await;
        left.map_err(|fault| anyhow::anyhow!(fault.message))?;
    }
    super::complain(&format!(
        "files of dossiers: {copied}, {bytes} bytes, each with its hash; {missing} were not there"
    ));
    super::say("copied; set DATABASE_URL to the other database and start the server");
    from.close().await;
    to.close().await;
    Ok(())
}

async fn copy_files(from: &Store, copying: &mut Copying, config: &Config, target: &Config) -> anyhow::Result<Files> {
    let here = Artifacts::new(&config.artifacts, config.job_timeout)?;
    let there = Artifacts::new(&target.artifacts, target.job_timeout)?;
    let stays = config.artifacts == target.artifacts && config.artifacts != ArtifactsPlace::Database;
    let mut files = Files::default();
    let mut after = Uuid::nil();
    loop {
        let runs = copying.runs_with_files(after).await?;
        let Some((last, _)) = runs.last() else { return Ok(files) };
        after = *last;
        for (run_id, epoch) in runs {
            let named = copying.files(run_id).await?;
            let mut read = Vec::new();
            for file in &named {
                let Some(bytes) = here.read(from, run_id, file).await? else {
                    files.missing += 1;
                    continue;
                };
                let is_whole = hex::encode(Sha256::digest(&bytes)) == file.sha256;
                anyhow::ensure!(is_whole, "{} of run {run_id} is not what was stored; nothing was copied", file.name);
                files.copied += 1;
                files.bytes += bytes.len();
                read.push(OutputFile { name: file.name.clone(), bytes });
            }
            let bodies = if stays || read.is_empty() {
                Vec::new()
            } else {
                let staged = there.stage(run_id, epoch, read).await;
                let staged = staged.map_err(|fault| anyhow::anyhow!(fault.message))?;
                (staged.publish)()?;
                staged.files
            };
            for file in &named {
                let body = bodies.iter().find(|(staged, _)| staged.name == file.name);
                copying.put_file(run_id, file, body.and_then(|(_, body)| body.clone())).await?;
            }
        }
    }
}
