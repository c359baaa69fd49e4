//! The second file of a quarter: purposes, refusals by code, people, what became of releases, and why there was no
//! result; protected together with the first file so that neither tells what the other hides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use disclosure::{Code, CodeGroup, Ending, EventKind};
use serde_json::{Value, json};
use statistics::{Rule, SMALL, Sum, Table};
use store::CountedCase;

use super::days;
use super::held::{self, Held, Key};
use super::table::Places;
use super::{Edition, Line, PublicationError, Quarter};

/// Columns of the file.
pub const COLUMNS: [&str; 7] = [
    "period",
    "as_at",
    "agreement",
    "agency",
    "counted",
    "of",
    "count",
];

/// What may have become of a release, by the entry that says so, and what it is then one of, if not of the releases.
const FATES: [(&str, EventKind, Option<&str>); 8] = [
    ("emergency", EventKind::EmergencyReleased, None),
    (
        "emergency_upheld",
        EventKind::EmergencyUpheld,
        Some("emergency"),
    ),
    ("collected", EventKind::Collected, None),
    (
        "outcome_returned",
        EventKind::OutcomeReturned,
        Some("collected"),
    ),
    ("recalled", EventKind::Recalled, None),
    (WRONG_PERSON, EventKind::Recalled, Some("recalled")),
    ("deferred", EventKind::Deferred, None),
    ("deferral_ended", EventKind::DeferralEnded, Some("deferred")),
];
const WRONG_PERSON: &str = "wrong_person";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// `AGREEMENT/VERSION`, `none` where none applied; nothing for all of them.
    pub agreement: Option<String>,
    /// Organization code; nothing for all of them.
    pub agency: Option<String>,
    /// `purpose`, `refused`, `no_result`, `released`, `people`, `days` or `log`.
    pub group: String,
    /// Which of the group.
    pub item: String,
    /// Nothing where `*` is shown.
    pub count: Option<u64>,
}

impl Detail {
    /// A count of everything, not yet filled.
    pub fn of_everything(group: &str, item: &str) -> Detail {
        Detail {
            agreement: None,
            agency: None,
            group: group.to_owned(),
            item: item.to_owned(),
            count: None,
        }
    }

    /// Where it stands.
    pub fn key(&self) -> Key {
        let name = format!("{}:{}", self.group, self.item);
        held::key(&self.agreement, &self.agency, &name)
    }
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Purpose(String),
    /// Without a code where the case has been erased.
    Refused(Option<Code>),
    /// Likewise.
    NoResult(Option<Code>),
    Released(&'static str),
    AskedAbout,
    GivenOut,
}

/// A case and whom it is about.
struct Counted<'c> {
    case: &'c CountedCase,
    person: usize,
}

impl Item {
    /// Purposes and refusals by agency and agreement; the others, which are few, by agency; why there was no
    /// result is told to no agency, and so for everything alone.
    fn is_counted_in(&self, line: &Line) -> bool {
        match self {
            Item::Purpose(_) | Item::Refused(_) => true,
            Item::NoResult(_) => line.agency.is_none(),
            _ => line.agreement.is_none(),
        }
    }

    /// People are not: one whom two agencies ask about is one.
    fn adds_up(&self) -> bool {
        !matches!(self, Item::AskedAbout | Item::GivenOut)
    }

    /// What an agency sent is told, and so are the national figures, but for people and what no agency is told.
    fn rule(&self, is_national: bool) -> Rule {
        match self {
            Item::Purpose(_) => Rule::Coarse,
            Item::Refused(_) | Item::Released(_) if is_national => Rule::Coarse,
            _ => Rule::Fine,
        }
    }

    fn names(&self) -> (&'static str, &str) {
        match self {
            Item::Purpose(purpose) => ("purpose", purpose),
            Item::Refused(code) => ("refused", code.map_or("erased", Code::code)),
            Item::NoResult(code) => ("no_result", code.map_or("erased", Code::code)),
            Item::Released(fate) => ("released", fate),
            Item::AskedAbout => ("people", "asked_about"),
            Item::GivenOut => ("people", "released"),
        }
    }

    fn count(&self, cases: &[&Counted]) -> u64 {
        let are = |passes: &dyn Fn(&CountedCase) -> bool| {
            cases.iter().filter(|one| passes(one.case)).count() as u64
        };
        let ended = |ending, code| are(&|case| case.ending == Some(ending) && case.code == code);
        match self {
            Item::Purpose(purpose) => are(&|case| case.purpose == *purpose),
            Item::Refused(code) => ended(Ending::Refused, *code),
            Item::NoResult(code) => ended(Ending::NoResult, *code),
            Item::Released(fate) => are(&|case| is_released(case) && has_met(case, fate)),
            Item::AskedAbout => people(cases.iter().copied()),
            Item::GivenOut => people(cases.iter().copied().filter(|one| is_released(one.case))),
        }
    }
}

fn has_met(case: &CountedCase, fate: &str) -> bool {
    let kind = FATES.iter().find(|(name, ..)| *name == fate);
    kind.is_some_and(|(name, kind, _)| {
        case.events.contains(kind) && (*name != WRONG_PERSON || case.wrong_person)
    })
}

fn is_released(case: &CountedCase) -> bool {
    matches!(
        case.ending,
        Some(Ending::ReleasedAll | Ending::ReleasedPart)
    )
}

fn people<'a>(cases: impl Iterator<Item = &'a Counted<'a>>) -> u64 {
    cases.map(|one| one.person).collect::<BTreeSet<_>>().len() as u64
}

/// Numbers the people asked about: cases that share a mark, or are tied by others that do, are about one. All cases
/// are numbered at once, so that no agency can have more people than there are.
fn counted(cases: &[CountedCase]) -> Vec<Counted<'_>> {
    let mut leaders: Vec<usize> = (0..cases.len()).collect();
    let mut first: HashMap<&[u8], usize> = HashMap::new();
    for (at, case) in cases.iter().enumerate() {
        for mark in &case.marks {
            let other = *first.entry(mark).or_insert(at);
            let (one, other) = (leader(&leaders, at), leader(&leaders, other));
            leaders[one] = other;
        }
    }
    let person = |at| leader(&leaders, at);
    let numbered = cases.iter().enumerate().map(|(at, case)| Counted {
        case,
        person: person(at),
    });
    numbered.collect()
}

fn leader(leaders: &[usize], mut at: usize) -> usize {
    while leaders[at] != at {
        at = leaders[at];
    }
    at
}

fn items(cases: &[CountedCase], editions: &[Held]) -> Vec<Item> {
    let earlier = editions.iter().flat_map(|held| held.names("purpose:"));
    let purposes = cases.iter().map(|case| case.purpose.as_str());
    let purposes: BTreeSet<&str> = purposes.chain(earlier).collect();
    let purposes = purposes
        .into_iter()
        .map(|one| Item::Purpose(one.to_owned()));
    let refused = codes(CodeGroup::BeforeTrace).map(Item::Refused);
    let no_result = codes(CodeGroup::AfterTrace).map(Item::NoResult);
    let fates = FATES.map(|(name, ..)| Item::Released(name));
    let items = purposes.chain(refused).chain(no_result).chain(fates);
    items.chain([Item::AskedAbout, Item::GivenOut]).collect()
}

fn codes(group: CodeGroup) -> impl Iterator<Item = Option<Code>> {
    let codes = Code::all().filter(move |code| code.group() == group);
    codes.map(Some).chain([None])
}

/// Details with their places in the table of counts.
pub struct Placed(Vec<(Detail, usize)>);

impl Placed {
    /// Where each of them stands.
    pub fn places(&self) -> impl Iterator<Item = (Key, usize)> {
        self.0.iter().map(|(detail, place)| (detail.key(), *place))
    }

    /// The details as they are shown.
    pub fn shown(self, shown: &[Option<u64>]) -> Vec<Detail> {
        let fill = |(detail, place): (Detail, usize)| Detail {
            count: shown.get(place).copied().flatten(),
            ..detail
        };
        self.0.into_iter().map(fill).collect()
    }
}

/// Adds to `table`, which holds the `lines` of the first file, what is counted of `cases` besides, or was in earlier
/// editions.
pub fn add(
    table: &mut Table,
    lines: &[Places],
    cases: &[CountedCase],
    editions: &[Held],
) -> Placed {
    let mut items = items(cases, editions);
    if !say_whether_split(table, lines) {
        items.retain(|item| !matches!(item, Item::NoResult(_)));
    }
    let numbered = counted(cases);
    let mut placed = Vec::new();
    let mut by_line: Vec<BTreeMap<&Item, usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let of_line: Vec<&Counted> = numbered
            .iter()
            .filter(|one| line.counts(one.case))
            .collect();
        let parts: Vec<usize> = (0..at)
            .filter(|part| line.is_made_of(&lines[*part]))
            .collect();
        let mut places = BTreeMap::new();
        for item in items.iter().filter(|item| item.is_counted_in(&line.line)) {
            let parts = parts
                .iter()
                .filter_map(|part| by_line[*part].get(item).copied());
            let place = place(table, item, line, parts.collect(), &of_line);
            places.insert(item, place);
            placed.push((detail(line, item), place));
        }
        tie(table, line, &places);
        by_line.push(places);
    }
    placed.extend(days::add(table, lines, cases));
    Placed(placed)
}

fn detail(line: &Places, item: &Item) -> Detail {
    let (group, name) = item.names();
    Detail {
        agreement: line.line.agreement.clone(),
        agency: line.line.agency.clone(),
        group: group.to_owned(),
        item: name.to_owned(),
        count: None,
    }
}

/// Is it told why there was no result? Only if beside every agency eight requests of the others ended so, as the
/// figures would be its own otherwise. That it is told, or not, tells something, which the table takes in.
fn say_whether_split(table: &mut Table, lines: &[Places]) -> bool {
    let agencies = lines.iter().filter(|line| line.is_agency());
    let mut ended: Vec<usize> = agencies.map(|line| line.column("no_result")).collect();
    ended.sort_by_key(|place| table.counts[*place].value);
    let largest = ended.pop();
    let others: u64 = ended.iter().map(|place| table.counts[*place].value).sum();
    let is_split = others > *SMALL.end();
    let bound = table.add(SMALL.end() + u64::from(is_split), Rule::Exact);
    if !is_split {
        table.at_most(ended, vec![bound]);
    } else if let Some(largest) = largest {
        for place in &ended {
            let others = ended.iter().filter(|other| *other != place).copied();
            table.at_most(vec![bound], others.chain([largest]).collect());
        }
        table.at_most(vec![bound], ended);
    }
    is_split
}

/// Places one count: a sum where its `parts` add up, and otherwise at least each of them and at most all together.
fn place(
    table: &mut Table,
    item: &Item,
    line: &Places,
    parts: Vec<usize>,
    cases: &[&Counted],
) -> usize {
    let rule = item.rule(line.line.agency.is_none());
    if parts.is_empty() {
        return table.add(item.count(cases), rule);
    }
    if item.adds_up() {
        return table.add_sum(parts, rule);
    }
    let place = table.add(item.count(cases), rule);
    for part in &parts {
        table.at_most(vec![*part], vec![place]);
    }
    table.at_most(vec![place], parts);
    place
}

/// Says how the counts of one line hang together, with each other and with the first file.
fn tie(table: &mut Table, line: &Places, places: &BTreeMap<&Item, usize>) {
    let of = |wanted: &dyn Fn(&Item) -> bool| -> Vec<usize> {
        let found = places.iter().filter(|(item, _)| wanted(item));
        found.map(|(_, place)| *place).collect()
    };
    let [received, refused, no_result] =
        ["received", "refused", "no_result"].map(|name| line.column(name));
    for (whole, parts) in [
        (received, of(&|item| matches!(item, Item::Purpose(_)))),
        (refused, of(&|item| matches!(item, Item::Refused(_)))),
        (no_result, of(&|item| matches!(item, Item::NoResult(_)))),
    ] {
        if !parts.is_empty() {
            table.sums.push(Sum { whole, parts });
        }
    }
    if line.line.agreement.is_some() {
        return;
    }
    let released = ["released_all", "released_part"].map(|name| line.column(name));
    let one = |item: Item| of(&|other| *other == item);
    for (name, _, of) in FATES {
        let greater = of.map_or(released.to_vec(), |of| one(Item::Released(of)));
        table.at_most(one(Item::Released(name)), greater);
    }
    table.at_most(one(Item::GivenOut), released.to_vec());
    table.at_most(one(Item::GivenOut), one(Item::AskedAbout));
    table.at_most(one(Item::AskedAbout), vec![received]);
}

/// The file.
pub fn csv(quarter: Quarter, details: &[Detail]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    let (period, as_at) = (quarter.to_string(), quarter.end().to_string());
    for detail in details {
        let [agreement, agency] =
            [&detail.agreement, &detail.agency].map(|key| key.as_deref().unwrap_or("all"));
        let count = detail
            .count
            .map_or_else(|| "*".to_owned(), |count| count.to_string());
        let line: [&str; 7] = [
            &period,
            &as_at,
            agreement,
            agency,
            &detail.group,
            &detail.item,
            &count,
        ];
        writer.write_record(line)?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Reads what [`csv`] wrote.
pub fn read(bytes: &[u8], path: &Path) -> Result<Vec<Detail>, PublicationError> {
    let damaged = |line: usize, problem: &str| PublicationError::Damaged {
        path: path.display().to_string(),
        line,
        problem: problem.to_owned(),
    };
    let mut details = Vec::new();
    for (record, line) in csv::Reader::from_reader(bytes).records().zip(2..) {
        let record = record.map_err(|error| damaged(line, &error.to_string()))?;
        let fields: Vec<&str> = record.iter().collect();
        let [_, _, agreement, agency, group, item, count] = fields[..] else {
            return Err(damaged(line, "other columns than were written"));
        };
        let [agreement, agency] =
            [agreement, agency].map(|key| (key != "all").then(|| key.to_owned()));
        let count = (count != "*").then(|| count.parse()).transpose();
        details.push(Detail {
            agreement,
            agency,
            group: group.to_owned(),
            item: item.to_owned(),
            count: count.map_err(|_| damaged(line, "a count that is no number"))?,
        });
    }
    Ok(details)
}

/// The description of the file, as a program reads it (CSV on the Web, W3C 2015).
pub fn metadata(edition: Edition) -> Value {
    let quarter = edition.quarter;
    let text = |name: &str| json!({"name": name, "titles": name, "datatype": "string"});
    let keys = COLUMNS.into_iter().take(6).map(text);
    let count = json!({"name": "count", "titles": "count", "null": "*", "datatype": {"base": "nonNegativeInteger"}});
    json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": format!("{edition}.details.csv"),
        "dc:title": format!("Requests for people's details by purpose, code and person, {quarter}"),
        "dc:description": "The lines `purpose` make up what was received, the lines `refused` what was refused, and the lines \
            `no_result`, which are there for everything and only where no one agency sent nearly all of them, what had no result. `released` \
            says what had become of releases when the quarter ended; a recalled release counts as released. `people` counts people, \
            not requests: those who share an identifier are one, and whom two agencies asked about is one for everything. `days` are \
            those from request to answer, of everything refused, released, forwarded or without result: the median, what nine in ten did \
            not exceed, and the most. The counts rest on the first `log` `entries` of the public log. A star stands \
            for a count from 1 to 7, or for another that would give one away, here or in the other file of the quarter.",
        "tableSchema": {
            "columns": keys.chain([count]).collect::<Vec<_>>(),
            "primaryKey": COLUMNS.get(..6),
        },
    })
}
