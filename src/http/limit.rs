//! Limits per address and per repository, in memory and bounded.
//!
//! On the webhook, rate limits apply only after the signature check: before it, strangers behind the same proxy would use
//! up GitHub's share. A wrong signature is charged to its address, a right one only to its repository.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::http::HeaderMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::error::ApiError;

/// Wrong signatures that one address may send in a minute before it has to wait.
const BAD_SIGNATURES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Times that one address may try to sign in.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
/// Verified deliveries of one repository: far more than people push, less than a loop would send.
const DELIVERIES_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
const DELIVERIES_BURST: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

/// A limiter for one kind of key. Keys share 65,536 buckets by a hash that nobody outside can know, so that its memory
/// is bounded however many keys there are.
struct Buckets {
    limiter: DefaultKeyedRateLimiter<u16>,
    hasher: RandomState,
}

impl Buckets {
    fn new(quota: Quota) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota), hasher: RandomState::new() }
    }

    fn take(&self, key: &impl Hash) -> Result<(), ApiError> {
        let [low, high, ..] = self.hasher.hash_one(key).to_le_bytes();
        self.limiter
            .check_key(&u16::from_le_bytes([low, high]))
            .map_err(|denied| ApiError::RateLimited(denied.wait_time_from(DefaultClock::default().now()).as_secs() + 1))
    }
}

/// All limits of a server.
pub(crate) struct RateLimits {
    requests: Option<Buckets>,
    bad_signatures: Buckets,
    sign_ins: Buckets,
    deliveries: Buckets,
}

impl RateLimits {
    /// `requests_per_minute` of 0 switches the limit on API requests off.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let deliveries = Quota::per_second(DELIVERIES_PER_SECOND).allow_burst(DELIVERIES_BURST);
        Self {
            requests: NonZeroU32::new(requests_per_minute).map(|n| Buckets::new(Quota::per_minute(n))),
            bad_signatures: Buckets::new(Quota::per_minute(BAD_SIGNATURES_PER_MINUTE)),
            sign_ins: Buckets::new(Quota::per_minute(SIGN_INS_PER_MINUTE)),
            deliveries: Buckets::new(deliveries),
        }
    }

    /// Charge an API request to its address.
    pub(crate) fn request(&self, client: IpAddr) -> Result<(), ApiError> {
        self.requests.as_ref().map_or(Ok(()), |buckets| buckets.take(&client))
    }

    /// Charge a wrong signature to its address.
    pub(crate) fn bad_signature(&self, client: IpAddr) -> Result<(), ApiError> {
        self.bad_signatures.take(&client)
    }

    /// Charge an attempt to sign in to its address.
    pub(crate) fn sign_in(&self, client: IpAddr) -> Result<(), ApiError> {
        self.sign_ins.take(&client)
    }

    /// Charge a verified delivery to its repository.
    pub(crate) fn delivery(&self, repo: &str) -> Result<(), ApiError> {
        self.deliveries.take(&repo.to_ascii_lowercase())
    }
}

/// Whom to charge: the peer, or the entry of `X-Forwarded-For` that the outermost trusted proxy wrote. IPv6 by /64,
/// since one host has all of it.
pub(crate) fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted_proxy_hops: usize) -> IpAddr {
    let forwarded = || {
        let lists = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
        let entries: Vec<_> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
        entries.len().checked_sub(trusted_proxy_hops).and_then(|at| forwarded_address(entries[at]))
    };
    let address: Option<IpAddr> = if trusted_proxy_hops == 0 { None } else { forwarded() };
    match address.unwrap_or(peer.ip()).to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// An entry of `X-Forwarded-For`. Some proxies add the port, and then brackets around IPv6.
fn forwarded_address(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.trim_matches(['[', ']']).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_x_forwarded_for_are_addresses_with_and_without_ports() {
        let v4 = Some("203.0.113.7".parse().unwrap());
        let v6 = Some("2001:db8::7".parse().unwrap());
        assert_eq!(["203.0.113.7", "203.0.113.7:51234"].map(forwarded_address), [v4, v4]);
        assert_eq!(["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"].map(forwarded_address), [v6, v6, v6]);
        assert_eq!(["unknown", "", "_hidden", "203.0.113.7:x"].map(forwarded_address), [None; 4]);
    }
}
