//! What is known of one language, whatever kind of fact is looked for.

pub(crate) mod case;
pub(crate) mod constant;
pub(crate) mod csharp;
pub(crate) mod declarations;
pub(crate) mod go;
pub(crate) mod inflect;
pub(crate) mod jvm;
pub(crate) mod php;
pub(crate) mod python;
pub(crate) mod ruby;
pub(crate) mod rust;
pub(crate) mod script;
pub(crate) mod shell;
