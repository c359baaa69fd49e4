//! The parts of a request, each a page of its own: which inputs belong to which.

/// One part of the form.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// Its place in an address.
    pub code: &'static str,
    pub title: &'static str,
    /// Beginnings of the names of its inputs.
    inputs: &'static [&'static str],
}

/// The parts, in the order in which they are asked.
pub const SECTIONS: [Section; 7] = [
    Section {
        code: "you",
        title: "You and your authorizer",
        inputs: &["agency_reference", "requester."],
    },
    Section {
        code: "person",
        title: "The person",
        inputs: &["subject.", "subject_role"],
    },
    Section {
        code: "grounds",
        title: "The offence and the power",
        inputs: &["purpose", "grounds.", "limb"],
    },
    Section {
        code: "why",
        title: "Why it is needed",
        inputs: &["justification.", "why."],
    },
    Section {
        code: "tried",
        title: "What else you tried",
        inputs: &["attempt", "justification.alternative_considered"],
    },
    Section {
        code: "data",
        title: "Data wanted",
        inputs: &["fields"],
    },
    Section {
        code: "urgency",
        title: "Urgency, and when the person is told",
        inputs: &["priority", "manual_information", "tell_subject_delay."],
    },
];

/// The part with this code.
pub fn find(code: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.code == code)
}

/// The part that an input belongs to: the one whose beginning says most of its name.
pub fn of_input(name: &str) -> Option<&'static Section> {
    let said = |section: &&Section| {
        let fitting = section
            .inputs
            .iter()
            .filter(|start| name.starts_with(**start));
        fitting.map(|start| start.len()).max()
    };
    let fitting = SECTIONS.iter().filter(|section| said(section).is_some());
    fitting.max_by_key(said)
}

impl Section {
    /// The part after this one.
    pub fn next(&self) -> Option<&'static Section> {
        let at = SECTIONS.iter().position(|section| section == self)?;
        SECTIONS.get(at + 1)
    }

    /// Whether an input belongs here.
    pub fn has(&self, name: &str) -> bool {
        of_input(name) == Some(self)
    }
}

/// Reasons of which one is chosen before anything is written: input, what it asks, and the codes.
pub const REASONS: [(&str, &str, &[&str]); 3] = [
    (
        "necessity",
        "Why are the data necessary?",
        &[
            "find_suspect",
            "protect_somebody",
            "find_missing",
            "carry_out_order",
            "right_person",
            "another_reason",
        ],
    ),
    (
        "proportionality",
        "Why is the intrusion proportionate?",
        &["least_items", "nothing_milder", "gravity", "another_reason"],
    ),
    (
        "likelihood",
        "How likely is the harm?",
        &["has_happened", "was_threatened", "is_likely", "is_possible"],
    ),
];
