//! The body of a delivery. The only way to one is a signature that fits it; until then at most 256 KiB of it are held in
//! memory, and the rest in a file.

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::budget::{Budgets, SMALL_BODY_BYTES, Share};
use super::error::ApiError;
use super::extract::BODY_TIME;
use crate::config::Config;
use crate::github::signature::Signature;

/// GitHub sends at most this much.
const MAX_WEBHOOK_BYTES: usize = 25 << 20;
/// What is read of a larger body before the connection is left to break.
const MAX_READ_BYTES: usize = 2 * MAX_WEBHOOK_BYTES;

/// The settings and budgets that hold for a body.
#[derive(Clone, Copy)]
pub(super) struct Within<'s> {
    pub(super) config: &'s Config,
    pub(super) budgets: &'s Budgets,
}

/// A body whose signature was checked.
pub(super) struct VerifiedBody {
    pub(super) bytes: Bytes,
    /// SHA-256 of the bytes, as hex.
    pub(super) sha256: String,
    _share: Share,
}

impl VerifiedBody {
    /// Read a body and check its signature.
    ///
    /// # Errors
    /// When the signature does not fit, or the body is too large, too slow or broken off.
    pub(super) async fn read(within: Within<'_>, signature: Signature, body: Body) -> Result<Self, ApiError> {
        let read = read(within, signature, body);
        tokio::time::timeout(BODY_TIME, read).await.unwrap_or(Err(ApiError::TooSlow))
    }
}

async fn read(within: Within<'_>, signature: Signature, mut body: Body) -> Result<VerifiedBody, ApiError> {
    let mut kept = Some(Kept::Memory(BytesMut::new(), within.budgets.small_bodies.take(0).await?));
    let (mut check, mut digest, mut seen) = (signature.check(&within.config.webhook_secrets), Sha256::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::Invalid("the body ended early".into()))?;
        let part = frame.into_data().unwrap_or_default();
        seen += part.len();
        // A sender that is still writing would see a broken connection instead of the answer.
        if seen > MAX_READ_BYTES {
            break;
        }
        if seen > MAX_WEBHOOK_BYTES {
            kept = None;
        }
        if let Some(kept) = &mut kept {
            check.update(&part);
            digest.update(&part);
            kept.push(within, &part).await?;
        }
    }
    let kept = kept.ok_or(ApiError::TooLarge("25 MiB"))?;
    check.finish()?;
    let (bytes, share) = kept.bytes(within, seen).await?;
    Ok(VerifiedBody { bytes, sha256: hex::encode(digest.finalize()), _share: share })
}

/// What has arrived of a body that nobody vouches for yet. Only what has arrived has a share: who announces much and sends
/// nothing takes nothing from others.
enum Kept {
    Memory(BytesMut, Share),
    Spooled { file: File, written: usize, share: Share },
}

impl Kept {
    async fn spooled(within: Within<'_>) -> Result<Self, ApiError> {
        let share = within.budgets.spooled_bodies.take(0).await?;
        let folder = within.config.tmp_dir.clone();
        let create = move || {
            std::fs::create_dir_all(&folder)?;
            tempfile::tempfile_in(folder)
        };
        let file = tokio::task::spawn_blocking(create).await.map_err(|panic| ApiError::Internal(panic.into()))?;
        Ok(Self::Spooled { file: File::from_std(file.map_err(not_spooled)?), written: 0, share })
    }

    async fn push(&mut self, within: Within<'_>, part: &[u8]) -> Result<(), ApiError> {
        if let Self::Memory(bytes, _) = self
            && bytes.len() + part.len() > SMALL_BODY_BYTES
        {
            let arrived = std::mem::take(bytes);
            *self = Self::spooled(within).await?;
            Box::pin(self.push(within, &arrived)).await?;
        }
        match self {
            Self::Memory(bytes, share) => {
                share.grow_to(&within.budgets.small_bodies, bytes.len() + part.len()).await?;
                bytes.extend_from_slice(part);
                Ok(())
            }
            Self::Spooled { file, written, share } => {
                *written += part.len();
                share.grow_to(&within.budgets.spooled_bodies, *written).await?;
                file.write_all(part).await.map_err(not_spooled)
            }
        }
    }

    /// All of it, for a body that is verified.
    async fn bytes(self, within: Within<'_>, length: usize) -> Result<(Bytes, Share), ApiError> {
        match self {
            Self::Memory(bytes, share) => Ok((bytes.freeze(), share)),
            Self::Spooled { mut file, .. } => {
                let share = within.budgets.large_bodies.take(length).await?;
                let mut bytes = Vec::with_capacity(length);
                file.rewind().await.map_err(not_spooled)?;
                file.read_to_end(&mut bytes).await.map_err(not_spooled)?;
                Ok((bytes.into(), share))
            }
        }
    }
}

fn not_spooled(error: std::io::Error) -> ApiError {
    ApiError::Internal(format!("a large delivery could not be kept in CI_TMP_DIR: {error}").into())
}
