//! Names of variables that Python and JavaScript programs put together: a prefix and a parameter, in capitals, with
//! other separators. What only the running program knows stays open.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use tree_sitter::Node;

use super::around::ancestors;
use super::constant::constant;
use crate::syntax::literal::{Piece, pieces, text, whole};
use crate::syntax::node::NodeExt as _;

/// Expressions in expressions, and variables that hold others.
const MAX_EXPRESSION_DEPTH: usize = 12;

/// A name as an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum JoinedName {
    Text(String),
    /// A parameter of the function around.
    Parameter(String),
    All(Vec<JoinedName>),
    Upper(Box<JoinedName>),
    Lower(Box<JoinedName>),
    /// One of these letters is another text.
    Replace(Box<JoinedName>, String, String),
}

impl JoinedName {
    /// The text, where all of it is known.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Parameter(_) => None,
            Self::All(parts) => parts.iter().map(Self::text).collect(),
            Self::Upper(inner) => Some(inner.text()?.to_uppercase()),
            Self::Lower(inner) => Some(inner.text()?.to_lowercase()),
            Self::Replace(inner, from, to) => {
                let replaced = |letter: char| if from.contains(letter) { to.clone() } else { letter.to_string() };
                Some(inner.text()?.chars().map(replaced).collect())
            }
        }
    }

    /// The one parameter that is left open.
    pub(super) fn parameter(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Parameter(name) => Some(name),
            Self::All(parts) => {
                let mut open = parts.iter().filter(|part| part.text().is_none());
                let only = open.next()?;
                if open.next().is_none() { only.parameter() } else { None }
            }
            Self::Upper(inner) | Self::Lower(inner) | Self::Replace(inner, ..) => inner.parameter(),
        }
    }

    /// The same with something given for the parameter.
    pub(super) fn fill(&self, given: &Self) -> Self {
        let inner = |inner: &Self| Box::new(inner.fill(given));
        match self {
            Self::Text(_) => self.clone(),
            Self::Parameter(_) => given.clone(),
            Self::All(parts) => Self::All(parts.iter().map(|part| part.fill(given)).collect()),
            Self::Upper(one) => Self::Upper(inner(one)),
            Self::Lower(one) => Self::Lower(inner(one)),
            Self::Replace(one, from, to) => Self::Replace(inner(one), from.clone(), to.clone()),
        }
    }
}

/// A function that makes the name of a variable of a parameter and reads the variable, or calls one that does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Joiner {
    pub(super) name: String,
    /// The class whose method it is.
    pub(super) class: Option<String>,
    pub(super) parameter: String,
    /// Which parameter it is.
    pub(super) at: usize,
    pub(super) joined: JoinedName,
    /// The file that it stands in.
    pub(super) path: String,
}

/// What names of a file mean where they stand, looked up once for all of them.
pub(super) struct Scopes<'t, 'b> {
    root: Node<'t>,
    bytes: &'b [u8],
    values: OnceCell<Values<'t, 'b>>,
}

/// The values that a file assigns, by the start of the function or class around and the name.
#[derive(Default)]
struct Values<'t, 'b> {
    of_functions: BTreeMap<(usize, &'b str), Vec<Node<'t>>>,
    of_classes: BTreeMap<(usize, &'b str), Vec<Node<'t>>>,
}

/// The function around a place.
pub(super) struct FunctionScope<'s, 't, 'b> {
    file: &'s Scopes<'t, 'b>,
    function: Option<Function<'t>>,
    class: Option<Node<'t>>,
}

/// A function of the program.
struct Function<'t> {
    node: Node<'t>,
    name: String,
    /// Without the object that a method belongs to.
    parameters: Vec<String>,
    class: Option<String>,
}

impl<'t, 'b> Scopes<'t, 'b> {
    pub(super) fn new(root: Node<'t>, bytes: &'b [u8]) -> Self {
        Self { root, bytes, values: OnceCell::new() }
    }

    /// The innermost function with a name around a place.
    pub(super) fn around(&self, site: Node<'t>) -> FunctionScope<'_, 't, 'b> {
        let around = ancestors(site, self.root);
        let class = around.iter().find(|node| is_class(**node)).copied();
        let function = around.iter().find_map(|node| function(*node, class, self.bytes));
        FunctionScope { file: self, function, class }
    }

    fn values(&self) -> &Values<'t, 'b> {
        self.values.get_or_init(|| {
            let mut values = Values::default();
            let (mut functions, mut classes): (Vec<Node<'_>>, Vec<Node<'_>>) = (Vec::new(), Vec::new());
            for node in self.root.preorder(usize::MAX) {
                for open in [&mut functions, &mut classes] {
                    while open.last().is_some_and(|last| node.start_byte() >= last.end_byte()) {
                        open.pop();
                    }
                }
                if is_class(node) {
                    classes.push(node);
                } else if function(node, None, self.bytes).is_some() {
                    functions.push(node);
                } else if let Some((target, value)) = assigned(node) {
                    let name = text(target, self.bytes);
                    if let Some(function) = functions.last() {
                        values.of_functions.entry((function.start_byte(), name)).or_default().push(value);
                    }
                    if let Some(class) = classes.last() {
                        values.of_classes.entry((class.start_byte(), name)).or_default().push(value);
                    }
                }
            }
            values
        })
    }
}

impl<'t> FunctionScope<'_, 't, '_> {
    /// The function as one that makes this name of one of its parameters.
    pub(super) fn joiner(&self, joined: JoinedName, path: &str) -> Option<Joiner> {
        let function = self.function.as_ref()?;
        let parameter = joined.parameter()?.to_owned();
        let at = function.parameters.iter().position(|one| *one == parameter)?;
        let (name, class) = (function.name.clone(), function.class.clone());
        Some(Joiner { name, class, parameter, at, joined, path: path.to_owned() })
    }

    /// An expression as far as it can be followed.
    pub(super) fn joined(&self, node: Node<'t>) -> Option<JoinedName> {
        self.at(node, 0)
    }

    fn at(&self, node: Node<'t>, depth: usize) -> Option<JoinedName> {
        if depth > MAX_EXPRESSION_DEPTH {
            return None;
        }
        let next = |node: Node<'t>| self.at(node, depth + 1);
        match node.kind() {
            "string" | "template_string" => {
                let parts = pieces(node, self.file.bytes).into_iter().map(|piece| match piece {
                    Piece::Text(text) => Some(JoinedName::Text(text)),
                    Piece::Hole(hole) => next(hole),
                });
                Some(JoinedName::All(parts.collect::<Option<_>>()?))
            }
            "binary_operator" | "binary_expression" => {
                let (left, right) = (node.field("left")?, node.field("right")?);
                match node.field_text("operator", self.file.bytes) {
                    "+" => Some(JoinedName::All(vec![next(left)?, next(right)?])),
                    "%" => filled(&whole(left, self.file.bytes)?, "%s", &self.list(right, depth)?),
                    _ => None,
                }
            }
            "parenthesized_expression" | "as_expression" | "non_null_expression" => next(node.named_child(0)?),
            "identifier" => self.name(text(node, self.file.bytes), depth),
            "attribute" | "member_expression" => self.member(node),
            "call" | "call_expression" => self.call(node, depth),
            _ => None,
        }
    }

    fn name(&self, name: &str, depth: usize) -> Option<JoinedName> {
        let of_file = || constant(self.file.root, name, self.file.bytes).map(JoinedName::Text);
        let Some(function) = &self.function else { return of_file() };
        match self.file.values().of_functions.get(&(function.node.start_byte(), name)).map(Vec::as_slice) {
            Some([value]) => self.at(*value, depth + 1),
            Some(_) => None,
            None if function.parameters.iter().any(|one| one == name) => Some(JoinedName::Parameter(name.to_owned())),
            None => of_file(),
        }
    }

    /// `self.prefix`, where the class gives it one literal.
    fn member(&self, node: Node<'t>) -> Option<JoinedName> {
        let class = self.class?;
        let member = node.field("attribute").or_else(|| node.field("property"))?;
        let object = text(node.field("object")?, self.file.bytes);
        if !(matches!(object, "self" | "this" | "cls") || object == class.field_text("name", self.file.bytes)) {
            return None;
        }
        let names = [text(node, self.file.bytes), text(member, self.file.bytes)];
        let values = names.iter().filter_map(|name| self.file.values().of_classes.get(&(class.start_byte(), *name)));
        match values.flatten().copied().collect::<Vec<_>>().as_slice() {
            [value] if value.kind() == "string" => whole(*value, self.file.bytes).map(JoinedName::Text),
            _ => None,
        }
    }

    fn call(&self, node: Node<'t>, depth: usize) -> Option<JoinedName> {
        let (function, given) = (node.field("function")?, node.arguments());
        let next = |node: Node<'t>| self.at(node, depth + 1);
        if function.kind() == "identifier" {
            return match (text(function, self.file.bytes), given.as_slice()) {
                ("str" | "String", [inner]) => next(*inner),
                _ => None,
            };
        }
        let object = function.field("object")?;
        let method = function.field("attribute").or_else(|| function.field("property"))?;
        match (text(method, self.file.bytes), given.as_slice()) {
            ("upper" | "toUpperCase" | "toLocaleUpperCase", []) => Some(JoinedName::Upper(Box::new(next(object)?))),
            ("lower" | "toLowerCase", []) => Some(JoinedName::Lower(Box::new(next(object)?))),
            ("strip" | "trim", []) => next(object),
            ("concat", parts) => {
                let parts = std::iter::once(next(object)).chain(parts.iter().map(|part| next(*part)));
                Some(JoinedName::All(parts.collect::<Option<_>>()?))
            }
            ("format", parts) => {
                let parts = parts.iter().map(|part| next(*part)).collect::<Option<Vec<_>>>()?;
                filled(&whole(object, self.file.bytes)?, "{}", &parts)
            }
            ("join", [list]) if object.kind() == "string" => {
                Some(between(self.list(*list, depth)?, &whole(object, self.file.bytes)?))
            }
            ("join", [separator]) if object.kind() == "array" => {
                Some(between(self.list(object, depth)?, &whole(*separator, self.file.bytes)?))
            }
            ("replace" | "replaceAll", [from, to]) => {
                let letters = letters(*from, self.file.bytes)?;
                let to = whole(*to, self.file.bytes).filter(|_| to.kind() == "string")?;
                Some(JoinedName::Replace(Box::new(next(object)?), letters, to))
            }
            _ => None,
        }
    }

    fn list(&self, node: Node<'t>, depth: usize) -> Option<Vec<JoinedName>> {
        match node.kind() {
            "list" | "tuple" | "array" => node.parts().into_iter().map(|part| self.at(part, depth + 1)).collect(),
            _ => Some(vec![self.at(node, depth + 1)?]),
        }
    }
}

/// The texts of a format, with parts in its places.
fn filled(format: &str, mark: &str, parts: &[JoinedName]) -> Option<JoinedName> {
    let texts: Vec<&str> = format.split(mark).collect();
    let is_plain = texts.len() == parts.len() + 1 && !texts.iter().any(|text| text.contains(['{', '%']));
    let mut all = vec![JoinedName::Text(texts.first()?.to_string())];
    for (part, text) in parts.iter().zip(&texts[1..]) {
        all.extend([part.clone(), JoinedName::Text((*text).to_owned())]);
    }
    is_plain.then_some(JoinedName::All(all))
}

fn between(parts: Vec<JoinedName>, separator: &str) -> JoinedName {
    let mut all = Vec::new();
    for part in parts {
        if !all.is_empty() {
            all.push(JoinedName::Text(separator.to_owned()));
        }
        all.push(part);
    }
    JoinedName::All(all)
}

/// The letters that a replacement takes: of a text of one letter, or of a pattern of one letter or one class.
fn letters(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    if node.kind() == "string" {
        return whole(node, bytes).filter(|text| text.chars().count() == 1);
    }
    let pattern = node.field_text("pattern", bytes);
    let plain = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(pattern).replace('\\', "");
    let is_class = pattern.starts_with('[') && !plain[1.min(plain.len())..].contains('-') && !plain.starts_with('^');
    let is_mark = |c: char| !c.is_alphanumeric();
    (node.kind() == "regex" && (is_class || plain.len() == 1) && plain.chars().all(is_mark)).then_some(plain)
}

fn is_class(node: Node<'_>) -> bool {
    matches!(node.kind(), "class_definition" | "class_declaration")
}

/// The target and the value of an assignment or a field.
fn assigned<'t>(node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    match node.kind() {
        "assignment" | "assignment_expression" => Some((node.field("left")?, node.field("right")?)),
        "variable_declarator" => Some((node.field("name")?, node.field("value")?)),
        "public_field_definition" | "field_definition" => {
            Some((node.field("name").or_else(|| node.field("property"))?, node.field("value")?))
        }
        _ => None,
    }
}

fn function<'t>(node: Node<'t>, class: Option<Node<'t>>, bytes: &[u8]) -> Option<Function<'t>> {
    let named = match node.kind() {
        "function_definition" | "function_declaration" | "method_definition" => node,
        "arrow_function" | "lambda" => {
            node.parent().filter(|parent| matches!(parent.kind(), "variable_declarator" | "assignment"))?
        }
        _ => return None,
    };
    let name = named.field("name").or_else(|| named.field("left"))?;
    let list = node.field("parameters").map(Node::parts).unwrap_or_default();
    let list = list.into_iter().chain(node.field("parameter"));
    let mut parameters: Vec<String> = list.map(|one| text(declared(one), bytes).to_owned()).collect();
    let is_of_object = parameters.first().is_some_and(|first| matches!(first.as_str(), "self" | "cls"));
    if is_of_object {
        parameters.remove(0);
    }
    let is_method = is_of_object || node.kind() == "method_definition";
    let class = class.filter(|_| is_method).map(|class| class.field_text("name", bytes).to_owned());
    Some(Function { node, name: text(name, bytes).to_owned(), parameters, class })
}

/// The name of a parameter, without its type and default.
fn declared(parameter: Node<'_>) -> Node<'_> {
    ["name", "pattern", "left"]
        .iter()
        .find_map(|field| parameter.field(field))
        .or_else(|| parameter.named_child(0).filter(|_| parameter.kind() == "typed_parameter"))
        .unwrap_or(parameter)
}
