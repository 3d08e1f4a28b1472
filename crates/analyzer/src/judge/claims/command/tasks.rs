//! `just recipe` and `task name`, against the recipes and tasks that were found.

use ci_feed_dossier::fact::FactKind;

use super::{ClaimedCommand, Context, Ruling};

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let (manager, names, others): (&str, &[&str], &[&str]) = match *call.words.first()? {
        "just" => ("just", &["justfile", "Justfile", ".justfile", "JUSTFILE"], &["import", "mod ", "mod? "]),
        "task" => ("task", &["Taskfile.yml", "Taskfile.yaml", "Taskfile.dist.yml", "taskfile.yml"], &["includes:"]),
        _ => return None,
    };
    let rest = &call.words[1..];
    let name = match rest {
        [] => {
            return call
                .find(context, names)
                .map(|file| Ruling::verified(format!("`{}` is there", file.path), file.exists()));
        }
        [name, ..] if !name.starts_with('-') && !name.contains('=') => *name,
        _ => return None,
    };
    // `just in case` and `task list` are prose as likely as calls, unless the tool's own file is there.
    let file = call.find(context, names)?;
    let line = format!("{manager} {name}");
    if let Some(evidence) = context.lines.get(line.as_str()) {
        return Some(Ruling::verified(format!("`{}` defines it", evidence.path), (*evidence).clone()));
    }
    let text = file.text();
    let defines = |one: &str| {
        one.trim_start_matches('@').split([':', ' ']).next() == Some(name) || one.trim().strip_suffix(':') == Some(name)
    };
    if let Some((_, number)) = text.lines().zip(1_u32..).find(|(one, _)| defines(one.trim_end())) {
        return Some(Ruling::verified(format!("`{}` defines it", file.path), file.lines(number, number)));
    }
    let is_open = text.lines().any(|one| others.iter().any(|word| one.starts_with(word)))
        || text.contains("alias ")
        || text.contains("aliases:");
    let of_tool = context.facts.iter().any(|fact| {
        fact.kind == FactKind::Command && fact.attrs.get("manager").and_then(|one| one.as_str()) == Some(manager)
    });
    let why = format!("`{}` defines no `{name}`", file.path);
    Some(if is_open || !of_tool || name.contains(':') && manager == "just" {
        Ruling::unverifiable(why)
    } else {
        Ruling::missing(call, why, vec![file.exists()])
    })
}
