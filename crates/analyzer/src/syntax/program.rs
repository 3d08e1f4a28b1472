//! The program model: what is left of a file when only values, calls, bindings and imports matter.
//! The same for every language; made by `lower`, run by `trace`.

use std::rc::Rc;

/// Index into [`Program::nodes`].
pub(crate) type NodeId = usize;
/// Index into [`Program::functions`].
pub(crate) type FunctionId = usize;
/// Index into [`Program::classes`].
pub(crate) type ClassId = usize;

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Expression>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
    /// The whole file, run when the module is loaded.
    pub(crate) body: NodeId,
}

/// A node with its place.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    /// First line, 1-based; of a call on a member the line of the member's name, so that the parts
    /// of a long chain are told apart.
    pub(crate) start: u32,
    /// Last line, inclusive.
    pub(crate) end: u32,
    /// Byte range of the text.
    pub(crate) bytes: (usize, usize),
}

/// What a node does. Statements are expressions too.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Not modelled; the children run in order, a single child's value passes through.
    Other(Vec<NodeId>),
    Null,
    Bool(bool),
    Text(Rc<str>),
    Number(i64),
    /// A regular expression literal.
    Pattern,
    /// Pieces of text joined: `+`, templates, f-strings.
    Concat(Vec<NodeId>),
    /// A name; in Rust a whole path with `::`.
    Name(Rc<str>),
    Member(NodeId, Rc<str>),
    Index(NodeId, NodeId),
    Call {
        callee: NodeId,
        arguments: Vec<ArgumentNode>,
    },
    Macro {
        name: Rc<str>,
        arguments: Vec<NodeId>,
    },
    Function(FunctionId),
    Object(Vec<Entry>),
    Array(Vec<NodeId>),
    Spread(NodeId),
    /// `a || b`: the right side is a default for the left.
    Either(NodeId, NodeId),
    /// One of these, decided when the program runs.
    Choice(Vec<NodeId>),
    /// Rust: the arms of a match with the names in their patterns, and what it is where the value is not known.
    Match {
        on: NodeId,
        arms: Vec<(Vec<Rc<str>>, NodeId)>,
        undecided: NodeId,
    },
    /// Rust: a struct with its fields.
    Instance {
        of: NodeId,
        fields: Vec<Entry>,
    },
    /// Branches that only make texts, where the condition says which one is taken.
    If {
        condition: TextTest,
        then: NodeId,
        otherwise: Option<NodeId>,
        /// What it is where the condition is not decided.
        undecided: NodeId,
    },
    /// Statements in a scope of their own; the value is the last one's.
    Scope(Vec<NodeId>),
    /// Statements in the scope around them; the value is the last one's.
    Block(Vec<NodeId>),
    /// Children that may or may not run.
    Branch(Vec<NodeId>),
    Loop {
        target: Target,
        iterable: NodeId,
        body: NodeId,
    },
    /// The list of the values of `body`.
    Comprehension {
        target: Target,
        iterable: NodeId,
        body: NodeId,
    },
    Bind(Target, NodeId),
    Assign(NodeId, NodeId),
    /// `a += b`
    Augment(NodeId, NodeId),
    Return(Option<NodeId>),
    DefineFunction(FunctionId),
    DefineClass(ClassId),
    /// Python: the decorators, and the function or class below them.
    Decorated(Vec<NodeId>, NodeId),
    /// Go: a literal of a type; without a type it takes the one of the list around it.
    Composite {
        of: Option<NodeId>,
        items: Vec<Item>,
    },
    /// Go: the zero value of a type.
    Zero(NodeId),
    /// Go: a function that belongs to a type, which may stand in another file.
    Method {
        of: Rc<str>,
        function: FunctionId,
    },
    /// Rust: members that belong to a type.
    Implement {
        name: Rc<str>,
        class: ClassId,
    },
    /// Rust: a module written inside the file.
    Submodule {
        name: Rc<str>,
        body: NodeId,
    },
    Import(Import),
    ExportDefault(NodeId),
    /// Names visible under other names, or from another module.
    Export {
        from: Option<Rc<str>>,
        names: Vec<(Rc<str>, Rc<str>)>,
        all: bool,
    },
}

/// What a condition asks of texts: of the first whether it starts or ends with the second or holds it.
#[derive(Debug)]
pub(crate) enum TextTest {
    Starts(NodeId, NodeId),
    Ends(NodeId, NodeId),
    Holds(NodeId, NodeId),
    Same(NodeId, NodeId),
    /// Whether it is not empty.
    Filled(NodeId),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// An argument of a call.
#[derive(Debug)]
pub(crate) struct ArgumentNode {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) value: NodeId,
}

/// A part of an object literal.
#[derive(Debug)]
pub(crate) enum Entry {
    Pair(Rc<str>, NodeId),
    Spread(NodeId),
    /// The key is not literal; the key, where it is an expression, and the value.
    Computed(Option<NodeId>, NodeId),
}

/// A part of a composite literal (Go).
#[derive(Debug)]
pub(crate) struct Item {
    /// The key where it is a plain name: a field of a struct, or a constant of a map.
    pub(crate) name: Option<Rc<str>>,
    pub(crate) key: Option<NodeId>,
    pub(crate) value: NodeId,
}

/// What a binding binds.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Name(Rc<str>),
    /// `{key: target}` with an optional default.
    Fields(Vec<(Rc<str>, Target, Option<NodeId>)>),
    Items(Vec<Target>),
    Nothing,
}

/// A function, method or closure.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: NodeId,
    /// Text of the return type, where written.
    pub(crate) returns: String,
    /// Text of the attributes above it (Rust).
    pub(crate) attributes: Vec<Attribute>,
    /// The decorators above it (Python), outermost first.
    pub(crate) decorators: Vec<NodeId>,
    /// The name that its own value has in it, and the name of its type (Go's methods).
    pub(crate) receiver: Option<(Rc<str>, Rc<str>)>,
    /// Lines and bytes of the whole function.
    pub(crate) start: u32,
    pub(crate) bytes: (usize, usize),
    /// Which of the functions it is whose bodies were left out when the file was parsed.
    pub(crate) left_out: Option<usize>,
}

/// An attribute above an item.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) text: Rc<str>,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A parameter with what stands beside its name.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) target: Target,
    pub(crate) default: Option<NodeId>,
    /// The annotation, to be evaluated (Python, Go).
    pub(crate) annotation: Option<NodeId>,
    /// The annotation's text.
    pub(crate) of_type: String,
    /// Takes all positional arguments that are left.
    pub(crate) is_rest: bool,
    /// Takes all named arguments that are left (Python's `**kwargs`).
    pub(crate) is_named_rest: bool,
}

/// A class with its members in the order of the text.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) supers: Vec<NodeId>,
    pub(crate) members: Vec<Member>,
    /// The decorators above it (JavaScript, TypeScript, Python), in the order of the text.
    pub(crate) decorators: Vec<NodeId>,
    /// The fields whose members it has too (Go).
    pub(crate) embedded: Vec<Rc<str>>,
    /// First line.
    pub(crate) start: u32,
    /// Byte range of the text.
    pub(crate) bytes: (usize, usize),
}

/// A member of a class.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: Rc<str>,
    /// A function node, or the field's value; in Go the field's type.
    pub(crate) value: NodeId,
    pub(crate) is_method: bool,
    /// Reading it calls it (JavaScript's `get`).
    pub(crate) is_getter: bool,
    /// The decorators above it (JavaScript and TypeScript), in the order of the text.
    pub(crate) decorators: Vec<NodeId>,
}

/// An import: names out of a module, each as (name there, name here). The name `*` is the module itself.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) from: Rc<str>,
    pub(crate) names: Vec<(Rc<str>, Rc<str>)>,
    /// Every name of the module becomes visible.
    pub(crate) all: bool,
}
