//! Rake and Rails tasks, against the tasks of Rakefiles.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling};

/// What Rails and its generators bring; a name that ends with `:` is a name space.
const RAILS: &[&str] = &[
    "db:",
    "assets:",
    "test",
    "test:",
    "tmp:",
    "log:",
    "cache:",
    "stats",
    "notes",
    "routes",
    "secret",
    "server",
    "s",
    "console",
    "c",
    "generate",
    "g",
    "destroy",
    "d",
    "dbconsole",
    "db",
    "runner",
    "r",
    "new",
    "restart",
    "middleware",
    "about",
    "initializers",
    "app:",
    "action_mailbox:",
    "action_text:",
    "active_storage:",
    "credentials:",
    "dev:",
    "zeitwerk:",
    "yarn:",
    "webpacker:",
    "javascript:",
    "css:",
    "tailwindcss:",
    "spec",
    "spec:",
    "default",
    "railties:",
    "time:",
    "turbo:",
    "stimulus:",
    "importmap:",
    "encrypted:",
];

/// Every task that can be read off.
pub(super) struct Tasks<'c> {
    tasks: BTreeMap<String, (&'c SourceFile, u32)>,
    spaces: BTreeSet<String>,
    /// Whether tasks are made by code that is not understood here.
    computed: bool,
}

impl<'c> Tasks<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut index = Self { tasks: BTreeMap::new(), spaces: BTreeSet::new(), computed: false };
        for file in
            context.corpus.files().iter().filter(|file| file.name() == "Rakefile" || file.path.ends_with(".rake"))
        {
            index.read(file);
        }
        index
    }

    /// Name spaces are told by indentation, as everybody writes them.
    fn read(&mut self, file: &'c SourceFile) {
        let mut spaces: Vec<(usize, String)> = Vec::new();
        for (line, number) in file.text().lines().zip(1_u32..) {
            let text = line.trim_start();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let depth = line.len() - text.len();
            spaces.retain(|(at, _)| *at < depth);
            let prefix: String = spaces.iter().map(|(_, name)| format!("{name}:")).collect();
            if let Some(name) = text.strip_prefix("namespace ").and_then(name) {
                self.spaces.insert(format!("{prefix}{name}"));
                spaces.push((depth, name));
            } else if let Some(rest) = text.strip_prefix("task ").or_else(|| text.strip_prefix("task(")) {
                match name(rest) {
                    Some(name) => {
                        self.tasks.entry(format!("{prefix}{name}")).or_insert((file, number));
                    }
                    None => self.computed = true,
                }
            }
        }
    }
}

/// `:name`, `name:`, `"name"`.
fn name(text: &str) -> Option<String> {
    let text = text.trim_start();
    let name = text.trim_start_matches([':', '"', '\'']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"_-:?!".contains(c)).unwrap_or(name.len());
    let name = name[..end].trim_end_matches(':');
    let is_literal = text.starts_with([':', '"', '\'']) || text[name.len()..].starts_with(':');
    (is_literal && !name.is_empty()).then(|| name.to_owned())
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let words = match call.words.as_slice() {
        ["bundle", "exec", rest @ ..] => rest,
        ["bundle", "install", ..] | ["bundle"] => {
            let gemfile = call.find(context, &["Gemfile"])?;
            return Some(Ruling::verified(format!("`{}` is there", gemfile.path), gemfile.exists()));
        }
        words => words,
    };
    let (program, rest) = words.split_first()?;
    let rails = ["rails", "bin/rails", "./bin/rails"].contains(program);
    let rake = ["rake", "bin/rake", "./bin/rake"].contains(program);
    if !rails && !rake {
        return None;
    }
    let Some(file) = call.find(context, &["Rakefile", "bin/rails"]) else {
        return Some(Ruling::unverifiable("there is no Rakefile where it would run"));
    };
    let task = rest.iter().find(|word| !word.contains('=') && !word.starts_with('-'));
    let Some(task) = task.map(|task| task.split('[').next().unwrap_or(task)) else {
        return Some(Ruling::verified(format!("`{}` is there", file.path), file.exists()));
    };
    let index = call.indexes.ruby.get_or_init(|| Tasks::new(context));
    if let Some((file, line)) = index.tasks.get(task) {
        return Some(Ruling::verified(format!("`{}` defines the task", file.path), file.lines(*line, *line)));
    }
    if RAILS.iter().any(|own| *own == task || own.ends_with(':') && task.starts_with(own)) {
        return Some(Ruling::verified(
            format!("`{}` is there, and Rails brings the command", file.path),
            file.exists(),
        ));
    }
    let why = format!("no Rakefile of this tree defines `{task}`");
    // Only a name space that this tree defines tasks in can be said to lack one.
    let space = task.rsplit_once(':').map(|(space, _)| space);
    let sibling = space.filter(|space| index.spaces.contains(*space)).and_then(|space| {
        index.tasks.iter().find(|(known, _)| known.strip_prefix(space).is_some_and(|rest| rest.starts_with(':')))
    });
    Some(match sibling {
        Some((_, (file, line))) if !index.computed => Ruling::missing(call, why, vec![file.lines(*line, *line)]),
        _ => Ruling::unverifiable(format!("{why}; a gem may bring it")),
    })
}
