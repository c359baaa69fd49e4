//! What people ask about themselves, and what the staff answer. Every change is an entry of the person's
//! own log.

use jiff::Timestamp;

use super::guard::{require_any_staff, require_guardian, require_text};
use super::{discriminator, facts};
use crate::wishes::{Answer, Correction, Delegation, Invitation, Item, Objection, Wishes};
use crate::{Actor, ArrowError, Change, Concern, Event, EventKind, Role, Telling, Transition};

/// Most corrections of one person, and most people who ever act for one: far more than anybody needs.
const MOST: usize = 50;

/// In whose place somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acting {
    /// The person.
    Themselves,
    /// Somebody whom the person lets act.
    ForThem,
}

/// What a person can ask about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A view, shown to whoever decides.
    Object(String),
    /// The view no longer holds.
    WithdrawObjection,
    /// Nothing that tells where they are may leave from now on.
    Protect,
    /// Nothing is shown online any more.
    Hide,
    /// An item is wrong.
    Correct {
        /// Which.
        item: Item,
        /// What is right.
        says: String,
        /// What the index holds.
        held: String,
    },
    /// Whoever has the code with this hash may act for them.
    Invite {
        /// Hex SHA-256.
        hash: String,
        /// Until when.
        until: Timestamp,
    },
    /// The representative with this identity acts for them no longer.
    EndDelegation(String),
}

impl Wish {
    fn code(&self) -> &'static str {
        match self {
            Wish::Object(_) => "objection",
            Wish::WithdrawObjection => "objection_withdrawn",
            Wish::Protect => "protection",
            Wish::Hide => "hidden",
            Wish::Correct { .. } => "correction",
            Wish::Invite { .. } => "invitation",
            Wish::EndDelegation(_) => "delegation_ended",
        }
    }

    /// What only the person decides, and nobody in their place: who acts for them, and what is shown.
    fn is_their_own(&self) -> bool {
        matches!(self, Wish::Invite { .. } | Wish::Hide)
    }

    /// Tells two wishes of one kind apart.
    fn detail(&self) -> String {
        match self {
            Wish::Object(text) | Wish::EndDelegation(text) => text.clone(),
            Wish::Correct { item, says, .. } => format!("{}/{says}", item.code()),
            Wish::Invite { hash, .. } => hash.clone(),
            Wish::WithdrawObjection | Wish::Protect | Wish::Hide => String::new(),
        }
    }
}

/// Records a wish. Whoever calls has made sure who the person is, and who may act for them.
pub fn wish(
    before: &Wishes,
    wish: Wish,
    acting: Acting,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require(by, Role::Subject, "the person it is about")?;
    let ends_own = wish == Wish::EndDelegation(by.id.clone());
    let ends_other = matches!(wish, Wish::EndDelegation(_)) && !ends_own;
    if acting == Acting::ForThem && (wish.is_their_own() || ends_other) {
        return Err(ArrowError::Role {
            role: "representative",
            needs: "the person themselves",
        });
    }
    let (what, detail) = (wish.code(), wish.detail());
    let mut next = after(before);
    fulfil(&mut next, wish, by, now)?;
    let kind = EventKind::WishRecorded;
    Ok(changed(next, kind, (what, &detail), acting, by, now))
}

fn fulfil(next: &mut Wishes, wish: Wish, by: &Actor, now: Timestamp) -> Result<(), ArrowError> {
    match wish {
        Wish::Object(text) => {
            require_text("objection", &text)?;
            next.objection = Some(Objection { text, at: now });
        }
        Wish::WithdrawObjection => next.objection = None,
        Wish::Protect => next.protected_since = next.protected_since.or(Some(now)),
        Wish::Hide => next.hidden_since = Some(now),
        Wish::Correct { item, says, held } => {
            if item != Item::EndProtection {
                require_text("correction", &says)?;
            }
            room(next.corrections.len())?;
            next.corrections.push(Correction {
                item,
                says,
                held,
                asked_by: by.id.clone(),
                at: now,
                answer: None,
            });
        }
        Wish::Invite { hash, until } => next.invitation = Some(Invitation { hash, until }),
        Wish::EndDelegation(identity) => {
            let mut all = next.delegations.iter_mut();
            let open = all.find(|one| one.identity == identity && one.ended_at.is_none());
            open.ok_or(ArrowError::Missing("representative"))?.ended_at = Some(now);
        }
    }
    Ok(())
}

/// Whoever has the code acts for the person from now on. A code works once.
pub fn accept_delegation(
    before: &Wishes,
    hash: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require(by, Role::Subject, "somebody whom the person has asked")?;
    let invitation = before.invitation.as_ref();
    let works = invitation.is_some_and(|one| one.hash == hash && now < one.until);
    if !works || before.lets_act(by) {
        return Err(ArrowError::Missing("invitation"));
    }
    let mut next = after(before);
    room(next.delegations.len())?;
    next.invitation = None;
    next.delegations.push(Delegation {
        identity: by.id.clone(),
        name: by.name.clone(),
        since: now,
        ended_at: None,
    });
    let kind = EventKind::WishRecorded;
    Ok(changed(
        next,
        kind,
        ("delegation", hash),
        Acting::ForThem,
        by,
        now,
    ))
}

/// The staff answer a correction. Agreeing tells the source of the index that something is wrong; it
/// releases nothing. Protection is ended by a guardian alone.
pub fn answer_correction(
    before: &Wishes,
    (place, agreed): (usize, bool),
    reason: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<Transition, ArrowError> {
    require_any_staff(by)?;
    require_text("reason", reason)?;
    let mut next = after(before);
    let correction = next.corrections.get_mut(place);
    let open = correction.filter(|correction| correction.answer.is_none());
    let correction = open.ok_or(ArrowError::Missing("correction"))?;
    if correction.asked_by == by.id {
        return Err(ArrowError::SamePerson {
            rule: "who asks for a correction may not confirm it",
        });
    }
    let ends_protection = correction.item == Item::EndProtection && agreed;
    if ends_protection {
        require_guardian(by)?;
    }
    correction.answer = Some(Answer {
        agreed,
        reason: reason.to_owned(),
        by: by.clone(),
        at: now,
    });
    if ends_protection {
        next.protected_since = None;
    }
    let what = match agreed {
        true => "correction_agreed",
        false => "correction_declined",
    };
    let detail = format!("{place}/{reason}");
    let kind = EventKind::CorrectionAnswered;
    Ok(changed(
        next,
        kind,
        (what, &detail),
        Acting::ForThem,
        by,
        now,
    ))
}

/// The clerk shows everything online again, to a person who has proven who they are.
pub fn show_again(before: &Wishes, by: &Actor, now: Timestamp) -> Result<Transition, ArrowError> {
    require(by, Role::SubjectAccess, "the subject access clerk")?;
    if before.hidden_since.is_none() {
        return Err(ArrowError::Missing("what is hidden"));
    }
    let mut next = after(before);
    next.hidden_since = None;
    let kind = EventKind::WishRecorded;
    Ok(changed(
        next,
        kind,
        ("shown_again", ""),
        Acting::ForThem,
        by,
        now,
    ))
}

/// Records that somebody looked at what is held of a person or asked by them, before they do (I9).
pub fn note_details_read(
    key: &str,
    person: &str,
    acting: Acting,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    Transition {
        key: format!("look/{key}"),
        change: Change::Nothing,
        event: event(person, EventKind::OwnRecordRead, "details", acting, by, now),
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}

fn require(by: &Actor, role: Role, needs: &'static str) -> Result<(), ArrowError> {
    if by.role == role {
        return Ok(());
    }
    let role = by.role.code();
    Err(ArrowError::Role { role, needs })
}

fn room(taken: usize) -> Result<(), ArrowError> {
    match taken < MOST {
        true => Ok(()),
        false => Err(ArrowError::Full { most: MOST }),
    }
}

fn after(before: &Wishes) -> Wishes {
    Wishes {
        version: before.version + 1,
        ..before.clone()
    }
}

fn changed(
    next: Wishes,
    kind: EventKind,
    (what, detail): (&str, &str),
    acting: Acting,
    by: &Actor,
    now: Timestamp,
) -> Transition {
    let who = discriminator([&by.id, &format!("{what}/{detail}")]);
    Transition {
        key: format!("wishes/{}/{}/{who:016x}", next.id, next.version),
        event: event(&next.person, kind, what, acting, by, now),
        change: Change::Wishes(Box::new(next)),
        outbox: Vec::new(),
        marks: Vec::new(),
    }
}

fn event(
    person: &str,
    kind: EventKind,
    what: &str,
    acting: Acting,
    by: &Actor,
    now: Timestamp,
) -> Event {
    let acting = match acting {
        Acting::Themselves => "themselves",
        Acting::ForThem => "for_them",
    };
    let told = facts([
        ("person", person),
        ("part", "own"),
        ("what", what),
        ("acting", acting),
        ("at", now.to_string().as_str()),
        ("by", by.role.code()),
    ]);
    Event {
        kind,
        at: now,
        case_id: None,
        actor: by.clone(),
        audit: facts([
            ("actor", by.id.as_str()),
            ("role", by.role.code()),
            ("what", what),
            ("acting", acting),
        ]),
        concerns: vec![Concern {
            person: person.to_owned(),
            is_subject: true,
            facts: told,
        }],
        telling: Telling::Now,
    }
}
