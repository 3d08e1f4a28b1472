//! The memory that requests and answers under way may take together, whatever clients do. What does not fit waits a
//! moment and is then told to come back.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::ApiError;

/// Largest body of a delivery that is kept in memory before its signature is checked; nearly all of GitHub's are smaller.
pub(super) const SMALL_BODY_BYTES: usize = 256 << 10;
/// Small bodies together; larger ones cannot take from it.
const SMALL_BODIES: usize = 16 << 20;
/// Larger bodies together while they lie in files, in bytes of the work folder.
const SPOOLED_BODIES: usize = 200 << 20;
/// Larger bodies together once they are verified and read back.
const LARGE_BODIES: usize = 25 << 20;
/// Files of a bucket together while clients take them, in bytes of the work folder.
const COPIED_FILES: usize = 200 << 20;
/// Answers together, for as long as clients have not taken them.
const ANSWERS: usize = 24 << 20;
/// Lists of runs and the comparison of two dossiers together while they are made: one of the largest.
const MAKING: usize = 56 << 20;
/// Compressors together. Each lasts until its client has taken the answer.
const COMPRESSORS: usize = 6 << 20;
/// A share is counted in units of this many bytes.
const UNIT: usize = 1 << 10;
/// How long a request waits for its share; GitHub wants an answer within 10 s.
const WAIT_TIME: Duration = Duration::from_secs(5);

/// All budgets of a server.
pub(crate) struct Budgets {
    pub(super) small_bodies: Budget,
    pub(super) spooled_bodies: Budget,
    pub(super) large_bodies: Budget,
    pub(super) copied_files: Budget,
    pub(super) answers: Budget,
    pub(super) making: Budget,
    /// Of one: who compares dossiers does so alone.
    pub(super) comparing: Budget,
    pub(super) compressors: Budget,
}

impl Budgets {
    pub(super) fn new() -> Self {
        Self {
            small_bodies: Budget::new(SMALL_BODIES),
            spooled_bodies: Budget::new(SPOOLED_BODIES),
            large_bodies: Budget::new(LARGE_BODIES),
            copied_files: Budget::new(COPIED_FILES),
            answers: Budget::new(ANSWERS),
            making: Budget::new(MAKING),
            comparing: Budget::new(UNIT),
            compressors: Budget::new(COMPRESSORS),
        }
    }
}

/// Bytes that are shared out.
pub(super) struct Budget {
    units: Arc<Semaphore>,
    all: u32,
}

/// A part of a budget, given back when dropped.
pub(super) struct Share(OwnedSemaphorePermit);

impl Budget {
    fn new(bytes: usize) -> Self {
        let all = units(bytes);
        Self { units: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// A share of so many bytes; whoever wants more than there is gets all of it, alone.
    ///
    /// # Errors
    /// When others hold it for too long.
    pub(super) async fn take(&self, bytes: usize) -> Result<Share, ApiError> {
        tokio::time::timeout(WAIT_TIME, self.wait_for(bytes)).await.map_err(|_| ApiError::Busy)
    }

    /// The same, however long it takes.
    pub(super) async fn wait_for(&self, bytes: usize) -> Share {
        let taken = Arc::clone(&self.units).acquire_many_owned(units(bytes).min(self.all)).await;
        Share(taken.expect("the semaphore is never closed"))
    }

    /// The same, where there is as much at once.
    pub(super) fn take_now(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.units).try_acquire_many_owned(units(bytes).min(self.all)).ok().map(Share)
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// A body that is made while it is sent. Its share is given back when nothing is left to be made, or the client has left.
struct Held {
    body: Body,
    _share: Share,
}

/// Bytes whose share is given back when the last of them is with the operating system, or the client has left: until then
/// hyper keeps them, long after it has taken them out of the body.
struct Owned {
    bytes: Vec<u8>,
    _held: (Share, Option<OwnedSemaphorePermit>),
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Share {
    /// Hold it for as long as the body lives.
    pub(super) fn held_by(self, body: Body) -> Body {
        Body::new(Held { body, _share: self })
    }

    /// Hold it for as long as the bytes are not sent, and `turn` with it.
    pub(super) fn of_bytes(self, bytes: Vec<u8>, turn: Option<OwnedSemaphorePermit>) -> Bytes {
        Bytes::from_owner(Owned { bytes, _held: (self, turn) })
    }

    /// Hold it until the answer has its share of those that are sent.
    pub(super) fn until_sent(self) -> Extension<Arc<Self>> {
        Extension(Arc::new(self))
    }

    /// Take more of its budget, so that it is of so many bytes.
    ///
    /// # Errors
    /// When others hold it for too long.
    pub(super) async fn grow_to(&mut self, budget: &Budget, bytes: usize) -> Result<(), ApiError> {
        let more = (units(bytes) as usize).saturating_sub(self.0.num_permits());
        if more > 0 {
            self.0.merge(budget.take(more * UNIT).await?.0);
        }
        Ok(())
    }

    /// Give back all but so many bytes of it.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        let rest = self.0.num_permits().saturating_sub(units(bytes) as usize);
        drop(self.0.split(rest));
    }
}

impl axum::body::HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
