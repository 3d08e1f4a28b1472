//! Sessions that were ended before their time. Their ids are no secret: a session is its signature.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::columns::Id;
use super::db::params;
use super::{Store, StoreError};

impl Store {
    /// End a session that would last until then; forget those that are over anyway.
    pub async fn end_session(&self, id: Uuid, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.work.begin("end_session").await?;
        let now = tx.now().await?;
        tx.execute("delete from ci_ended_sessions where expires_at < $1", params![now]).await?;
        tx.execute(
            "insert into ci_ended_sessions (id, expires_at) values ($1, $2) on conflict (id) do nothing",
            params![id, expires_at],
        )
        .await?;
        tx.commit().await
    }

    /// Whether this session was ended.
    pub async fn is_ended(&self, id: Uuid) -> Result<bool, StoreError> {
        let ended: Option<(Id,)> = self.read.row("select id from ci_ended_sessions where id = $1", params![id]).await?;
        Ok(ended.is_some())
    }
}
