//! What the random people do.

use proptest::prelude::*;

use super::oracle::{self, Arrow};
use crate::request::Priority;
use crate::tests::sample::{self, AGENCY, OTHER_AGENCY, person};
use crate::{Actor, Case, Request, Role};

/// How a case begins.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    signature: u8,
    manual: u8,
    urgent: bool,
    fields: u8,
    purpose: u8,
}

/// One attempt at a step. The numbers are read modulo the choices there are.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// A step that fits the state by somebody of a fitting role; otherwise anything by anybody.
    pub guided: bool,
    pub arrow: u8,
    pub who: u8,
    pub role: u8,
    /// What the step is about: findings, fields, codes.
    pub choice: u8,
    /// What the index holds, and what the agreement allows.
    pub held: u8,
    /// What is claimed of agreement, test and budget.
    pub claim: u8,
    pub wait: u8,
    /// What becomes of the agreement between decision and write.
    pub agreement: u8,
}

impl Arbitrary for Opening {
    type Parameters = ();
    type Strategy = BoxedStrategy<Opening>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        (
            any::<u8>(),
            any::<u8>(),
            any::<bool>(),
            any::<u8>(),
            any::<u8>(),
        )
            .prop_map(|(signature, manual, urgent, fields, purpose)| Opening {
                signature,
                manual,
                urgent,
                fields,
                purpose,
            })
            .boxed()
    }
}

impl Arbitrary for Command {
    type Parameters = ();
    type Strategy = BoxedStrategy<Command>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        (prop::bool::weighted(0.8), any::<[u8; 8]>())
            .prop_map(
                |(guided, [arrow, who, role, choice, held, claim, wait, agreement])| Command {
                    guided,
                    arrow,
                    who,
                    role,
                    choice,
                    held,
                    claim,
                    wait,
                    agreement,
                },
            )
            .boxed()
    }
}

impl Opening {
    pub fn request(self) -> Request {
        let mut request = sample::request();
        match self.signature % 20 {
            0 => request.authoriser = None,
            1 => sign(&mut request, " OFFICER"),
            2 => sign(&mut request, "officer"),
            _ => {}
        }
        if self.manual.is_multiple_of(6) {
            request.manual_information = Some("Zqmanual".to_owned());
        }
        if self.urgent {
            request.priority = Priority::Emergency;
        }
        let fields: &[&str] = match self.fields % 5 {
            0 => &["last_known_address"],
            1 | 2 => &["name", "last_known_address", "gp_practice", "area_code"],
            3 => &["name", "nhs_number", "passport"],
            _ => &["name", "last_known_address"],
        };
        request.fields = fields.iter().map(|field| (*field).to_owned()).collect();
        if self.purpose.is_multiple_of(8) {
            request.purpose = "Find Zqsurname".to_owned();
        }
        request
    }
}

fn sign(request: &mut Request, officer_id: &str) {
    if let Some(authoriser) = &mut request.authoriser {
        officer_id.clone_into(&mut authoriser.officer_id);
    }
}

/// Identities that may act in any role; the first [`STAFF`] work for the controller alone.
const PEOPLE: [&str; 9] = [
    "anna",
    "bert",
    "cleo",
    "dora",
    "emil",
    "fran",
    "officer",
    "inspector",
    "gate",
];
const STAFF: usize = 6;
const ROLES: [Role; 6] = [
    Role::Officer,
    Role::Authoriser,
    Role::Caseworker,
    Role::Guardian,
    Role::Overseer,
    Role::Gate,
];

impl Command {
    /// The step tried. A guided one follows the table, and seldom ends the case early.
    pub fn arrow(self, case: &Case) -> Arrow {
        let any = Arrow::ALL[usize::from(self.arrow) % Arrow::ALL.len()];
        if !self.guided {
            return any;
        }
        let onward = oracle::from(case.state.code());
        let ending = self.claim.is_multiple_of(8);
        let fitting: Vec<Arrow> = onward
            .filter(|arrow| ending || !arrow.is_sideways())
            .collect();
        // The first arrow of a state leads furthest; it is tried more often than the others.
        let choice = usize::from(self.arrow) % (fitting.len() + 2);
        let first = fitting.first();
        fitting.get(choice).or(first).copied().unwrap_or(any)
    }

    /// Who tries it.
    pub fn actor(self, arrow: Arrow) -> Actor {
        let (who, role) = (usize::from(self.who), usize::from(self.role));
        if !self.guided {
            let organization = [AGENCY, OTHER_AGENCY, "controller"][who % 3];
            return person(
                PEOPLE[who % PEOPLE.len()],
                ROLES[role % ROLES.len()],
                organization,
            );
        }
        let roles = arrow.roles();
        match roles[role % roles.len()] {
            Role::Gate => Actor::gate(),
            agency @ (Role::Officer | Role::Authoriser) => person("officer", agency, AGENCY),
            staff => person(PEOPLE[who % STAFF], staff, "controller"),
        }
    }

    /// How the next case begins, where this one has come to its end.
    pub fn next_opening(self) -> Opening {
        Opening {
            signature: self.choice,
            manual: self.who,
            urgent: self.wait.is_multiple_of(2),
            fields: self.held,
            purpose: self.claim,
        }
    }

    /// Seconds that pass before the step.
    pub fn seconds(self) -> i64 {
        const WAITS: [i64; 8] = [0, 1, 60, 3_600, 7_000, 86_400, 200_000, 864_000];
        WAITS[usize::from(self.wait) % WAITS.len()]
    }
}
