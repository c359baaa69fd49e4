//! Given names that stand for each other: short forms, pet forms, spellings of one name.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One group a line: a name and what its bearers are called. Written for this program.
const GROUPS: &str = include_str!("variants.txt");

/// The table is our own, so that nobody chooses keys that collide: a quick hash serves.
type Groups = HashMap<&'static str, Vec<u16>, foldhash::fast::FixedState>;

/// Groups of each name.
static GROUPS_BY_NAME: LazyLock<Groups> = LazyLock::new(|| {
    let mut groups = Groups::default();
    for (number, line) in lines().enumerate() {
        for name in line.split(' ') {
            groups.entry(name).or_default().push(number as u16);
        }
    }
    groups
});

fn lines() -> impl Iterator<Item = &'static str> {
    GROUPS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Numbers of the groups that hold `name`, ascending; names compare when they share one.
pub(crate) fn groups(name: &str) -> &'static [u16] {
    GROUPS_BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

/// The name that a short form stands for, when it can stand for one only.
pub(crate) fn formal(name: &str) -> Option<&'static str> {
    match groups(name) {
        [only] => lines().nth(usize::from(*only))?.split(' ').next(),
        _ => None,
    }
}
