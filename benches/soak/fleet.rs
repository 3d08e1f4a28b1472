//! Several processes of the real binary on one database, of which any may be killed at any time.

use std::sync::{Mutex, RwLock};

use crate::support::server::{Api, BinaryServer, Setting};

pub(crate) struct Fleet {
    pub(crate) setting: Setting,
    servers: Mutex<Vec<Option<BinaryServer>>>,
    apis: RwLock<Vec<Api>>,
}

impl Fleet {
    pub(crate) fn start(setting: Setting, size: usize) -> Self {
        let servers: Vec<_> = (0..size).map(|_| setting.spawn()).collect();
        let apis = servers.iter().map(|server| server.client.clone()).collect();
        Self { setting, servers: Mutex::new(servers.into_iter().map(Some).collect()), apis: RwLock::new(apis) }
    }

    pub(crate) fn api(&self, n: usize) -> Api {
        self.apis.read().unwrap()[n].clone()
    }

    /// kill -9, then another process in its place.
    pub(crate) fn kill_and_replace(&self, n: usize) {
        let victim = self.servers.lock().unwrap()[n].take();
        victim.into_iter().for_each(BinaryServer::kill);
        let server = self.setting.spawn();
        self.apis.write().unwrap()[n] = server.client.clone();
        self.servers.lock().unwrap()[n] = Some(server);
    }

    pub(crate) fn pids(&self) -> Vec<u32> {
        self.servers.lock().unwrap().iter().flatten().map(BinaryServer::pid).collect()
    }

    /// SIGTERM to all.
    pub(crate) fn stop(self) -> Setting {
        for server in self.servers.into_inner().unwrap().into_iter().flatten() {
            assert_eq!(server.terminate(), Some(0));
        }
        self.setting
    }
}
