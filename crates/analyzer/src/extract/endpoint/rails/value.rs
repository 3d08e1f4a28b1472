//! The values that route files compute with: what Ruby literals give, and names for what is not known.

use tree_sitter::Node;

use crate::tree::file::SourceFile;

/// A value; what is not known keeps the text that stands for it.
#[derive(Debug, Clone)]
pub(super) enum RubyValue<'c> {
    Nil,
    Bool(bool),
    Number(i64),
    Text(String),
    Symbol(String),
    List(Vec<RubyValue<'c>>),
    Map(Vec<(RubyValue<'c>, RubyValue<'c>)>),
    /// A class or module, by its name as written.
    Constant(String),
    /// A block, lambda or method.
    Block(RubyBlock<'c>),
    /// What draws routes, with options that every call through it takes (`with_options`).
    Mapper(Vec<(RubyValue<'c>, RubyValue<'c>)>),
    /// The content of a file of the tree.
    Content(String),
    /// An environment variable without a default: not set unless somebody sets it.
    Unset(String),
    /// Anything else.
    Unknown(String),
}

/// Code that is called later.
#[derive(Debug, Clone, Copy)]
pub(super) struct RubyBlock<'c> {
    pub(super) file: &'c SourceFile,
    pub(super) node: Node<'c>,
}

impl<'c> RubyValue<'c> {
    /// Text, symbols and numbers as text.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Symbol(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text, or why it is not known.
    pub(super) fn known(&self) -> Result<String, String> {
        match self {
            Self::Nil => Ok(String::new()),
            Self::Unset(name) => Err(format!("the environment variable {name} has no literal default")),
            other => other.text().ok_or_else(|| format!("`{}` is computed", other.shown())),
        }
    }

    /// A name, a list of names or nothing, as lists; `None` if one is not known.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Nil => Some(Vec::new()),
            Self::List(items) => {
                let nested: Option<Vec<Vec<String>>> = items.iter().map(Self::texts).collect();
                Some(nested?.into_iter().flatten().collect())
            }
            one => Some(vec![one.text()?]),
        }
    }

    /// Whether a condition holds; `None` where it depends on what is not known.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Nil | Self::Bool(false) => Some(false),
            Self::Unknown(_) | Self::Unset(_) => None,
            _ => Some(true),
        }
    }

    /// A few letters that name the value in a reason.
    pub(super) fn shown(&self) -> String {
        let text = match self {
            Self::Unknown(text) | Self::Constant(text) | Self::Unset(text) | Self::Content(text) => text.clone(),
            Self::Text(text) | Self::Symbol(text) => text.clone(),
            _ => "a value".to_owned(),
        };
        text.split('\n').next().unwrap_or_default().chars().take(60).collect()
    }

    /// Whether two values are the same, where both are known.
    pub(super) fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) | (Self::Symbol(a), Self::Symbol(b)) => Some(a == b),
            (Self::Number(a), Self::Number(b)) => Some(a == b),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::Nil, Self::Nil) => Some(true),
            (Self::Unknown(_) | Self::Unset(_), _) | (_, Self::Unknown(_) | Self::Unset(_)) => None,
            (Self::Constant(_), _) | (_, Self::Constant(_)) => None,
            _ => Some(false),
        }
    }
}

/// What a call is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments<'c> {
    pub(super) positional: Vec<RubyValue<'c>>,
    pub(super) named: Vec<(RubyValue<'c>, RubyValue<'c>)>,
    pub(super) block: Option<RubyBlock<'c>>,
}

impl<'c> Arguments<'c> {
    /// One argument.
    pub(super) fn of(value: RubyValue<'c>) -> Self {
        Self { positional: vec![value], ..Self::default() }
    }

    /// The option of a name.
    pub(super) fn get(&self, name: &str) -> Option<&RubyValue<'c>> {
        let is_it = |key: &RubyValue<'_>| matches!(key, RubyValue::Symbol(key) if key == name);
        self.named.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }

    /// The option of a name, taken out.
    pub(super) fn take(&mut self, name: &str) -> Option<RubyValue<'c>> {
        let is_it = |key: &RubyValue<'_>| matches!(key, RubyValue::Symbol(key) if key == name);
        let at = self.named.iter().position(|(key, _)| is_it(key))?;
        Some(self.named.remove(at).1)
    }

    /// The same arguments with an option set.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: RubyValue<'c>) -> Self {
        self.take(name);
        self.named.push((RubyValue::Symbol(name.to_owned()), value));
        self
    }

    /// A last hash in braces is options too.
    pub(super) fn unwrap_options(&mut self) {
        if let Some(RubyValue::Map(_)) = self.positional.last()
            && let Some(RubyValue::Map(pairs)) = self.positional.pop()
        {
            for (key, value) in pairs {
                if !self.named.iter().any(|(known, _)| known.same(&key) == Some(true)) {
                    self.named.push((key, value));
                }
            }
        }
    }
}

/// A symbol.
pub(super) fn symbol<'c>(name: &str) -> RubyValue<'c> {
    RubyValue::Symbol(name.to_owned())
}

/// A list of symbols.
pub(super) fn symbols<'c>(names: &[&str]) -> RubyValue<'c> {
    RubyValue::List(names.iter().map(|name| symbol(name)).collect())
}
