//! What the sources of tables state.

use crate::fact::Unresolved;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

/// A table that one source states.
#[derive(Debug)]
pub(super) struct Table {
    /// As in the database, with its schema where one is written; `public.` and `dbo.` are left out.
    pub(super) name: String,
    /// The source, e.g. `sql migration`, `django model`.
    pub(super) said_by: &'static str,
    /// Columns in the order of the text, where they are plain; empty where they are not.
    pub(super) columns: Vec<String>,
    pub(super) evidence: Evidence,
}

/// What the sources said.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) found: Vec<Table>,
    pub(super) unresolved: Vec<Unresolved>,
}

impl Tables {
    /// A table with everything that says it; the columns stand at its first anchor.
    pub(super) fn add(&mut self, name: &str, said_by: &'static str, mut columns: Vec<String>, evidence: Vec<Evidence>) {
        for evidence in evidence {
            let columns = std::mem::take(&mut columns);
            self.found.push(Table { name: name.to_owned(), said_by, columns, evidence });
        }
    }

    /// A table that is made here under a name that the text does not tell.
    pub(super) fn unresolved(&mut self, reason: String, evidence: Evidence) {
        self.unresolved.push(Unresolved::new(FactKind::Table, reason, vec![evidence]));
    }
}

/// The name of a table in a schema.
pub(super) fn qualified(schema: Option<impl std::fmt::Display>, name: &str) -> String {
    schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"))
}
