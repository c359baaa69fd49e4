//! Codes in plain words, and times as people write them.

use disclosure::{Field, Role};
use jiff::Timestamp;

pub use sheets::organization;
use sheets::sentence;

/// Codes whose words are not the code itself.
const LABELS: [(&str, &str); 108] = [
    ("complete", "Read to its end"),
    ("being_read", "Being read"),
    ("broken_off", "Broken off"),
    ("submitted", "Waits for judgement"),
    ("completed", "Completed"),
    ("soon", "Ends within a week"),
    ("overdue", "Overdue"),
    ("incomplete", "Incomplete"),
    ("not_started", "Not started yet"),
    ("cannot_start_yet", "Cannot start yet"),
    ("draft", "Draft"),
    ("sent_back", "Sent back to you"),
    ("waits_for_signature", "Waits for a signature"),
    ("waits_for_your_signature", "Waits for your signature"),
    ("ends_by_itself", "Ends by itself"),
    ("answer_by", "Answer by"),
    ("collect_by", "Collect by"),
    ("outcome_by", "Outcome due"),
    ("find_suspect", "To find and question or arrest a suspect"),
    ("protect_somebody", "To protect somebody from harm"),
    (
        "find_missing",
        "To find out whether a missing person is safe",
    ),
    ("carry_out_order", "To carry out an order of a court"),
    ("right_person", "To be sure of the right person"),
    ("another_reason", "Another reason"),
    ("least_items", "These items are the least that would do"),
    ("nothing_milder", "Everything less intrusive has been tried"),
    ("gravity", "What is at stake weighs more than the intrusion"),
    ("has_happened", "It has happened already"),
    ("was_threatened", "It has been threatened"),
    ("is_likely", "It is likely"),
    ("is_possible", "It is possible"),
    ("too_much_asked", "More is asked for than is needed"),
    ("checked", "Checked, waits for a trace"),
    ("clarification", "Question sent"),
    ("held_suspension", "Held: agreement suspended"),
    ("tracing", "Being traced"),
    ("casework_review", "Waits for a caseworker"),
    ("guardian_review", "Waits for a second person"),
    ("emergency_pending", "Emergency: full review due"),
    ("released", "Released"),
    ("released_part", "Released in part"),
    ("released_all", "Released in full"),
    ("no_result", "No result"),
    ("outcome_due", "Collected, outcome due"),
    ("invalid", "Returned: procedural fault"),
    ("received", "Being dealt with"),
    ("question", "Question for you"),
    ("held", "Held"),
    ("collected", "Collected"),
    ("not_yet", "Not yet in force"),
    ("in_force", "In force"),
    ("suspended_hold", "Suspended, requests wait"),
    ("suspended_refuse", "Suspended, requests refused"),
    ("ended", "Ended"),
    ("pass", "Met"),
    ("fail", "Not met"),
    ("needs_human", "For a person"),
    ("not_applicable", "Does not apply"),
    ("single", "One certain person"),
    ("no_trace", "Nobody matches"),
    ("ambiguous", "More than one may match"),
    ("needs_identifiers", "One may match, not certainly enough"),
    ("restricted_withheld", "The record is protected"),
    ("deceased", "The person has died"),
    (
        "pit_not_met_after_trace",
        "Not in the public interest, with the trace known",
    ),
    ("no_releasable_field", "No item asked for can be released"),
    ("not_asked_harm", "Not asked: asking would cause harm"),
    (
        "not_asked_prejudice",
        "Not asked: asking would prejudice the purpose",
    ),
    (
        "not_asked_no_contact",
        "Not asked: no way to reach the person",
    ),
    ("safe_and_well", "Found safe and well"),
    ("wrong_person", "It was about the wrong person"),
    ("not_used", "Not used"),
    ("officer", "Agency officer"),
    ("authoriser", "Agency authorizer"),
    ("guardian", "Caldicott Guardian"),
    ("subject_access", "Subject access clerk"),
    ("subject", "Person asked about"),
    ("crime", "Preventing or investigating a crime"),
    ("others_rights", "Somebody else’s rights or safety"),
    ("state_security", "The security of the state"),
    ("right_to_erasure", "The person’s right to erasure"),
    ("welfare_missing", "Welfare of a missing person"),
    ("coded", "Decided by a rule"),
    ("human", "Decided by a person"),
    ("narrative", "States something"),
    ("practice", "Practice staff"),
    ("home", "Home"),
    ("care_of_practice", "In care of the practice"),
    ("care_of_organisation", "In care of an organization"),
    ("no_fixed_abode", "No fixed home"),
    ("withheld", "The patient does not want to say"),
    ("outside_area", "Lives outside the practice’s area"),
    ("list_closed", "The list is closed"),
    ("removed_before", "Removed from the list before"),
    ("other", "Another reason"),
    ("serve_notice", "Serve a notice or hand over a letter"),
    ("tell_when_coming", "Tell them when somebody comes"),
    ("keep_here", "Keep somebody here"),
    ("ask_status", "Ask patients about their immigration status"),
    (
        "confirm_address",
        "Confirm an address or that somebody is a patient",
    ),
    ("give_details", "Give one person’s details"),
    ("hand_over_list", "Hand over a list of patients"),
    ("other_act", "Something else"),
    ("routed_to_the_gate", "Sent to the gate"),
    ("session", "Signing in at the desk"),
    ("token", "A machine’s own token"),
    ("signature", "The agency’s signature for the officer"),
    ("folder", "A folder that the agency’s system writes to"),
];

/// A code in plain words.
pub fn label(code: &str) -> String {
    let known = LABELS.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| sentence(code), |(_, words)| (*words).to_owned())
}

/// Every text that a code stands for, for those who say them in another language.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = String> {
    let labels = LABELS.iter().map(|(_, words)| (*words).to_owned());
    let fields = Field::ALL.iter().map(|field| field.label());
    labels.chain(fields)
}

/// The words of an item that can be asked for.
pub fn field(code: &str) -> String {
    Field::from_code(code).map_or_else(|| sentence(code), Field::label)
}

/// A role in plain words.
pub fn role(role: Role) -> String {
    label(role.code())
}

/// The desk that somebody with this role sits at.
pub fn desk(role: Role) -> &'static str {
    match role {
        Role::Officer | Role::Authoriser => "Agency desk",
        Role::Caseworker | Role::Guardian | Role::Gate => "Controller desk",
        Role::Overseer => "Oversight desk",
        Role::SubjectAccess => "Subject access desk",
        Role::Subject => "",
        Role::Practice => "Practice desk",
    }
}

/// A legal gateway in plain words.
pub fn gateway(code: &str) -> &'static str {
    match code {
        "L1" => "Health, care or health promotion (Health and Social Care Act 2012, section 261)",
        "L2" => "Another case of section 261: welfare, crime, court order, statutory function",
        "L3" => "Crime and taxation (Data Protection Act 2018, Schedule 2, paragraph 2)",
        "L4" => "Court order or proceedings (Schedule 2, paragraph 5)",
        "L5" => "Required by law",
        "L6" => "Onward use within the purpose of the first disclosure",
        _ => "Another gateway",
    }
}

/// A legal gateway with its code.
pub fn gateway_named(code: &str) -> String {
    format!("{code}: {}", gateway(code))
}

/// How a state looks: `wait`, `act`, `good`, `stop` or `calm`.
pub fn tone(code: &str) -> &'static str {
    match code {
        "released" | "released_part" | "released_all" | "collected" | "outcome_due" | "pass"
        | "in_force" | "forwarded" | "single" => "good",
        "complete" | "completed" => "good",
        "soon" | "broken_off" => "act",
        "overdue" => "stop",
        "waits_for_your_signature" | "sent_back" | "incomplete" => "act",
        "waits_for_signature" => "wait",
        "refused" | "invalid" | "fail" | "recalled" | "suspended_hold" | "suspended_refuse"
        | "emergency_pending" => "stop",
        "casework_review" | "guardian_review" | "submitted" | "checked" | "question"
        | "needs_human" | "clarification" => "act",
        "being_read" | "held" | "held_suspension" | "tracing" | "received" | "not_yet"
        | "narrowed" => "wait",
        _ => "calm",
    }
}

/// `4 March 2026, 14:05 UTC`.
pub fn time(at: &str) -> String {
    formatted(at, "%-d %B %Y, %H:%M UTC")
}

/// `4 March 2026, 14:05:09 UTC`: what hovering shows.
pub fn exact(at: &str) -> String {
    formatted(at, "%-d %B %Y, %H:%M:%S UTC")
}

/// `4 March 2026`.
pub fn day(at: &str) -> String {
    formatted(at, "%-d %B %Y")
}

/// `4 March 2026, 14:00`: as much as a public entry tells.
pub fn hour(at: &str) -> String {
    formatted(at, "%-d %B %Y, %H:00 UTC")
}

fn formatted(at: &str, format: &str) -> String {
    let read: Result<Timestamp, _> = at.parse();
    let shown = read.ok().map(|at| at.strftime(format).to_string());
    shown.unwrap_or_else(|| at.to_owned())
}
