//! The port of a Go program that is a field of its settings, whose default stands in the field's tag: `default:":3000"`,
//! `envDefault`, `env-default`, `conf:"default:3000"`. The call that listens names the field, itself or through a variable
//! of the same function; where fields of several structs could be meant, none is.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use super::Said;
use crate::extract::env_var::go::tags::{TaggedField, collect};
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// The structs of the program by name, with the fields of each.
type Structs = BTreeMap<String, Vec<TaggedField>>;

/// Both places of a computed port whose default is known: the field and the call.
pub(super) fn default_of(structs: &mut Option<Structs>, corpus: &Corpus, call: &Evidence) -> Option<[Said; 2]> {
    let file = corpus.file(&call.path).filter(|file| file.name().ends_with(".go"))?;
    let structs = structs.get_or_insert_with(|| tagged(corpus));
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    let line = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let (first, last) = (line(call.start_line).saturating_sub(1), line(call.end_line).min(lines.len()));
    let around = lines.get(..first)?.iter().rev().take_while(|line| !line.starts_with("func "));
    let said = lines.get(first..last)?.join("\n");
    let mut chains = chains(&said);
    for name in chains.clone().into_iter().filter(|name| !name.contains('.')) {
        for line in around.clone() {
            let assigned = line.trim_start().strip_prefix(name.as_str()).map(str::trim_start);
            let value = assigned.and_then(|rest| rest.strip_prefix(":=").or_else(|| rest.strip_prefix('=')));
            chains.extend(value.map(self::chains).unwrap_or_default());
        }
    }
    let mut found: BTreeMap<u16, &TaggedField> = BTreeMap::new();
    for chain in chains.iter().filter(|chain| chain.contains('.')) {
        found.extend(fields(structs, chain));
    }
    let (port, field) = found.pop_first().filter(|_| found.is_empty())?;
    Some([field.evidence.clone(), call.clone()].map(|evidence| Said::tcp(port, "listen", evidence)))
}

fn tagged(corpus: &Corpus) -> Structs {
    let mut structs = Structs::new();
    for (file, parsed) in prefilter::pieces_with(corpus, Family::Go, &["efault:\"", "conf:\"", "default="]) {
        collect(file, parsed.tree.root_node(), &mut structs);
    }
    structs
}

/// `a.b.C` and plain names outside of texts.
fn chains(code: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let plain = code.split('"').step_by(2);
    let words = plain.flat_map(|part| part.split(|letter: char| !is_name(letter)));
    words.filter(|word| word.starts_with(char::is_alphabetic)).map(str::to_owned).collect()
}

/// The fields with a default that a chain may mean: those of the structs that the name before is a field of, else the
/// one in the program.
fn fields<'s>(structs: &'s Structs, chain: &str) -> BTreeMap<u16, &'s TaggedField> {
    let mut names = chain.rsplit('.');
    let (name, before) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let lower = name.to_ascii_lowercase();
    if !["port", "addr", "listen", "bind"].iter().any(|word| lower.contains(word)) {
        return BTreeMap::new();
    }
    let holders = structs.values().flatten().filter(|field| field.name == before).map(|field| field.of.as_str());
    let holders: BTreeSet<&str> = holders.filter(|of| structs.contains_key(*of)).collect();
    let wanted = structs.iter().filter(|(of, _)| holders.is_empty() || holders.contains(of.as_str()));
    let fields = wanted.flat_map(|(_, fields)| fields).filter(|field| field.name == name);
    fields.filter_map(|field| Some((port(field)?, field))).collect()
}

/// The port that a tag gives.
fn port(field: &TaggedField) -> Option<u16> {
    let option = |key: &str| {
        let options = field.tag.get(key)?.split(',').map(str::trim);
        options
            .into_iter()
            .find_map(|option| option.strip_prefix("default:").or_else(|| option.strip_prefix("default=")))
    };
    let own = ["default", "envDefault", "env-default"].iter().find_map(|key| field.tag.get(*key).map(String::as_str));
    let text = own.or_else(|| option("conf")).or_else(|| option("env"))?;
    text.rsplit(':').next()?.parse().ok().filter(|port| *port > 0)
}
