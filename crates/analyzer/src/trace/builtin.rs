//! Functions of a language or its standard library that programs make paths and settings with; any other
//! external name is left to the rules.

use std::rc::Rc;

use super::machine::Machine;
use super::value::{Argument, Value};
use super::why::Why;
use crate::syntax::grammar::Family;

impl Machine<'_> {
    /// What is built into the language or its standard library.
    pub(super) fn builtin_external(&mut self, path: &str, arguments: &[Argument]) -> Option<Value> {
        if matches!(path, "Vec.new" | "Vec.with_capacity" | "std.vec.Vec.new") {
            return Some(Value::array(Vec::new()));
        }

        if self.family == Family::Go {
            return self.go_builtin(path, arguments);
        }
        if let Some(value) = self.folder_builtin(path, arguments) {
            return Some(value);
        }
        if self.family == Family::Script
            && let Some(value) = self.script_builtin(path, arguments)
        {
            return Some(value);
        }
        let first = arguments.first().map(|argument| self.settle(&argument.value));
        match (path, first) {
            (
                "parseInt"
                | "Number"
                | "String"
                | "int"
                | "str"
                | "parseFloat"
                | "Number.parseInt"
                | "float"
                | "std.string.String.from"
                | "String.from"
                | "Object.freeze"
                | "Ok"
                | "Some"
                | "Box.new"
                | "Arc.new"
                | "std.sync.Arc.new",
                Some(value),
            ) => Some(value),
            (
                "os.getenv" | "os.environ.get" | "std.env.var" | "env.var" | "dotenvy.var" | "Deno.env.get"
                | "std.env.var_os",
                Some(Value::Text(name)),
            ) => {
                let default = arguments
                    .iter()
                    .skip(1)
                    .find(|argument| argument.name.is_none() || argument.name.as_deref() == Some("default"));
                Some(Value::Env(name, default.map(|default| Rc::new(default.value.clone()))))
            }
            ("importlib.import_module", Some(value)) => match value {
                Value::Text(name) => Some(self.python_module_value(&name)),
                _ => Some(Value::unknown(Why::ComputedModule)),
            },
            ("getattr", Some(of)) => match arguments.get(1).map(|name| self.settle(&name.value)) {
                Some(Value::Text(name)) => Some(match self.member(&of, &name) {
                    Value::Unknown(_) if arguments.len() > 2 => arguments[2].value.clone(),
                    found => found,
                }),
                _ => Some(Value::unknown(Why::ComputedMember)),
            },
            ("getattr", None) => Some(Value::unknown(Why::ComputedMember)),
            _ => None,
        }
    }
}
