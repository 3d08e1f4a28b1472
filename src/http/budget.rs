//! The memory that requests and answers under way may take together, whatever clients do. What does not fit waits a
//! moment and is then told to come back.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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
/// Answers together.
const ANSWERS: usize = 24 << 20;
/// A share is counted in units of this many bytes.
const UNIT: usize = 1 << 10;
/// How long a request waits for its share; GitHub wants an answer within 10 s.
const WAIT_TIME: Duration = Duration::from_secs(5);

/// All budgets of a server.
pub(crate) struct Budgets {
    pub(super) small_bodies: Budget,
    pub(super) spooled_bodies: Budget,
    pub(super) large_bodies: Budget,
    pub(super) answers: Budget,
}

impl Budgets {
    pub(super) fn new() -> Self {
        Self {
            small_bodies: Budget::new(SMALL_BODIES),
            spooled_bodies: Budget::new(SPOOLED_BODIES),
            large_bodies: Budget::new(LARGE_BODIES),
            answers: Budget::new(ANSWERS),
        }
    }
}

/// Bytes that are shared out.
pub(super) struct Budget {
    units: Arc<Semaphore>,
    all: u32,
}

/// A part of a budget, given back when dropped.
pub(super) struct Share(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

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
        let take = Arc::clone(&self.units).acquire_many_owned(units(bytes).min(self.all));
        let taken = tokio::time::timeout(WAIT_TIME, take).await.map_err(|_| ApiError::Busy)?;
        Ok(Share(taken.expect("the semaphore is never closed")))
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// A body whose share is given back when the client has taken it, or has left.
struct Held {
    body: Body,
    _share: Share,
}

impl Share {
    /// Hold it for as long as the body lives.
    pub(super) fn held_by(self, body: impl Into<Body>) -> Body {
        Body::new(Held { body: body.into(), _share: self })
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
