//! A Java syntax tree as declarations. What is half written gives what can be read of it.

use tree_sitter::Node;

use super::model::{
    Annotation, CompilationUnit, Expr, JvmField, JvmImport, JvmMethod, JvmType, Lines, TypeId, TypeKind, TypeRef,
    UnitId,
};
use crate::syntax::literal::{self, text};
use crate::syntax::node::NodeExt as _;

/// Types inside of types, and operators inside of operators.
const MAX_TYPE_DEPTH: usize = 64;

/// Read a file; its types are appended to `types`.
pub(super) fn read(
    path: &str,
    root: Node<'_>,
    bytes: &[u8],
    unit: UnitId,
    types: &mut Vec<JvmType>,
) -> CompilationUnit {
    let mut out = CompilationUnit { path: path.to_owned(), ..CompilationUnit::default() };
    let mut reader = Reader { bytes, unit, types };
    for child in named(root) {
        match child.kind() {
            "package_declaration" => {
                let name =
                    named(child).into_iter().find(|part| matches!(part.kind(), "scoped_identifier" | "identifier"));
                out.package = name.map(|name| without_spaces(text(name, bytes))).unwrap_or_default();
            }
            "import_declaration" => out.imports.extend(import(text(child, bytes))),
            _ => out.types.extend(reader.declared(child, None, 0)),
        }
    }
    out
}

fn import(text: &str) -> Option<JvmImport> {
    let rest = text.trim().strip_prefix("import")?.trim_end_matches(';').trim();
    let (is_static, rest) = match rest.strip_prefix("static") {
        Some(rest) if rest.starts_with(char::is_whitespace) => (true, rest),
        _ => (false, rest),
    };
    let path = without_spaces(rest);
    let star = path.strip_suffix(".*").map(str::to_owned);
    Some(JvmImport { is_static, is_star: star.is_some(), path: star.unwrap_or(path) })
}

pub(crate) fn without_spaces(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

pub(crate) fn named(node: Node<'_>) -> Vec<Node<'_>> {
    node.inner().collect()
}

fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    node.inner().find(|child| child.kind() == kind)
}

pub(crate) fn lines(node: Node<'_>) -> Lines {
    (node.first_line(), node.last_line())
}

struct Reader<'r> {
    bytes: &'r [u8],
    unit: UnitId,
    types: &'r mut Vec<JvmType>,
}

impl Reader<'_> {
    fn text(&self, node: Node<'_>) -> String {
        text(node, self.bytes).to_owned()
    }

    /// A declaration of a type, with everything inside of it.
    fn declared(&mut self, node: Node<'_>, outer: Option<TypeId>, depth: usize) -> Option<TypeId> {
        let kind = match node.kind() {
            "class_declaration" => TypeKind::Class,
            "interface_declaration" => TypeKind::Interface,
            "annotation_type_declaration" => TypeKind::Annotation,
            "enum_declaration" | "record_declaration" => TypeKind::Other,
            _ => return None,
        };
        if depth > MAX_TYPE_DEPTH {
            return None;
        }
        let name = node.field("name")?;
        let modifiers = child(node, "modifiers");
        let annotations = modifiers.map(|modifiers| self.annotations(modifiers)).unwrap_or_default();
        let parameters = node.field("type_parameters").map(named).unwrap_or_default();
        let parameters = parameters.into_iter().filter_map(|one| Some(self.text(one.named_child(0)?))).collect();
        let superclass = node.field("superclass").and_then(|above| above.named_child(0));
        let mut interfaces: Vec<TypeRef> = Vec::new();
        for list in
            named(node).into_iter().filter(|part| matches!(part.kind(), "super_interfaces" | "extends_interfaces"))
        {
            let list = child(list, "type_list").map(named).unwrap_or_default();
            interfaces.extend(list.into_iter().map(|one| type_ref(one, self.bytes, 0)));
        }
        let id = self.types.len();
        self.types.push(JvmType {
            unit: self.unit,
            outer,
            name: self.text(name),
            kind,
            is_abstract: modifiers.is_some_and(|modifiers| has_word(modifiers, "abstract")),
            annotations,
            parameters,
            superclass: superclass.map(|above| type_ref(above, self.bytes, 0)),
            interfaces,
            methods: Vec::new(),
            fields: Vec::new(),
            nested: Vec::new(),
            line: lines(name).0,
        });
        let components = node.field("parameters").filter(|_| node.kind() == "record_declaration");
        for component in components.map(named).unwrap_or_default() {
            self.component(component, id);
        }
        if let Some(body) = node.field("body") {
            self.members(body, id, kind, depth);
        }
        Some(id)
    }

    fn members(&mut self, body: Node<'_>, id: TypeId, kind: TypeKind, depth: usize) {
        for member in named(body) {
            match member.kind() {
                "method_declaration" | "annotation_type_element_declaration" => {
                    if let Some(method) = self.method(member) {
                        self.types[id].methods.push(method);
                    }
                }
                "field_declaration" | "constant_declaration" => {
                    let is_constant = member.kind() == "constant_declaration" || kind == TypeKind::Interface;
                    self.fields(member, id, is_constant);
                }
                "enum_body_declarations" => self.members(member, id, kind, depth),
                _ => {
                    if let Some(nested) = self.declared(member, Some(id), depth + 1) {
                        self.types[id].nested.push(nested);
                    }
                }
            }
        }
    }

    fn method(&self, node: Node<'_>) -> Option<JvmMethod> {
        let name = node.field("name")?;
        let modifiers = child(node, "modifiers");
        let mut parameters = Vec::new();
        for one in node.field("parameters").map(named).unwrap_or_default() {
            let of = one.field("type").or_else(|| {
                named(one).into_iter().find(|part| part.kind().ends_with("type") || part.kind() == "type_identifier")
            });
            let annotations = child(one, "modifiers").map(|modifiers| self.annotations(modifiers)).unwrap_or_default();
            if let Some(of) = of.filter(|_| one.kind() != "receiver_parameter") {
                parameters.push((type_ref(of, self.bytes, 0), annotations));
            }
        }
        let given = node.field("value").or_else(|| returned(node.field("body")?));
        Some(JvmMethod {
            name: self.text(name),
            annotations: modifiers.map(|modifiers| self.annotations(modifiers)).unwrap_or_default(),
            parameters,
            returns: type_ref(node.field("type")?, self.bytes, 0),
            is_static: modifiers.is_some_and(|modifiers| has_word(modifiers, "static")),
            default: given.map(|given| expression(given, self.bytes, 0)),
        })
    }

    fn fields(&mut self, node: Node<'_>, id: TypeId, is_constant: bool) {
        let modifiers = child(node, "modifiers");
        let is = |word: &str| modifiers.is_some_and(|modifiers| has_word(modifiers, word));
        let Some(of) = node.field("type") else { return };
        let mut cursor = node.walk();
        for declarator in node.children_by_field_name("declarator", &mut cursor) {
            let Some(name) = declarator.field("name") else { continue };
            let value = declarator.field("value");
            let field = JvmField {
                name: self.text(name),
                of: type_ref(of, self.bytes, 0),
                annotations: modifiers.map(|modifiers| self.annotations(modifiers)).unwrap_or_default(),
                is_static: is_constant || is("static"),
                is_transient: is("transient"),
                is_final: is_constant || is("final"),
                value: value.map(|value| expression(value, self.bytes, 0)),
                lines: lines(node),
            };
            self.types[id].fields.push(field);
        }
    }

    fn component(&mut self, node: Node<'_>, id: TypeId) {
        let (Some(name), Some(of)) = (node.field("name"), node.field("type")) else { return };
        let field = JvmField {
            name: self.text(name),
            of: type_ref(of, self.bytes, 0),
            annotations: child(node, "modifiers").map(|modifiers| self.annotations(modifiers)).unwrap_or_default(),
            is_static: false,
            is_transient: false,
            is_final: true,
            value: None,
            lines: lines(node),
        };
        self.types[id].fields.push(field);
    }

    fn annotations(&self, modifiers: Node<'_>) -> Vec<Annotation> {
        let list = named(modifiers).into_iter().filter(|one| matches!(one.kind(), "annotation" | "marker_annotation"));
        list.filter_map(|one| {
            let (name, values) = annotation(one, self.bytes, 0)?;
            Some(Annotation { name, values, lines: lines(one) })
        })
        .collect()
    }
}

/// The one value that a method gives back, if it does nothing else.
fn returned(body: Node<'_>) -> Option<Node<'_>> {
    let mut statements = named(body).into_iter().filter(|one| !one.kind().ends_with("comment"));
    match (statements.next(), statements.next()) {
        (Some(only), None) if only.kind() == "return_statement" => only.named_child(0),
        _ => None,
    }
}

fn has_word(modifiers: Node<'_>, word: &str) -> bool {
    let mut cursor = modifiers.walk();
    modifiers.children(&mut cursor).any(|child| child.kind() == word)
}

fn annotation(node: Node<'_>, bytes: &[u8], depth: usize) -> Option<(String, Vec<(String, Expr)>)> {
    let name = without_spaces(text(node.field("name")?, bytes));
    let mut values = Vec::new();
    for value in node.field("arguments").map(named).unwrap_or_default() {
        match value.kind() {
            "element_value_pair" => {
                if let (Some(key), Some(value)) = (value.field("key"), value.field("value")) {
                    values.push((text(key, bytes).to_owned(), expression(value, bytes, depth + 1)));
                }
            }
            kind if kind.ends_with("comment") => {}
            _ => values.push(("value".to_owned(), expression(value, bytes, depth + 1))),
        }
    }
    Some((name, values))
}

/// An expression as far as constants need it.
pub(crate) fn expression(node: Node<'_>, bytes: &[u8], depth: usize) -> Expr {
    let other = || Expr::Other(text(node, bytes).chars().take(80).collect());
    if depth > MAX_TYPE_DEPTH {
        return other();
    }
    let inner = |node: Node<'_>| expression(node, bytes, depth + 1);
    match node.kind() {
        "string_literal" if text(node, bytes).starts_with("\"\"\"") => match literal::whole(node, bytes) {
            Some(block) => Expr::Text(text_block(&block)),
            None => other(),
        },
        "string_literal" => literal::whole(node, bytes).map_or_else(other, Expr::Text),
        "character_literal" => Expr::Text(text(node, bytes).trim_matches('\'').to_owned()),
        "decimal_integer_literal" | "true" | "false" => Expr::Number(text(node, bytes).to_owned()),
        "identifier" | "field_access" | "scoped_identifier" => {
            let name = without_spaces(text(node, bytes));
            let is_name = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$'));
            if is_name { Expr::Name(name.strip_prefix("this.").map(str::to_owned).unwrap_or(name)) } else { other() }
        }
        "parenthesized_expression" => node.named_child(0).map_or_else(other, inner),
        "binary_expression" => {
            let sides = (node.field("left"), node.field("right"));
            let operator = node.field_text("operator", bytes);
            match sides {
                (Some(left), Some(right)) if operator == "+" => {
                    Expr::Concat(Box::new(inner(left)), Box::new(inner(right)))
                }
                _ => other(),
            }
        }
        "element_value_array_initializer" | "array_initializer" => {
            let items = named(node).into_iter().filter(|item| !item.kind().ends_with("comment"));
            Expr::List(items.map(inner).collect())
        }
        "array_creation_expression" => node.field("value").map_or_else(other, inner),
        "class_literal" => node.named_child(0).map_or_else(other, |of| Expr::Class(type_ref(of, bytes, 0).name)),
        "annotation" | "marker_annotation" => match annotation(node, bytes, depth) {
            Some((name, values)) => Expr::Annotation(name, values),
            None => other(),
        },
        _ => other(),
    }
}

/// The content of a text block: the indentation that all lines share is no part of it.
fn text_block(block: &str) -> String {
    let block = block.trim_matches('"');
    let body = block.split_once('\n').map_or(block, |(_, body)| body);
    let indent = body.lines().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let indent = indent.min().unwrap_or(0);
    let lines: Vec<&str> = body.split('\n').map(|line| line.get(indent..).unwrap_or_default()).collect();
    lines.join("\n")
}

pub(crate) fn type_ref(node: Node<'_>, bytes: &[u8], depth: usize) -> TypeRef {
    let plain = |name: String| TypeRef { name, arguments: Vec::new(), is_array: false };
    if depth > MAX_TYPE_DEPTH {
        return plain(String::new());
    }
    match node.kind() {
        "generic_type" => {
            let name = node.named_child(0).map(|name| without_spaces(text(name, bytes))).unwrap_or_default();
            let arguments = child(node, "type_arguments").map(named).unwrap_or_default();
            let arguments = arguments.into_iter().map(|one| type_ref(one, bytes, depth + 1)).collect();
            TypeRef { name, arguments, is_array: false }
        }
        "array_type" => {
            let element = node.field("element").map(|element| type_ref(element, bytes, depth + 1));
            TypeRef { is_array: true, ..element.unwrap_or_else(|| plain(String::new())) }
        }
        "wildcard" => {
            let bound = named(node).into_iter().next_back();
            bound.map_or_else(|| plain("?".to_owned()), |bound| type_ref(bound, bytes, depth + 1))
        }
        "annotated_type" => {
            let inner = named(node).into_iter().next_back();
            inner.map_or_else(|| plain(String::new()), |inner| type_ref(inner, bytes, depth + 1))
        }
        _ => plain(without_spaces(text(node, bytes))),
    }
}
