//! Group E: Postgres goes away while the server is idle, leases, works or settles. The server stays, the job settles,
//! the webhook answers 503 in time for GitHub, and what it then accepts is there.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::rig::{OK, Rig};
use crate::support::cluster::OwnCluster;
use crate::support::database::{Backend, TestDatabase};
use crate::support::process;
use crate::support::proxy::{Mode, Proxy};
use crate::support::server::{BinaryServer, Setting};

/// What happens to the database while the server stands still at a step.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Restart,
    ImmediateStop,
    KillBackend,
    TerminateAll,
    Reset,
}

const FAULTS: [Fault; 5] =
    [Fault::Restart, Fault::ImmediateStop, Fault::KillBackend, Fault::TerminateAll, Fault::Reset];

struct Bench {
    rig: Rig,
    cluster: OwnCluster,
    proxy: Proxy,
}

impl Bench {
    async fn new(script: &str) -> Option<Self> {
        let cluster = OwnCluster::start()?;
        let proxy = Proxy::start(cluster.address()).await;
        let mut setting = Setting::new(Backend::Postgres).await?;
        setting.database = TestDatabase::at(OwnCluster::url(cluster.address()));
        let setting = setting.with("DATABASE_URL", OwnCluster::url(proxy.address)).with_analyzer(script);
        Some(Self { rig: Rig::of(setting).await, cluster, proxy })
    }

    async fn strike(&mut self, fault: Fault) {
        let backends = "select cast(pid as text) from pg_stat_activity
            where application_name = 'ci-feed' and pid <> pg_backend_pid()";
        match fault {
            Fault::Restart => {
                self.cluster.stop("fast");
                self.cluster.run();
            }
            Fault::ImmediateStop => {
                self.cluster.stop("immediate");
                self.cluster.run();
            }
            Fault::KillBackend => {
                // One backend that dies by kill -9 makes the server end all others and recover.
                let pids = self.rig.probe.texts(backends).await;
                process::send(pids[0].parse().unwrap(), Signal::KILL);
                let deadline = Instant::now() + Duration::from_secs(30);
                while self.rig.probe.is_connected().await {
                    assert!(Instant::now() < deadline, "the server did not notice its dead backend");
                }
            }
            Fault::TerminateAll => {
                self.rig
                    .probe
                    .texts(&format!(
                        "select cast(pg_terminate_backend(cast(pid as int)) as text) from ({backends}) as b(pid)"
                    ))
                    .await;
            }
            Fault::Reset => self.proxy.reset().await,
        }
        self.rig.probe = self.connect().await;
    }

    /// The database again, as soon as it takes connections.
    async fn connect(&self) -> crate::support::database::Probe {
        use sqlx::Connection as _;
        let deadline = Instant::now() + Duration::from_secs(30);
        while sqlx::PgConnection::connect(&OwnCluster::url(self.cluster.address())).await.is_err() {
            assert!(Instant::now() < deadline, "the database does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.rig.setting.database.probe().await
    }
}

/// Deliver until it is accepted, as people press "Redeliver"; every other answer is 503 within 8 s.
async fn deliver_until_accepted(server: &BinaryServer, push: &Value) -> String {
    let id = uuid::Uuid::new_v4().to_string();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let asked = Instant::now();
        let (status, answer) = server.client.try_deliver(&id, push).await.expect("the server is there");
        assert!(asked.elapsed() < Duration::from_secs(9), "the webhook answered after {:?}", asked.elapsed());
        match status.as_u16() {
            200 => return answer["run_id"].as_str().unwrap().to_owned(),
            503 => {}
            _ => panic!("{status} {answer}"),
        }
        assert!(Instant::now() < deadline, "the database does not come back: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn tick_until_processed(client: &crate::support::server::Api) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = client.try_tick().await.expect("the server is there");
        if answer["processed"] == json!(true) {
            return answer;
        }
        assert!(Instant::now() < deadline, "the job is not leased: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_survives_every_way_in_which_postgres_goes_away() {
    let Some(mut bench) = Bench::new(OK).await else { return };
    let mut server = bench.rig.setting.spawn();
    for fault in FAULTS {
        let push = bench.rig.push();
        // Connections that are about to break, in every pool.
        server.client.get("/api/ci/health").await;
        server.client.tick().await;
        server.client.deliver("ping", &json!({})).await;
        bench.strike(fault).await;
        deliver_until_accepted(&server, &push).await;
        let tick = tick_until_processed(&server.client).await;
        assert_eq!(tick["status"], json!("SUCCEEDED"), "{fault:?}: {tick}");
        assert!(server.is_alive(), "{fault:?}: the server ended");
    }
    bench.rig.settle_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_settles_whenever_postgres_goes_away() {
    let Some(mut bench) = Bench::new(OK).await else { return };
    for step in ["lease.4", "lease.commit", "lease.committed", "fetched", "staged", "settle.1", "settle.commit"] {
        for fault in FAULTS {
            let push = bench.rig.push();
            let mut server = bench.rig.setting.spawn_armed(&format!("{step}=stop"));
            deliver_until_accepted(&server, &push).await;
            let client = server.client.clone();
            let ticking = tokio::spawn(async move { client.try_tick().await });
            process::until_frozen(server.pid()).await;
            bench.strike(fault).await;
            process::send(server.pid(), Signal::CONT);
            let tick = ticking.await.unwrap().expect("the tick is answered");
            assert!(server.is_alive(), "{step}, {fault:?}: the server ended");
            // Before the lease's COMMIT nothing was leased; after it, the work is not lost.
            if step == "lease.4" || step == "lease.commit" {
                assert_eq!(tick["code"], json!("DATABASE_UNAVAILABLE"), "{step}, {fault:?}: {tick}");
            } else {
                assert_eq!(
                    (&tick["status"], &tick["attempt"]),
                    (&json!("SUCCEEDED"), &json!(1)),
                    "{step}, {fault:?}: {tick}"
                );
            }
            bench.rig.settle_with(server).await;
            assert_eq!(bench.rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 1"], "{step}, {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_makes_nothing_fail() {
    let Some(mut bench) = Bench::new(OK).await else { return };
    let push = bench.rig.push();
    let server = bench.rig.setting.spawn();
    bench.proxy.set(Mode::Delay(Duration::from_millis(40)));
    let (status, answer) = server.client.deliver("push", &push).await;
    assert_eq!(status, 200, "{answer}");
    let tick = server.client.tick().await;
    assert_eq!(tick["status"], json!("SUCCEEDED"), "{tick}");
    bench.proxy.set(Mode::Pass);
    bench.rig.settle_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_of_thirty_seconds_costs_time_and_no_job() {
    tokio::join!(
        one_black_hole("idle"),
        one_black_hole("lease.1"),
        one_black_hole("analyzed"),
        one_black_hole("settle.1")
    );
}

/// The database becomes a black hole while the server stands at `step`.
async fn one_black_hole(step: &'static str) {
    let Some(mut bench) = Bench::new(OK).await else { return };
    let (push, during) = (bench.rig.push(), bench.rig.push());
    let mut server = bench.rig.setting.spawn_armed(&format!("{step}=stop"));
    deliver_until_accepted(&server, &push).await;
    let client = server.client.clone();
    let ticking = (step != "idle").then(|| tokio::spawn(async move { client.try_tick().await }));
    if step != "idle" {
        process::until_frozen(server.pid()).await;
    }
    bench.proxy.set(Mode::Swallow);
    let began = Instant::now();
    if step != "idle" {
        process::send(server.pid(), Signal::CONT);
    }
    while began.elapsed() < Duration::from_secs(30) {
        let asked = Instant::now();
        let (status, answer) = server.client.deliver("push", &during).await;
        assert_eq!(status, 503, "{step}: {answer}");
        assert!(asked.elapsed() < Duration::from_secs(9), "{step}: the webhook answered after {:?}", asked.elapsed());
    }
    bench.proxy.set(Mode::Pass);
    deliver_until_accepted(&server, &during).await;
    if let Some(ticking) = ticking {
        let bounded = tokio::time::timeout(Duration::from_secs(60), ticking);
        let tick = bounded.await.unwrap_or_else(|_| panic!("{step}: the tick is never answered")).unwrap();
        assert!(tick.is_some(), "{step}");
    }
    assert!(server.is_alive(), "{step}: the server ended");
    bench.rig.probe.time_passes().await;
    bench.rig.settle_with(server).await;
    for push in [push, during] {
        let runs = bench.rig.runs_of(push["after"].as_str().unwrap()).await;
        assert_eq!(runs, ["SUCCEEDED 1"], "{step}: no attempt is lost");
    }
}
