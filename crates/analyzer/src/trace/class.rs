//! Making instances, and running the classes that nobody is seen to make.

use std::rc::Rc;

use super::call::Call;
use super::graph::{Handle, RouterId};
use super::machine::Machine;
use super::value::{Argument, ClassValue, Closure, Object, Value};
use crate::syntax::grammar::Family;

/// Classes that a class may extend, those above them included.
const MAX_BASES: usize = 16;

impl Machine<'_> {
    pub(super) fn construct(&mut self, class: &Rc<ClassValue>, arguments: &[Argument], call: &Call) -> Value {
        // A class that extends a framework's, beside whatever else, is used as one of the framework's.
        let mut bases: Vec<Value> = class.supers.iter().rev().cloned().collect();
        for _ in 0..MAX_BASES {
            let Some(base) = bases.pop() else { break };
            match self.settle(&base) {
                Value::Class(next) => bases.extend(next.supers.iter().rev().cloned()),
                Value::External(path) => {
                    let Some(value) = self.by_rules(&path, call) else { continue };
                    if let Value::Handle(Handle::Router(router)) = value {
                        self.extended.insert(router, Rc::clone(class));
                    }
                    return value;
                }
                _ => {}
            }
        }
        let object = Rc::new(Object { class: Some(Rc::clone(class)), ..Object::default() });
        let this = Value::Object(Rc::clone(&object));
        self.initialise(class, &object);
        for name in ["constructor", "__init__"] {
            if let Some(Value::Function(closure)) = self.class_member(class, name, Some(this.clone())) {
                self.call_closure(&closure, Some(this.clone()), arguments);
                break;
            }
        }
        this
    }

    /// Classes that nobody is seen to construct, with methods that are worth running.
    pub(super) fn run_class(&mut self, class: &Rc<ClassValue>) {
        let program = Rc::clone(&class.program);
        let call = Call::at_place(&self.modules[class.module].path, 1, "");
        let mut this = None;
        for member in program.classes[class.class].members.iter().filter(|member| member.is_method) {
            let Some(Value::Function(closure)) = self.class_member(class, &member.name, None) else { continue };
            if self.ran.contains(&closure.place()) || !self.has_trigger(&closure) {
                continue;
            }
            let instance = match &this {
                Some(instance) => Value::clone(instance),
                None => self.construct(class, &[], &call),
            };
            this = Some(instance.clone());
            if !self.ran.contains(&closure.place()) {
                self.call_closure(&closure, Some(instance), &[]);
            }
        }
    }

    /// JavaScript's fields belong to the instance and are made with it.
    fn initialise(&mut self, class: &Rc<ClassValue>, object: &Rc<Object>) {
        if self.family != Family::Script {
            return;
        }
        for base in &class.supers {
            if let Value::Class(base) = self.settle(base) {
                self.initialise(&base, object);
            }
        }
        let program = Rc::clone(&class.program);
        for member in program.classes[class.class].members.iter().filter(|member| !member.is_method) {
            let mut frame = self.class_frame(class, Some(Value::Object(Rc::clone(object))));
            let value = self.evaluate(&mut frame, member.value);
            object.set(&member.name, value);
        }
    }

    /// A method that a program's own class adds to a framework's, unless it is running already.
    pub(super) fn own_method(&mut self, handle: Handle, name: &str) -> Option<Rc<Closure>> {
        let Handle::Router(router) = handle else { return None };
        let class = Rc::clone(self.extended.get(&router)?);
        match self.class_member(&class, name, Some(Value::Handle(handle))) {
            Some(Value::Function(closure)) if !self.stack.contains(&closure.place()) => Some(closure),
            _ => None,
        }
    }

    /// The class of the program that a router was made from, where it extends the framework's.
    pub(crate) fn own_class(&self, router: RouterId) -> Option<Rc<ClassValue>> {
        self.extended.get(&router).map(Rc::clone)
    }
}
