//! Decorators: calls that are written in another form.

use std::collections::BTreeSet;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::call::Decorated;
use super::evaluate::Frame;
use super::graph::Handle;
use super::invoke::positional;
use super::machine::Machine;
use super::value::{Argument, ClassValue, Closure, ModuleId, Scope, Value};
use crate::syntax::program::{Kind, NodeId, Program};

/// A decorator as it stands above a definition.
pub(crate) struct Decorator {
    pub(crate) value: Value,
    /// What it is called with, where it is a call.
    pub(crate) arguments: Vec<Value>,
    pub(crate) text: Rc<str>,
    pub(crate) evidence: Evidence,
}

/// Classes that extend classes.
const MAX_DECORATED_BASES: usize = 8;

/// A decorator of a class or of its member, with the lines that it stands on.
pub(crate) struct Decoration {
    pub(crate) value: Value,
    pub(crate) text: Rc<str>,
    pub(crate) lines: (u32, u32),
}

/// A method with the decorators above it and the file that it stands in.
pub(crate) struct DecoratedMethod {
    pub(crate) name: Rc<str>,
    pub(crate) path: Rc<str>,
    pub(crate) decorations: Vec<Decoration>,
}

impl Machine<'_> {
    /// The decorators above a JavaScript class.
    pub(crate) fn class_decorations(&mut self, class: &Rc<ClassValue>) -> Vec<Decoration> {
        let program = Rc::clone(&class.program);
        let nodes = &program.classes[class.class].decorators;
        nodes.iter().map(|node| self.decoration(class, *node)).collect()
    }

    /// The methods of a JavaScript class and of those it extends; what is written again replaces.
    pub(crate) fn decorated_methods(&mut self, class: &Rc<ClassValue>) -> Vec<DecoratedMethod> {
        let mut out = Vec::new();
        let mut seen: BTreeSet<Rc<str>> = BTreeSet::new();
        let mut here = Some(Rc::clone(class));
        for _ in 0..MAX_DECORATED_BASES {
            let Some(class) = here else { break };
            let program = Rc::clone(&class.program);
            for member in program.classes[class.class].members.iter().filter(|member| member.is_method) {
                if seen.insert(Rc::clone(&member.name)) {
                    let decorations = member.decorators.iter().map(|node| self.decoration(&class, *node)).collect();
                    let path = Rc::clone(&self.modules[class.module].path);
                    out.push(DecoratedMethod { name: Rc::clone(&member.name), path, decorations });
                }
            }
            let base = class.supers.first().map(|base| self.settle(base));
            here = match base {
                Some(Value::Class(base)) => Some(base),
                _ => None,
            };
        }
        out
    }

    fn decoration(&mut self, class: &Rc<ClassValue>, node: NodeId) -> Decoration {
        let mut frame = self.class_frame(class, None);
        let value = self.evaluate(&mut frame, node);
        let written = &class.program.nodes[node];
        let text = self.source(class.module, written.bytes);
        Decoration { value, text, lines: (written.start, written.end) }
    }

    pub(super) fn decorated(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        decorators: &[NodeId],
        definition: NodeId,
    ) -> Value {
        let texts: Vec<Rc<str>> =
            decorators.iter().map(|id| self.source(frame.module, program.nodes[*id].bytes)).collect();
        let values: Vec<Value> = decorators.iter().map(|id| self.evaluate(frame, *id)).collect();
        let value = self.evaluate(frame, definition);
        let target = match &value {
            Value::Function(closure) => Decorated::Function(closure),
            Value::Class(class) => Decorated::Class(class),
            _ => return value,
        };
        for (decorator, at) in values.iter().zip(decorators) {
            match self.settle(decorator) {
                Value::Handle(Handle::Draft(draft)) => self.decorate(draft, &target, &texts),
                Value::Function(own) => {
                    let node = &program.nodes[*at];
                    self.decorate_by(&own, &target, (frame.module, node.start, node.end));
                }
                _ => {}
            }
        }
        value
    }

    fn decorate(&mut self, draft: usize, target: &Decorated<'_>, texts: &[Rc<str>]) {
        let draft = self.graph.drafts[draft].clone();
        self.rules_of(draft.framework).decorate(self, &draft, target, texts);
    }

    /// A decorator that the program makes of a router's method: `@protected(router.get, "/x")`.
    fn decorate_by(&mut self, own: &Rc<Closure>, target: &Decorated<'_>, site: (ModuleId, u32, u32)) {
        let Decorated::Function(target) = target else { return };
        let holds_router = |value: &Value| matches!(value, Value::Bound(..) | Value::Handle(_));
        let is_made_of_router = own.scope.parent.is_some() && own.scope.names.borrow().values().any(holds_router);
        if !is_made_of_router && !self.names_router(own) {
            return;
        }
        let (module, start, end) = site;
        let path = self.modules[module].path.to_string();
        self.sites.push((path, start, end));
        self.decorating.push(Rc::clone(target));
        self.call_closure(own, None, &[positional(Value::Function(Rc::clone(target)))]);
        self.decorating.pop();
        self.sites.pop();
    }

    /// Whether a function of a module names one of its routers: `@register` above what is registered.
    fn names_router(&self, own: &Rc<Closure>) -> bool {
        let body = self.source(own.module, own.program.functions[own.function].bytes);
        let scope = Rc::clone(&self.modules[own.module].scope);
        let names = scope.names.borrow();
        names.iter().any(|(name, value)| matches!(value, Value::Handle(_)) && body.contains(&**name))
    }

    /// A pending route is called with its function, as a decorator would be: `router.get("/x")(function)`.
    pub(super) fn apply(&mut self, draft: usize, arguments: &[Argument]) -> Value {
        let given = arguments.first().map(|argument| self.settle(&argument.value));
        // What wraps the function on the way does not change which one it is.
        let target = self.decorating.last().map(Rc::clone).or(match &given {
            Some(Value::Function(closure)) => Some(Rc::clone(closure)),
            _ => None,
        });
        if let Some(target) = target {
            let before = self.graph.routes.len();
            self.decorate(draft, &Decorated::Function(&target), &[]);
            self.cite_callers(before);
        }
        given.unwrap_or(Value::Null)
    }

    /// The decorators above a function, outermost first.
    pub(crate) fn decorators_of(&mut self, closure: &Rc<Closure>) -> Vec<Decorator> {
        let nodes = closure.program.functions[closure.function].decorators.clone();
        self.decorators(closure.module, &closure.program, &closure.scope, &nodes)
    }

    /// The decorators above a class, outermost first.
    pub(crate) fn decorators_of_class(&mut self, class: &Rc<ClassValue>) -> Vec<Decorator> {
        let nodes = class.program.classes[class.class].decorators.clone();
        self.decorators(class.module, &class.program, &class.scope, &nodes)
    }

    fn decorators(
        &mut self,
        module: ModuleId,
        program: &Rc<Program>,
        scope: &Rc<Scope>,
        nodes: &[NodeId],
    ) -> Vec<Decorator> {
        let path = self.modules[module].path.to_string();
        let mut out = Vec::new();
        for id in nodes {
            let mut frame = Frame::new(module, Rc::clone(program), Rc::clone(scope));
            let node = &program.nodes[*id];
            let arguments = match &node.kind {
                Kind::Call { arguments, .. } => {
                    arguments.iter().map(|argument| self.evaluate(&mut frame, argument.value)).collect()
                }
                _ => Vec::new(),
            };
            let value = self.evaluate(&mut frame, *id);
            out.push(Decorator {
                value: self.settle(&value),
                arguments,
                text: self.source(module, node.bytes),
                evidence: self.evidence(&path, node.start, node.end),
            });
        }
        out
    }
}
