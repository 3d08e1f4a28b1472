//! `X-Hub-Signature-256`: HMAC-SHA256 over the raw body, compared in constant time.
//!
//! Protocol: <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::Secret;

/// Why a delivery is not believed. Deliberately says nothing about how wrong it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header.
    #[error("the X-Hub-Signature-256 header is missing; set a secret on the webhook in GitHub")]
    Missing,
    /// Not of the form, or of another secret or body.
    #[error("the signature does not match; the webhook's secret in GitHub and GITHUB_WEBHOOK_SECRET must be the same")]
    Wrong,
}

/// A signature as it was sent.
#[derive(Debug)]
pub struct Signature([u8; 32]);

impl Signature {
    /// The header's value, before the body is read.
    ///
    /// # Errors
    /// [`SignatureError`] when there is no header, or it is not of the form.
    pub fn parse(header: Option<&[u8]>) -> Result<Self, SignatureError> {
        let digits = header.ok_or(SignatureError::Missing)?.strip_prefix(b"sha256=").ok_or(SignatureError::Wrong)?;
        let mut sent = [0; 32];
        hex::decode_to_slice(digits, &mut sent).map_err(|_| SignatureError::Wrong)?;
        Ok(Self(sent))
    }

    /// Begin to check it against every configured secret (two while rotating), over a body that arrives in parts.
    pub fn check(self, secrets: &[Secret]) -> SignatureCheck {
        SignatureCheck { sent: self, macs: secrets.iter().map(mac).collect() }
    }
}

/// A signature and what has arrived of the body that it is of.
#[derive(Debug)]
pub struct SignatureCheck {
    sent: Signature,
    macs: Vec<Hmac<Sha256>>,
}

impl SignatureCheck {
    /// The next part of the body.
    pub fn update(&mut self, part: &[u8]) {
        self.macs.iter_mut().for_each(|mac| mac.update(part));
    }

    /// The body is complete.
    ///
    /// # Errors
    /// [`SignatureError`] unless one of the secrets made this signature for exactly this body.
    pub fn finish(self) -> Result<(), SignatureError> {
        // Every secret is tried, whichever matches, so that the time tells nothing about which one it was.
        let matches = self.macs.into_iter().fold(subtle::Choice::from(0), |found, mac| {
            found | subtle::ConstantTimeEq::ct_eq(&mac.finalize().into_bytes()[..], &self.sent.0[..])
        });
        if bool::from(matches) { Ok(()) } else { Err(SignatureError::Wrong) }
    }
}

/// The header's value for a body: what GitHub sends, and what the demo sends in its place.
pub fn sign(secret: &Secret, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac(secret).chain_update(body).finalize().into_bytes()))
}

fn mac(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes a key of any length")
}
