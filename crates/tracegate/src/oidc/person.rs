//! The person of an ID token, as somebody who acts here.

use disclosure::{Actor, Role};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::token::Claims;
use crate::settings::SignIn;

/// Longest name and organization code that are taken over.
const TEXT_CHARS_MAX: usize = 100;

/// Organization of people who act for themselves.
const SELF: &str = "self";

/// Why somebody whom the provider knows cannot work here. Names no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplaced {
    #[error("the provider does not say who it is")]
    NoSubject,
    #[error("no role of this service")]
    NoRole,
    #[error("several roles of this service, and one person has one")]
    SeveralRoles,
    #[error("no organization")]
    NoOrganization,
}

/// Who acts. Two sessions are the same person if issuer and subject are equal, whatever else changed.
pub fn actor(settings: &SignIn, claims: &Claims) -> Result<Actor, Unplaced> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim);
    let given = |name: &str| text(name).filter(|text| !text.is_empty());
    let subject = claims.get("sub").and_then(Value::as_str);
    let subject = subject.filter(|subject| !subject.is_empty());
    let subject = subject.ok_or(Unplaced::NoSubject)?;
    let organization = reach(claims, &settings.organization_claim).and_then(Value::as_str);
    let organization = organization.filter(|code| is_code(code));
    let role = role(settings, claims)?;
    // Somebody who is asked about comes from no organization.
    let organization = match role {
        Role::Subject => Some(SELF),
        _ => organization,
    };
    Ok(Actor {
        id: identity(&settings.issuer, subject),
        name: given("name")
            .or_else(|| given("preferred_username"))
            .unwrap_or("Unnamed")
            .chars()
            .take(TEXT_CHARS_MAX)
            .collect(),
        role,
        organization: organization.ok_or(Unplaced::NoOrganization)?.to_owned(),
    })
}

/// What names the person in the index, where they are asked about: an NHS number or a reference.
pub fn own(settings: &SignIn, claims: &Claims) -> Option<String> {
    let named = reach(claims, &settings.person_claim)?.as_str()?.trim();
    let usable = !named.is_empty() && named.len() <= TEXT_CHARS_MAX;
    usable.then(|| named.to_owned())
}

/// The person's rank or grade, in our words; `None` where the provider says none that is known here.
pub fn rank(settings: &SignIn, claims: &Claims) -> Option<String> {
    let named = reach(claims, &settings.rank_claim)?.as_str()?;
    let rank = match settings.ranks.is_empty() {
        true => named,
        false => settings.ranks.get(named)?,
    };
    is_code(rank).then(|| rank.to_owned())
}

/// A name for issuer and subject that is short and tells nothing: a subject may be a mail address.
pub fn identity(issuer: &str, subject: &str) -> String {
    let digest = Sha256::digest([issuer, "\0", subject].concat());
    format!("id-{}", hex::encode(&digest[..20]))
}

fn role(settings: &SignIn, claims: &Claims) -> Result<Role, Unplaced> {
    let named: Vec<&str> = match reach(claims, &settings.roles_claim) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut roles = named.into_iter().filter_map(|name| ours(settings, name));
    let role = roles.next().ok_or(Unplaced::NoRole)?;
    // Duties are kept apart by who somebody is, so nobody is two things.
    match roles.all(|other| other == role) {
        true => Ok(role),
        false => Err(Unplaced::SeveralRoles),
    }
}

fn ours(settings: &SignIn, name: &str) -> Option<Role> {
    let role = match settings.roles.is_empty() {
        true => serde_json::from_value(name.into()).ok(),
        false => settings.roles.get(name).copied(),
    };
    role.filter(|role| *role != Role::Gate)
}

/// A claim by its name, or else by its path.
fn reach<'c>(claims: &'c Claims, name: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    reach(claims.get(first)?.as_object()?, rest)
}

fn is_code(code: &str) -> bool {
    (1..=TEXT_CHARS_MAX).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
