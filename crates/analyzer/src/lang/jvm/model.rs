//! What one source file declares. Positions are 1-based lines, as evidence counts them.

/// A type of the program, by its place in the program's list.
pub(crate) type TypeId = usize;
/// A file that was read, by its place in the program's list.
pub(crate) type UnitId = usize;
/// First and last line.
pub(crate) type Lines = (u32, u32);

/// One source file.
#[derive(Debug, Default)]
pub(crate) struct CompilationUnit {
    pub(crate) path: String,
    pub(crate) package: String,
    pub(crate) imports: Vec<JvmImport>,
    /// The types at its top level.
    pub(crate) types: Vec<TypeId>,
}

/// `import static a.b.C.*`
#[derive(Debug)]
pub(crate) struct JvmImport {
    /// Without the star.
    pub(crate) path: String,
    pub(crate) is_static: bool,
    pub(crate) is_star: bool,
}

/// What sort of type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Class,
    Interface,
    Annotation,
    Other,
}

/// A class, interface, record, enum or annotation type.
#[derive(Debug)]
pub(crate) struct JvmType {
    pub(crate) unit: UnitId,
    pub(crate) outer: Option<TypeId>,
    pub(crate) name: String,
    pub(crate) kind: TypeKind,
    pub(crate) is_abstract: bool,
    pub(crate) annotations: Vec<Annotation>,
    /// Names of its type parameters.
    pub(crate) parameters: Vec<String>,
    pub(crate) superclass: Option<TypeRef>,
    pub(crate) interfaces: Vec<TypeRef>,
    pub(crate) methods: Vec<JvmMethod>,
    pub(crate) fields: Vec<JvmField>,
    pub(crate) nested: Vec<TypeId>,
    /// The line that names it.
    pub(crate) line: u32,
}

/// A use of a type: its name without arguments, and the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) name: String,
    pub(crate) arguments: Vec<TypeRef>,
    pub(crate) is_array: bool,
}

/// `@Name(key = value)`; a value alone has the key `value`.
#[derive(Debug, Clone)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    pub(crate) values: Vec<(String, Expr)>,
    pub(crate) lines: Lines,
}

/// A method, or an element of an annotation type.
#[derive(Debug)]
pub(crate) struct JvmMethod {
    pub(crate) name: String,
    pub(crate) annotations: Vec<Annotation>,
    /// The types of its parameters, and their annotations.
    pub(crate) parameters: Vec<(TypeRef, Vec<Annotation>)>,
    pub(crate) returns: TypeRef,
    pub(crate) is_static: bool,
    /// The value of an annotation's element when it is not given, or of a method that gives back a constant.
    pub(crate) default: Option<Expr>,
}

/// A field, or a component of a record.
#[derive(Debug)]
pub(crate) struct JvmField {
    pub(crate) name: String,
    pub(crate) of: TypeRef,
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) is_static: bool,
    pub(crate) is_transient: bool,
    pub(crate) is_final: bool,
    pub(crate) value: Option<Expr>,
    pub(crate) lines: Lines,
}

/// An expression that an annotation or a constant may hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Text(String),
    /// A number or a truth value as it is written.
    Number(String),
    /// `X`, `C.X`, `a.b.C.X`.
    Name(String),
    Concat(Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    /// `X.class`
    Class(String),
    /// An annotation inside of an annotation: its name and values.
    Annotation(String, Vec<(String, Expr)>),
    /// Anything else, as it is written.
    Other(String),
}

impl Expr {
    /// The items of a list; anything else is a list of one.
    pub(crate) fn items(&self) -> &[Expr] {
        match self {
            Self::List(items) => items,
            one => std::slice::from_ref(one),
        }
    }
}

impl Annotation {
    /// The name without its package.
    pub(crate) fn simple(&self) -> &str {
        simple(&self.name)
    }

    /// The value under this key.
    pub(crate) fn value(&self, key: &str) -> Option<&Expr> {
        value(&self.values, key)
    }
}

/// The value under a key.
pub(crate) fn value<'v>(values: &'v [(String, Expr)], key: &str) -> Option<&'v Expr> {
    values.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The last part of a dotted name.
pub(crate) fn simple(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The annotation of this simple name.
pub(crate) fn named<'a>(annotations: &'a [Annotation], name: &str) -> Option<&'a Annotation> {
    annotations.iter().find(|annotation| annotation.simple() == name)
}
