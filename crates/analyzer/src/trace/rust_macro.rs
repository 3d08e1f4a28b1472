//! Rust macros that mount routes: rocket_okapi's, which gets the server, a base path, its settings, and pairs of a path
//! and a list of routes with its document.

use super::call::positional;
use super::decorate::without_comments;
use super::evaluate::Frame;
use super::machine::Machine;
use super::rules::Call;
use super::value::{Argument, Value};
use super::why::Why;
use crate::syntax::program::{NodeId, Program};

impl Machine<'_> {
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
