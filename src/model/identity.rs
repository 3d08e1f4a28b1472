//! By what a repository is known again when its name has changed.

/// Which repository something is of, beside the name that it had then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Identity {
    /// The one that has the name now, or had it last: a person's wish, or a forge that numbers nothing.
    #[default]
    Name,
    /// The one to which the forge gave this number, which stays when the name changes.
    Id(i64),
    /// The one that the store keeps under this key.
    Key(String),
}

impl Identity {
    /// What a payload says; some forges say nothing.
    pub fn said(id: Option<i64>) -> Self {
        id.map_or(Self::Name, Self::Id)
    }
}
