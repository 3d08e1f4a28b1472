//! Frameworks whose routers have a method for each verb and groups with a prefix: gin, echo, fiber, httprouter
//! and those built like them. Middleware, static folders and pages for what is not found are no endpoints.

use super::{METHODS, attach, group, is_guarded, method_of, new_router, of_package, plain, push, value_of};
use crate::extract::endpoint::written::texts;
use crate::syntax::grammar::Family;
use crate::trace::call::positional;
use crate::trace::graph::{Handle, Join, Mount, PathText, RouterId};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::{Argument, Value};

/// One framework of this kind.
pub(super) struct Verbs {
    name: &'static str,
    package: &'static str,
    /// Functions that make an application.
    makers: &'static [&'static str],
    /// Types that stand for a router in signatures and fields.
    types: &'static [&'static str],
    join: Join,
    /// The handler follows the path; what comes after it is middleware.
    is_handler_first: bool,
    triggers: &'static [&'static str],
    starts: &'static [&'static str],
}

/// Methods that make a group and return it.
const GROUPS: [&str; 4] = ["Group", "NewGroup", "Party", "Subrouter"];
/// Methods that make a group and hand it to a function.
const GROUP_FUNCTIONS: [&str; 3] = ["Route", "WithGroup", "PartyFunc"];
/// Every method of HTTP.
const ANY: [&str; 4] = ["Any", "ANY", "All", "ALL"];
/// A method that is named by an argument.
const NAMED: [&str; 6] = ["Handle", "Add", "Handler", "HandlerFunc", "Method", "HandleFunc"];
/// What gives the router back.
const CHAINED: [&str; 8] = ["Use", "Name", "Handler", "RouterGroup", "UseRouter", "WithMiddleware", "Use404", "Host"];

pub(super) const GIN: Verbs = Verbs {
    name: "gin",
    package: "github.com/gin-gonic/gin",
    makers: &["New", "Default"],
    types: &["Engine", "RouterGroup", "IRouter", "IRoutes"],
    join: Join::SingleSlash,
    is_handler_first: false,
    triggers: &["gin.New(", "gin.Default(", "gin.Engine", "gin.RouterGroup", "gin.IRoute"],
    starts: &["gin.New(", "gin.Default(", "*gin.Engine", "gin.RouterGroup", "gin.IRoute"],
};

pub(super) const ECHO: Verbs = Verbs {
    name: "echo",
    package: "github.com/labstack/echo",
    makers: &["New", "NewWithConfig"],
    types: &["Echo", "Group"],
    join: Join::Verbatim,
    is_handler_first: true,
    triggers: &["echo.New(", "echo.NewWithConfig(", "echo.Echo", "echo.Group"],
    starts: &["echo.New(", "echo.NewWithConfig(", "*echo.Echo", "*echo.Group"],
};

pub(super) const FIBER: Verbs = Verbs {
    name: "fiber",
    package: "github.com/gofiber/fiber",
    makers: &["New"],
    types: &["App", "Router", "Group"],
    join: Join::SingleSlash,
    is_handler_first: false,
    triggers: &["fiber.New(", "fiber.App", "fiber.Router"],
    starts: &["fiber.New(", "*fiber.App", "fiber.Router"],
};

pub(super) const HTTPROUTER: Verbs = Verbs {
    name: "httprouter",
    package: "github.com/julienschmidt/httprouter",
    makers: &["New", "Router"],
    types: &["Router"],
    join: Join::SingleSlash,
    is_handler_first: true,
    triggers: &["httprouter.New(", "httprouter.Router"],
    starts: &["httprouter.New(", "httprouter.Router"],
};

pub(super) const FASTHTTP: Verbs = Verbs {
    name: "fasthttp-router",
    package: "github.com/fasthttp/router",
    makers: &["New"],
    types: &["Router", "Group"],
    join: Join::SingleSlash,
    is_handler_first: true,
    triggers: &["\"github.com/fasthttp/router\""],
    starts: &["router.New(", "*router.Router", "*router.Group"],
};

pub(super) const HERTZ: Verbs = Verbs {
    name: "hertz",
    package: "github.com/cloudwego/hertz/pkg/app/server",
    makers: &["New", "Default"],
    types: &["Hertz"],
    join: Join::SingleSlash,
    is_handler_first: false,
    triggers: &["cloudwego/hertz/pkg/app/server\""],
    starts: &["server.Default(", "server.New(", "*server.Hertz"],
};

pub(super) const IRIS: Verbs = Verbs {
    name: "iris",
    package: "github.com/kataras/iris",
    makers: &["New", "Default"],
    types: &["Application", "Party"],
    join: Join::SingleSlash,
    is_handler_first: false,
    triggers: &["iris.New(", "iris.Default(", "iris.Party", "iris.Application"],
    starts: &["iris.New(", "iris.Default(", "iris.Party", "*iris.Application"],
};

pub(super) const BUN: Verbs = Verbs {
    name: "bunrouter",
    package: "github.com/uptrace/bunrouter",
    makers: &["New"],
    types: &["Router", "Group", "CompatRouter", "CompatGroup"],
    join: Join::SingleSlash,
    is_handler_first: true,
    triggers: &["bunrouter.New(", "bunrouter.Router", "bunrouter.Group"],
    starts: &["bunrouter.New(", "*bunrouter.Router", "*bunrouter.Group"],
};

impl Rules for Verbs {
    fn name(&self) -> &'static str {
        self.name
    }

    fn family(&self) -> Family {
        Family::Go
    }

    fn triggers(&self) -> &'static [&'static str] {
        self.triggers
    }

    fn starts(&self) -> &'static [&'static str] {
        self.starts
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let made = of_package(name, self.package)?;
        if !self.makers.contains(&made) {
            return None;
        }
        let router = new_router(machine, self.name, self.join, true);
        value_of(router)
    }

    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let of = of_package(of, self.package)?;
        if !self.types.contains(&of) {
            return None;
        }
        let router = new_router(machine, self.name, self.join, false);
        value_of(router)
    }

    fn attribute(&self, machine: &mut Machine<'_>, on: Handle, name: &str) -> Option<Value> {
        match on {
            Handle::Router(router) if machine.graph.routers[router].framework == self.name => {
                CHAINED.contains(&name).then_some(Value::Handle(on))
            }
            _ => None,
        }
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Router(router) = on else {
            return None;
        };
        if machine.graph.routers[router].framework != self.name {
            return None;
        }
        let verb = METHODS.iter().find(|method| name.eq_ignore_ascii_case(method)).copied();
        let verb = verb.or_else(|| ANY.contains(&name).then_some("ANY"));
        // gin also takes a route whose only handlers are the group's middleware.
        let enough = if self.name == "gin" { 1 } else { 2 };
        if let Some(method) = verb.filter(|_| call.arguments.len() >= enough) {
            self.route(machine, router, &[method.to_owned()], call, 0);
        } else if GROUPS.contains(&name) {
            let child = group(machine, router, call, call.at(0));
            if let Some(Value::Function(_)) = call.at(1).map(|second| machine.known(&second.value))
                && self.name == "bunrouter"
            {
                self.run(machine, child, call);
            }
            return value_of(child);
        } else if GROUP_FUNCTIONS.contains(&name) && call.arguments.len() >= 2 {
            let child = group(machine, router, call, call.at(0));
            self.run(machine, child, call);
            return value_of(child);
        } else if name == "Match" && call.arguments.len() >= 3 {
            match texts(machine, &call.arguments[0].value) {
                Some(methods) => self.route(machine, router, &methods, call, 1),
                None => loose_methods(machine, call),
            }
        } else if NAMED.contains(&name) && call.arguments.len() >= 3 {
            let listed = texts(machine, &call.arguments[0].value).filter(|methods| methods.len() > 1);
            match listed.or_else(|| method_of(machine, &call.arguments[0]).map(|method| vec![method])) {
                Some(methods) => self.route(machine, router, &methods, call, 1),
                None => loose_methods(machine, call),
            }
        } else if matches!(name, "Mount" | "Use") {
            self.mount(machine, router, call);
        } else if !CHAINED.contains(&name) {
            return None;
        }
        Some(Value::Handle(on))
    }
}

fn loose_methods(machine: &mut Machine<'_>, call: &Call) {
    let at = call.lines_to(machine, call.at(1));
    machine.loose(format!("the methods of a route are computed: `{}`", call.arguments[0].text), at);
}

impl Verbs {
    fn route(&self, machine: &mut Machine<'_>, router: RouterId, methods: &[String], call: &Call, at: usize) {
        let Some((path, handlers)) = call.arguments.get(at..).and_then(<[Argument]>::split_first) else {
            return;
        };
        let evidence = call.lines_to(machine, Some(path));
        let (handler, around): (Option<&Argument>, Vec<&Argument>) = match handlers {
            [] => (None, Vec::new()),
            [first, rest @ ..] if self.is_handler_first => (Some(first), rest.iter().collect()),
            [rest @ .., last] => (Some(last), rest.iter().collect()),
        };
        if let Some(handler) = handler {
            let value = machine.known(&handler.value);
            let is_wrapped = matches!(value, Value::Made(_) | Value::Handle(_));
            if is_wrapped && attach(machine, router, &value, call, &evidence) {
                return;
            }
        }
        let written = path.as_path(machine);
        for method in methods {
            let said = (plain(handler), is_guarded(&around), evidence.clone());
            push(machine, router, method, written.clone(), said);
        }
    }

    /// A group is handed to a function.
    fn run(&self, machine: &mut Machine<'_>, child: RouterId, call: &Call) {
        let Some(function) = call
            .arguments
            .iter()
            .skip(1)
            .find(|argument| matches!(argument.value, Value::Function(_) | Value::Import(_) | Value::Made(_)))
        else {
            return;
        };
        let argument = positional(Value::Handle(Handle::Router(child)));
        machine.call_value(&function.value, None, &[argument], call);
    }

    /// Fiber puts applications below a path.
    fn mount(&self, machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
        let first = call.at(0).map(|first| machine.known(&first.value));
        let prefix = match first {
            Some(Value::Text(prefix)) => PathText::Known(prefix.to_string()),
            Some(Value::Unknown(reason)) if call.arguments.len() > 1 => PathText::Unknown(reason.to_string()),
            _ => PathText::Known(String::new()),
        };
        for argument in &call.arguments {
            if let Value::Handle(Handle::Router(child)) = machine.known(&argument.value)
                && child != parent
                && machine.graph.routers[child].framework == self.name
            {
                let evidence = vec![call.lines_to(machine, call.at(0))];
                machine.graph.mounts.push(Mount { parent, child, prefix: prefix.clone(), evidence });
            }
        }
    }
}
