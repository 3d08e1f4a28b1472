//! The servers that a program starts by itself with its resources below a path: Grizzly and other containers of Jersey,
//! RESTEasy's own servers, Dropwizard with its configuration. A path that is not plain is not known.

use super::servlet::{Servlet, assigned, enclosed, plain};
use crate::lang::jvm::settings::module_of;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Makes a handler of an application.
const HANDLERS: [&str; 3] = ["createContainer(", "createEndpoint(", "new GrizzlyHttpContainer("];
/// Starts a server below an address.
const STARTS: [&str; 4] = [
    "GrizzlyHttpServerFactory.createHttpServer(",
    "JdkHttpServerFactory.createHttpServer(",
    "JettyHttpContainerFactory.createServer(",
    "NettyHttpContainerProvider.createServer(",
];
/// Gives the path itself.
const SETTERS: [&str; 3] = [".setMappingPrefix(", ".setRootResourcePath(", ".jersey().setUrlPattern("];
const TO_A_SERVER: &str = ".addHttpHandler(";
const UNDERTOW: &str = "UndertowJaxrsServer";

pub(super) fn read(corpus: &Corpus, out: &mut Vec<Servlet>) {
    let patterns = [&[TO_A_SERVER, UNDERTOW][..], &STARTS, &SETTERS].concat();
    for file in prefilter::files_with(corpus, Family::Java, &patterns) {
        in_program(file, out);
    }
    if !prefilter::files_that_hold(corpus, Family::Java, &["io.dropwizard"]).is_empty() {
        let files = corpus.application().filter(|file| file.name().ends_with(".yml") || file.name().ends_with(".yaml"));
        out.extend(files.filter_map(of_dropwizard));
    }
}

fn in_program(file: &SourceFile, out: &mut Vec<Servlet>) {
    let text = file.text();
    let mut calls: Vec<(usize, &str, Option<String>)> = Vec::new();
    for (at, call) in text.match_indices(TO_A_SERVER) {
        let Some((handler, path)) = enclosed(&text[at + call.len()..]).and_then(|given| given.split_once(',')) else {
            continue;
        };
        let made = assigned(&text, handler.trim()).unwrap_or(handler);
        if HANDLERS.iter().any(|start| made.contains(start)) {
            calls.push((at, call, plain(&text, path)));
        }
    }
    for (at, call) in STARTS.iter().flat_map(|start| text.match_indices(start)) {
        let Some((address, _)) = enclosed(&text[at + call.len()..]).and_then(arguments) else { continue };
        calls.push((at, call, path_of(&text, address)));
    }
    for (at, call) in SETTERS.iter().flat_map(|setter| text.match_indices(setter)) {
        calls.push((at, call, enclosed(&text[at + call.len()..]).and_then(|given| plain(&text, given))));
    }
    for (at, call) in text.match_indices(".deploy(").filter(|_| text.contains(UNDERTOW)) {
        if let Some((_, path)) = enclosed(&text[at + call.len()..]).and_then(arguments) {
            calls.push((at, call, plain(&text, path)));
        }
    }
    for (at, _, path) in calls {
        let line = file.line_at(at);
        let path = path.map(|path| below(&path));
        let module = module_of(&file.path).to_owned();
        out.push(Servlet { module, path, packages: Vec::new(), evidence: file.lines(line, line) });
    }
}

/// The first argument and the rest, of which there is more than a flag.
fn arguments(given: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let at = given.find(|letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })?;
    let (first, rest) = (&given[..at], given[at + 1..].trim());
    (!matches!(rest, "true" | "false")).then_some((first, rest))
}

/// `/otp/`, `otp` and `/otp/*` put everything below `/otp`.
fn below(path: &str) -> String {
    let path = path.trim_end_matches('*').trim_matches('/');
    if path.is_empty() { String::new() } else { format!("/{path}") }
}

/// The path in an address: `URI.create("http://localhost:" + port + "/api/")`, whose host and port need not be known.
fn path_of(text: &str, address: &str) -> Option<String> {
    let address = address.trim();
    let written = assigned(text, address.rsplit('.').next().unwrap_or_default()).unwrap_or(address);
    if written.contains(".path(") {
        return None;
    }
    // What stands between literals is marked.
    let start = written.find('"')?;
    let mut joined = String::new();
    for (number, part) in written[start + 1..].split('"').enumerate() {
        match number % 2 {
            0 => joined.push_str(part),
            _ if part.contains('+') => joined.push('\0'),
            _ => break,
        }
    }
    let (_, after) = joined.split_once("://")?;
    let path = after.find('/').map_or("", |at| &after[at..]);
    (!path.contains('\0')).then(|| path.to_owned())
}

/// The paths in the configuration of a server: `applicationContextPath`, and below it `rootPath`.
fn of_dropwizard(file: &SourceFile) -> Option<Servlet> {
    let server = file.document().root().entry("server")?;
    let of = |key: &str| -> Option<Option<String>> {
        server.value.get(key).map(|value| value.scalar().filter(|value| !value.contains("${")))
    };
    let is_simple = of("type").flatten().as_deref() == Some("simple");
    let (context, root) = (of("applicationContextPath"), of("rootPath"));
    if context.is_none() && root.is_none() && !is_simple {
        return None;
    }
    let above = if is_simple { "/application" } else { "/" };
    let context = context.unwrap_or_else(|| Some(above.to_owned()));
    let root = root.unwrap_or_else(|| Some("/*".to_owned()));
    Some(Servlet {
        module: module_of(&file.path).to_owned(),
        path: context.zip(root).map(|(context, root)| format!("{}{}", below(&context), below(&root))),
        packages: Vec::new(),
        evidence: file.lines(server.line, server.value.end_line),
    })
}
