//! A trial: an index, requests against it, and the truth.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::WriteError;
use crate::chance::{Chance, Permutation, Purpose};
use crate::extract::write_people;
use crate::noise::{Mix, distorted};
use crate::person::{Kin, Person};
use crate::population::{BLOCK_PEOPLE, Population};
use crate::request::{Request, Truth, write_requests, write_truth};

/// Requests in both sets together may take at most one person in this many, so that there are
/// always twins and families left to choose from.
const PEOPLE_PER_REQUEST_MIN: u32 = 4;

/// How large a trial is.
#[derive(Clone, Copy, Debug)]
pub struct TrialPlan {
    /// People in the index.
    pub index_people: u32,
    /// Requests to report results on.
    pub requests: u32,
    /// Further requests, for other people, to tune on.
    pub train_requests: u32,
    /// Seed of people and requests.
    pub seed: u64,
    /// What the requests are like.
    pub mix: Mix,
    /// Whether the index holds past names, addresses and numbers.
    pub history: bool,
}

/// A population of which some people are left out of the index, and requests for both sorts.
#[derive(Clone, Debug)]
pub struct Trial {
    population: Population,
    index_people: u32,
    left_out: BTreeSet<u32>,
    history: bool,
    /// Requests to report results on.
    pub requests: Vec<Request>,
    /// Requests to tune on.
    pub train_requests: Vec<Request>,
}

/// Whether the person asked for is in the index.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// In the index.
    Match,
    /// Not in the index, and neither is anybody of the same household.
    Absent,
    /// Not in the index, but a twin, a namesake or another member of the household is.
    AbsentNear,
}

impl Kind {
    /// The code used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Match => "match",
            Kind::Absent => "absent",
            Kind::AbsentNear => "absent_near",
        }
    }
}

/// A trial cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Too many requests for the size of the index.
    #[error(
        "`{requests}` requests are too many for an index of `{index_people}` people; ask for \
         at most one request for every {PEOPLE_PER_REQUEST_MIN} people"
    )]
    TooManyRequests {
        /// Requests of both sets.
        requests: u64,
        /// People in the index.
        index_people: u32,
    },
    /// Too few twins and families for the requests whose person has a relative in the index.
    #[error(
        "the index of `{index_people}` people has too few households for `{missing}` of the \
         requests; ask for fewer requests or a smaller share of absent people"
    )]
    TooFewHouseholds {
        /// Requests for which nobody was found.
        missing: usize,
        /// People in the index.
        index_people: u32,
    },
}

#[derive(Clone, Copy, Debug)]
struct Task {
    train: bool,
    kind: Kind,
}

impl Trial {
    /// Makes a trial. Memory grows with the number of requests, not with the index.
    ///
    /// # Errors
    /// If the index is too small for the requests.
    pub fn generate(plan: &TrialPlan) -> Result<Trial, TrialError> {
        let TrialPlan {
            index_people,
            requests,
            train_requests,
            seed,
            mix,
            history,
        } = *plan;
        let wanted = u64::from(requests) + u64::from(train_requests);
        if wanted * u64::from(PEOPLE_PER_REQUEST_MIN) > u64::from(index_people) {
            return Err(TrialError::TooManyRequests {
                requests: wanted,
                index_people,
            });
        }
        let population = Population::generate(index_people, seed);
        let mut chance = Chance::new(seed, Purpose::Picks, 0);
        let mut tasks = tasks(&mut chance, requests, false, mix);
        tasks.extend(self::tasks(&mut chance, train_requests, true, mix));
        chance.shuffle(&mut tasks);
        let mut picker = Picker::new(&population, &tasks, mix);
        let missing = picker.pick(&tasks);
        if missing > 0 {
            return Err(TrialError::TooFewHouseholds {
                missing,
                index_people,
            });
        }
        let Picker {
            left_out,
            requests,
            mut train_requests,
            ..
        } = picker;
        let requests = numbered(&mut chance, requests, 'R');
        train_requests = numbered(&mut chance, train_requests, 'T');
        let population = population.extended(left_out.len() as u32);
        Ok(Trial {
            population,
            index_people,
            left_out,
            history,
            requests,
            train_requests,
        })
    }

    /// Everybody, in the index or not.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The people in the index, in order of number.
    pub fn index(&self) -> impl Iterator<Item = Person> + '_ {
        let indexed = self.population.people();
        let indexed = indexed.filter(|person| !self.left_out.contains(&person.number));
        indexed.map(|person| match self.history {
            true => person,
            false => person.without_history(),
        })
    }

    /// Writes `index.csv`, `requests.csv`, `truth.csv`, `train_requests.csv` and `train_truth.csv`.
    ///
    /// # Errors
    /// If the folder or a file cannot be written.
    pub fn write(&self, folder: &Path, progress: impl FnMut(u64, u64)) -> Result<(), WriteError> {
        fs::create_dir_all(folder)?;
        let create = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        for (prefix, requests) in [("", &self.requests), ("train_", &self.train_requests)] {
            write_requests(create(&format!("{prefix}requests.csv"))?, requests)?;
            write_truth(create(&format!("{prefix}truth.csv"))?, requests)?;
        }
        let mut index = create("index.csv")?;
        write_people(
            &mut index,
            self.index(),
            u64::from(self.index_people),
            progress,
        )?;
        Ok(index.flush()?)
    }
}

/// Exact shares of each kind.
fn tasks(chance: &mut Chance, count: u32, train: bool, mix: Mix) -> Vec<Task> {
    let absent = (f64::from(count) * mix.absent).round() as u32;
    let near = (f64::from(absent) * mix.near).round() as u32;
    let kind_at = |place| match place {
        place if place < near => Kind::AbsentNear,
        place if place < absent => Kind::Absent,
        _ => Kind::Match,
    };
    let mut tasks: Vec<Task> = (0..count)
        .map(|place| Task {
            train,
            kind: kind_at(place),
        })
        .collect();
    chance.shuffle(&mut tasks);
    tasks
}

fn numbered(chance: &mut Chance, mut requests: Vec<Request>, letter: char) -> Vec<Request> {
    chance.shuffle(&mut requests);
    for (place, request) in requests.iter_mut().enumerate() {
        request.request_id = format!("{letter}{place:07}");
    }
    requests
}

/// Chooses people block by block, so that a large population is never held.
struct Picker<'a> {
    population: &'a Population,
    mix: Mix,
    order: Permutation,
    /// Twins and namesakes still wanted among the absent: half of those with a relative left.
    doubles_wanted: usize,
    left_out: BTreeSet<u32>,
    requests: Vec<Request>,
    train_requests: Vec<Request>,
}

impl<'a> Picker<'a> {
    fn new(population: &'a Population, tasks: &[Task], mix: Mix) -> Picker<'a> {
        let near = tasks
            .iter()
            .filter(|task| task.kind == Kind::AbsentNear)
            .count();
        Picker {
            population,
            mix,
            order: Permutation::new(u64::from(population.blocks()), population.seed(), 5),
            doubles_wanted: near.div_ceil(2),
            left_out: BTreeSet::new(),
            requests: Vec::new(),
            train_requests: Vec::new(),
        }
    }

    /// Spreads the tasks evenly over blocks; what a block cannot give, the next ones do. Returns
    /// how many tasks were left over.
    fn pick(&mut self, tasks: &[Task]) -> usize {
        let blocks = self.population.blocks() as usize;
        let rounds = blocks.min(tasks.len()).max(1);
        let mut waiting: Vec<Task> = Vec::new();
        for round in 0..blocks {
            let end = |round: usize| tasks.len() * round.min(rounds) / rounds;
            waiting.extend_from_slice(&tasks[end(round)..end(round + 1)]);
            if !waiting.is_empty() {
                let block = self.order.apply(round as u64) as u32;
                waiting = self.pick_from(block, &waiting);
            } else if round >= rounds {
                break;
            }
        }
        waiting.len()
    }

    /// Gives each task a person of the block; returns the tasks that found nobody.
    fn pick_from(&mut self, block: u32, tasks: &[Task]) -> Vec<Task> {
        let people = self.population.block(block);
        let mut chance = Chance::new(
            self.population.seed(),
            Purpose::Picks,
            (1 << 41) | u64::from(block),
        );
        let mut order: Vec<usize> = (0..people.len()).collect();
        chance.shuffle(&mut order);
        // The last household of the population may be cut short here and whole in the index.
        let cut = (block + 1 == self.population.blocks())
            .then(|| people.last())
            .flatten();
        let mut taken: Vec<bool> = people
            .iter()
            .map(|person| cut.is_some_and(|last| last.household == person.household))
            .collect();
        let mut waiting = Vec::new();
        for task in tasks {
            let chosen = self.choose(&people, &order, &taken, task.kind);
            let Some(chosen) = chosen else {
                waiting.push(*task);
                continue;
            };
            self.hold_back(&people, chosen, task.kind, &mut taken);
            self.ask(&people[chosen], *task);
        }
        waiting
    }

    fn choose(
        &mut self,
        people: &[Person],
        order: &[usize],
        taken: &[bool],
        kind: Kind,
    ) -> Option<usize> {
        let household = |at: usize| {
            let home = people[at].household;
            people
                .iter()
                .enumerate()
                .filter(move |(_, other)| other.household == home)
        };
        let untouched = |at: usize| household(at).all(|(place, _)| !taken[place]);
        let mut free = order.iter().copied().filter(|at| !taken[*at]);
        match kind {
            Kind::Match => free.next(),
            Kind::Absent => free.find(|at| untouched(*at) && household(*at).count() <= 8),
            Kind::AbsentNear => {
                let near = |at: &usize| untouched(*at) && household(*at).count() > 1;
                let double = |at: &usize| people[*at].kin != Kin::None && near(at);
                let found = free
                    .clone()
                    .find(double)
                    .filter(|_| self.doubles_wanted > 0);
                self.doubles_wanted -= usize::from(found.is_some());
                found.or_else(|| free.find(near))
            }
        }
    }

    /// Marks people as used, and leaves the absent out of the index: with their whole household,
    /// or alone if a relative shall stay.
    fn hold_back(&mut self, people: &[Person], chosen: usize, kind: Kind, taken: &mut [bool]) {
        let person = &people[chosen];
        taken[chosen] = true;
        for (place, other) in people.iter().enumerate() {
            if kind == Kind::Match || other.household != person.household {
                continue;
            }
            taken[place] = true;
            if kind == Kind::Absent || place == chosen {
                self.left_out.insert(other.number);
            }
        }
    }

    fn ask(&mut self, person: &Person, task: Task) {
        let mut chance = Chance::new(
            self.population.seed(),
            Purpose::Noise,
            (u64::from(task.train) << 32) | u64::from(person.number),
        );
        let block = person.number / BLOCK_PEOPLE;
        let mut request = distorted(
            &mut chance,
            person,
            self.mix,
            self.population.surroundings(),
            block,
        );
        request.truth = Truth {
            person_id: (task.kind == Kind::Match).then(|| person.person_id.clone()),
            kind: task.kind,
            ..request.truth
        };
        let set = if task.train {
            &mut self.train_requests
        } else {
            &mut self.requests
        };
        set.push(request);
    }
}

#[cfg(test)]
mod tests;
