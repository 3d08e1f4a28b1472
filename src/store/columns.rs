//! How columns become values of the model, in both databases.
//!
//! Names, branches and commits were checked before they were written and are not checked again: a row that somebody
//! wrote by hand must not keep the feed or the queue from the others.

use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, FromRow, Postgres, Row, Sqlite, Type};
use uuid::Uuid;

use crate::model::{CommitSha, EventType, GitRef, Invalid, JobStatus, MessageKind, RawJson, RepoName, RunStatus};

/// Types that are text in both databases, each with the function that makes it of the text.
macro_rules! text_columns {
    ($($type:ty = $from_text:expr),+ $(,)?) => { $(
        impl<DB: Database> Type<DB> for $type
        where
            String: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as Type<DB>>::type_info()
            }

            fn compatible(column: &DB::TypeInfo) -> bool {
                <String as Type<DB>>::compatible(column)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $type
        where
            String: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let from_text: fn(String) -> Result<Self, Invalid> = $from_text;
                Ok(from_text(<String as Decode<'r, DB>>::decode(value)?)?)
            }
        }
    )+ };
}
text_columns! {
    CommitSha = |text| Ok(Self::stored(text)),
    GitRef = |text| Ok(Self::stored(text)),
    EventType = |text| text.parse(),
    RunStatus = |text| text.parse(),
    JobStatus = |text| text.parse(),
    MessageKind = |text| text.parse(),
}

impl<'r, R: Row> FromRow<'r, R> for RepoName
where
    &'static str: sqlx::ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self::stored(row.try_get("repo_owner")?, row.try_get("repo_name")?))
    }
}

/// An id as the databases keep it: a `uuid` on Postgres, hyphenated text on SQLite.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id(pub(super) Uuid);

impl Type<Sqlite> for Id {
    fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl<'r> Decode<'r, Sqlite> for Id {
    fn decode(value: sqlx::sqlite::SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(Uuid::parse_str(<&str as Decode<'r, Sqlite>>::decode(value)?)?))
    }
}

impl Type<Postgres> for Id {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <Uuid as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Id {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(<Uuid as Decode<'r, Postgres>>::decode(value)?))
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
}

/// An [`Id`] or NULL; the orphan rule allows no conversion of `Option<Id>`.
pub(super) struct OptionalId(Option<Id>);

impl<DB: Database> Type<DB> for OptionalId
where
    Id: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <Id as Type<DB>>::type_info()
    }

    fn compatible(column: &DB::TypeInfo) -> bool {
        <Option<Id> as Type<DB>>::compatible(column)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for OptionalId
where
    Id: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(<Option<Id> as Decode<'r, DB>>::decode(value)?))
    }
}

impl From<OptionalId> for Option<Uuid> {
    fn from(id: OptionalId) -> Self {
        id.0.map(Into::into)
    }
}

/// JSON in a column of text; what is none is an empty object, and NULL nothing.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(super) struct JsonText(Option<String>);

impl From<JsonText> for Option<RawJson> {
    fn from(JsonText(text): JsonText) -> Self {
        serde_json::from_str(&text?).ok()
    }
}

impl From<JsonText> for RawJson {
    fn from(text: JsonText) -> Self {
        Option::from(text).unwrap_or_else(Self::empty)
    }
}
