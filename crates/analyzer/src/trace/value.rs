//! The values that a traced program works with. Whatever is not known stays [`Value::Unknown`] with a
//! reason; nothing is guessed.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::graph::{DraftId, Handle, RouterId};
use super::why::Why;
use crate::syntax::program::{ClassId, FunctionId, Program};

/// Index into the machine's modules.
pub(crate) type ModuleId = usize;

/// A value. Cloning is cheap.
#[derive(Clone)]
pub(crate) enum Value {
    /// Not known, and why.
    Unknown(Rc<Why>),
    Null,
    Bool(bool),
    Text(Rc<str>),
    Number(i64),
    /// An environment variable, with what is used when it is unset.
    Env(Rc<str>, Option<Rc<Value>>),
    /// A name out of a package that is not in the tree, with its path by `.`.
    External(Rc<str>),
    /// What a call of such a name returned.
    Made(Rc<Made>),
    Function(Rc<Closure>),
    Class(Rc<ClassValue>),
    Object(Rc<Object>),
    Array(Rc<RefCell<Vec<Value>>>),
    Module(ModuleId),
    /// A Python package without a file of its own.
    Folder(Rc<str>),
    /// An import that nobody has needed yet.
    Import(Rc<ImportedName>),
    /// One of several functions, classes or objects; what they have in common is known.
    OneOf(Rc<Vec<Value>>),
    /// What a framework's rules made: a router, a pending route.
    Handle(Handle),
    /// A method of such a thing, not called yet (`router.get` given to a helper).
    Bound(Handle, Rc<str>),
}

/// The result of calling an external name.
pub(crate) struct Made {
    pub(crate) what: Rc<str>,
    pub(crate) arguments: Vec<Argument>,
}

impl Made {
    /// The argument of a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Value> {
        let named = self.arguments.iter().find(|argument| argument.name.as_deref() == Some(name));
        named.map(|argument| &argument.value)
    }

    /// The values of all arguments.
    pub(crate) fn values(&self) -> Vec<Value> {
        self.arguments.iter().map(|argument| argument.value.clone()).collect()
    }
}

/// An evaluated argument.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) value: Value,
    /// Last line of the argument's text.
    pub(crate) end: u32,
    /// The text.
    pub(crate) text: Rc<str>,
}

/// A function with the scope it was written in.
pub(crate) struct Closure {
    pub(crate) module: ModuleId,
    pub(crate) program: Rc<Program>,
    pub(crate) function: FunctionId,
    pub(crate) scope: Rc<Scope>,
    pub(crate) this: Option<Value>,
}

/// What tells a function or class from all others: its module, and where its text stands in there.
pub(crate) type DefinitionPlace = (ModuleId, (usize, usize));

impl Closure {
    pub(crate) fn place(&self) -> DefinitionPlace {
        (self.module, self.program.functions[self.function].bytes)
    }
}

/// A class with the scope it was written in.
pub(crate) struct ClassValue {
    pub(crate) module: ModuleId,
    pub(crate) program: Rc<Program>,
    pub(crate) class: ClassId,
    pub(crate) scope: Rc<Scope>,
    pub(crate) supers: Vec<Value>,
    /// Assigned from outside the class body.
    pub(crate) statics: Rc<Object>,
}

impl ClassValue {
    pub(crate) fn place(&self) -> DefinitionPlace {
        (self.module, self.program.classes[self.class].bytes)
    }
}

/// An object literal or an instance.
#[derive(Default)]
pub(crate) struct Object {
    pub(crate) class: Option<Rc<ClassValue>>,
    pub(crate) fields: RefCell<BTreeMap<Rc<str>, Value>>,
    /// Nobody is seen to have filled it (Go), or something unseen may have; fields without a value are unknown.
    pub(crate) is_open: Cell<bool>,
    /// Go: the lines of the literal that made it.
    pub(crate) place: OnceCell<(String, u32, u32)>,
}

/// A name that stands for something in another module.
pub(crate) struct ImportedName {
    pub(crate) importer: ModuleId,
    pub(crate) from: Rc<str>,
    pub(crate) name: Rc<str>,
}

/// Variables, and the scope around.
#[derive(Default)]
pub(crate) struct Scope {
    pub(crate) names: RefCell<HashMap<Rc<str>, Value>>,
    /// Modules whose names are all visible (`from x import *`, `use super::*`).
    pub(crate) globs: RefCell<Vec<Rc<str>>>,
    pub(crate) parent: Option<Rc<Scope>>,
    /// Names whose literal is the default of what a condition computes.
    pub(crate) kept: RefCell<BTreeSet<Rc<str>>>,
}

impl Scope {
    pub(crate) fn inside(parent: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(parent)), ..Self::default() })
    }

    pub(crate) fn set(&self, name: &Rc<str>, value: Value) {
        self.names.borrow_mut().insert(Rc::clone(name), value);
    }

    pub(crate) fn own(&self, name: &str) -> Option<Value> {
        self.names.borrow().get(name).cloned()
    }

    /// The nearest scope that has the name.
    pub(crate) fn holder(self: &Rc<Self>, name: &str) -> Option<Rc<Self>> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if here.names.borrow().contains_key(name) {
                return Some(Rc::clone(here));
            }
            scope = here.parent.as_ref();
        }
        None
    }
}

impl Object {
    /// The same fields as an instance of a class.
    pub(crate) fn of_class(&self, class: &Rc<ClassValue>) -> Value {
        let fields = RefCell::new(self.fields.borrow().clone());
        Value::Object(Rc::new(Self { class: Some(Rc::clone(class)), fields, ..Self::default() }))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.fields.borrow().get(name).cloned()
    }

    pub(crate) fn set(&self, name: &Rc<str>, value: Value) {
        self.fields.borrow_mut().insert(Rc::clone(name), value);
    }
}

impl Value {
    pub(crate) fn unknown(why: Why) -> Self {
        Self::Unknown(Rc::new(why))
    }

    pub(crate) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn router(router: RouterId) -> Self {
        Self::Handle(Handle::Router(router))
    }

    pub(crate) fn draft(draft: DraftId) -> Self {
        Self::Handle(Handle::Draft(draft))
    }

    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::Array(Rc::new(RefCell::new(items)))
    }

    /// The external path, of the name itself or of what it made.
    pub(crate) fn external(&self) -> Option<Rc<str>> {
        match self {
            Self::External(path) => Some(Rc::clone(path)),
            Self::Made(made) => Some(format!("{}()", made.what).into()),
            _ => None,
        }
    }

    /// Whether two values are plainly the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(one), Self::Text(two)) => one == two,
            (Self::Number(one), Self::Number(two)) => one == two,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Handle(one), Self::Handle(two)) => one == two,
            (Self::Bound(one, name), Self::Bound(two, other)) => one == two && name == other,
            (Self::External(one), Self::External(two)) => one == two,
            (Self::Function(one), Self::Function(two)) => Rc::ptr_eq(one, two),
            (Self::Object(one), Self::Object(two)) => Rc::ptr_eq(one, two),
            (Self::Class(one), Self::Class(two)) => Rc::ptr_eq(one, two),
            (Self::Made(one), Self::Made(two)) => Rc::ptr_eq(one, two),
            (Self::Array(one), Self::Array(two)) => Rc::ptr_eq(one, two),
            (Self::Module(one), Self::Module(two)) => one == two,
            (Self::Env(one, Some(default)), Self::Env(two, Some(other))) => one == two && default.same(other),
            (Self::Env(one, None), Self::Env(two, None)) => one == two,
            _ => false,
        }
    }
}
