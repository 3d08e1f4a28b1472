//! `make target`, against the Makefile's targets.

use crate::analyzer::extract::command::makefile;
use crate::analyzer::file::SourceFile;

use super::{Call, Context, Ruling};

pub(super) fn rule(context: &Context<'_>, call: &Call<'_>) -> Option<Ruling> {
    let ["make", rest @ ..] = call.words.as_slice() else { return None };
    let (folder, rest) = match rest {
        ["-C", folder, rest @ ..] => (super::resolve(&call.folder, folder)?, rest),
        rest => (call.folder.clone(), rest),
    };
    if rest.iter().any(|word| word.starts_with('-')) {
        return None;
    }
    let targets: Vec<&str> = rest.iter().copied().filter(|word| !word.contains('=')).collect();
    // Prose such as `make sure` is inline code only by accident.
    if targets.iter().any(|target| !target.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:".contains(c))) {
        return None;
    }
    let places = if folder.is_empty() { vec![""] } else { vec![folder.as_str(), ""] };
    let file = places
        .iter()
        .find_map(|place| ["Makefile", "makefile", "GNUmakefile"].iter().find_map(|name| context.file_in(place, name)));
    let Some(file) = file else {
        return Some(Ruling::unverifiable("there is no Makefile where it would run; another step may write one"));
    };
    let known = makefile::parse(&file.text());
    if targets.is_empty() {
        let (_, line) = known.targets.first()?;
        return Some(Ruling::verified(format!("`{}` has a first target", file.path), file.lines(*line, *line)));
    }
    let missing = targets.iter().find(|target| !known.targets.iter().any(|(name, _)| name == *target));
    Some(match missing {
        None => verified(file, &known, &targets),
        Some(target) if known.open || context.corpus.has_path(target) || target.contains(['.', '/']) => {
            Ruling::unverifiable(format!(
                "`{}` has no plain target `{target}`, but includes or patterns may make it",
                file.path
            ))
        }
        Some(target) => Ruling::missing(call, format!("`{}` has no target `{target}`", file.path), vec![file.exists()]),
    })
}

fn verified(file: &SourceFile, known: &makefile::Makefile, targets: &[&str]) -> Ruling {
    let line = known.targets.iter().find(|(name, _)| name == targets[0]).map_or(1, |(_, line)| *line);
    Ruling::verified(format!("`{}` has the target", file.path), file.lines(line, line))
}
