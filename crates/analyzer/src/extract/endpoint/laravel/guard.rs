//! Which middleware turns strangers away: the framework's own, under their usual names, under the aliases and in the
//! groups that the application gives them.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Names that mean a signed-in caller wherever they stand.
const NAMES: [&str; 7] = ["auth", "auth.basic", "auth.basic.once", "verified", "jwt.auth", "auth.jwt", "auth:api"];
/// Classes that refuse a request without a user.
const CLASSES: [&str; 4] =
    ["Authenticate", "AuthenticateWithBasicAuth", "EnsureEmailIsVerified", "AuthenticateOnceWithBasicAuth"];

/// Aliases and groups of middleware.
#[derive(Default)]
pub(super) struct MiddlewareNames {
    pub(super) aliases: BTreeMap<String, Rc<str>>,
    pub(super) groups: BTreeMap<String, Vec<Rc<str>>>,
}

impl MiddlewareNames {
    /// Whether one of the middleware is a guard, and is not taken off again.
    pub(super) fn guards(&self, middleware: &[Rc<str>], excluded: &[Rc<str>]) -> bool {
        middleware.iter().any(|name| self.is_guard(name, excluded, 0))
    }

    fn is_guard(&self, name: &str, excluded: &[Rc<str>], depth: usize) -> bool {
        let plain = name.split(':').next().unwrap_or(name).trim_start_matches('\\');
        let is_same = |other: &Rc<str>| {
            let other = other.trim_start_matches('\\');
            other == name
                || other.split(':').next() == Some(plain)
                || self.aliases.get(other).is_some_and(|class| class.as_ref() == plain)
        };
        if excluded.iter().any(is_same) || depth > 4 {
            return false;
        }
        if NAMES.contains(&plain) || CLASSES.contains(&plain.rsplit('\\').next().unwrap_or(plain)) {
            return true;
        }
        if let Some(class) = self.aliases.get(plain)
            && class.as_ref() != plain
        {
            return self.is_guard(class, excluded, depth + 1);
        }
        self.groups.get(plain).is_some_and(|group| group.iter().any(|name| self.is_guard(name, excluded, depth + 1)))
    }
}
