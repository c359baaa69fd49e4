//! The same for what officers are told by e-mail: nothing before the answer, then all four alike (I10).

use jiff::SignedDuration;

use super::super::email::tell;
use super::super::post_office::{ADDRESS, PostOffice};
use super::{WAYS, asked, end};

#[test]
fn four_endings_are_told_alike_by_email_and_not_before_they_can_be_looked_at() {
    let office = PostOffice::start();
    let site = office.site();
    let ids = asked(&site);
    tell(&site);
    office.take();
    let mut told = Vec::new();
    for minute in 0..70 {
        for (id, (_, decided, _)) in ids.iter().zip(WAYS) {
            if minute == decided {
                end(&site, id);
            }
        }
        tell(&site);
        let mut now = office.take();
        now.retain(|letter| letter.to == ADDRESS);
        if !now.is_empty() {
            told.push((minute, now));
        }
        site.later(SignedDuration::from_mins(1));
    }
    let [(59, told)] = &told[..] else {
        panic!("all of them on the hour: {told:?}")
    };
    let of = |text: &str| ids.iter().position(|id| text.contains(id.as_str()));
    let mut seen: Vec<usize> = told.iter().filter_map(|letter| of(&letter.text)).collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3]);
    // The reference of the message is a hash of the case's.
    let alike = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("Message-ID:"));
        let text = lines.collect::<Vec<_>>().join("\n");
        ids.iter().fold(text, |text, id| text.replace(id, "ID"))
    };
    for other in told {
        assert_eq!(alike(&other.text), alike(&told[0].text));
    }
}
