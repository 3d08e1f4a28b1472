//! What a program gives the fields of a struct before the environment fills it: `Config{Port: "80"}`, `cfg.Server.Port = 80`.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::lang::go::{children, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// Names shorter than this stand in too many files.
const MIN_NAME: usize = 4;

/// The values of fields, by the struct and the field; `None` for one that is computed.
#[derive(Default)]
pub(super) struct GoDefaults {
    values: BTreeMap<(String, String), Option<String>>,
}

/// The types of the fields of each struct.
pub(super) type FieldTypes<'s> = BTreeMap<&'s str, BTreeMap<&'s str, &'s str>>;

impl GoDefaults {
    pub(super) fn of(corpus: &Corpus, structs: &FieldTypes<'_>) -> Self {
        let names: Vec<&str> = structs.keys().copied().filter(|name| name.len() >= MIN_NAME).collect();
        let mut defaults = Self::default();
        if names.is_empty() {
            return defaults;
        }
        for (file, parsed) in prefilter::pieces_with(corpus, Family::Go, &names) {
            let of_piece = Piece { bytes: file.bytes(), structs };
            let mut held: BTreeMap<&str, &str> = BTreeMap::new();
            for node in preorder(parsed.tree.root_node()) {
                match node.kind() {
                    "function_declaration" | "method_declaration" => held.clear(),
                    "short_var_declaration" | "var_spec" => held.extend(of_piece.declared(node)),
                    "assignment_statement" => defaults.keep(of_piece.assigned(node, &held)),
                    "composite_literal" => of_piece.fields(node).into_iter().for_each(|one| defaults.keep(Some(one))),
                    _ => {}
                }
            }
        }
        defaults
    }

    /// The first one counts.
    fn keep(&mut self, found: Option<((String, String), Option<String>)>) {
        if let Some((field, value)) = found {
            self.values.entry(field).or_insert(value);
        }
    }

    /// What a field has where nothing fills it: a literal, or `None` for something computed.
    pub(super) fn get(&self, of: &str, field: &str) -> Option<&Option<String>> {
        self.values.get(&(of.to_owned(), field.to_owned()))
    }
}

struct Piece<'p> {
    bytes: &'p [u8],
    structs: &'p FieldTypes<'p>,
}

impl<'p> Piece<'p> {
    /// The name of a struct that is written as a type.
    fn named(&self, of: Node<'p>) -> Option<&'p str> {
        let name = text(of, self.bytes).trim_start_matches('*');
        let name = name.rsplit('.').next().unwrap_or(name);
        self.structs.get_key_value(name).map(|(name, _)| *name)
    }

    /// A variable that holds a struct: `c := &Config{}`, `c := new(Config)`, `var c Config`.
    fn declared(&self, node: Node<'p>) -> Option<(&'p str, &'p str)> {
        let name = node.field("left").or_else(|| node.field("name"))?;
        let of = match node.field("type") {
            Some(of) => of,
            None => {
                let value = node.field("right").or_else(|| node.field("value"))?;
                let value = children(value).into_iter().next()?;
                let value = if value.kind() == "unary_expression" { value.field("operand")? } else { value };
                match value.kind() {
                    "composite_literal" => value.field("type")?,
                    "call_expression" if value.field_is("function", "new", self.bytes) => value.first_argument()?,
                    _ => return None,
                }
            }
        };
        Some((text(name, self.bytes), self.named(of)?))
    }

    /// `c.Server.Port = 80`
    fn assigned(&self, node: Node<'p>, held: &BTreeMap<&str, &str>) -> Option<((String, String), Option<String>)> {
        let mut path = node.field_text("left", self.bytes).split('.');
        let mut of = *held.get(path.next()?)?;
        let mut path = path.peekable();
        while let Some(name) = path.next() {
            let field = *self.structs.get(of)?.get(name)?;
            if path.peek().is_none() {
                let value = children(node.field("right")?).into_iter().next()?;
                return Some(((of.to_owned(), name.to_owned()), self.value(value)?));
            }
            of = field;
        }
        None
    }

    /// `Config{Port: "80"}`
    fn fields(&self, node: Node<'p>) -> Vec<((String, String), Option<String>)> {
        let Some(of) = node.field("type").and_then(|of| self.named(of)) else { return Vec::new() };
        let elements = node.field("body").map(children).unwrap_or_default();
        let of_element = |element: Node<'p>| {
            let parts = children(element);
            let [key, value] = parts.as_slice() else { return None };
            let value = if value.kind() == "literal_element" { value.named_child(0)? } else { *value };
            Some(((of.to_owned(), text(*key, self.bytes).to_owned()), self.value(value)?))
        };
        elements.into_iter().filter(|element| element.kind() == "keyed_element").filter_map(of_element).collect()
    }

    /// A literal, or something computed; nothing is no default.
    fn value(&self, node: Node<'p>) -> Option<Option<String>> {
        let shown = text(node, self.bytes);
        match node.kind() {
            "nil" => None,
            "int_literal" | "float_literal" | "true" | "false" => Some(Some(shown.to_owned())),
            "interpreted_string_literal" | "raw_string_literal" => {
                plain_literal(node, self.bytes).filter(|value| !value.is_empty()).map(Some)
            }
            _ if shown.to_ascii_lowercase().contains("env") => None,
            _ => Some(None),
        }
    }
}
