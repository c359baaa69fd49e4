//! The same for what the agency's machine is told: nothing before the answer, then all four alike.

use jiff::SignedDuration;

use super::super::receiver::Receiver;
use super::super::webhooks::tell;
use super::{WAYS, asked, end};

#[test]
fn four_endings_are_told_alike_and_not_before_they_can_be_looked_at() {
    let receiver = Receiver::start();
    let site = receiver.site();
    let ids = asked(&site);
    tell(&site);
    receiver.take();
    let mut told = Vec::new();
    for minute in 0..70 {
        for (id, (_, decided, _)) in ids.iter().zip(WAYS) {
            if minute == decided {
                end(&site, id);
            }
        }
        tell(&site);
        let now = receiver.changes();
        if !now.is_empty() {
            told.push((minute, now));
        }
        site.later(SignedDuration::from_mins(1));
    }
    let [(59, told)] = &told[..] else {
        panic!("all of them on the hour: {told:?}")
    };
    let cases = |body: &str| ids.iter().position(|id| body.contains(id.as_str()));
    let mut seen: Vec<usize> = told.iter().filter_map(|told| cases(&told.body)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3]);
    let alike = |body: &str| {
        ids.iter()
            .fold(body.to_owned(), |body, id| body.replace(id, "ID"))
    };
    for other in told {
        assert_eq!(alike(&other.body), alike(&told[0].body));
    }
}
