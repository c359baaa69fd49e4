//! The people of the demonstration. They exist only where the settings say `demonstration`, and
//! the service then listens on loopback only.

use disclosure::{Actor, Role};

/// Identity, name, role, organization.
const PERSONAS: [(&str, &str, Role, &str); 18] = [
    (
        "dc-amara-osei",
        "DC Amara Osei",
        Role::Officer,
        "police-northmoor",
    ),
    (
        "insp-ruth-hale",
        "Inspector Ruth Hale",
        Role::Authoriser,
        "police-northmoor",
    ),
    (
        "clerk-idris-vaughan",
        "Idris Vaughan",
        Role::Officer,
        "court-northmoor",
    ),
    (
        "judge-helen-adeyemi",
        "Judge Helen Adeyemi",
        Role::Authoriser,
        "court-northmoor",
    ),
    (
        "mp-nadia-rahman",
        "Nadia Rahman",
        Role::Officer,
        "missing-northmoor",
    ),
    (
        "mp-owen-price",
        "Owen Price",
        Role::Authoriser,
        "missing-northmoor",
    ),
    (
        "ho-daniel-marsh",
        "Daniel Marsh",
        Role::Officer,
        "home-office",
    ),
    (
        "ho-grace-bell",
        "Grace Bell",
        Role::Authoriser,
        "home-office",
    ),
    (
        "cw-sofia-lindqvist",
        "Sofia Lindqvist",
        Role::Caseworker,
        "controller",
    ),
    (
        "cw-tomasz-zielinski",
        "Tomasz Zielinski",
        Role::Caseworker,
        "controller",
    ),
    (
        "cg-dr-miriam-okafor",
        "Dr Miriam Okafor",
        Role::Guardian,
        "controller",
    ),
    (
        "cg-dr-anton-keller",
        "Dr Anton Keller",
        Role::Guardian,
        "controller",
    ),
    (
        "sa-leila-haddad",
        "Leila Haddad",
        Role::SubjectAccess,
        "controller",
    ),
    (
        "pr-beatriz-almeida",
        "Beatriz Almeida",
        Role::Practice,
        "practice-harbour-street",
    ),
    (
        "pr-gareth-morgan",
        "Gareth Morgan",
        Role::Practice,
        "practice-larch-lane",
    ),
    (
        "ov-james-whitlock",
        "James Whitlock",
        Role::Overseer,
        "data-guardian",
    ),
    (ASKED_ABOUT, "A person asked about", Role::Subject, "self"),
    (REPRESENTATIVE, "Farah Aziz", Role::Subject, "self"),
];

/// Somebody who has no record here.
pub const REPRESENTATIVE: &str = "su-farah-aziz";

/// Whoever sits here says which person of the index they are.
pub const ASKED_ABOUT: &str = "su-asked-about";

/// Every persona.
pub fn all() -> impl Iterator<Item = Actor> {
    PERSONAS
        .into_iter()
        .map(|(id, name, role, organization)| Actor {
            id: id.to_owned(),
            name: name.to_owned(),
            role,
            organization: organization.to_owned(),
        })
}

/// The persona with this identity.
pub fn find(id: &str) -> Option<Actor> {
    all().find(|actor| actor.id == id)
}
