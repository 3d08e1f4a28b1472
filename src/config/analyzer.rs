//! `CI_ANALYZER` as words, and the one form that is refused: text from outside inside a program's source.

use std::path::Path;

/// What stands for a value of the run.
pub(crate) const PLACEHOLDERS: [&str; 6] = ["{src}", "{out}", "{owner}", "{repo}", "{ref}", "{sha}"];

/// Programs that run an argument as source, and the flags that announce it. A short flag may stand in a cluster (`-ec`).
const INTERPRETERS: &[(&[&str], &str, &[&str])] = &[
    (&["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "csh", "tcsh", "su", "script"], "c", &["--command"]),
    (&["python", "pypy"], "c", &[]),
    (&["node", "nodejs", "bun", "deno"], "ep", &["--eval", "--print", "eval"]),
    (&["perl", "ruby"], "eE", &[]),
    (&["php"], "rBRE", &["--run"]),
    (&["lua", "julia", "Rscript", "osascript"], "e", &["--eval"]),
    (&["env"], "S", &["--split-string"]),
];

/// Split a command into words as a shell would, without running one.
pub(super) fn parse(command: &str) -> Result<Vec<String>, String> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let words = words.ok_or("cannot be split into words: a quote is not closed")?;
    match source_with_placeholder(&words) {
        Some((program, source)) => Err(format!(
            "{program} would run {source:?} as source, and what is put in for a placeholder (a branch may be called anything) could be a command: give {program} a script file, or the placeholders as arguments of their own after the source, as in sh -c 'analyze \"$1\" \"$2\"' sh {{src}} {{out}}"
        )),
        None => Ok(words),
    }
}

/// An interpreter anywhere among the words (`timeout 60 sh -c ...`), and its source if a placeholder stands in that.
fn source_with_placeholder(words: &[String]) -> Option<(&str, &str)> {
    let has_placeholder = |word: &str| PLACEHOLDERS.iter().any(|placeholder| word.contains(placeholder));
    words.iter().enumerate().find_map(|(at, program)| {
        let source = source_of(program, &words[at + 1..])?;
        source.iter().find(|word| has_placeholder(word)).map(|source| (program.as_str(), source.as_str()))
    })
}

/// The words that the program would run as source: the flag, to which the source may be glued, and the word behind it.
fn source_of<'a>(program: &str, args: &'a [String]) -> Option<&'a [String]> {
    let (short, long) = source_flags(program)?;
    let mut value_of = "";
    for (at, word) in args.iter().enumerate() {
        let is_source = match word.strip_prefix('-') {
            Some(cluster) if !cluster.starts_with('-') => cluster.contains(|letter| short.contains(letter)),
            _ => long.iter().any(|long| word == long || word.starts_with(&format!("{long}="))),
        };
        if is_source {
            return args.get(at..(at + 2).min(args.len()));
        }
        // From its script or module on the words are no longer the interpreter's.
        if word == "-m" || (!word.starts_with('-') && value_of != "-I" && word.contains(['/', '.', '{'])) {
            return None;
        }
        value_of = word;
    }
    None
}

fn source_flags(program: &str) -> Option<(&'static str, &'static [&'static str])> {
    let name = Path::new(program).file_name()?.to_str()?;
    // python3.12, node22
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    INTERPRETERS.iter().find(|(names, ..)| names.contains(&name)).map(|(_, short, long)| (*short, *long))
}
