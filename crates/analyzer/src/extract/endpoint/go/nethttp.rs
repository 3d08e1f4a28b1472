//! `net/http`: `ServeMux` with the patterns of Go 1.22, the default mux, nested muxes behind `StripPrefix`, and
//! what is given to a server. A pattern without a method serves every one.

use ci_feed_dossier::evidence::Evidence;

use super::{attach, new_router, plain, push, serve, value_of};
use crate::syntax::grammar::Family;
use crate::trace::graph::{Handle, Join, PathText, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::Value;

pub(super) struct NetHttp;

pub(super) const NAME: &str = "net/http";
const DEFAULT: &str = "default";

impl Rules for NetHttp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["http.NewServeMux(", "http.ServeMux", "http.HandleFunc(", "http.Handle(", "ListenAndServe", "func main()"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &[
            "http.NewServeMux(",
            "http.ServeMux",
            "http.HandleFunc(",
            "http.Handle(",
            "ListenAndServe",
            "http.Serve",
            "http.Handler) http.Handler",
            ".ServeHTTP(",
            "&http.Server{",
        ]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "net/http.NewServeMux" | "net/http.ServeMux" => {
                return value_of(new_router(machine, NAME, Join::SingleSlash, false));
            }
            "net/http.HandleFunc" | "net/http.Handle" => {
                let router = default(machine);
                route(machine, router, call);
                return Some(Value::Null);
            }
            "net/http.DefaultServeMux" => return value_of(default(machine)),
            // A test server, a client: nothing is served for long.
            _ if name.starts_with("net/http/httptest") => return None,
            "net/http.Server" | "github.com/valyala/fasthttp.Server" => {
                if let Some(handler) = call.named("Handler") {
                    serve(machine, &handler.value, call);
                }
                return None;
            }
            _ => {}
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.starts_with("ListenAndServe")
            || last.starts_with("Serve")
            || matches!(last, "Run" | "RunServer" | "UseHandler" | "Start" | "New")
        {
            for argument in &call.arguments {
                serve(machine, &argument.value, call);
            }
        }
        None
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        (of == "net/http.ServeMux").then(|| value_of(new_router(machine, NAME, Join::SingleSlash, false)))?
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != NAME {
            return None;
        }
        match name {
            "Handle" | "HandleFunc" => route(machine, router, call),
            _ => return None,
        }
        Some(Value::Null)
    }

    fn set(&self, machine: &mut Machine<'_>, on: &Value, name: &str, value: &Value, place: &Evidence) {
        if name == "Handler" && !matches!(on, Value::Handle(_)) {
            let (path, start) = (place.path.clone(), place.start_line);
            serve(machine, value, &Call { path, start, arguments: Vec::new(), callee: "".into() });
        }
    }
}

/// The mux that belongs to the package.
fn default(machine: &mut Machine<'_>) -> RouterId {
    let known = machine.graph.routers.iter().position(|router| router.framework == NAME && router.note == DEFAULT);
    known.unwrap_or_else(|| {
        let router = new_router(machine, NAME, Join::SingleSlash, true);
        machine.graph.routers[router].note = DEFAULT.to_owned();
        router
    })
}

fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let (Some(pattern), Some(handler)) = (call.at(0), call.at(1)) else {
        return;
    };
    let evidence = call.lines_to(machine, Some(pattern));
    let value = machine.known(&handler.value);
    if attach(machine, router, &value, call, &evidence) {
        return;
    }
    let said = (plain(Some(handler)), false, evidence);
    match pattern.as_path(machine) {
        PathText::Known(text) => {
            let (method, path) = split(&text);
            push(machine, router, &method, PathText::Known(path), said);
        }
        unknown @ PathText::Unknown(_) => push(machine, router, "ANY", unknown, said),
    }
}

/// `GET host/path` as method and path.
pub(super) fn split(pattern: &str) -> (String, String) {
    let (method, rest) = match pattern.split_once([' ', '\t']) {
        Some((method, rest)) => (method, rest.trim_start()),
        None => ("ANY", pattern),
    };
    let path = rest.find('/').map_or(rest, |at| &rest[at..]);
    (method.to_owned(), path.to_owned())
}
