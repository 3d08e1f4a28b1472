//! Rust's macros that make values or mount routes. rocket_okapi's gets the server, a base path, its settings, and pairs of
//! a path and a list of routes with its document.

use super::call::Call;
use super::evaluate::Frame;
use super::invoke::positional;
use super::machine::Machine;
use super::value::{Argument, Value};
use super::why::Why;
use crate::syntax::program::{NodeId, Program};

/// What ends a macro.
const CLOSING: [char; 4] = [')', ']', '}', ';'];

impl Machine<'_> {
    /// Rust's macros that make values.
    pub(super) fn call_macro(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        id: NodeId,
        name: &str,
        arguments: &[NodeId],
    ) -> Value {
        let text = self.source(frame.module, program.nodes[id].bytes);
        let inner = text.split_once(['(', '[', '{']).map_or("", |(_, inner)| inner);
        let values: Vec<Argument> = match name.rsplit("::").next() {
            Some("routes" | "services" | "openapi_get_routes" | "openapi_get_routes_spec") => {
                let values = self.listed(frame, inner);
                if name.ends_with("services") {
                    return Value::array(values.into_iter().map(|argument| argument.value).collect());
                }
                values
            }
            Some("concat" | "vec") if !inner.contains(['(', '[', '{']) => {
                let values: Vec<Value> = arguments.iter().map(|part| self.evaluate(frame, *part)).collect();
                if name.ends_with("vec") {
                    return Value::array(values);
                }
                let mut out = String::new();
                for value in values {
                    match self.settle(&value) {
                        Value::Text(text) => out.push_str(&text),
                        _ => return Value::unknown(Why::Computed),
                    }
                }
                return Value::text(out);
            }
            Some("format") => return self.format_macro(frame, arguments, inner),
            Some("env" | "option_env") => match arguments.first().map(|first| self.evaluate(frame, *first)) {
                Some(Value::Text(name)) => return Value::Env(name, None),
                _ => return Value::unknown(Why::Computed),
            },
            // A path in a form of its own: its rules read the text.
            Some("path") => {
                let inner = inner.trim_end_matches(CLOSING);
                vec![Argument { text: inner.into(), ..positional(Value::Null) }]
            }
            Some("mount_endpoints_and_merged_docs") => {
                self.mounted_with_docs(frame, program, id, inner);
                return Value::Null;
            }
            // What is served inside a macro is served.
            _ if inner.contains("serve(") => {
                let words = inner.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let holders = words.filter_map(|word| frame.scope.holder(word)?.own(word));
                holders.filter(|value| matches!(value, Value::Handle(_))).map(positional).collect()
            }
            _ => return Value::unknown(Why::Computed),
        };
        let node = &program.nodes[id];
        let call = Call {
            path: self.modules[frame.module].path.to_string(),
            start: node.start,
            at: node.bytes.0,
            arguments: values,
            callee: name.into(),
        };
        let path = self.rust_path(frame.module, &frame.scope, &name.into()).external().unwrap_or_else(|| name.into());
        self.by_rules(&format!("{path}!"), &call).unwrap_or_else(|| Value::unknown(Why::Unsaid))
    }

    /// The handlers of `routes![a, settings: b::c]`.
    fn listed(&mut self, frame: &Frame, inner: &str) -> Vec<Argument> {
        let inner = without_comments(inner);
        let parts = inner.trim_end_matches(CLOSING).split(',').map(str::trim);
        let mut values = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            // `settings: handler`
            let path = match part.split_once(':') {
                Some((_, path)) if !path.starts_with(':') => path.trim(),
                _ => part,
            };
            let value = self.rust_path(frame.module, &frame.scope, &path.into());
            values.push(Argument { text: path.into(), ..positional(value) });
        }
        values
    }

    /// `format!("{base}/{}", x)`
    fn format_macro(&mut self, frame: &mut Frame, arguments: &[NodeId], inner: &str) -> Value {
        let Some(template) = arguments.first().map(|first| self.evaluate(frame, *first)) else {
            return Value::Null;
        };
        let Value::Text(template) = template else { return Value::unknown(Why::Computed) };
        let mut given: Vec<Argument> = Vec::new();
        for part in inner.trim_end_matches(CLOSING).split(',').map(str::trim).skip(1) {
            let (name, path) = part.split_once('=').map_or((None, part), |(name, path)| (Some(name), path));
            let value = self.rust_path(frame.module, &frame.scope, &path.trim().trim_start_matches('&').into());
            given.push(Argument { name: name.map(|name| name.trim().into()), ..positional(value) });
        }
        for hole in template.split('{').skip(1) {
            let hole = hole.split(['}', ':']).next().unwrap_or_default();
            if !hole.is_empty() && !given.iter().any(|argument| argument.name.as_deref() == Some(hole)) {
                let value = self.rust_path(frame.module, &frame.scope, &hole.into());
                given.push(Argument { name: Some(hole.into()), ..positional(value) });
            }
        }
        self.formatted(&template, &given)
    }

    /// `mount_endpoints_and_merged_docs! { server, "/v1", settings, "/users" => users::routes(), ... }`
    pub(super) fn mounted_with_docs(&mut self, frame: &mut Frame, program: &Program, id: NodeId, inner: &str) {
        let inner = without_comments(inner);
        let inner = inner.trim_end().trim_end_matches(';').trim_end();
        let parts = commas(inner.strip_suffix([')', ']', '}']).unwrap_or(inner));
        let [(_, server), (_, base), _, routes @ ..] = parts.as_slice() else { return };
        let server = self.rust_path(frame.module, &frame.scope, &(*server).into());
        let Value::Handle(server) = self.known(&server) else { return };
        let base = quoted(base).map(|base| base.trim_end_matches('/'));
        let path = self.modules[frame.module].path.to_string();
        for (line, pair) in routes {
            let Some((at, list)) = pair.split_once("=>") else { continue };
            let start = program.nodes[id].start + line;
            let call = |arguments: Vec<Argument>, callee: &str| Call {
                path: path.clone(),
                start,
                at: 0,
                arguments,
                callee: callee.into(),
            };
            let list = list.trim();
            let is_name =
                |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
            let given = if let Some((name, handlers)) = list.split_once("![").filter(|(name, _)| is_name(name)) {
                let handlers = handlers.trim_end_matches(']').split(',').map(str::trim).filter(|one| !one.is_empty());
                let handlers: Vec<Argument> = handlers
                    .map(|handler| {
                        let value = self.rust_path(frame.module, &frame.scope, &handler.into());
                        Argument { text: handler.into(), ..positional(value) }
                    })
                    .collect();
                let call = call(handlers, name);
                self.by_rules(&format!("{name}!"), &call)
            } else if let Some(function) = list.strip_suffix("()").filter(|function| is_name(function)) {
                let function = self.rust_path(frame.module, &frame.scope, &function.into());
                Some(self.call_value(&function, None, &[], &call(Vec::new(), list)))
            } else {
                // A document without routes stands in parentheses.
                continue;
            };
            // The second of the two is the document.
            let given = match given.map(|given| self.known(&given)) {
                Some(Value::Array(both)) => both.borrow().first().cloned().unwrap_or(Value::Null),
                other => other.unwrap_or_else(|| Value::unknown(Why::Unsaid)),
            };
            let prefix = match (base, quoted(at)) {
                (Some(base), Some(at)) => Value::text(format!("{base}{at}")),
                _ => Value::unknown(Why::Computed),
            };
            let arguments = vec![
                Argument { text: at.trim().into(), end: start, ..positional(prefix) },
                Argument { text: list.into(), end: start, ..positional(given) },
            ];
            let call = call(arguments, "mount");
            self.handle_method(server, "mount", &call);
        }
    }
}

/// The literal at the beginning of an expression.
fn quoted(expression: &str) -> Option<&str> {
    expression.trim().strip_prefix('"')?.split('"').next()
}

/// The parts between commas outside of brackets, with the number of lines before each.
fn commas(text: &str) -> Vec<(u32, &str)> {
    let (mut parts, mut depth, mut from, mut line) = (Vec::new(), 0_i32, 0, 0);
    let ends = text.char_indices().chain([(text.len(), ',')]);
    for (at, letter) in ends {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth <= 0 => {
                let part = &text[from..at];
                let blank = part.len() - part.trim_start().len();
                let lines = |text: &str| u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
                parts.push((line + lines(&part[..blank]), part.trim()));
                line += lines(part);
                from = (at + 1).min(text.len());
            }
            _ => {}
        }
    }
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// The text without `//` and `/* */`.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        out.push_str(&rest[..at]);
        let after = &rest[at..];
        rest = match after.as_bytes().get(1) {
            Some(b'/') => after.find('\n').map_or("", |end| &after[end..]),
            Some(b'*') => after.find("*/").map_or("", |end| &after[end + 2..]),
            _ => {
                out.push('/');
                &after[1..]
            }
        };
    }
    out.push_str(rest);
    out
}
