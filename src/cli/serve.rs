//! `ci-feed serve`: the server, until SIGTERM or Ctrl-C.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::telemetry;
use crate::worker::sandbox::close_memory;

pub(super) fn run(config: Config) -> anyhow::Result<i32> {
    telemetry::init(&config);
    // Its secrets are none of its children's, who may be the same user.
    close_memory()?;
    super::runtime()?.block_on(async {
        let secret_set = !config.webhook_secrets.is_empty();
        let app = App::start(config, std::env::current_exe()?).await?;
        super::say(&format!("ci-feed {} listens on http://{}", env!("CARGO_PKG_VERSION"), app.address()));
        if !secret_set {
            super::say("GITHUB_WEBHOOK_SECRET is not set: webhooks are refused until it is (docs/webhook-setup.md)");
        }
        let stop = stop_on_signal()?;
        app.serve(stop).await;
        Ok(0)
    })
}

/// A token that SIGTERM and Ctrl-C cancel.
pub(super) fn stop_on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let cancel = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        cancel.cancel();
    });
    Ok(stop)
}
