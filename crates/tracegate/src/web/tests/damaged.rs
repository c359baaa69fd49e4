//! What was recorded and cannot be opened any more is never signed.

use std::fs;

use disclosure::{Actor, EventKind, arrows};

use super::site::Site;
use crate::pipeline::publish;
use crate::public_log::Level;

#[test]
fn an_entry_that_does_not_open_stops_the_log() {
    let site = Site::demonstration();
    site.publish();
    let before = (site.gate.log.size(), site.gate.log.head());
    let now = site.gate.clock.now();
    let look = arrows::note_look("look", EventKind::LogRead, None, "log", &Actor::gate(), now);
    site.block_on(site.gate.store.apply(look)).unwrap();
    // The keys of everything are overwritten; the first two slots tell whose file it is.
    let mut keys = fs::read(&site.gate.settings.keys).unwrap();
    keys[64..].fill(0);
    fs::write(&site.gate.settings.keys, keys).unwrap();
    for _ in 0..2 {
        // The second try does nothing at all: a person has to look.
        site.block_on(publish::publish(&site.gate)).ok();
        let standing = site.gate.log.standing(now);
        assert_eq!(standing.level, Level::Stopped);
        let why = standing.why.unwrap();
        assert!(why.contains("is not what was committed to"), "{why}");
        assert_eq!((site.gate.log.size(), site.gate.log.head()), before);
    }
}
