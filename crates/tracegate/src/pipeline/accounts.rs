//! Signing in without a provider: accounts are made, enrolled, used, locked and opened again.
//!
//! An attempt is counted before it is looked at, under the version of the account that it was read at:
//! of many attempts at once each costs one, and no code is taken twice.

use std::sync::Arc;

use disclosure::{Actor, EventKind, arrows};
use jiff::Timestamp;
use store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::StepError;
use crate::accounts::{Account, Password, Proof, Standing, WRONG_MAX, totp};
use crate::chance::Chance;

/// Passwords that are hashed at once: whoever sends many keeps others who sign in waiting, and nobody
/// else.
static HASHING: Semaphore = Semaphore::const_new(1);

/// The accounts of an installation at one instant.
pub struct Book<'b> {
    pub store: &'b Store,
    pub chance: &'b Arc<Chance>,
    pub now: Timestamp,
}

/// An account at a version.
type Found = (u64, Account);

impl Book<'_> {
    /// Every account, by name.
    pub async fn all(&self) -> Result<Vec<Account>, StepError> {
        let kept = self.store.accounts().await?.into_iter();
        let mut all: Vec<Account> = kept.filter_map(|kept| read(&kept.body)).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
        Ok(all)
    }

    /// Makes an account; the code that its owner enrols with.
    pub async fn add(&self, mut account: Account, by: &Actor) -> Result<String, StepError> {
        if self.find(&account.login).await?.is_some() {
            return Err(StepError::NotAllowed(
                "there is an account with this login name, and nobody else ever gets it",
            ));
        }
        let code = account.enrol_anew(self.chance, self.now);
        let (role, place) = (account.role.code(), account.organization.clone());
        let what = format!("{} added: {role} of {place}", account.id);
        self.note(EventKind::AccountChanged, &what, by).await?;
        self.keep((0, account)).await?;
        Ok(code)
    }

    /// A new enrolment code; password, device and sessions of before are good for nothing.
    pub async fn reset(&self, login: &str, by: &Actor) -> Result<String, StepError> {
        let (version, mut account) = self.find(login).await?.ok_or(StepError::NotFound)?;
        let code = account.enrol_anew(self.chance, self.now);
        self.change("reset", (version, account), by).await?;
        Ok(code)
    }

    /// Takes the account out of use, and ends its sessions.
    pub async fn disable(&self, login: &str, by: &Actor) -> Result<(), StepError> {
        let (version, mut account) = self.find(login).await?.ok_or(StepError::NotFound)?;
        account.disabled = true;
        self.change("disabled", (version, account), by).await
    }

    /// Somebody else opens an account that wrong attempts have locked.
    pub async fn unlock(&self, id: &str, by: &Actor) -> Result<(), StepError> {
        let found = self.find_by_id(id).await?;
        let (version, mut account) = found.ok_or(StepError::NotFound)?;
        if account.actor().is(by) {
            return Err(StepError::NotAllowed("somebody else unlocks your account"));
        }
        if account.standing(self.now) != Standing::Locked {
            return Err(StepError::Conflict);
        }
        account.wrong = 0;
        self.change("unlocked", (version, account), by).await
    }

    /// Who it is, if password and code are theirs. Of what is wrong nothing is told: not even whether
    /// there is such an account.
    pub async fn sign_in(
        &self,
        login: &str,
        password: String,
        code: &str,
    ) -> Result<Option<Account>, StepError> {
        let counted = self.counted(login, Standing::Open).await?;
        let known = match counted.as_ref().map(|(_, account)| &account.proof) {
            Some(Proof::Both { password, .. }) => password.clone(),
            _ => Password::of_nobody(),
        };
        let is_password = hashing(move || known.is(&password)).await == Some(true);
        let Some((version, mut account)) = counted else {
            return Ok(None);
        };
        // Both are looked at, so that the time taken does not tell which was wrong.
        let is_code = account.spend(code, self.now);
        match is_code && is_password {
            true => self.right((version, account)).await,
            false => self.wrong(&account).await.map(|()| None),
        }
    }

    /// Whether a code is of the device of whoever has signed in.
    pub async fn confirm(&self, by: &Actor, code: &str) -> Result<Option<Account>, StepError> {
        let Some((_, account)) = self.find_by_id(&by.id).await? else {
            return Ok(None);
        };
        let Some((version, mut account)) = self.counted(&account.login, Standing::Open).await?
        else {
            return Ok(None);
        };
        if account.spend(code, self.now) {
            return self.right((version, account)).await;
        }
        self.wrong(&account).await?;
        if account.wrong >= WRONG_MAX {
            // Whoever guesses here sits at the desk of the account.
            self.store.sessions_end(&account.id).await?;
        }
        Ok(None)
    }

    /// A fresh key for whoever brings the enrolment code.
    pub async fn begin_enrolment(
        &self,
        login: &str,
        code: &str,
    ) -> Result<Option<String>, StepError> {
        let Some((version, mut account)) = self.counted(login, Standing::Waiting).await? else {
            return Ok(None);
        };
        if !account.is_enrolled_with(code) {
            return self.wrong(&account).await.map(|()| None);
        }
        let fresh = totp::letters(&self.chance.bytes());
        if let Proof::Enrolment { key, .. } = &mut account.proof {
            *key = Some(fresh.clone());
        }
        Ok(self.right((version, account)).await?.map(|_| fresh))
    }

    /// Password and device take the place of the enrolment code.
    pub async fn finish_enrolment(
        &self,
        login: &str,
        code: &str,
        (password, shown): (String, &str),
    ) -> Result<Enrolled, StepError> {
        let Some((version, mut account)) = self.counted(login, Standing::Waiting).await? else {
            return Ok(Enrolled::No);
        };
        let key = match &account.proof {
            Proof::Enrolment { key: Some(key), .. } if account.is_enrolled_with(code) => {
                key.clone()
            }
            _ => return self.wrong(&account).await.map(|()| Enrolled::No),
        };
        let Some(step) = totp::find(&key, shown, self.now, 0) else {
            self.wrong(&account).await?;
            return Ok(Enrolled::OtherCode(key));
        };
        let chance = Arc::clone(self.chance);
        let hashed = hashing(move || Password::new(&password, &chance)).await;
        let Some(password) = hashed else {
            return Ok(Enrolled::No);
        };
        account.proof = Proof::Both {
            password,
            key,
            spent: step,
        };
        let what = format!("{} enrolled", account.id);
        let by = account.actor();
        self.note(EventKind::AccountChanged, &what, &by).await?;
        let right = self.right((version, account)).await?;
        Ok(right.map_or(Enrolled::No, |account| Enrolled::Yes(Box::new(account))))
    }

    /// Whether the account still opens: asked once more when a session of it has begun.
    pub async fn is_open(&self, account: &Account) -> Result<bool, StepError> {
        let found = self.find(&account.login).await?;
        let open = |(_, found): &Found| found.standing(self.now) == Standing::Open;
        Ok(found.as_ref().is_some_and(open))
    }

    async fn find(&self, login: &str) -> Result<Option<Found>, StepError> {
        let kept = self.store.account(login).await?;
        Ok(kept.and_then(|kept| Some((kept.version, read(&kept.body)?))))
    }

    async fn find_by_id(&self, id: &str) -> Result<Option<Found>, StepError> {
        let all = self.all().await?;
        match all.into_iter().find(|account| account.id == id) {
            Some(account) => self.find(&account.login).await,
            None => Ok(None),
        }
    }

    /// Counts an attempt; the account as it is then, if it stands as expected.
    async fn counted(&self, login: &str, expected: Standing) -> Result<Option<Found>, StepError> {
        loop {
            let Some((version, mut account)) = self.find(login).await? else {
                return Ok(None);
            };
            if account.standing(self.now) != expected {
                return Ok(None);
            }
            account.wrong += 1;
            match self.keep((version, account.clone())).await {
                Ok(()) => return Ok(Some((version + 1, account))),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The attempt was right. Nobody, where the account has changed in the meantime.
    async fn right(&self, (version, mut account): Found) -> Result<Option<Account>, StepError> {
        account.wrong = 0;
        match self.keep((version, account.clone())).await {
            Ok(()) => Ok(Some(account)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The attempt was wrong, and has been counted.
    async fn wrong(&self, account: &Account) -> Result<(), StepError> {
        if account.wrong < WRONG_MAX {
            return Ok(());
        }
        tracing::warn!(account = %account.id, "locked after wrong attempts to sign in");
        let what = format!("{} locked after wrong attempts", account.id);
        self.note(EventKind::AccountLocked, &what, &Actor::gate())
            .await
    }

    async fn change(&self, how: &str, found: Found, by: &Actor) -> Result<(), StepError> {
        let id = found.1.id.clone();
        let what = format!("{id} {how}");
        self.note(EventKind::AccountChanged, &what, by).await?;
        self.keep(found).await?;
        self.store.sessions_end(&id).await?;
        Ok(())
    }

    async fn keep(&self, (before, account): Found) -> Result<(), StoreError> {
        let body = serde_json::to_string(&account)
            .map_err(|_| StoreError::Unstorable { what: "account" })?;
        let version = before + 1;
        let kept = store::Account { version, body };
        self.store.keep_account(&account.login, kept).await
    }

    async fn note(&self, kind: EventKind, what: &str, by: &Actor) -> Result<(), StepError> {
        let key = self.chance.token();
        let look = arrows::note_look(&key, kind, None, what, by, self.now);
        self.store.apply(look).await?;
        Ok(())
    }
}

/// What became of an enrolment.
pub enum Enrolled {
    Yes(Box<Account>),
    /// The device shows another code than the key, which is this one, gives.
    OtherCode(String),
    No,
}

fn read(body: &str) -> Option<Account> {
    serde_json::from_str(body).ok()
}

/// Hashes a password beside the service's other work, one at a time; `None` when it is broken off.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _turn = HASHING.acquire().await.ok()?;
    spawn_blocking(work).await.ok()
}
