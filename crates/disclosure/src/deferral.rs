//! When the person asked about is told later: on a ground, until a day, renewed by somebody else.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Actor, ArrowError};

/// Why the person is told later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferralGround {
    /// Telling now would hinder the prevention or investigation of a crime.
    Crime,
    /// Telling now would harm somebody else's rights or safety.
    OthersRights,
    /// Telling now would harm the security of the state.
    StateSecurity,
}

impl DeferralGround {
    /// Every ground.
    pub const ALL: [DeferralGround; 3] = [
        DeferralGround::Crime,
        DeferralGround::OthersRights,
        DeferralGround::StateSecurity,
    ];

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            DeferralGround::Crime => "crime",
            DeferralGround::OthersRights => "others_rights",
            DeferralGround::StateSecurity => "state_security",
        }
    }

    /// The ground with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<DeferralGround> {
        DeferralGround::ALL
            .into_iter()
            .find(|ground| ground.code() == code)
    }
}

/// What an agency asks for: that the person be told later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelayAsked {
    /// On which ground.
    pub ground: DeferralGround,
    /// Until when.
    pub until: Timestamp,
}

/// Longest time before somebody else must look again, in days: a quarter.
pub const DEFERRAL_DAYS_MAX: i64 = 90;

/// What an agreement allows: the grounds, and how long a term may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferralTerms {
    /// On which grounds people may be told later; empty where they are always told at once.
    pub grounds: Vec<DeferralGround>,
    /// Longest term, in days; never more than [`DEFERRAL_DAYS_MAX`].
    pub days_max: i64,
}

/// Where the agreement does not say.
impl Default for DeferralTerms {
    fn default() -> DeferralTerms {
        DeferralTerms {
            grounds: DeferralGround::ALL.to_vec(),
            days_max: DEFERRAL_DAYS_MAX,
        }
    }
}

impl DeferralTerms {
    /// Whether a term on this ground may begin now and last until then.
    pub fn allow(
        &self,
        ground: DeferralGround,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), ArrowError> {
        let days = self.days_max.min(DEFERRAL_DAYS_MAX);
        if !self.grounds.contains(&ground) {
            Err(ArrowError::DeferralGround)
        } else if until > after_days(now, days) {
            Err(ArrowError::DeferralTerm { days })
        } else {
            Ok(())
        }
    }
}

/// The entries of a case are kept from the people they are about, for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// On which ground.
    pub ground: DeferralGround,
    /// Who asked for it.
    pub asked_by: Actor,
    /// When it began.
    pub since: Timestamp,
    /// When it ends unless renewed.
    pub until: Timestamp,
    /// Renewals, oldest first.
    #[serde(default)]
    pub renewals: Vec<Renewal>,
    /// When the people were told.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}

/// Somebody else has looked again and found that the ground still holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Renewal {
    pub by: Actor,
    pub at: Timestamp,
    pub until: Timestamp,
    pub reason: String,
}

impl Deferral {
    /// What an agency's wish makes of a request received now: no longer than a term, and nothing
    /// when it ends before it begins.
    pub(crate) fn asked(asked: &DelayAsked, by: &Actor, now: Timestamp) -> Option<Deferral> {
        let until = asked.until.min(after_days(now, DEFERRAL_DAYS_MAX));
        (until > now).then(|| Deferral {
            ground: asked.ground,
            asked_by: by.clone(),
            since: now,
            until,
            renewals: Vec::new(),
            ended_at: None,
        })
    }

    /// Whether the people are still to be told.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether this person asked for it or renewed it last, and so may not renew it now.
    pub fn rests_on(&self, by: &Actor) -> bool {
        let last = self.renewals.last();
        self.asked_by.is(by) || last.is_some_and(|renewal| renewal.by.is(by))
    }
}

fn after_days(now: Timestamp, days: i64) -> Timestamp {
    let term = SignedDuration::from_hours(24 * days);
    now.checked_add(term).unwrap_or(Timestamp::MAX)
}
