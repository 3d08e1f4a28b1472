//! Functions of Go and its standard library that programs make paths, ports and lists with.

use std::rc::Rc;

use super::go::is_deployment;
use super::machine::Machine;
use super::value::{Argument, Object, Value};
use super::why::Why;

/// Names that a Go file knows without an import.
pub(super) const NAMES: [&str; 19] = [
    "string", "append", "make", "new", "len", "int", "int64", "int32", "uint16", "bool", "byte", "error", "any",
    "copy", "panic", "print", "println", "cap", "float64",
];

impl Machine<'_> {
    pub(super) fn go_builtin(&mut self, path: &str, arguments: &[Argument]) -> Option<Value> {
        let values: Vec<Value> = arguments.iter().map(|argument| self.settle(&argument.value)).collect();
        match (path, values.as_slice()) {
            ("append", [Value::Array(list), more @ ..]) => {
                self.extend(list, more.to_vec());
                Some(Value::Array(Rc::clone(list)))
            }
            ("append", [Value::Null, more @ ..]) => Some(Value::array(more.to_vec())),
            ("make", [Value::Array(_), ..]) => Some(Value::array(Vec::new())),
            ("make", [Value::Object(_), ..]) => Some(Value::Object(Rc::new(Object::default()))),
            ("new", [of]) => {
                let place = super::call::Call {
                    path: String::new(),
                    start: 1,
                    at: 0,
                    arguments: Vec::new(),
                    callee: "".into(),
                };
                Some(self.go_zero(of, &place))
            }
            (
                "string" | "int" | "int64" | "uint16" | "strconv.Itoa" | "strconv.Atoi" | "strconv.FormatInt"
                | "strconv.ParseInt" | "strconv.ParseUint" | "os.ExpandEnv",
                [one, ..],
            ) => Some(one.clone()),
            ("os.Getenv" | "os.LookupEnv" | "syscall.Getenv", [Value::Text(name)]) => {
                Some(Value::Env(Rc::clone(name), None))
            }
            ("os.Getenv" | "os.LookupEnv", _) => Some(Value::unknown(Why::ComputedVariable)),
            ("cmp.Or", [Value::Env(name, None), default, ..]) => {
                Some(Value::Env(Rc::clone(name), Some(Rc::new(default.clone()))))
            }
            ("fmt.Sprintf" | "fmt.Sprint", [Value::Text(template), ..]) => {
                Some(self.sprintf(template, arguments.get(1..).unwrap_or_default(), &values[1..]))
            }
            ("path.Join" | "path/filepath.Join", values) => Some(joined_path(values, arguments)),
            ("net.JoinHostPort", [_, port]) => Some(match port {
                Value::Text(port) => Value::text(format!(":{port}")),
                Value::Number(port) => Value::text(format!(":{port}")),
                other => other.clone(),
            }),
            (
                "strings.TrimSuffix" | "strings.TrimPrefix" | "strings.TrimRight" | "strings.TrimLeft" | "strings.Trim",
                [Value::Text(text), Value::Text(what)],
            ) => {
                let cut = |letter: char| what.contains(letter);
                Some(Value::text(match path {
                    "strings.TrimSuffix" => text.strip_suffix(&**what).unwrap_or(text),
                    "strings.TrimPrefix" => text.strip_prefix(&**what).unwrap_or(text),
                    "strings.TrimRight" => text.trim_end_matches(cut),
                    "strings.TrimLeft" => text.trim_start_matches(cut),
                    _ => text.trim_matches(cut),
                }))
            }
            ("strings.TrimSpace", [one]) => Some(match one {
                Value::Text(text) => Value::text(text.trim()),
                other => other.clone(),
            }),
            ("strings.ToUpper", [Value::Text(text)]) => Some(Value::text(text.to_uppercase())),
            ("strings.ToLower", [Value::Text(text)]) => Some(Value::text(text.to_lowercase())),
            ("strings.Join", [Value::Array(items), Value::Text(separator)]) => {
                let items = items.borrow().clone();
                let mut parts = Vec::new();
                for item in items {
                    match self.settle(&item) {
                        Value::Text(text) => parts.push(text.to_string()),
                        _ => return Some(Value::unknown(Why::Computed)),
                    }
                }
                Some(Value::text(parts.join(separator)))
            }
            ("strings.Split", [Value::Text(text), Value::Text(separator)]) if !separator.is_empty() => {
                Some(Value::array(text.split(&**separator).map(Value::text).collect()))
            }
            // A flag holds its default until the command line says something else.
            (
                "flag.String" | "flag.Int" | "github.com/spf13/pflag.String" | "github.com/spf13/pflag.Int",
                [_, default, ..],
            ) => Some(default.clone()),
            _ => None,
        }
    }

    /// A member of a package outside of the tree that stands for a text.
    pub(super) fn go_constant(path: &str, name: &str) -> Option<Value> {
        let verb = name.strip_prefix("Method").filter(|verb| verb.len() > 2);
        let echo = path.starts_with("github.com/labstack/echo")
            && matches!(name, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS");
        let is_http = ["net/http", "fiber", "fasthttp"].iter().any(|package| path.contains(package));
        match verb {
            Some(verb) if is_http => Some(Value::text(verb.to_ascii_uppercase())),
            _ => echo.then(|| Value::text(name)),
        }
    }

    /// `%s`, `%d` and `%v` replaced, when all of it is known.
    fn sprintf(&mut self, template: &str, arguments: &[Argument], values: &[Value]) -> Value {
        let mut out = String::new();
        let mut env = None;
        let mut at = 0;
        let mut letters = template.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            match letters.next() {
                Some('%') => out.push('%'),
                Some(verb @ ('s' | 'd' | 'v')) => {
                    let shown = arguments.get(at).map(|argument| argument.text.chars().take(40).collect::<String>());
                    let mut value = values.get(at).cloned().unwrap_or(Value::Null);
                    at += 1;
                    if let Value::Env(name, default) = value.clone() {
                        env = Some(Rc::clone(&name));
                        value = default.as_ref().map_or(Value::Null, |default| Value::clone(default));
                        if matches!(value, Value::Null) {
                            return Value::Env(name, None);
                        }
                    }
                    match value {
                        Value::Text(text) => out.push_str(&text),
                        Value::Number(number) => out.push_str(&number.to_string()),
                        // A number that a loop counts stands for all of them.
                        Value::Unknown(why) if verb == 'd' && *why == Why::UnknownList && is_name(shown.as_deref()) => {
                            out.push_str(&format!("{{{}}}", shown.unwrap_or_default()));
                        }
                        // The host before a port does not matter to the port.
                        _ if template.starts_with("%s:") && at == 1 => {}
                        Value::Unknown(_) | Value::External(_) | Value::Made(_)
                            if shown.as_deref().is_some_and(is_deployment) => {}
                        _ => return Value::unknown(Why::DependsOn(shown.unwrap_or_default().to_string())),
                    }
                }
                _ => return Value::unknown(Why::Computed),
            }
        }
        match env {
            Some(name) => Value::Env(name, Some(Rc::new(Value::text(out)))),
            None => Value::text(out),
        }
    }
}

fn is_name(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_'))
}

/// Paths joined as `path.Join` does: empty parts left out, double slashes made one, no slash at the end.
fn joined_path(values: &[Value], arguments: &[Argument]) -> Value {
    let mut out = String::new();
    for (value, argument) in values.iter().zip(arguments) {
        let part: &str = match value {
            Value::Text(part) => part,
            Value::Unknown(_) | Value::External(_) | Value::Made(_) if is_deployment(&argument.text) => "",
            _ => return Value::unknown(Why::Computed),
        };
        if !out.is_empty() && !out.ends_with('/') {
            out.push('/');
        }
        out.push_str(if out.is_empty() { part } else { part.trim_start_matches('/') });
    }
    while out.contains("//") {
        out = out.replace("//", "/");
    }
    if out.len() > 1 {
        out.truncate(out.trim_end_matches('/').len());
    }
    Value::text(out)
}
