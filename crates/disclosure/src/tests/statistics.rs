use proptest::prelude::*;

use crate::Ending;
use crate::statistics::Row;

/// I3: published totals. No trace maps to `no_result`.
#[test]
fn published_totals_balance() {
    for [received, released, no_trace, refused] in [
        [8_127, 5_854, 1_583, 690],
        [2_244, 1_659, 516, 69],
        [1_424, 1_043, 236, 145],
        [1_980, 1_194, 559, 227],
    ] {
        let mut row = Row::default();
        row.add(Some(Ending::ReleasedAll), false, released);
        row.add(Some(Ending::NoResult), false, no_trace);
        row.add(Some(Ending::Refused), false, refused);
        assert_eq!(row.received, received);
        assert_eq!(
            (row.released_all, row.no_result, row.refused),
            (released, no_trace, refused)
        );
        assert!(row.balances());
    }
}

/// One of the periods was also printed as 2,224: the identity finds the misprint.
#[test]
fn a_misprint_does_not_balance() {
    let row = Row {
        received: 2_224,
        released_all: 1_659,
        no_result: 516,
        refused: 69,
        ..Row::default()
    };
    assert!(!row.balances());
}

#[test]
fn every_ending_has_a_column_of_its_name() {
    for ending in Ending::ALL {
        let mut row = Row::default();
        row.count(Some(ending), true);
        let counted = row.columns().into_iter().find(|(_, count)| *count == 1);
        assert_eq!(
            counted.map(|(name, _)| name),
            Some(ending.code()),
            "held or not"
        );
    }
    let mut row = Row::default();
    row.count(None, true);
    row.count(None, false);
    assert_eq!((row.received, row.held, row.pending), (2, 1, 1));
}

proptest! {
    /// I1, whatever is counted.
    #[test]
    fn everything_received_is_accounted_for(
        cases in prop::collection::vec((0..=Ending::ALL.len(), any::<bool>(), 0_u64..10_000), 0..40)
    ) {
        let mut row = Row::default();
        for (ending, held, count) in &cases {
            row.add(Ending::ALL.get(*ending).copied(), *held, *count);
        }
        prop_assert!(row.balances());
        prop_assert_eq!(row.received, cases.iter().map(|(_, _, count)| count).sum::<u64>());
    }
}
