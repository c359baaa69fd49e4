//! What may be used once, by its hash: whoever comes second is told so, whichever node they come to.

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::rows::{Session, Value};
use crate::session::Mark;
use crate::writer::Job;
use crate::{Store, StoreError};

/// One use.
pub(crate) struct Use {
    mark: Mark,
    at: Timestamp,
    until: Option<Timestamp>,
}

impl Store {
    /// Uses something up: whether it had not been used before. It is remembered until then, for ever
    /// without an end.
    pub async fn use_once(
        &self,
        mark: Mark,
        at: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        let used = Use { mark, at, until };
        let fresh = self.submit(Job::Once { used, reply }, answer).await?;
        Ok(fresh == 1)
    }
}

impl Use {
    /// Writes the use; 1 where it is the first.
    pub(crate) async fn run(&self, session: &mut Session<'_>) -> Result<u64, StoreError> {
        if self.until.is_some() {
            let sql = "DELETE FROM used_once WHERE kept_until < $1";
            let now = Value::Int(self.at.as_microsecond());
            session.execute(sql, &[now]).await?;
        }
        let sql = "INSERT INTO used_once (mark, kept_until) VALUES ($1, $2)
                   ON CONFLICT (mark) DO NOTHING";
        let until = Value::OptInt(self.until.map(Timestamp::as_microsecond));
        session
            .execute(sql, &[Value::Bytes(&self.mark), until])
            .await
    }
}
