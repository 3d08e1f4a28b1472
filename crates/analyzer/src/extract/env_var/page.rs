//! The scripts in components of Vue and Svelte. They are parsed where they stand, with all else of the page blanked,
//! so that lines stay what they are.

use super::named::read_names;
use crate::extract::env_var::mention::Mentions;
use crate::syntax::grammar::Language;
use crate::syntax::parse;
use crate::syntax::prefilter::automaton;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// The components that may read a variable.
pub(super) fn files<'c>(corpus: &'c Corpus, patterns: &[&str]) -> Vec<&'c SourceFile> {
    let reads = automaton(patterns);
    let pages = corpus.application().filter(|file| file.path.ends_with(".vue") || file.path.ends_with(".svelte"));
    pages.filter(|file| reads.is_match(file.bytes())).collect()
}

pub(super) fn read(file: &SourceFile) -> Mentions {
    let mut out = Mentions::default();
    let (script, language) = scripts(file.bytes());
    if let Ok(parsed) = parse::parse(language, &script) {
        read_names(file, &parsed, &script, None, &mut out);
    }
    out
}

/// The content with everything outside of `<script>` blanked, and the language that one of them names.
fn scripts(bytes: &[u8]) -> (Vec<u8>, Language) {
    let mut out: Vec<u8> = bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { *byte } else { b' ' }).collect();
    let mut language = Language::JavaScript;
    let mut from = 0;
    while let Some(open) = find(bytes, from, b"<script") {
        let Some(start) = find(bytes, open, b">").map(|end| end + 1) else { break };
        let end = find(bytes, start, b"</script").unwrap_or(bytes.len());
        let tag = String::from_utf8_lossy(&bytes[open..start]);
        if ["ts", "tsx", "typescript"]
            .iter()
            .any(|name| tag.contains(&format!("lang=\"{name}\"")) || tag.contains(&format!("lang='{name}'")))
        {
            language = Language::TypeScript;
        }
        out[start..end].copy_from_slice(&bytes[start..end]);
        from = end;
    }
    (out, language)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    memchr::memmem::find(&bytes[from..], what).map(|at| from + at)
}
