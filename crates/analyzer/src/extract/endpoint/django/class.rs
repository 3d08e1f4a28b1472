//! What a class of the program says of itself as a view: where it stands, what it extends outside of the tree, which
//! methods it lets through.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use crate::extract::endpoint::written::texts;
use crate::syntax::program::Kind;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, ClassValue, Closure, Value};

/// Classes above classes.
const MAX_VIEW_BASES: usize = 24;

/// The names of a class's bases that stand in no file of the tree.
pub(super) fn packages(machine: &mut Machine<'_>, class: &Rc<ClassValue>) -> Vec<Rc<str>> {
    let (mut open, mut out, mut seen) = (vec![Rc::clone(class)], Vec::new(), 0);
    while let Some(class) = open.pop() {
        seen += 1;
        if seen > MAX_VIEW_BASES {
            break;
        }
        let written = &class.program.classes[class.class].supers;
        for (base, node) in class.supers.iter().zip(written) {
            match machine.known(base) {
                _ if matches!(&class.program.nodes[*node].kind, Kind::Name(name) if &**name == "object") => {}
                Value::Class(base) => open.push(base),
                Value::External(name) => out.push(name),
                // A base that a call makes or that is not known may bring anything.
                Value::Made(made) => out.push(Rc::clone(&made.what)),
                _ => out.push("an unknown class".into()),
            }
        }
    }
    out
}

/// The methods that the class lets through, if it names them; lower case.
pub(super) fn let_through(
    machine: &mut Machine<'_>,
    class: &Rc<ClassValue>,
    given: &[Argument],
) -> Result<Option<Vec<String>>, String> {
    let given = given.iter().find(|argument| argument.name.as_deref() == Some("http_method_names"));
    let value = match given {
        Some(given) => Some(given.value.clone()),
        None => machine.class_member(class, "http_method_names", None),
    };
    match value {
        None => Ok(None),
        Some(value) => match texts(machine, &value) {
            Some(methods) if !methods.is_empty() => {
                Ok(Some(methods.iter().map(|method| method.to_ascii_lowercase()).collect()))
            }
            _ => Err("its list of methods is not literal".to_owned()),
        },
    }
}

/// The line where a class begins.
pub(super) fn place(machine: &Machine<'_>, class: &Rc<ClassValue>) -> Evidence {
    let path = machine.modules[class.module].path.to_string();
    let line = class.program.classes[class.class].start;
    machine.evidence(&path, line, line)
}

/// The line where a method begins.
pub(super) fn line_of(machine: &Machine<'_>, method: &Rc<Closure>) -> Evidence {
    let path = machine.modules[method.module].path.to_string();
    let line = method.program.functions[method.function].start;
    machine.evidence(&path, line, line)
}
