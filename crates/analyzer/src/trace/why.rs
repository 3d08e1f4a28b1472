//! Why a value or a path is not known, in words that end a sentence ("… depends on a parameter"). Code compares the
//! variants; the words are for people only.

use std::fmt;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing that would help a reader.
    Unsaid,
    Computed,
    /// A module that is loaded under a computed name: nobody sees what it registers.
    ComputedModule,
    ComputedMember,
    ComputedVariable,
    DiffersByBranch,
    TooDeep,
    /// A text or list that doubles again and again.
    TooLarge,
    Parameter,
    Receiver,
    DependsOn(String),
    DependsOnEnvironment(String),
    DependsOnField(String),
    DependsOnUndefined(String),
    DependsOnItself(String),
    Environment(String),
    /// A setting that is named like a base path, and the path below it.
    Base(String, String),
    RegularExpression,
    UnknownList,
    SetBy(String),
    NotInTree,
    NotParsed,
    ImportCircle,
    /// A name and the file that lacks it.
    NotDefinedIn(String, String),
    NotDefined(String),
    NoSuchModule(String),
    NoSuchMember(String),
    NoDefault,
    /// An expression, as written, and what is the matter with it.
    Of(String, Box<Self>),
    /// Words of one framework's rules.
    Stated(String),
}

impl Why {
    /// Whether there are words for it.
    pub(crate) fn is_said(&self) -> bool {
        *self != Self::Unsaid
    }

    /// An expression that is not known for this reason.
    pub(crate) fn of(self, shown: impl Into<String>) -> Self {
        Self::Of(shown.into(), Box::new(self))
    }

    /// What is the matter with the expression inside.
    pub(crate) fn cause(&self) -> &Self {
        match self {
            Self::Of(_, inner) => inner.cause(),
            other => other,
        }
    }
}

impl From<&str> for Why {
    fn from(words: &str) -> Self {
        Self::Stated(words.to_owned())
    }
}

impl From<String> for Why {
    fn from(words: String) -> Self {
        Self::Stated(words)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => Ok(()),
            Self::Computed => out.write_str("is computed"),
            Self::ComputedModule => out.write_str("is a module loaded under a computed name"),
            Self::ComputedMember => out.write_str("is looked up under a computed name"),
            Self::ComputedVariable => out.write_str("is a variable with a computed name"),
            Self::DiffersByBranch => out.write_str("has different values in different branches"),
            Self::TooDeep => out.write_str("was not followed that far"),
            Self::TooLarge => out.write_str("is larger than is followed"),
            Self::Parameter => out.write_str("depends on a parameter"),
            Self::Receiver => out.write_str("depends on its receiver"),
            Self::DependsOn(what) => write!(out, "depends on `{what}`"),
            Self::DependsOnEnvironment(name) => write!(out, "depends on the environment variable {name}"),
            Self::DependsOnField(name) => write!(out, "depends on the field `{name}`"),
            Self::DependsOnUndefined(name) => {
                write!(out, "depends on `{name}`, which is not defined where it can be seen")
            }
            Self::DependsOnItself(name) => write!(out, "depends on `{name}`, which depends on itself"),
            Self::Environment(name) => write!(out, "comes from the environment variable {name}"),
            Self::Base(name, _) => write!(out, "starts with the setting `{name}`"),
            Self::RegularExpression => out.write_str("is a regular expression"),
            Self::UnknownList => out.write_str("is one of a list that is not known"),
            Self::SetBy(function) => write!(out, "is set by `{function}`"),
            Self::NotInTree => out.write_str("is imported from a file that is not in the tree"),
            Self::NotParsed => out.write_str("is imported from a file that is not application code or was not parsed"),
            Self::ImportCircle => out.write_str("is imported in a circle"),
            Self::NotDefinedIn(name, place) => write!(out, "is `{name}` of {place}, which is not defined there"),
            Self::NotDefined(path) => write!(out, "is `{path}`, which is not defined where it can be seen"),
            Self::NoSuchModule(name) => write!(out, "is `{name}` of a folder that has no such module"),
            Self::NoSuchMember(name) => write!(out, "has no `{name}` that can be seen"),
            Self::NoDefault => out.write_str("has no default"),
            Self::Of(shown, why) => write!(out, "`{shown}` {why}"),
            Self::Stated(words) => out.write_str(words),
        }
    }
}
