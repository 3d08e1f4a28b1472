//! The one clock, and the one form of a time in our JSON.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::Serializer;

/// Clocks of several machines, set by and by, are this far off at most.
pub(crate) const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

/// The process clock, in the microseconds that both databases keep.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn millis<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*time))
}

/// The same, or `null`.
pub(crate) fn optional_millis<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => millis(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// See [`millis`].
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
