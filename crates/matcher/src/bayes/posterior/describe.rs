//! What was compared with whom, in words: the waterfall of a candidate.

use super::{Person, Weighed};
use crate::answer::{Candidate, EvidenceLine};
use crate::bayes::level::Level;
use crate::bayes::model::CLASSES;
use crate::index::Row;

impl Weighed<'_> {
    pub(super) fn describe(
        &self,
        person: &Person<'_>,
        probability: f64,
        score: f64,
    ) -> Option<Candidate> {
        let (row, primary) = (person.row()?, person.current()?);
        Some(Candidate {
            row: person.number(),
            person_id: person.id().to_owned(),
            probability,
            score,
            evidence: self.lines(person, row, score),
            agreeing_items: person.items(),
            on_history: row.is_earlier(),
            address_kind: primary.address_kind(),
            jan1: primary.jan1(),
            restricted: primary.is_restricted(),
            deceased: primary.is_deceased(),
        })
    }

    /// The waterfall: prior, one line a field, what else could explain the request.
    fn lines(&self, person: &Person<'_>, row: &Row, score: f64) -> Vec<EvidenceLine> {
        let model = self.model;
        let people = person.side.comparison.frequencies.people;
        let mut running = model.classes;
        let total = |running: &[f64; CLASSES]| running.iter().sum::<f64>().log2();
        let prior = model.prior.in_index / model.unrelated() / people;
        let mut before = prior.log2();
        let mut lines = vec![EvidenceLine {
            field: "prior",
            asked: String::new(),
            held: String::new(),
            level: "anybody in the index, before looking",
            bits: before,
            running_total: before,
        }];
        for piece in person.evidence.pieces() {
            for (total, ratio) in running.iter_mut().zip(piece.ratios(model)) {
                *total *= ratio;
            }
            let Some(level) = piece.level else { continue };
            let after = prior.log2() + total(&running);
            let (asked, held) = person.texts(level, row);
            lines.push(EvidenceLine {
                field: level.field(),
                asked,
                held,
                level: level.words(),
                bits: after - before,
                running_total: after,
            });
            before = after;
        }
        if row.is_earlier() {
            let bits = model.chance.earlier.log2();
            before += bits;
            lines.push(EvidenceLine {
                field: "history",
                asked: String::new(),
                held: String::new(),
                level: "an earlier name, address or number of the person matched",
                bits,
                running_total: before,
            });
        }
        lines.push(EvidenceLine {
            field: "others",
            asked: String::new(),
            held: String::new(),
            level: "other people, in the index or not, who could be meant",
            bits: score - before,
            running_total: score,
        });
        lines
    }
}

impl Person<'_> {
    /// What was compared.
    fn texts(&self, level: Level, row: &Row) -> (String, String) {
        let (view, query) = (&self.side.part.view, self.side.comparison.query);
        let name = query.names.get(self.evidence.name);
        let asked = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let given = name
            .and_then(|name| name.given.as_ref())
            .map(|one| one.side.text.as_str());
        let surname = name
            .and_then(|name| name.surname.as_ref())
            .map(|one| one.side.text.as_str());
        let held_given = view.given.written(row.given);
        let held_surname = view.surnames.written(row.surname);
        match level.field() {
            "given_name" if level == Level::GivenIsMiddle => {
                (asked(given), view.given.written(row.middle).to_owned())
            }
            "given_name" => (asked(given), held_given.to_owned()),
            "surname" => (asked(surname), held_surname.to_owned()),
            "names" => (
                format!("{} {}", asked(given), asked(surname)),
                format!("{held_given} {held_surname}"),
            ),
            "middle_name" => {
                let words = name.map(|name| {
                    name.middle
                        .iter()
                        .map(|word| word.text.as_str())
                        .collect::<Vec<_>>()
                        .join(" ")
                });
                (
                    words.unwrap_or_default(),
                    view.given.written(row.middle).to_owned(),
                )
            }
            "date_of_birth" => (
                query.birth.map(|date| date.to_string()).unwrap_or_default(),
                row.date_of_birth()
                    .map(|date| date.to_string())
                    .unwrap_or_default(),
            ),
            "sex" => (query.sex.as_str().to_owned(), row.sex().as_str().to_owned()),
            "nhs_number" => (stem_text(query.nhs_stem), stem_text(row.nhs_stem)),
            _ => (self.place_asked(), self.place_held(row)),
        }
    }

    fn place_asked(&self) -> String {
        let query = self.side.comparison.query;
        let street = query
            .street
            .as_ref()
            .map_or("", |street| street.side.text());
        let postcode = query.postcode.as_ref().map_or("", |one| one.text.as_str());
        place_text(query.numbers.flat, query.numbers.number, street, postcode)
    }

    fn place_held(&self, row: &Row) -> String {
        let view = &self.side.part.view;
        let (street, postcode) = (
            view.streets.comparable(row.street),
            view.postcodes.comparable(row.postcode),
        );
        place_text(row.flat, row.number, street, postcode)
    }
}

fn stem_text(stem: u32) -> String {
    crate::NhsNumber::from_stem(stem)
        .map(|number| number.to_string())
        .unwrap_or_default()
}

fn place_text(flat: u16, number: u16, street: &str, postcode: &str) -> String {
    let mut parts = Vec::new();
    for code in [flat, number].into_iter().filter(|code| *code != 0) {
        parts.push(crate::normalize::premises_text(code));
    }
    parts.extend(
        [street, postcode]
            .into_iter()
            .filter(|s| !s.is_empty())
            .map(str::to_owned),
    );
    parts.join(" ")
}
