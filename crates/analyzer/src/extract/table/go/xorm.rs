//! XORM: structs with its tags that stand in a list of models or are given to `Sync`. Names are in snake case, not
//! plural, unless a `TableName` method says otherwise.

use super::{Models, Named, push, tag};
use crate::extract::table::tables::Tables;
use crate::lang::case;
use crate::tree::file::SourceFile;

const SAID_BY: &str = "xorm model";

pub(super) fn read(models: &Models, files: &[&SourceFile], tables: &mut Tables) {
    let holds = |what: &str| files.iter().any(|file| file.text().contains(what));
    // The plain mapper parts at every capital; Gonic keeps abbreviations together.
    let begins = if holds("GonicMapper") { case::around_capitals } else { case::each_capital };
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
            None => push(tables, case::snake(&key.1, begins), SAID_BY, of.evidence.clone()),
        }
    }
}
