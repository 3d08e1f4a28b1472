//! Calls that open a port, per language: they come out of the same trace as the routes, so a port that is
//! a constant or a setting in another file is found too.

use ci_feed_dossier::evidence::Evidence;

use crate::syntax::grammar::Family;
use crate::trace::graph::{Handle, Listen};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

/// `app.listen(3000)`, `server.listen({port})`, `serve({port})`.
pub(crate) struct Script;
/// `uvicorn.run(port=…)`, `app.run(port=…)`.
pub(crate) struct Python;
/// `TcpListener::bind("…:3000")`, socket addresses.
pub(crate) struct Rust;

/// `http.ListenAndServe(":8080", …)`, `http.Server{Addr: …}`, and what the frameworks call it.
pub(crate) struct Go;

impl Rules for Script {
    fn name(&self) -> &'static str {
        "listen"
    }

    fn family(&self) -> Family {
        Family::Script
    }

    fn triggers(&self) -> &'static [&'static str] {
        &[".listen(", "Bun.serve", "Deno.serve"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &[".listen("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let server = ["http.", "https.", "http2.", "spdy.", "fastify", "koa", "hono", "socket.io", "restify", "net."];
        let is_server = server.iter().any(|server| name.starts_with(server)) && name.ends_with("().listen");
        if is_server || matches!(name, "Bun.serve" | "Deno.serve") {
            listen(machine, call.at(0).cloned(), call, "listen");
        }
        None
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        if matches!(on, Handle::Router(_)) && name == "listen" {
            listen(machine, call.at(0).cloned(), call, "listen");
            return Some(Value::External("http.createServer()".into()));
        }
        None
    }
}

impl Rules for Python {
    fn name(&self) -> &'static str {
        "listen"
    }

    fn family(&self) -> Family {
        Family::Python
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["uvicorn.run", "hypercorn", "waitress", "WSGIServer("]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["uvicorn.run", ".run(", "waitress", "WSGIServer("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        if matches!(name, "uvicorn.run" | "waitress.serve" | "uvicorn.Config") && call.named("port").is_some() {
            listen(machine, call.named("port").cloned(), call, "listen");
        }
        // The first argument is the pair of host and port.
        if name.starts_with("gevent.") && name.ends_with("WSGIServer") {
            listen(machine, call.at(0).cloned(), call, "listen");
        }
        None
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        if !matches!(on, Handle::Router(_)) || name != "run" {
            return None;
        }
        if let Some(port) = call.either("port", 1) {
            let mut port = port.clone();
            if let Some(default) = default_of_setting(&port.text) {
                port.value = Value::Text(default.into());
            }
            listen(machine, Some(port), call, "listen");
        }
        Some(Value::Null)
    }
}

impl Rules for Rust {
    fn name(&self) -> &'static str {
        "listen"
    }

    fn family(&self) -> Family {
        Family::Rust
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["TcpListener", "warp::serve"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["TcpListener::bind", "Server::bind", "HttpServer::new", "warp::serve", "TcpListener::new"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
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
            listen(machine, call.at(0).cloned(), call, "listen");
        }
        None
    }

    fn method(&self, _: &mut Machine<'_>, _: Handle, _: &str, _: &Call) -> Option<Value> {
        None
    }
}

/// gin's own: the port that it takes when it is given none.
const GIN_DEFAULT: u16 = 8080;

impl Rules for Go {
    fn name(&self) -> &'static str {
        "listen"
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["ListenAndServe", "net.Listen("]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["ListenAndServe", "net.Listen("]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        match name {
            "net/http.Server" => {
                if let Some(address) = call.named("Addr") {
                    listen(machine, Some(address.clone()), call, "listen");
                }
            }
            "net/http.ListenAndServe" | "net/http.ListenAndServeTLS" | "github.com/valyala/fasthttp.ListenAndServe" => {
                listen(machine, call.at(0).cloned(), call, "listen");
            }
            "net.Listen" | "crypto/tls.Listen" => {
                let network = call.at(0).map(|network| machine.known(&network.value));
                if matches!(network, Some(Value::Text(network)) if network.starts_with("tcp")) {
                    listen(machine, call.at(1).cloned(), call, "listen");
                }
            }
            _ => {}
        }
        None
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if !matches!(name, "Run" | "RunTLS" | "Start" | "StartTLS" | "StartAutoTLS" | "Listen" | "ListenTLS") {
            return None;
        }
        match call.at(0) {
            Some(address) => listen(machine, Some(address.clone()), call, "listen"),
            None if machine.graph.routers[router].framework == "gin" => {
                let (env, evidence) = (Some("PORT".to_owned()), call.lines_to(machine, None));
                machine.graph.listens.push(Listen { port: Ok(GIN_DEFAULT), env, by: "listen", evidence });
            }
            None => {}
        }
        Some(Value::Null)
    }

    fn set(&self, machine: &mut Machine<'_>, on: &Value, name: &str, value: &Value, place: &Evidence) {
        let is_server = matches!(on, Value::Made(made) if &*made.what == "net/http.Server");
        if is_server && name == "Addr" {
            let call = Call {
                path: place.path.clone(),
                start: place.start_line,
                arguments: Vec::new(),
                callee: "Addr".into(),
            };
            let argument = Argument { name: None, value: value.clone(), end: place.end_line, text: "Addr".into() };
            listen(machine, Some(argument), &call, "listen");
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

fn listen(machine: &mut Machine<'_>, port: Option<Argument>, call: &Call, by: &'static str) {
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
    let evidence = call.lines_to(machine, Some(&port).filter(|port| port.end <= call.start + 8));
    machine.graph.listens.push(Listen { port: port_number, env, by, evidence });
}
