//! Accounts of people who sign in without a provider: by a keyed hash of the login name, sealed with a
//! key of the key file, so that nobody makes themselves an account by writing a row.
//!
//! This crate does not know who may do what: an account is a text of the desk's own. Each change names
//! the version it was decided on, so that one attempt to sign in never counts as two or as none.

use tokio::sync::oneshot;

use crate::record::BODY_BYTES_MAX;
use crate::rows::{Row, Session, Value, int};
use crate::seal::Vault;
use crate::writer::Job;
use crate::{Store, StoreError};

/// Most accounts in one list: more people than work at a desk.
const LISTED_MAX: i64 = 1000;

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Counts the changes, from 1.
    pub version: u64,
    /// What the desk keeps of it; sealed where it is kept.
    pub body: String,
}

/// The next version of an account.
pub(crate) struct Keep {
    login: String,
    account: Account,
}

impl Store {
    /// Keeps an account: a new one at version 1, otherwise the version after the one that is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] where another version is kept than the one before this.
    pub async fn keep_account(&self, login: &str, account: Account) -> Result<(), StoreError> {
        if account.body.len() > BODY_BYTES_MAX {
            return Err(StoreError::TooLarge {
                what: "account",
                bytes: account.body.len(),
                limit: BODY_BYTES_MAX,
            });
        }
        let (reply, answer) = oneshot::channel();
        let login = login.to_owned();
        let keep = Box::new(Keep { login, account });
        match self.submit(Job::Account { keep, reply }, answer).await? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict {
                what: "account".to_owned(),
            }),
        }
    }

    /// The account with this login name.
    pub async fn account(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT who, version, sealed FROM accounts WHERE who = $1";
        let who = self.keys.identity(login);
        let mut reader = self.reader().await?;
        let row = reader.lend().row(sql, &[Value::Bytes(&who)]).await?;
        Ok(row.map(|row| self.opened(&row)).transpose()?.flatten())
    }

    /// Every account, in no particular order.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = "SELECT who, version, sealed FROM accounts ORDER BY who LIMIT $1";
        let mut reader = self.reader().await?;
        let rows = reader.lend().rows(sql, &[Value::Int(LISTED_MAX)]).await?;
        let accounts = rows.iter().map(|row| self.opened(row));
        accounts.filter_map(Result::transpose).collect()
    }

    /// A row that this program has sealed; any other is nobody's account.
    fn opened(&self, row: &Row) -> Result<Option<Account>, StoreError> {
        let who: Vec<u8> = row.get("who")?;
        let (version, sealed): (u64, Vec<u8>) = (row.number("version")?, row.get("sealed")?);
        let opened = self.keys.of_accounts().open(&place(&who, version), &sealed);
        let body = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        if body.is_none() {
            tracing::warn!("a row among the accounts is not of this program's making; left out");
        }
        Ok(body.map(|body| Account { version, body }))
    }
}

/// What binds the sealed text to its row: an account cannot be given another's secrets.
fn place(who: &[u8], version: u64) -> String {
    format!("account/{}/{version}", hex::encode(who))
}

/// Writes the next version; 0 where another than the one before it is kept.
pub(crate) async fn keep(
    session: &mut Session<'_>,
    keep: &Keep,
    vault: &mut Vault<'_>,
) -> Result<u64, StoreError> {
    let who = vault.keys.identity(&keep.login);
    let version = keep.account.version;
    let key = vault.keys.of_accounts();
    let body = keep.account.body.as_bytes();
    let sealed = key.seal(&place(&who, version), body, vault.chance)?;
    let sql = match version {
        1 => {
            "INSERT INTO accounts (who, version, sealed) VALUES ($1, $2, $3)
             ON CONFLICT (who) DO NOTHING"
        }
        _ => "UPDATE accounts SET version = $2, sealed = $3 WHERE who = $1 AND version = $2 - 1",
    };
    let values = [
        Value::Bytes(&who),
        Value::Int(int(version)),
        Value::Bytes(&sealed),
    ];
    session.execute(sql, &values).await
}
