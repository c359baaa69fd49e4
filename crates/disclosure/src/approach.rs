//! What officials ask of a practice outside the proper channel, and what to say to it.

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Act {
    ServeNotice,
    TellWhenComing,
    KeepHere,
    AskStatus,
    ConfirmAddress,
    GiveDetails,
    HandOverList,
    Other,
}

/// Where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routed {
    /// It is not about data: no agreement covers it, and a practice does not do it.
    ActNotData,
    /// It is about one person: it belongs in a request at the gate.
    Gate,
    /// It is about many people at once: no channel takes it.
    Bulk,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 8] = [
        Act::ServeNotice,
        Act::TellWhenComing,
        Act::KeepHere,
        Act::AskStatus,
        Act::ConfirmAddress,
        Act::GiveDetails,
        Act::HandOverList,
        Act::Other,
    ];

    /// The text form.
    pub fn code(self) -> &'static str {
        match self {
            Act::ServeNotice => "serve_notice",
            Act::TellWhenComing => "tell_when_coming",
            Act::KeepHere => "keep_here",
            Act::AskStatus => "ask_status",
            Act::ConfirmAddress => "confirm_address",
            Act::GiveDetails => "give_details",
            Act::HandOverList => "hand_over_list",
            Act::Other => "other_act",
        }
    }

    /// The act with this text form, if there is one.
    pub fn from_code(code: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.code() == code)
    }

    /// Where it belongs.
    pub fn routed(self) -> Routed {
        match self {
            Act::ConfirmAddress | Act::GiveDetails => Routed::Gate,
            Act::HandOverList => Routed::Bulk,
            _ => Routed::ActNotData,
        }
    }

    /// Whether it is an approach about one person's data, which must be asked at the gate.
    pub fn is_about_data(self) -> bool {
        self.routed() == Routed::Gate
    }
}

impl Routed {
    /// The published code.
    pub fn code(self) -> &'static str {
        match self {
            Routed::ActNotData => crate::Code::ActNotData.code(),
            Routed::Gate => "routed_to_the_gate",
            Routed::Bulk => crate::Code::SpeculativeOrBulk.code(),
        }
    }
}
