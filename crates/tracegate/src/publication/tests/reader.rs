//! A reader with patience: somebody who has every file ever published, and all that their descriptions say, tries to
//! tell a small count. Everything is taken from the bytes of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use statistics::{Published, SMALL, Sum, Unread, told};

/// A count: its table, the line in it by two keys, and what is counted.
pub type Name = (String, String, String, String);

/// What the reader writes down.
#[derive(Debug)]
pub struct Notes {
    places: BTreeMap<Name, usize>,
    published: Published,
}

impl Notes {
    /// Reads a folder. A reader who is `trusting` supposes that a count that was starred in two editions of a quarter has
    /// not changed between them.
    pub fn of(folder: &Path, trusting: bool) -> Notes {
        let mut notes = Notes {
            places: BTreeMap::new(),
            published: Published {
                shown: Vec::new(),
                sums: Vec::new(),
            },
        };
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".csv")).collect();
        names.sort_by_key(|name| (table_of(name), name.len()));
        for name in &names {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            notes.read(name, &bytes, trusting);
        }
        let tables: BTreeSet<String> = names.iter().map(|name| table_of(name)).collect();
        for table in tables {
            match table.split_once('-') {
                Some(("watch", _)) => notes.relate_areas(&table),
                Some(("approaches", _)) => notes.relate_approaches(&table),
                _ => notes.relate_endings(&table),
            }
        }
        notes
    }

    fn read(&mut self, file: &str, bytes: &[u8], trusting: bool) {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().unwrap().clone();
        let table = table_of(file);
        // Columns of the two keys, and the first that counts.
        let (one, other, first) = match (header.len(), table.split_once('-')) {
            (_, Some(("watch", _))) => (1, 1, 2),
            (_, Some(("approaches", _))) => (1, 2, 4),
            (7, _) => (2, 3, 6),
            _ => (2, 3, 4),
        };
        for record in reader.records().map(Result::unwrap) {
            for (column, count) in record.iter().enumerate().skip(first) {
                let counted = match file.ends_with(".details.csv") {
                    true => format!("{}:{}", &record[4], &record[5]),
                    false => header[column].to_owned(),
                };
                let line = (record[one].to_owned(), record[other].to_owned());
                self.write((table.clone(), line.0, line.1, counted), count, trusting);
            }
        }
    }

    fn write(&mut self, name: Name, count: &str, trusting: bool) {
        let shown: Option<u64> = count.parse().ok();
        let before = self
            .earlier(&name)
            .filter(|place| trusting && shown.is_none() && self.published.shown[*place].is_none());
        let place = before.unwrap_or(self.published.shown.len());
        if before.is_none() {
            self.published.shown.push(shown);
        }
        self.places.insert(name, place);
    }

    /// The same count in the edition before.
    fn earlier(&self, name: &Name) -> Option<usize> {
        let (quarter, correction) = name.0.split_once("-correction-")?;
        let before = match correction.parse::<u32>().unwrap() {
            1 => quarter.to_owned(),
            number => format!("{quarter}-correction-{}", number - 1),
        };
        let (_, one, other, counted) = name.clone();
        self.places.get(&(before, one, other, counted)).copied()
    }

    /// Places of the counts of a table whose line and name pass.
    fn all(&self, table: &str, passes: impl Fn(&str, &str, &str) -> bool) -> Vec<usize> {
        let of_table = self.places.iter().filter(|(name, _)| name.0 == table);
        let found = of_table.filter(|(name, _)| passes(&name.1, &name.2, &name.3));
        found.map(|(_, place)| *place).collect()
    }

    fn sum(&mut self, whole: usize, parts: Vec<usize>) {
        if !parts.is_empty() {
            self.published.sums.push(Sum { whole, parts });
        }
    }

    fn unseen(&mut self) -> usize {
        self.published.shown.push(None);
        self.published.shown.len() - 1
    }

    fn at_most(&mut self, lesser: usize, greater: Vec<usize>) {
        let (whole, short) = (self.unseen(), self.unseen());
        self.sum(whole, greater);
        self.sum(whole, vec![lesser, short]);
    }

    fn of_table(&self, table: &str) -> Vec<(Name, usize)> {
        let of_table = self.places.iter().filter(|(name, _)| name.0 == table);
        of_table
            .map(|(name, place)| (name.clone(), *place))
            .collect()
    }

    /// Home and no home make up those registered, protected and unprotected too; areas make up all.
    fn relate_areas(&mut self, table: &str) {
        for ((_, area, _, counted), place) in self.of_table(table) {
            if area == "all" {
                let parts = self.all(table, |one, _, name| one != "all" && name == counted);
                self.sum(place, parts);
            }
            if counted == "registered" {
                for halves in [["home", "no_home"], ["protected", "unprotected"]] {
                    let parts =
                        self.all(table, |one, _, name| one == area && halves.contains(&name));
                    self.sum(place, parts);
                }
            }
        }
    }

    /// Whoever asked makes up all.
    fn relate_approaches(&mut self, table: &str) {
        for ((_, asked_by, act, _), place) in self.of_table(table) {
            if asked_by == "all" {
                let parts = self.all(table, |one, other, _| one != "all" && other == act);
                self.sum(place, parts);
            }
        }
    }

    /// Every sum and order between the counts of both files of a quarter.
    fn relate_endings(&mut self, table: &str) {
        for ((_, agreement, agency, counted), place) in self.of_table(table) {
            let line = |wanted: &dyn Fn(&str) -> bool| {
                self.all(table, |one, other, name| {
                    one == agreement && other == agency && wanted(name)
                })
            };
            let group = |group: &str| line(&|name| name.starts_with(group));
            let one = |name: &str| line(&|other| other == name);
            let released: Vec<usize> = ["released_all", "released_part"].map(one).concat();
            let answered = [
                "refused",
                "no_result",
                "released_all",
                "released_part",
                "forwarded",
            ];
            let ended = line(&|name| !name.contains(':') && name != "received");
            let (within, most) = match counted.as_str() {
                "received" => (vec![group("purpose:"), ended], vec![]),
                "refused" => (vec![group("refused:")], vec![]),
                "no_result" => (vec![group("no_result:")], vec![]),
                "people:asked_about" => (vec![], vec![one("received")]),
                "people:released" => (vec![], vec![one("people:asked_about"), released]),
                "released:emergency_upheld" => (vec![], vec![one("released:emergency")]),
                "released:outcome_returned" => (vec![], vec![one("released:collected")]),
                "released:wrong_person" => (vec![], vec![one("released:recalled")]),
                "released:deferral_ended" => (vec![], vec![one("released:deferred")]),
                "days:most" => {
                    self.relate_days(place, answered.into_iter().flat_map(one).collect());
                    (vec![], vec![])
                }
                name if name.starts_with("released:") => (vec![], vec![released]),
                _ => (vec![], vec![]),
            };
            let parts = self.all(table, |one, other, name| {
                let is_part = match (agreement.as_str(), agency.as_str()) {
                    ("all", "all") => one == "all" && other != "all",
                    ("all", _) => one != "all" && other == agency,
                    _ => false,
                };
                is_part && name == counted
            });
            for parts in within {
                self.sum(place, parts);
            }
            for greater in most.into_iter().filter(|greater| !greater.is_empty()) {
                self.at_most(place, greater);
            }
            if !counted.starts_with("people:") {
                self.sum(place, parts);
            } else if !parts.is_empty() {
                for part in &parts {
                    self.at_most(*part, vec![place]);
                }
                self.at_most(place, parts);
            }
        }
    }

    /// How long answers took is told if there were eight or more.
    fn relate_days(&mut self, place: usize, answered: Vec<usize>) {
        let is_told = self.published.shown[place].is_some();
        let [all, short, bound] = [self.unseen(), self.unseen(), self.unseen()];
        self.sum(all, answered);
        self.published.shown[bound] = Some(if is_told { 8 } else { 7 });
        let (whole, part) = if is_told { (all, bound) } else { (bound, all) };
        self.sum(whole, vec![part, short]);
    }

    /// Small counts that come out exactly, and those that have come to differ by little from what they were an edition before. An
    /// error for a reader whose suppositions contradict what is published.
    pub fn told(&self) -> Result<BTreeMap<Name, u64>, Unread> {
        let fine = self.places.iter().filter(|(name, _)| is_fine(name));
        let fine: Vec<usize> = fine.map(|(_, place)| *place).collect();
        let exact: BTreeMap<usize, u64> = told(&self.published, &fine)?.into_iter().collect();
        let of = |(name, place): (&Name, &usize)| {
            let count = exact.get(place).copied()?;
            let before = self.earlier(name).and_then(|place| exact.get(&place));
            let changed = before.map_or(0, |before| before.abs_diff(count));
            let is_small = SMALL.contains(&count) || SMALL.contains(&changed);
            is_small.then(|| (name.clone(), count))
        };
        Ok(self.places.iter().filter_map(of).collect())
    }
}

/// Both files of an edition are one table.
fn table_of(file: &str) -> String {
    let stem = file.trim_end_matches(".csv");
    stem.trim_end_matches(".details").to_owned()
}

/// Is it hidden where it is small? People and reasons for no result always are; other counts where they are finer than all
/// together, unless they are of what an agency sent.
fn is_fine((_, one, other, counted): &Name) -> bool {
    let is_always = ["people:", "no_result:"];
    let was_sent = counted == "received" || counted.starts_with("purpose:");
    let is_total = one == "all" && (other == "all" || counted == "approaches");
    is_always.iter().any(|group| counted.starts_with(group)) || !was_sent && !is_total
}
