//! The cookie that stands for the API token in a browser. It says until when, signed with a key that is made of the token:
//! a new token ends every session, and nothing secret is stored. The database holds the sessions that were ended before
//! their time.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::AppState;
use crate::config::Secret;
use crate::model::now;

pub(super) const NAME: &str = "ci_feed_session";
/// How long a session lasts.
const LASTS: TimeDelta = TimeDelta::hours(12);
/// Sessions of one request that are looked up; a browser sends one for each path and host that set one.
const MAX_SENT: usize = 16;

pub(super) struct Session {
    pub(super) id: Uuid,
    pub(super) expires_at: DateTime<Utc>,
}

impl Session {
    pub(super) fn new() -> Self {
        Self { id: Uuid::now_v7(), expires_at: now() + LASTS }
    }

    /// The caller's session, if one that it sends is open.
    pub(super) async fn of(state: &AppState, headers: &HeaderMap) -> Option<Self> {
        for session in Self::sent(state, headers) {
            match state.store.is_ended(session.id).await {
                Ok(false) => return Some(session),
                Ok(true) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a session could not be looked up");
                    return None;
                }
            }
        }
        None
    }

    /// All that the caller sends, ended ones too: a cookie that another host of the same site planted beside ours, or
    /// that another path kept, must neither lock its owner out nor outlive signing out.
    pub(super) fn sent(state: &AppState, headers: &HeaderMap) -> Vec<Self> {
        let Some(token) = &state.config.api_token else { return Vec::new() };
        let lists = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = lists.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let sessions = pairs.filter(|(name, _)| *name == NAME).filter_map(|(_, value)| Self::read(value, token));
        sessions.take(MAX_SENT).collect()
    }

    /// `Set-Cookie`, out of reach of scripts and of other sites.
    pub(super) fn cookie(&self, token: &Secret, secure: bool) -> String {
        set_cookie(&self.signed(token), LASTS, secure)
    }

    fn signed(&self, token: &Secret) -> String {
        let said = format!("{}.{}", self.id, self.expires_at.timestamp());
        let signature = hex::encode(mac(token, &said).finalize().into_bytes());
        format!("{said}.{signature}")
    }

    /// `None` for one that is not ours, was signed with another token, or is over.
    fn read(value: &str, token: &Secret) -> Option<Self> {
        let (said, signature) = value.rsplit_once('.')?;
        mac(token, said).verify_slice(&hex::decode(signature).ok()?).ok()?;
        let (id, expires) = said.split_once('.')?;
        let expires_at = DateTime::from_timestamp(expires.parse().ok()?, 0)?;
        (expires_at > now()).then_some(Self { id: id.parse().ok()?, expires_at })
    }
}

/// `Set-Cookie` that makes a browser forget it.
pub(super) fn no_cookie(secure: bool) -> String {
    set_cookie("", TimeDelta::zero(), secure)
}

fn set_cookie(value: &str, lasts: TimeDelta, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}", lasts.num_seconds())
}

/// Under a key that is good for this alone.
fn mac(token: &Secret, said: &str) -> Hmac<Sha256> {
    let new = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    let key = new(token.expose().as_bytes()).chain_update(b"ci-feed session").finalize().into_bytes();
    new(&key).chain_update(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_with_its_time_and_with_its_token() {
        let token = Secret::new("t0ken");
        let session = |minutes| Session { id: Uuid::now_v7(), expires_at: now() + TimeDelta::minutes(minutes) };
        let signed = session(1).signed(&token);
        assert!(Session::read(&signed, &token).is_some());
        assert!(Session::read(&session(-1).signed(&token), &token).is_none(), "it is over");
        assert!(Session::read(&signed, &Secret::new("another")).is_none(), "the token is another one");
        for at in 0..signed.len() {
            let mut forged = signed.clone().into_bytes();
            forged[at] ^= 1;
            let forged = String::from_utf8(forged).unwrap();
            assert!(Session::read(&forged, &token).is_none(), "{forged} is not {signed}");
        }
    }
}
