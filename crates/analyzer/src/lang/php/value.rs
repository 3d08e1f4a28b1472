//! The values of the evaluator. Whatever cannot be known is [`PhpValue::Unknown`] with the reason, and stays so
//! through concatenation.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tree_sitter::Node;

use super::unit::{PhpClass, Unit};
use crate::budget::MAX_TEXT_BYTES;
use crate::tree::file::SourceFile;

/// More than any list of routes or settings.
const MAX_ARRAY_ENTRIES: usize = 2_000;

/// Names to values.
pub(crate) type Variables<'c> = BTreeMap<Rc<str>, PhpValue<'c>>;

/// What an expression gives.
#[derive(Clone)]
pub(crate) enum PhpValue<'c> {
    Null,
    Bool(bool),
    Int(i64),
    Text(Rc<str>),
    /// PHP's array: keys and values in order.
    List(Rc<Vec<(PhpValue<'c>, PhpValue<'c>)>>),
    Closure(Rc<PhpClosure<'c>>),
    /// An instance of a class of the tree.
    Object(Rc<PhpObject<'c>>),
    /// A thing of the framework, known to the host.
    Native(Rc<Native<'c>>),
    Unknown(Rc<str>),
}

/// A function value with what it closes over.
pub(crate) struct PhpClosure<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) node: Node<'c>,
    pub(crate) unit: Rc<Unit>,
    pub(crate) variables: Variables<'c>,
    pub(crate) this: Option<PhpValue<'c>>,
    pub(crate) class: Option<Rc<PhpClass<'c>>>,
}

/// An instance: its class and the properties that were set.
pub(crate) struct PhpObject<'c> {
    pub(crate) class: Rc<PhpClass<'c>>,
    pub(crate) properties: RefCell<Variables<'c>>,
}

/// What a host hands out: a kind of its own, a number and fields.
pub(crate) struct Native<'c> {
    pub(crate) kind: &'static str,
    pub(crate) id: usize,
    pub(crate) fields: BTreeMap<String, PhpValue<'c>>,
}

impl<'c> PhpValue<'c> {
    /// A text.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        match text.as_ref() {
            text if text.len() > MAX_TEXT_BYTES => Self::unknown("it unfolds to more than is followed"),
            text => Self::Text(Rc::from(text)),
        }
    }

    /// A value that is not known, because of this.
    pub(crate) fn unknown(reason: impl AsRef<str>) -> Self {
        Self::Unknown(Rc::from(reason.as_ref()))
    }

    /// A list of these, numbered.
    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        let number = |at: usize| Self::Int(i64::try_from(at).unwrap_or(i64::MAX));
        Self::List(Rc::new(items.into_iter().enumerate().map(|(at, item)| (number(at), item)).collect()))
    }

    /// A thing of the host.
    pub(crate) fn native(kind: &'static str, id: usize) -> Self {
        Self::Native(Rc::new(Native { kind, id, fields: BTreeMap::new() }))
    }

    /// The text, when it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As PHP makes a text of it, or why it cannot be known.
    pub(crate) fn to_text(&self) -> Result<Rc<str>, Rc<str>> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Int(number) => Ok(Rc::from(number.to_string())),
            Self::Null | Self::Bool(false) => Ok(Rc::from("")),
            Self::Bool(true) => Ok(Rc::from("1")),
            Self::Unknown(reason) => Err(reason.clone()),
            _ => Err(Rc::from("it is no text")),
        }
    }

    /// PHP's idea of true; `None` when it cannot be known.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => Some(false),
            Self::Bool(truth) => Some(*truth),
            Self::Int(number) => Some(*number != 0),
            Self::Text(text) => Some(!text.is_empty() && text.as_ref() != "0"),
            Self::List(items) => Some(!items.is_empty()),
            Self::Closure(_) | Self::Object(_) | Self::Native(_) => Some(true),
            Self::Unknown(_) => None,
        }
    }

    /// The entries of a list; none for anything else.
    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The entry of a list under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|(other, _)| other.is_key(key)).map(|(_, value)| value)
    }

    /// Whether this is the key as a list holds it; `1` and `'1'` are one key.
    fn is_key(&self, key: &str) -> bool {
        match self {
            Self::Text(text) => text.as_ref() == key,
            Self::Int(number) => number.to_string() == key,
            _ => false,
        }
    }

    /// A list with one more entry; the entry of an equal key is replaced.
    #[must_use]
    pub(crate) fn with_entry(self, key: Option<Self>, value: Self) -> Self {
        let mut items = match self {
            Self::List(items) => Rc::try_unwrap(items).unwrap_or_else(|shared| shared.as_ref().clone()),
            Self::Null => Vec::new(),
            other => return other,
        };
        let next =
            || items.iter().filter_map(|(key, _)| if let Self::Int(at) = key { Some(at + 1) } else { None }).max();
        let key = key.unwrap_or_else(|| Self::Int(next().unwrap_or(0)));
        let text = match &key {
            Self::Text(text) => Some(text.to_string()),
            Self::Int(number) => Some(number.to_string()),
            _ => None,
        };
        let number =
            text.as_ref().and_then(|text| text.parse::<i64>().ok().filter(|number| number.to_string() == *text));
        let at = items.iter().position(|(other, _)| match other {
            Self::Int(other) => Some(*other) == number,
            Self::Text(other) => Some(&**other) == text.as_deref(),
            _ => false,
        });
        match at {
            Some(at) => items[at].1 = value,
            None if items.len() >= MAX_ARRAY_ENTRIES => return Self::unknown("it unfolds to more than is followed"),
            None => items.push((key, value)),
        }
        Self::List(Rc::new(items))
    }

    /// The texts of a text or of a list; what is neither is left out.
    pub(crate) fn texts(&self) -> Vec<Rc<str>> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::List(items) => items.iter().flat_map(|(_, item)| item.texts()).collect(),
            _ => Vec::new(),
        }
    }
}
