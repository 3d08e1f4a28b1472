//! The path below which somebody puts a whole application: it stands before all others, and is empty until then.

use crate::trace::call::Call;
use crate::trace::machine::Machine;
use crate::trace::value::Value;

/// Names of the path below which somebody puts a whole application: the setting that is empty unless they do.
const DEPLOYMENT: [&str; 14] = [
    "basepath",
    "baseurl",
    "baseuri",
    "suburl",
    "subpath",
    "urlprefix",
    "rooturl",
    "rootpath",
    "webroot",
    "contextpath",
    "url.path",
    "siteurl",
    "pathprefix",
    "approot",
];

/// Whether an expression names the path that an application is put below.
pub(crate) fn is_deployment(text: &str) -> bool {
    let text: String = text.to_ascii_lowercase().replace(['_', '(', ')'], "");
    DEPLOYMENT.iter().any(|name| text.ends_with(name))
}

impl Machine<'_> {
    /// `cfg.BasePath("/api")`: the path itself, unless the configuration puts the application below another.
    pub(in crate::trace) fn go_below_deployment(&mut self, value: Value, call: &Call) -> Value {
        match (&value, call.arguments.as_slice()) {
            (Value::Unknown(_), [only]) if is_deployment(&call.callee) => match self.settle(&only.value) {
                path @ Value::Text(_) => path,
                _ => value,
            },
            _ => value,
        }
    }
}
