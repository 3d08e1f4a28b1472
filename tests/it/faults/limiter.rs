//! Group J: strangers with wrong signatures and forged addresses neither shut GitHub out nor fill the memory.

use std::net::{IpAddr, Ipv4Addr};

use reqwest::Client;
use serde_json::json;

use super::rig::Rig;
use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::process::status_mib;
use crate::support::server::{Api, BinaryServer, SECRET, Setting};

const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 8;

/// Ten thousand wrong signatures over a few connections, each with the headers that `disguise` gives the n-th one.
async fn flood(client: &Api, disguise: fn(usize) -> Option<String>) -> (usize, usize) {
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let client = client.clone();
            tokio::spawn(async move {
                let (mut refused, mut limited) = (0, 0);
                for n in (connection..REQUESTS).step_by(CONNECTIONS) {
                    let mut request = client.signed("push", &n.to_string(), "wrong", b"{}").body("{}");
                    if let Some(address) = disguise(n) {
                        request = request.header("X-Forwarded-For", address);
                    }
                    match request.send().await.unwrap().status().as_u16() {
                        401 => refused += 1,
                        429 => limited += 1,
                        other => panic!("{other}"),
                    }
                }
                (refused, limited)
            })
        })
        .collect();
    let (mut refused, mut limited) = (0, 0);
    for connection in connections {
        let (more_refused, more_limited) = connection.await.unwrap();
        refused += more_refused;
        limited += more_limited;
    }
    assert_eq!(refused + limited, REQUESTS);
    (refused, limited)
}

/// The API from another address of this machine.
fn from_address(server: &BinaryServer, last: u8) -> Api {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    Api::with(server.client.base.clone(), Client::builder().local_address(address).build().unwrap())
}

async fn ten_thousand_wrong_signatures_shut_nobody_else_out(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let (refused, limited) = flood(&server.client, |_| None).await;
    assert!(refused < 500 && limited > 9_000, "{refused} refused, {limited} told to wait");
    // From the same address, as through one proxy, and from another one.
    for client in [server.client.clone(), from_address(&server, 2)] {
        let (status, answer) = client.deliver("push", &rig.push()).await;
        assert_eq!(status, 200, "{answer}");
    }
    let wrong = from_address(&server, 2).deliver_raw("push", "d", "wrong", b"{}".to_vec()).await;
    assert_eq!(wrong.status(), 401, "another address is not told to wait");
    rig.settle_with(server).await;
}

async fn forged_addresses_are_not_believed_without_a_trusted_proxy(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let forged = |n: usize| Some(format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255));
    let (refused, limited) = flood(&server.client, forged).await;
    assert!(refused < 500 && limited > 9_000, "{refused} refused, {limited} told to wait");
    let (status, answer) = server.client.deliver("push", &rig.push()).await;
    assert_eq!(status, 200, "{answer}");
    rig.settle_with(server).await;
}

async fn behind_a_trusted_proxy_what_a_client_forges_before_it_does_not_count(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig = Rig::of(setting.with("TRUSTED_PROXY_HOPS", "1")).await;
    let server = rig.setting.spawn();
    let before = status_mib(server.pid(), "VmRSS");
    // The proxy adds the address it sees at the right; everything before it is the client's invention.
    let forged = |n: usize| Some(format!("10.{}.{}.{}, 203.0.113.7", n >> 16 & 255, n >> 8 & 255, n & 255));
    let (refused, limited) = flood(&server.client, forged).await;
    assert!(refused < 500 && limited > 9_000, "{refused} refused, {limited} told to wait");
    let body = payload::push("octo", "shop", &rig.commit("shop")).to_string().into_bytes();
    for (address, secret, expected) in [("203.0.113.7", SECRET, 200), ("203.0.113.8", "wrong", 401)] {
        let request = server.client.signed("push", "d", secret, &body).header("X-Forwarded-For", address);
        assert_eq!(request.body(body.clone()).send().await.unwrap().status(), expected, "{address}");
    }
    let grown = status_mib(server.pid(), "VmRSS").saturating_sub(before);
    assert!(grown < 64, "ten thousand strangers cost {grown} MiB");
    let (_, health) = server.client.get("/api/ci/health").await;
    assert_eq!(health["ok"], json!(true), "{health}");
    rig.settle_with(server).await;
}

on_both_databases! {
    ten_thousand_wrong_signatures_shut_nobody_else_out,
    forged_addresses_are_not_believed_without_a_trusted_proxy,
    behind_a_trusted_proxy_what_a_client_forges_before_it_does_not_count,
}
