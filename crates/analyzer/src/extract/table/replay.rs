//! A database without rows: the steps of a sequence of migrations are applied in order, and what is left at the end
//! is stated. It knows nothing of SQL or of a tool; rows, indexes and constraints are no matter of it.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use crate::extract::table::tables::{Table, Tables};

/// What one statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Create { table: String, columns: Vec<String> },
    Rename { from: String, to: String },
    Drop { table: String },
    DropSchema { schema: String },
    AddColumn { table: String, column: String },
    DropColumn { table: String, column: String },
    RenameColumn { table: String, from: String, to: String },
}

/// A table as far as the replay has come.
#[derive(Debug)]
struct State {
    name: String,
    columns: Vec<String>,
    /// Which of the creations of the sequence it was.
    number: usize,
    /// The creation first, then what changed its name or columns.
    evidence: Vec<Evidence>,
}

/// The tables of one sequence; names are compared without their case, as most databases do.
#[derive(Debug, Default)]
pub(super) struct Replay {
    tables: BTreeMap<String, State>,
    /// Names that were dropped or renamed although the sequence never made them: another one did.
    gone: BTreeSet<String>,
    created: usize,
}

impl Replay {
    /// Apply one change.
    pub(super) fn apply(&mut self, change: Change, evidence: Evidence) {
        match change {
            Change::Create { table, columns } => {
                let key = table.to_lowercase();
                self.gone.remove(&key);
                // `IF NOT EXISTS` and the repeated statements of careful scripts change nothing.
                self.created += 1;
                let number = self.created;
                let new = || State { name: table, columns, number, evidence: vec![evidence] };
                self.tables.entry(key).or_insert_with(new);
            }
            Change::Rename { from, to } => self.rename(&from, to, evidence),
            Change::Drop { table } => {
                let key = table.to_lowercase();
                if self.tables.remove(&key).is_none() {
                    self.gone.insert(key);
                }
            }
            Change::DropSchema { schema } => {
                let inside = format!("{}.", schema.to_lowercase());
                self.tables.retain(|key, _| !key.starts_with(&inside));
            }
            Change::AddColumn { table, column } => self.alter(&table, evidence, |columns| {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }),
            Change::DropColumn { table, column } => {
                self.alter(&table, evidence, |columns| columns.retain(|known| !known.eq_ignore_ascii_case(&column)));
            }
            Change::RenameColumn { table, from, to } => self.alter(&table, evidence, |columns| {
                if let Some(known) = columns.iter_mut().find(|known| known.eq_ignore_ascii_case(&from)) {
                    *known = to;
                }
            }),
        }
    }

    fn rename(&mut self, from: &str, to: String, evidence: Evidence) {
        let old = from.to_lowercase();
        let key = to.to_lowercase();
        match self.tables.remove(&old) {
            Some(mut state) => {
                self.gone.remove(&key);
                state.name = to;
                state.evidence.push(evidence);
                self.tables.insert(key, state);
            }
            // It was made elsewhere and is stated there, if it is a table at all: PostgreSQL renames sequences and
            // indexes by the same words.
            None => drop(self.gone.insert(old)),
        }
    }

    fn alter(&mut self, table: &str, evidence: Evidence, change: impl FnOnce(&mut Vec<String>)) {
        if let Some(state) = self.tables.get_mut(&table.to_lowercase()) {
            change(&mut state.columns);
            state.evidence.push(evidence);
        }
    }

    /// Names in lower case that this sequence took away without having made them.
    pub(super) fn gone(&self) -> &BTreeSet<String> {
        &self.gone
    }

    /// Another sequence of the same database took this table away.
    pub(super) fn forget(&mut self, key: &str) {
        self.tables.remove(key);
    }

    /// The key of the table that was made last of those that are left.
    pub(super) fn newest(&self) -> Option<&str> {
        self.tables.iter().max_by_key(|(_, state)| state.number).map(|(key, _)| key.as_str())
    }

    pub(super) fn holds(&self, key: &str) -> bool {
        self.tables.contains_key(key)
    }

    /// Forget the tables whose keys are not kept.
    pub(super) fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.tables.retain(|key, _| is_kept(key));
    }

    /// State what is left.
    pub(super) fn finish(self, said_by: &'static str, tables: &mut Tables) {
        for state in self.tables.into_values() {
            let mut columns = state.columns;
            for evidence in state.evidence {
                let columns = std::mem::take(&mut columns);
                tables.found.push(Table { name: state.name.clone(), said_by, columns, evidence });
            }
        }
    }
}
