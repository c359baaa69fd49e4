//! The demonstration's people: who is in the index, and who is asked about.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use disclosure::request::Subject;
use matcher::{csv_input, index};
use population::{
    AddressKind, Kind, Mix, Person, Quality, Request, Trial, TrialPlan, write_people,
};
use rand::SeedableRng;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::cli::progress::Progress;

/// What kind of person a request is to be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Somebody alive in the index, at home; identifiers as an agency would know them.
    Anybody,
    /// Somebody in the index whose address is in care of somebody, withheld or none.
    CareOf,
    /// Somebody whose record is protected.
    Restricted,
    /// Somebody who has died.
    Deceased,
    /// Somebody who is not in the index.
    Absent,
    /// Somebody who is not in the index but whose twin, namesake or household member is.
    NearAbsent,
}

/// People to ask about, each kind in an order of its own.
pub struct People {
    chance: ChaCha8Rng,
    anybody: Vec<Subject>,
    care_of: Vec<Subject>,
    restricted: Vec<Subject>,
    deceased: Vec<Subject>,
    absent: Vec<Subject>,
    near_absent: Vec<Subject>,
}

/// Makes the people, writes their extract and builds their index.
pub fn make(data: &Path, count: u32, seed: u64) -> anyhow::Result<People> {
    let requests = (count / 8).clamp(250, 4_000);
    let plan = TrialPlan {
        index_people: count,
        requests,
        train_requests: 0,
        seed,
        mix: Mix::default(),
        history: true,
    };
    let trial = Trial::generate(&plan)?;
    let mut people = People::begin(seed);
    let special = write_extract(&trial, data, count, &mut people)?;
    for request in &trial.requests {
        people.sort(request, &special);
    }
    people.shuffle_all();
    build_index(data, count)?;
    Ok(people)
}

/// Writes the extract; the numbers of people with something special about them come back.
fn write_extract(
    trial: &Trial,
    data: &Path,
    count: u32,
    people: &mut People,
) -> anyhow::Result<HashSet<u32>> {
    let path = data.join("people.csv");
    let file = File::create(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
    let mut writer = BufWriter::new(file);
    let mut progress = Progress::start("people made up", u64::from(count));
    let mut special = HashSet::new();
    let noted = trial.index().inspect(|person| {
        if people.note(person) {
            special.insert(person.number);
        }
    });
    write_people(&mut writer, noted, u64::from(count), |done, _| {
        progress.at(done);
    })?;
    writer.flush()?;
    progress.done(&format!("{count} people made up, none of them real"));
    Ok(special)
}

fn build_index(data: &Path, count: u32) -> anyhow::Result<()> {
    let mut progress = Progress::start("people indexed", u64::from(count));
    let file = File::open(data.join("people.csv"))?;
    let rows = csv_input::read_persons(BufReader::new(file))?;
    let report = index::build(rows, &data.join("people.tgx"), &mut |now| {
        progress.at(now.done);
    })?;
    progress.done(&format!(
        "{} people indexed in {} bytes",
        report.people, report.bytes
    ));
    Ok(())
}

impl People {
    fn begin(seed: u64) -> People {
        People {
            chance: ChaCha8Rng::seed_from_u64(seed),
            anybody: Vec::new(),
            care_of: Vec::new(),
            restricted: Vec::new(),
            deceased: Vec::new(),
            absent: Vec::new(),
            near_absent: Vec::new(),
        }
    }

    /// Puts a person with something special about them where they belong.
    fn note(&mut self, person: &Person) -> bool {
        let list = if person.has(Quality::Restricted) {
            &mut self.restricted
        } else if person.has(Quality::Deceased) {
            &mut self.deceased
        } else if person.address.kind != AddressKind::Home {
            &mut self.care_of
        } else {
            return false;
        };
        list.push(as_recorded(person));
        true
    }

    fn sort(&mut self, request: &Request, special: &HashSet<u32>) {
        let list = match request.truth.kind {
            Kind::Match if special.contains(&request.truth.number) => return,
            Kind::Match => &mut self.anybody,
            Kind::Absent => &mut self.absent,
            Kind::AbsentNear => &mut self.near_absent,
        };
        if let Some(subject) = as_asked(request) {
            list.push(subject);
        }
    }

    fn shuffle_all(&mut self) {
        let lists = [
            &mut self.anybody,
            &mut self.care_of,
            &mut self.restricted,
            &mut self.deceased,
            &mut self.absent,
            &mut self.near_absent,
        ];
        for list in lists {
            list.shuffle(&mut self.chance);
        }
    }

    /// Somebody to ask about; the same people come round again when a list is used up.
    pub fn somebody(&mut self, about: About) -> Subject {
        let list = match about {
            About::Anybody => &mut self.anybody,
            About::CareOf => &mut self.care_of,
            About::Restricted => &mut self.restricted,
            About::Deceased => &mut self.deceased,
            About::Absent => &mut self.absent,
            About::NearAbsent => &mut self.near_absent,
        };
        let subject = list.first().cloned().unwrap_or_default();
        let turn = list.len().min(1);
        list.rotate_left(turn);
        subject
    }

    /// Shuffles anything with the scenario's own randomness.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.chance);
    }
}

/// Identifiers just as the index holds them.
fn as_recorded(person: &Person) -> Subject {
    Subject {
        surname: person.name.surname.clone(),
        given_name: person.name.given.clone(),
        middle_name: person.name.middle.clone(),
        previous_names: Vec::new(),
        date_of_birth: person.date_of_birth.to_string(),
        sex: person.sex.map_or("", population::Sex::code).to_owned(),
        nhs_number: person
            .nhs_number
            .map_or_else(String::new, |number| number.to_string()),
        // An agency that knew the address would not have to ask.
        address: String::new(),
        town: String::new(),
        postcode: String::new(),
    }
}

/// Identifiers as an agency would know them. The form wants a birth date and a full name, or it
/// comes back; a mistyped number would only show that forms are checked.
fn as_asked(request: &Request) -> Option<Subject> {
    let named = request.given_name.len() > 1 && request.surname.len() > 1;
    let plain = |name: &str| {
        name.chars()
            .all(|c| c.is_alphabetic() || c == '-' || c == ' ')
    };
    let date = request.date_of_birth?;
    let usable = named && plain(&request.given_name) && plain(&request.surname);
    usable.then(|| Subject {
        surname: request.surname.clone(),
        given_name: request.given_name.clone(),
        middle_name: request.middle_name.clone(),
        previous_names: Vec::new(),
        date_of_birth: date.to_string(),
        sex: request.sex.map_or("", population::Sex::code).to_owned(),
        nhs_number: valid(&request.nhs_number),
        address: request.address.clone(),
        town: request.town.clone(),
        postcode: request.postcode.clone(),
    })
}

fn valid(number: &str) -> String {
    let parsed = matcher::NhsNumber::parse(number);
    parsed.map_or_else(|_| String::new(), |_| number.to_owned())
}
