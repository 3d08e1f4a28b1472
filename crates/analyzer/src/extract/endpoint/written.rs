//! What a program writes of a route: texts that are known, and the line that holds a path.

use ci_feed_dossier::evidence::Evidence;

use crate::trace::graph::PathText;
use crate::trace::machine::Machine;
use crate::trace::value::Value;

/// A list of known texts.
pub(super) fn texts(machine: &mut Machine<'_>, value: &Value) -> Option<Vec<String>> {
    let items = match machine.known(value) {
        Value::Array(items) => items.borrow().clone(),
        one @ Value::Text(_) => vec![one],
        _ => return None,
    };
    let mut out = Vec::new();
    for item in items {
        match machine.known(&item) {
            Value::Text(text) => out.push(text.to_string()),
            _ => return None,
        }
    }
    Some(out)
}

/// The one line of a file that holds a path as a literal, where the registration itself does not.
pub(super) fn written_at(
    machine: &Machine<'_>,
    file: &str,
    path: &PathText,
    registration: &Evidence,
) -> Option<Evidence> {
    let PathText::Known(path) = path else { return None };
    let forms = ['\'', '"', '`'].map(|quote| format!("{quote}{path}{quote}"));
    let holds = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
    if holds(&registration.excerpt) {
        return None;
    }
    let file = machine.corpus.file(file)?;
    let text = file.text();
    let mut lines = text.lines().enumerate().filter(|(_, line)| holds(line)).map(|(at, _)| at);
    let (first, None) = (lines.next()?, lines.next()) else { return None };
    let line = u32::try_from(first + 1).ok()?;
    Some(machine.evidence(&file.path, line, line))
}
