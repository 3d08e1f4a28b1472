//! Base paths that only the configuration knows, by the names of their settings.

use super::call::Call;
use super::machine::Machine;
use super::value::Value;
use super::why::Why;
use crate::syntax::grammar::Family;

/// What the name of such a setting holds, in small letters and without what stands between words.
const NAMES: [&str; 16] = [
    "basepath",
    "baseurl",
    "baseuri",
    "baseprefix",
    "apibase",
    "apiprefix",
    "urlprefix",
    "routeprefix",
    "pathprefix",
    "globalprefix",
    "mountpath",
    "contextpath",
    "rootpath",
    "apiroot",
    "suburl",
    "subpath",
];
/// What it may be alone, where it is the key of a configuration.
const ALONE: [&str; 3] = ["base", "prefix", "basename"];

/// Whether a setting of this name holds a base path. What is called `prefix` is one in a configuration only.
fn is_base(name: &str, is_configured: bool) -> bool {
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    let (mut flat, mut words, mut before) = (String::new(), Vec::new(), ' ');
    for letter in last.chars() {
        if letter.is_ascii_alphanumeric() {
            let is_start = !before.is_ascii_alphanumeric() || (letter.is_ascii_uppercase() && before.is_lowercase());
            words.extend(is_start.then_some(flat.len()));
            flat.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    // From the start of a word: a `databasePath` is no `basePath`.
    let is_named = |part: &&str| words.iter().any(|at| flat[*at..].starts_with(part));
    (is_configured && ALONE.contains(&&*flat)) || NAMES.iter().any(is_named)
}

impl Machine<'_> {
    /// A setting under this name of something that nobody can see; `is_key` where it is asked for as one of a configuration.
    pub(super) fn setting_unseen(&self, name: &str, is_key: bool) -> Option<Value> {
        let is_one = matches!(self.family, Family::Script | Family::Python) && is_base(name, is_key);
        is_one.then(|| Value::unknown(Why::Base(name.to_owned(), String::new())))
    }

    /// `config.get('baseUrl')` of a configuration that nobody can see.
    pub(super) fn setting_asked(&mut self, method: &str, call: &Call) -> Option<Value> {
        let key = call.at(0).filter(|_| method.starts_with("get"))?.value.clone();
        match self.settle(&key) {
            Value::Text(key) => self.setting_unseen(&key, true),
            _ => None,
        }
    }

    /// The base path that a value stands for, and the path below it that it holds already.
    pub(crate) fn base_path(&self, value: &Value) -> Option<(String, String)> {
        if !matches!(self.family, Family::Script | Family::Python) {
            return None;
        }
        let named = |name: &str| is_base(name, true).then(|| (name.to_owned(), String::new()));
        match value {
            Value::Unknown(why) => match why.cause() {
                Why::Base(base, path) => Some((base.clone(), path.clone())),
                _ => None,
            },
            Value::Env(name, None) => named(name),
            Value::External(path) => named(path),
            Value::Made(made) => match made.arguments.as_slice() {
                [] => named(&made.what),
                [first, ..] => match &first.value {
                    Value::Text(key) if made.what.ends_with("get") || made.what.ends_with("getOrThrow") => named(key),
                    _ => None,
                },
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_base;

    #[test]
    fn a_setting_is_told_by_its_last_word() {
        for name in ["baseUriPath", "server.basePath", "BASE_URL", "app:prefix", "API_PREFIX", "config.base"] {
            assert!(is_base(name, true), "{name}");
        }
        for name in ["database", "databasePath", "port", "path", "base.port", "prefixed"] {
            assert!(!is_base(name, true), "{name}");
        }
        for name in ["prefix", "options.base"] {
            assert!(!is_base(name, false), "{name}");
        }
    }
}
