//! `net/http`: `ServeMux` with the patterns of Go 1.22, the default mux, nested muxes behind `StripPrefix`, and
//! what is given to a server. A pattern without a method serves every one.

use ci_feed_dossier::evidence::Evidence;

use super::{attach, made, path, push, serve};
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Extra, PathText, Router, RouterId};
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;

pub(super) struct NetHttp;

/// Marks the mux that belongs to the package.
struct DefaultMux;

static FRAMEWORK: Framework = Framework {
    join: Join::SingleSlash,
    as_called: path::braced,
    is_served_beside_mounts: true,
    triggers: &[
        "http.NewServeMux(",
        "http.ServeMux",
        "http.HandleFunc(",
        "http.Handle(",
        "ListenAndServe",
        "func main()",
    ],
    starts: &[
        "http.NewServeMux(",
        "http.ServeMux",
        "http.HandleFunc(",
        "http.Handle(",
        "ListenAndServe",
        "http.Serve",
        "http.Handler) http.Handler",
        ".ServeHTTP(",
        "&http.Server{",
    ],
    page: Some(&super::PAGE),
    ..Framework::new("net/http", Family::Go)
};

impl Rules for NetHttp {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "net/http.NewServeMux" | "net/http.ServeMux" => {
                return made(machine, self);
            }
            "net/http.HandleFunc" | "net/http.Handle" => {
                let router = default(machine);
                route(machine, router, call);
                return Some(Value::Null);
            }
            "net/http.DefaultServeMux" => return Some(Value::router(default(machine))),
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

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        if of == "net/http.ServeMux" { made(machine, self) } else { None }
    }

    fn method(&'static self, machine: &mut Machine<'_>, router: RouterId, name: &str, call: &Call) -> Option<Value> {
        match name {
            "Handle" | "HandleFunc" => route(machine, router, call),
            _ => return None,
        }
        Some(Value::Null)
    }

    fn set(&self, machine: &mut Machine<'_>, on: &Value, name: &str, value: &Value, place: &Evidence) {
        if name == "Handler" && !matches!(on, Value::Handle(_)) {
            serve(machine, value, &Call::at_place(&place.path, place.start_line, ""));
        }
    }
}

/// The mux that belongs to the package.
fn default(machine: &mut Machine<'_>) -> RouterId {
    let known = machine.graph.routers.iter().position(|router| router.extra::<DefaultMux>().is_some());
    known.unwrap_or_else(|| {
        let extra: Option<Extra> = Some(Box::new(DefaultMux));
        machine.graph.router(Router { extra, ..Router::root(&NetHttp) })
    })
}

fn route(machine: &mut Machine<'_>, router: RouterId, call: &Call) {
    let (Some(pattern), Some(handler)) = (call.at(0), call.at(1)) else { return };
    let evidence = call.lines_to(machine, Some(pattern));
    let value = machine.known(&handler.value);
    if attach(machine, router, &value, call, &evidence) {
        return;
    }
    let (method, path) = match pattern.as_path(machine) {
        PathText::Known(text) => {
            let (method, path) = split(&text);
            (method, PathText::Known(path))
        }
        other => ("ANY".to_owned(), other),
    };
    push(machine, router, &method, path, Some(handler), evidence);
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
