//! `make target`, against the targets of Makefiles and of what they include by a plain name.

use std::collections::BTreeMap;

use crate::extract::command::makefile;
use crate::tree::file::SourceFile;
use crate::tree::path::inside;

use super::{ClaimedCommand, Context, Ruling, resolve};

const NAMES: &[&str] = &["GNUmakefile", "makefile", "Makefile"];

/// Every Makefile of the tree, read once.
pub(super) struct Makefiles<'c> {
    by_path: BTreeMap<&'c str, Read<'c>>,
}

struct Read<'c> {
    file: &'c SourceFile,
    targets: Vec<(String, u32, &'c SourceFile)>,
    /// Beginnings and ends of pattern rules.
    patterns: Vec<(String, String)>,
    /// Whether there may be targets that cannot be seen here.
    open: bool,
}

impl<'c> Makefiles<'c> {
    fn new(context: &Context<'c>) -> Self {
        let files = NAMES.iter().flat_map(|name| context.named(name).iter().copied());
        Self { by_path: files.map(|file| (file.path.as_str(), read(context, file, 0))).collect() }
    }
}

fn read<'c>(context: &Context<'c>, file: &'c SourceFile, depth: u32) -> Read<'c> {
    let mut result = Read { file, targets: Vec::new(), patterns: Vec::new(), open: depth > 4 };
    let text = file.text();
    let mut plain = String::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let pattern = line.split(':').next().filter(|names| {
            line.contains(':') && !line.starts_with(['\t', '#']) && names.contains('%') && !names.contains(['$', '='])
        });
        if let Some(names) = pattern {
            result.patterns.extend(names.split_whitespace().map(|name| {
                let (start, end) = name.split_once('%').unwrap_or((name, ""));
                (start.to_owned(), end.to_owned())
            }));
        } else if matches!(words.next(), Some("include" | "-include" | "sinclude"))
            && !line.starts_with('\t')
            && depth <= 4
        {
            for name in words {
                match resolve(file.folder(), name).and_then(|path| context.corpus.file(&path)) {
                    Some(other) => {
                        let other = read(context, other, depth + 1);
                        result.targets.extend(other.targets);
                        result.patterns.extend(other.patterns);
                        result.open |= other.open;
                    }
                    // Settings that are made on the spot define no targets.
                    None if name.ends_with(".env") || name.ends_with(".d") => {}
                    None => result.open = true,
                }
            }
        } else {
            plain.push_str(line);
        }
        plain.push('\n');
    }
    let known = makefile::parse(&plain);
    // What a call of a macro writes may be rules.
    let is_made =
        |line: &str| line.starts_with("$(call") || line.starts_with("$(eval") || line.starts_with("$(foreach");
    result.open |= known.open || plain.contains(".DEFAULT:") || plain.lines().any(is_made);
    result.targets.extend(known.targets.into_iter().map(|(name, line)| (name, line, file)));
    result
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let ["make" | "gmake", rest @ ..] = call.words.as_slice() else { return None };
    let (folder, rest) = match rest {
        ["-C", folder, rest @ ..] => (Some(resolve(&call.folder, folder)?), rest),
        rest => (None, rest),
    };
    if rest.iter().any(|word| word.starts_with('-') && !word[1..].starts_with(['j', 's', 'k', 'B'])) {
        return None;
    }
    // A number is that of jobs: `-j 4`.
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_target = |word: &&str| !word.contains('=') && !word.starts_with('-') && !is_number(word);
    let targets: Vec<&str> = rest.iter().copied().filter(is_target).collect();
    // Prose such as `make sure` is inline code only by accident.
    if targets.iter().any(|target| !target.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:".contains(c))) {
        return None;
    }
    let index = call.indexes.make.get_or_init(|| Makefiles::new(context));
    let is_explicit = folder.is_some() || call.explicit;
    let places = folder.as_deref().map_or_else(|| call.folders(), |folder| vec![folder]);
    let all: Vec<&Read<'_>> = places
        .iter()
        .filter_map(|place| {
            NAMES.iter().find_map(|name| index.by_path.get(context.file_in(place, name)?.path.as_str()))
        })
        .collect();
    let Some(file) = all.first() else {
        return Some(Ruling::unverifiable("there is no Makefile where it would run; another step may write one"));
    };
    let first = places.first().copied().unwrap_or_default();
    let is_made = ["Makefile.in", "Makefile.am"].iter().any(|name| context.has(&inside(first, name)))
        || context.is_ignored(&inside(first, "Makefile"));
    if is_made && file.file.folder() != first {
        return Some(Ruling::unverifiable("a step writes the Makefile where it would run"));
    }
    if targets.is_empty() {
        let (_, line, place) = file.targets.first()?;
        return Some(Ruling::verified(format!("`{}` has a first target", place.path), place.lines(*line, *line)));
    }
    let has = |file: &&&Read<'_>| targets.iter().all(|target| file.targets.iter().any(|(name, ..)| name == target));
    if let Some(file) = all.iter().find(has) {
        let (_, line, place) = file.targets.iter().find(|(name, ..)| name == targets[0])?;
        return Some(Ruling::verified(format!("`{}` has the target", place.path), place.lines(*line, *line)));
    }
    let missing = targets.iter().find(|target| !file.targets.iter().any(|(name, ..)| name == *target))?;
    let by_pattern =
        file.patterns.iter().any(|(start, end)| missing.starts_with(start.as_str()) && missing.ends_with(end.as_str()));
    let is_file = context.has(&resolve(file.file.folder(), missing).unwrap_or_default());
    let elsewhere =
        !is_explicit && index.by_path.values().any(|other| other.targets.iter().any(|(name, ..)| name == missing));
    Some(if file.open || by_pattern || is_file || elsewhere || missing.contains(['.', '/']) {
        Ruling::unverifiable(format!(
            "`{}` has no plain target `{missing}`, but includes, patterns or another Makefile may make it",
            file.file.path
        ))
    } else {
        Ruling::missing(call, format!("`{}` has no target `{missing}`", file.file.path), vec![file.file.exists()])
    })
}
