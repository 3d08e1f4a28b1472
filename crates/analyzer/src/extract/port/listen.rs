//! Calls that open a port, per language: they come out of the same trace as the routes, so a port that is
//! a constant or a setting in another file is found too.

use ci_feed_dossier::evidence::Evidence;

use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Listen, RouterId};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};

/// `app.listen(3000)`, `server.listen({port})`, `serve({port})`.
pub(crate) struct JavaScript;
/// `uvicorn.run(port=…)`, `app.run(port=…)`.
pub(crate) struct Python;
/// `TcpListener::bind("…:3000")`, socket addresses.
pub(crate) struct Rust;

/// `http.ListenAndServe(":8080", …)`, `http.Server{Addr: …}`, and what the frameworks call it.
pub(crate) struct Go;

static SCRIPT: Framework = Framework {
    triggers: &[".listen(", "Bun.serve", "Deno.serve"],
    starts: &[".listen("],
    ..Framework::new("listen", Family::Script)
};

impl Rules for JavaScript {
    fn framework(&self) -> &Framework {
        &SCRIPT
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let server = ["http.", "https.", "http2.", "spdy.", "fastify", "koa", "hono", "socket.io", "restify", "net."];
        let is_server = server.iter().any(|server| name.starts_with(server)) && name.ends_with("().listen");
        if is_server || matches!(name, "Bun.serve" | "Deno.serve") {
            listen(machine, call.at(0).cloned(), call);
        }
        None
    }

    fn any_method(&'static self, machine: &mut Machine<'_>, _: RouterId, name: &str, call: &Call) -> Option<Value> {
        if name == "listen" {
            listen(machine, call.at(0).cloned(), call);
            return Some(Value::External("http.createServer()".into()));
        }
        None
    }
}

static PYTHON: Framework = Framework {
    triggers: &["uvicorn.run", "hypercorn", "waitress", "WSGIServer("],
    starts: &["uvicorn.run", ".run(", "waitress", "WSGIServer("],
    ..Framework::new("listen", Family::Python)
};

impl Rules for Python {
    fn framework(&self) -> &Framework {
        &PYTHON
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if matches!(name, "uvicorn.run" | "waitress.serve" | "uvicorn.Config") && call.named("port").is_some() {
            listen(machine, call.named("port").cloned(), call);
        }
        // The first argument is the pair of host and port.
        if name.starts_with("gevent.") && name.ends_with("WSGIServer") {
            listen(machine, call.at(0).cloned(), call);
        }
        None
    }

    fn any_method(&'static self, machine: &mut Machine<'_>, _: RouterId, name: &str, call: &Call) -> Option<Value> {
        if name != "run" {
            return None;
        }
        if let Some(port) = call.either("port", 1) {
            let mut port = port.clone();
            if let Some(default) = default_of_setting(&port.text) {
                port.value = Value::Text(default.into());
            }
            listen(machine, Some(port), call);
        }
        Some(Value::Null)
    }
}

static RUST: Framework = Framework {
    triggers: &["TcpListener", "warp::serve"],
    starts: &["TcpListener::bind", "Server::bind", "HttpServer::new", "warp::serve", "TcpListener::new"],
    ..Framework::new("listen", Family::Rust)
};

impl Rules for Rust {
    fn framework(&self) -> &Framework {
        &RUST
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if name.ends_with("SocketAddr.from") || name.ends_with("SocketAddr.new") {
            let port = call.at(0).map(|first| machine.known(&first.value));
            let port = match port {
                Some(Value::Array(pair)) => pair.borrow().last().cloned(),
                _ => call.at(1).map(|second| second.value.clone()),
            };
            return port.map(|port| machine.known(&port));
        }
        let is_bind = name.ends_with("TcpListener.bind")
            || name.ends_with("axum.Server.bind")
            || name.ends_with("hyper.Server.bind");
        // What comes before the call is in the name: `HttpServer::new(…).workers(2).bind(…)`.
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_actix = name.contains("HttpServer.new()")
            && (last == "bind" || last.starts_with("bind_rustls") || matches!(last, "bind_openssl" | "bind_auto_h2c"));
        let is_warp = name.contains("warp.serve()") && matches!(last, "run" | "bind" | "try_bind");
        let is_salvo = name.starts_with("salvo") && name.ends_with("TcpListener.new");
        if is_bind || is_actix || is_warp || is_salvo {
            listen(machine, call.at(0).cloned(), call);
        }
        None
    }
}

static GO: Framework = Framework {
    triggers: &["ListenAndServe", "net.Listen("],
    starts: &["ListenAndServe", "net.Listen("],
    ..Framework::new("listen", Family::Go)
};

impl Rules for Go {
    fn framework(&self) -> &Framework {
        &GO
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "net/http.Server" => {
                if let Some(address) = call.named("Addr") {
                    listen(machine, Some(address.clone()), call);
                }
            }
            "net/http.ListenAndServe" | "net/http.ListenAndServeTLS" | "github.com/valyala/fasthttp.ListenAndServe" => {
                listen(machine, call.at(0).cloned(), call);
            }
            "net.Listen" | "crypto/tls.Listen" => {
                let network = call.at(0).map(|network| machine.known(&network.value));
                if matches!(network, Some(Value::Text(network)) if network.starts_with("tcp")) {
                    listen(machine, call.at(1).cloned(), call);
                }
            }
            _ => {}
        }
        None
    }

    fn any_method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        if !matches!(name, "Run" | "RunTLS" | "Start" | "StartTLS" | "StartAutoTLS" | "Listen" | "ListenTLS") {
            return None;
        }
        match call.at(0) {
            Some(address) => listen(machine, Some(address.clone()), call),
            None => {
                if let Some(port) = machine.graph.routers[on].framework.default_port {
                    let (env, evidence) = (Some("PORT".to_owned()), call.lines_to(machine, None));
                    machine.graph.listens.push(Listen { port: Ok(port), env, evidence });
                }
            }
        }
        Some(Value::Null)
    }

    fn set(&self, machine: &mut Machine<'_>, on: &Value, name: &str, value: &Value, place: &Evidence) {
        let is_server = matches!(on, Value::Made(made) if &*made.what == "net/http.Server");
        if is_server && name == "Addr" {
            let call = Call::at_place(&place.path, place.start_line, "Addr");
            let argument = Argument { name: None, value: value.clone(), end: place.end_line, text: "Addr".into() };
            listen(machine, Some(argument), &call);
        }
    }
}

/// The default in `app.config.get('PORT', '9191')`: what a Flask program's files of settings say is the operator's.
fn default_of_setting(text: &str) -> Option<&str> {
    let (_, arguments) = text.split_once(".config.get(")?;
    let (_, default) = arguments.strip_suffix(')')?.split_once(',')?;
    let default = default.trim().trim_matches(['"', '\'']);
    default.parse::<u16>().is_ok().then_some(default)
}

fn listen(machine: &mut Machine<'_>, port: Option<Argument>, call: &Call) {
    let Some(port) = port else { return };
    let mut value = machine.known(&port.value);
    if let Value::Object(options) = &value
        && let Some(inner) = options.get("port")
    {
        value = machine.known(&inner);
    }
    if let Value::Array(pair) = &value {
        let last = pair.borrow().last().cloned();
        value = last.map_or(Value::Null, |last| machine.known(&last));
    }
    let mut env = None;
    if let Value::Env(name, default) = &value {
        env = Some(name.to_string());
        value = default.as_ref().map_or(Value::Null, |default| machine.known(default));
    }
    let shown: String = port.text.chars().take(60).collect();
    let number = match &value {
        Value::Number(number) => u16::try_from(*number).ok(),
        Value::Text(text) => text.rsplit(':').next().and_then(|port| port.trim().parse().ok()),
        _ => None,
    };
    let port_number = match (number, &env) {
        (Some(0), _) => return,
        (Some(number), _) => Ok(number),
        (None, Some(env)) => Err(format!("the port is the environment variable {env}, which has no literal default")),
        (None, None) => Err(format!("the port `{shown}` is computed")),
    };
    let evidence = call.lines_to_near(machine, Some(&port));
    machine.graph.listens.push(Listen { port: port_number, env, evidence });
}
