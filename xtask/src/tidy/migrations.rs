//! Each migration exists for both databases, under the same name.

use std::collections::BTreeSet;

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

const FOLDER: &str = "crates/store/migrations";
const DATABASES: [&str; 2] = ["sqlite", "postgres"];

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let [sqlite, postgres] = DATABASES.map(|database| {
        let names = repository.names_in(&format!("{FOLDER}/{database}"));
        names.into_iter().collect::<BTreeSet<_>>()
    });
    let [for_sqlite, for_postgres] = DATABASES;
    let alone = sqlite
        .difference(&postgres)
        .map(|name| unpaired(name, for_sqlite, for_postgres));
    let other = postgres
        .difference(&sqlite)
        .map(|name| unpaired(name, for_postgres, for_sqlite));
    alone.chain(other).collect()
}

fn unpaired(name: &str, here: &str, there: &str) -> Problem {
    let what = format!("migration has no partner for {there}");
    let remedy = format!("write {FOLDER}/{there}/{name}");
    Problem::new(&format!("{FOLDER}/{here}/{name}"), 1, what, remedy)
}
