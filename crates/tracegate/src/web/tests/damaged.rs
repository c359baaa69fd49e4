//! What was recorded and cannot be opened any more is never signed.

use std::fs;

use disclosure::{Actor, EventKind, arrows};

use super::site::Site;
use crate::pipeline::publish::Ahead;
use crate::public_log::{Level, Limit};

fn look(site: &Site, key: &str) {
    let (by, now) = (Actor::gate(), site.gate.clock.now());
    let look = arrows::note_look(key, EventKind::LogRead, None, "log", &by, now);
    site.block_on(site.gate.store.apply(look)).unwrap();
}

/// Entries read as they come, in pages, and the ones a tick still has to read lead to one head.
#[test]
fn what_was_read_ahead_is_published_with_the_rest() {
    let site = Site::demonstration();
    let mut ahead = Ahead::default();
    for number in 0..1_100 {
        look(&site, &number.to_string());
        // Full pages are read, and what is left of the last one.
        if [600, 1_050].contains(&number) {
            while site.block_on(ahead.read_on(&site.gate)) {}
        }
    }
    let recorded = site.block_on(site.gate.store.ledger_size()).unwrap();
    assert_eq!(site.block_on(ahead.publish(&site.gate)).unwrap(), recorded);
    look(&site, "one more");
    site.block_on(ahead.read_on(&site.gate));
    assert_eq!(
        site.block_on(ahead.publish(&site.gate)).unwrap(),
        recorded + 1
    );
    let [key, ..] = site.gate.log.keys() else {
        panic!("no key")
    };
    let report = ledger::verify(&site.gate.settings.log.folder, key).unwrap();
    let root = site.block_on(site.gate.store.root(recorded + 1)).unwrap();
    assert_eq!(report.checkpoint.root, root);
}

#[test]
fn an_entry_that_does_not_open_stops_the_log() {
    let site = Site::demonstration();
    site.publish();
    let before = (site.gate.log.size(), site.gate.log.head());
    let now = site.gate.clock.now();
    look(&site, "look");
    // That it was read before does not help.
    let mut ahead = Ahead::default();
    assert!(!site.block_on(ahead.read_on(&site.gate)));
    // The keys of everything are overwritten; the first two slots tell whose file it is.
    let mut keys = fs::read(&site.gate.settings.keys).unwrap();
    keys[64..].fill(0);
    fs::write(&site.gate.settings.keys, keys).unwrap();
    for _ in 0..2 {
        // The second try does nothing at all: a person has to look.
        site.block_on(ahead.publish(&site.gate)).ok();
        let standing = site.gate.log.standing(now);
        assert_eq!(standing.level, Level::Stopped(Limit::Contradiction));
        let why = standing.why.unwrap();
        assert!(why.contains("is not what was committed to"), "{why}");
        assert_eq!((site.gate.log.size(), site.gate.log.head()), before);
    }
}
