//! The quarter's requests: how many of which kind, about whom, on which day.
//!
//! The shape follows a published quarter of a tracing service, April to June 2017: 1,424 requests
//! of one agency, of which 1,043 led to a release, 236 to no trace and 145 were refused
//! (ukauthority.com, "NHS Digital turning down hundreds of data sharing requests"). Some of the
//! refused and untraced are spread over the endings that the gate tells apart.

use disclosure::request::Subject;
use disclosure::{Actor, Request};
use jiff::{SignedDuration, Timestamp};

use super::forms::{self, Form};
use super::people::{About, People};

/// Days played.
pub const DAYS: usize = 92;

/// What people are to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Whatever the case calls for.
    Usual,
    /// Forward the message.
    Forwarded,
    /// The guardian declines.
    Declined,
    /// The agency takes it back.
    Withdrawn,
    /// Nobody acts, and it expires.
    Expired,
    /// The agency reports the wrong person.
    WrongPerson,
    /// The agency has not returned an outcome yet.
    NotReturned,
}

/// One request that will be sent.
#[derive(Debug)]
pub struct Planned {
    pub day: usize,
    pub officer: Actor,
    pub request: Request,
    pub ending: Ending,
}

/// How many requests of which form, about whom, with which ending. Sums to 1,424.
const MIX: [(usize, Form, About, Ending); 26] = [
    (858, Form::Suspect, About::Anybody, Ending::Usual),
    (90, Form::Victim, About::Anybody, Ending::Usual),
    (60, Form::Court, About::Anybody, Ending::Usual),
    (30, Form::Suspect, About::Anybody, Ending::NotReturned),
    (1, Form::Suspect, About::Anybody, Ending::WrongPerson),
    (24, Form::Message, About::Anybody, Ending::Forwarded),
    (10, Form::FreeText, About::Anybody, Ending::Usual),
    (20, Form::Suspect, About::CareOf, Ending::Usual),
    (8, Form::AddressOnly, About::CareOf, Ending::Usual),
    (6, Form::Suspect, About::Anybody, Ending::Declined),
    (120, Form::Suspect, About::Absent, Ending::Usual),
    (30, Form::Suspect, About::NearAbsent, Ending::Usual),
    (8, Form::Suspect, About::Restricted, Ending::Usual),
    (8, Form::Suspect, About::Deceased, Ending::Usual),
    (6, Form::Suspect, About::Anybody, Ending::Withdrawn),
    (3, Form::FreeText, About::Anybody, Ending::Expired),
    (46, Form::Theft, About::Anybody, Ending::Usual),
    (20, Form::NothingTried, About::Anybody, Ending::Usual),
    (16, Form::NoReason, About::Anybody, Ending::Usual),
    (6, Form::Clinical, About::Anybody, Ending::Usual),
    (4, Form::Act, About::Anybody, Ending::Usual),
    (14, Form::Council, About::Anybody, Ending::Usual),
    (8, Form::Withdrawn, About::Anybody, Ending::Usual),
    (16, Form::Suspended, About::Anybody, Ending::Usual),
    (7, Form::Unsigned, About::Anybody, Ending::Usual),
    (5, Form::NoBirthDate, About::Anybody, Ending::Usual),
];

/// Plans `count` requests in the proportions of [`MIX`], from `start` on.
pub fn plan(people: &mut People, count: usize, start: Timestamp) -> Vec<Planned> {
    let whole: usize = MIX.iter().map(|(count, ..)| count).sum();
    let mut planned = Vec::with_capacity(count);
    for (share, form, about, ending) in MIX {
        // Every kind occurs at least once, however few requests are asked for.
        let wanted = (share * count / whole).max(1);
        for _ in 0..wanted {
            planned.push((form, people.somebody(about), ending));
        }
    }
    people.shuffle(&mut planned);
    let total = planned.len();
    let on_day = |number: usize| number * DAYS / total.max(1);
    planned
        .into_iter()
        .enumerate()
        .map(|(number, (form, subject, ending))| {
            // What is to expire within the quarter must come on its first day.
            let day = if ending == Ending::Expired {
                0
            } else {
                on_day(number)
            };
            request(number, day, form, subject, ending, start)
        })
        .collect()
}

fn request(
    number: usize,
    day: usize,
    form: Form,
    subject: Subject,
    ending: Ending,
    start: Timestamp,
) -> Planned {
    let hours = i64::try_from(day * 24 + 8).unwrap_or_default();
    let signed_at = start + SignedDuration::from_hours(hours);
    Planned {
        day,
        officer: forms::sender(form),
        request: forms::fill(form, number + 1, subject, signed_at),
        ending,
    }
}
