//! Java programs as declarations: types, methods, fields, annotations and the constants that annotations are given.
//! Bodies of methods are not followed; a type is read when somebody asks for it by name, never before.

mod constant;
mod hierarchy;
pub(crate) mod java;
pub(crate) mod model;
pub(crate) mod modules;
pub(crate) mod program;
pub(crate) mod settings;
pub(crate) mod web_xml;
