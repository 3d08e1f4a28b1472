//! Which files may declare a name that begins with a capital: every such name of a language's programs, from one pass
//! over their bytes that is made when the first name is asked for.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::syntax::grammar::Family;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// What introduces a name in JavaScript.
const KEYWORDS: [&[u8]; 7] = [b"const", b"let", b"var", b"enum", b"class", b"namespace", b"module"];

/// The names of each family's programs with the files, as numbers among its programs.
#[derive(Debug)]
pub(crate) struct Declarations<'c> {
    corpus: &'c Corpus,
    families: [OnceLock<HashMap<&'c [u8], Vec<u32>>>; Family::ALL.len()],
}

impl<'c> Declarations<'c> {
    pub(crate) fn new(corpus: &'c Corpus) -> Self {
        Self { corpus, families: Default::default() }
    }

    /// The files that may declare the name and can be parsed, in path order.
    pub(crate) fn of(&self, family: Family, name: &str) -> Vec<&'c SourceFile> {
        let files = self.corpus.programs(family);
        let wanted: Vec<&SourceFile> = if self.corpus.is_thorough() {
            files.collect()
        } else {
            let files: Vec<&SourceFile> = files.collect();
            let names = self.families[family as usize].get_or_init(|| index(&files, family));
            names.get(name.as_bytes()).into_iter().flatten().map(|at| files[*at as usize]).collect()
        };
        deal::map(wanted, |file| file.syntax().is_some().then_some(file)).into_iter().flatten().collect()
    }
}

fn index<'c>(files: &[&'c SourceFile], family: Family) -> HashMap<&'c [u8], Vec<u32>> {
    let mut names: HashMap<&[u8], Vec<u32>> = HashMap::new();
    for (at, found) in (0..).zip(deal::map(files, |file| declared(family, file.bytes()))) {
        for name in found {
            names.entry(name).or_default().push(at);
        }
    }
    names
}

/// The names that a text may declare rather than only use, each once: what follows a use ends an expression or goes on
/// with it. In JavaScript a type or a body follows only what a keyword introduces; in doubt the name is declared.
fn declared(family: Family, bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = bytes[at..].iter().position(is_part).map(|skipped| at + skipped) {
        let end = bytes[start..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |length| start + length);
        at = end;
        if end - start <= 2 || !bytes[start].is_ascii_uppercase() {
            continue;
        }
        let after = bytes[end..].trim_ascii_start();
        let is_declared = match (after.first(), family) {
            (None, _) => false,
            (Some(b'='), _) => !after.starts_with(b"==") && !after.starts_with(b"=>"),
            (Some(_), Family::Script) => {
                let before = bytes[..start].trim_ascii_end();
                KEYWORDS.iter().any(|word| before.ends_with(word))
            }
            (Some(next), _) => !b".;)(]}>?&|+-*".contains(next),
        };
        if is_declared {
            out.push(&bytes[start..end]);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}
