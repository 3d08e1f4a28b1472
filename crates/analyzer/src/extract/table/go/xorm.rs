//! XORM: structs with its tags that stand in a list of models or are given to `Sync`. Names are in snake case, not
//! plural, unless a `TableName` method says otherwise.

use super::{Models, Named, push, tag};
use crate::extract::table::tables::Tables;
use crate::tree::file::SourceFile;

const SAID_BY: &str = "xorm model";

pub(super) fn read(models: &Models, files: &[&SourceFile], tables: &mut Tables) {
    let holds = |what: &str| files.iter().any(|file| file.text().contains(what));
    let is_gonic = holds("GonicMapper");
    let is_tagged = |key: &&super::Key| {
        models.structs.get(*key).is_some_and(|of| of.fields.iter().any(|field| tag(&field.tag, "xorm").is_some()))
    };
    let mut all: Vec<&super::Key> = models.migrated.union(&models.listed).filter(is_tagged).collect();
    if all.is_empty() {
        let has_key = |key: &&super::Key| {
            models.structs[*key].fields.iter().any(|field| {
                tag(&field.tag, "xorm")
                    .is_some_and(|tag| tag.split_whitespace().any(|part| part.eq_ignore_ascii_case("pk")))
            })
        };
        all = models.structs.keys().filter(has_key).collect();
    }
    for key in all {
        let of = &models.structs[key];
        match models.named.get(key) {
            Some(Named::Known(name, evidence)) => push(tables, name.clone(), SAID_BY, evidence.clone()),
            Some(Named::Computed(evidence)) => {
                tables.unresolved(format!("the name of the table of `{}` is computed", key.1), evidence.clone());
            }
            None => push(tables, snake(&key.1, is_gonic), SAID_BY, of.evidence.clone()),
        }
    }
}

/// The plain mapper parts at every capital; Gonic keeps abbreviations together.
fn snake(name: &str, is_gonic: bool) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let is_upper = letter.is_ascii_uppercase();
        let was_upper = at > 0 && letters[at - 1].is_ascii_uppercase();
        let next_is_lower = letters.get(at + 1).is_some_and(|next| next.is_ascii_lowercase());
        if is_upper && at > 0 && (!is_gonic || !was_upper || next_is_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}
