//! Frameworks whose routers have a method for each verb and groups with a prefix: gin, echo, fiber, httprouter
//! and those built like them. Middleware, static folders and pages for what is not found are no endpoints.

use super::{attach, group, is_guarded, is_package, made, method_of, of_package, path, plain, verb};
use crate::extract::endpoint::written::texts;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{PathText, Registration, Router, RouterId};
use crate::trace::invoke::positional;
use crate::trace::join::Join;
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

/// One framework of this kind.
pub(super) struct Verbs {
    framework: Framework,
    package: &'static str,
    /// Functions that make an application.
    makers: &'static [&'static str],
    /// Types that stand for a router in signatures and fields.
    types: &'static [&'static str],
    /// The handler follows the path; what comes after it is middleware.
    is_handler_first: bool,
    /// Arguments of a route: gin also takes one whose only handlers are the group's middleware.
    least: usize,
    /// What makes a group takes a function, too.
    may_group_run: bool,
}

/// What most of them have in common.
const LIKE_MOST: Verbs = Verbs {
    framework: Framework::new("", Family::Go),
    package: "",
    makers: &[],
    types: &[],
    is_handler_first: false,
    least: 2,
    may_group_run: false,
};

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

pub(super) static GIN: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::colons,
        default_port: Some(8080),
        triggers: &["gin.New(", "gin.Default(", "gin.Engine", "gin.RouterGroup", "gin.IRoute"],
        makes: &["gin.New(", "gin.Default("],
        starts: &["gin.New(", "gin.Default(", "*gin.Engine", "gin.RouterGroup", "gin.IRoute"],
        page: Some(&super::PAGE),
        ..Framework::new("gin", Family::Go)
    },
    package: "github.com/gin-gonic/gin",
    makers: &["New", "Default"],
    types: &["Engine", "RouterGroup", "IRouter", "IRoutes"],
    least: 1,
    ..LIKE_MOST
};

pub(super) static ECHO: Verbs = Verbs {
    framework: Framework {
        as_called: path::escaped_colons,
        triggers: &["echo.New(", "echo.NewWithConfig(", "echo.Echo", "echo.Group"],
        makes: &["echo.New("],
        starts: &["echo.New(", "echo.NewWithConfig(", "*echo.Echo", "*echo.Group"],
        page: Some(&super::PAGE),
        ..Framework::new("echo", Family::Go)
    },
    package: "github.com/labstack/echo",
    makers: &["New", "NewWithConfig"],
    types: &["Echo", "Group"],
    is_handler_first: true,
    ..LIKE_MOST
};

pub(super) static FIBER: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::constrained,
        triggers: &["fiber.New(", "fiber.App", "fiber.Router"],
        makes: &["fiber.New("],
        starts: &["fiber.New(", "*fiber.App", "fiber.Router"],
        page: Some(&super::PAGE),
        ..Framework::new("fiber", Family::Go)
    },
    package: "github.com/gofiber/fiber",
    makers: &["New"],
    types: &["App", "Router", "Group"],
    ..LIKE_MOST
};

pub(super) static HTTPROUTER: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::colons,
        triggers: &["httprouter.New(", "httprouter.Router"],
        starts: &["httprouter.New(", "httprouter.Router"],
        page: Some(&super::PAGE),
        ..Framework::new("httprouter", Family::Go)
    },
    package: "github.com/julienschmidt/httprouter",
    makers: &["New", "Router"],
    types: &["Router"],
    is_handler_first: true,
    ..LIKE_MOST
};

pub(super) static FASTHTTP: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::braced,
        triggers: &["\"github.com/fasthttp/router\""],
        starts: &["router.New(", "*router.Router", "*router.Group"],
        page: Some(&super::PAGE),
        ..Framework::new("fasthttp-router", Family::Go)
    },
    package: "github.com/fasthttp/router",
    makers: &["New"],
    types: &["Router", "Group"],
    is_handler_first: true,
    ..LIKE_MOST
};

pub(super) static HERTZ: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::colons,
        triggers: &["cloudwego/hertz/pkg/app/server\""],
        starts: &["server.Default(", "server.New(", "*server.Hertz"],
        page: Some(&super::PAGE),
        ..Framework::new("hertz", Family::Go)
    },
    package: "github.com/cloudwego/hertz/pkg/app/server",
    makers: &["New", "Default"],
    types: &["Hertz"],
    ..LIKE_MOST
};

pub(super) static IRIS: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::braced,
        triggers: &["iris.New(", "iris.Default(", "iris.Party", "iris.Application"],
        starts: &["iris.New(", "iris.Default(", "iris.Party", "*iris.Application"],
        page: Some(&super::PAGE),
        ..Framework::new("iris", Family::Go)
    },
    package: "github.com/kataras/iris",
    makers: &["New", "Default"],
    types: &["Application", "Party"],
    ..LIKE_MOST
};

pub(super) static BUN: Verbs = Verbs {
    framework: Framework {
        join: Join::SingleSlash,
        as_called: path::colons,
        triggers: &["bunrouter.New(", "bunrouter.Router", "bunrouter.Group"],
        starts: &["bunrouter.New(", "*bunrouter.Router", "*bunrouter.Group"],
        page: Some(&super::PAGE),
        ..Framework::new("bunrouter", Family::Go)
    },
    package: "github.com/uptrace/bunrouter",
    makers: &["New"],
    types: &["Router", "Group", "CompatRouter", "CompatGroup"],
    may_group_run: true,
    is_handler_first: true,
    ..LIKE_MOST
};

impl Rules for Verbs {
    fn framework(&self) -> &Framework {
        &self.framework
    }

    fn owns(&self, package: &str) -> bool {
        is_package(package, self.package)
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, _: &Call) -> Option<Value> {
        let made = of_package(name, self.package)?;
        self.makers.contains(&made).then(|| Value::router(machine.graph.router(Router::root(self))))
    }

    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let of = of_package(of, self.package)?;
        if self.types.contains(&of) { made(machine, self) } else { None }
    }

    fn attribute(&self, _: &mut Machine<'_>, on: RouterId, name: &str) -> Option<Value> {
        CHAINED.contains(&name).then_some(Value::router(on))
    }

    fn method(&'static self, machine: &mut Machine<'_>, router: RouterId, name: &str, call: &Call) -> Option<Value> {
        let verb = verb(name).or_else(|| ANY.contains(&name).then_some("ANY"));
        if let Some(method) = verb.filter(|_| call.arguments.len() >= self.least) {
            self.route(machine, router, &[method.to_owned()], call, 0);
        } else if GROUPS.contains(&name) {
            let child = group(machine, router, call, call.at(0));
            if let Some(Value::Function(_)) = call.at(1).map(|second| machine.known(&second.value))
                && self.may_group_run
            {
                self.run(machine, child, call);
            }
            return Some(Value::router(child));
        } else if GROUP_FUNCTIONS.contains(&name) && call.arguments.len() >= 2 {
            let child = group(machine, router, call, call.at(0));
            self.run(machine, child, call);
            return Some(Value::router(child));
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
        Some(Value::router(router))
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
        let (handler, guarded) = (plain(handler), is_guarded(&around));
        let registration = Registration { handler, guarded, evidence: vec![evidence] };
        machine.graph.register(router, methods, &[written], &registration);
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
        let argument = positional(Value::router(child));
        machine.call_value(&function.value, None, &[argument], call);
    }

    /// Fiber puts applications below a path.
    fn mount(&self, machine: &mut Machine<'_>, parent: RouterId, call: &Call) {
        let first = call.at(0).map(|first| machine.known(&first.value));
        let prefix = match first {
            Some(Value::Text(prefix)) => PathText::Known(prefix.to_string()),
            Some(Value::Unknown(why)) if call.arguments.len() > 1 => PathText::Unknown(Why::clone(&why)),
            _ => PathText::empty(),
        };
        for argument in &call.arguments {
            if let Value::Handle(handle) = machine.known(&argument.value)
                && let Some(child) = machine.graph.router_of(handle, self).filter(|child| *child != parent)
            {
                let evidence = vec![call.lines_to(machine, call.at(0))];
                machine.graph.mount(parent, child, prefix.clone(), evidence);
            }
        }
    }
}
