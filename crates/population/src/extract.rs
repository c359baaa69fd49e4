//! The person extract: one row for each person, as the index reads it.

use std::fmt::{Display, Write as _};
use std::io::Write;

use crate::WriteError;
use crate::person::{Address, Name, Person, Sex};

/// Columns of the person extract, in order.
pub const EXTRACT_COLUMNS: [&str; 20] = [
    "person_id",
    "nhs_number",
    "superseded_nhs_numbers",
    "given_name",
    "middle_name",
    "surname",
    "previous_names",
    "date_of_birth",
    "dob_estimated",
    "sex",
    "address",
    "town",
    "postcode",
    "address_kind",
    "address_from",
    "previous_addresses",
    "gp_practice_code",
    "registration_date",
    "restricted",
    "death_date",
];

/// People between two reports of progress.
const PROGRESS_EVERY: u64 = 8_192;

/// Writes people as CSV with a header, and says how far it is as (people done, people in all).
///
/// A list inside a field is separated by `;`, the parts of an entry by `|`: past names are
/// `GIVEN MIDDLE|SURNAME`, past addresses `address|town|postcode|kind|from|to`. Yes is `Y`, no is
/// empty.
///
/// # Errors
/// If the output cannot be written.
pub fn write_people(
    output: impl Write,
    people: impl Iterator<Item = Person>,
    total: u64,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, WriteError> {
    let mut writer = csv::WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(output);
    writer.write_record(EXTRACT_COLUMNS)?;
    let mut text = String::new();
    let mut done = 0;
    for person in people {
        write_person(&mut writer, &person, &mut text)?;
        done += 1;
        if done % PROGRESS_EVERY == 0 {
            progress(done, total);
        }
    }
    writer.flush()?;
    progress(done, total.max(done));
    Ok(done)
}

fn write_person(
    writer: &mut csv::Writer<impl Write>,
    person: &Person,
    text: &mut String,
) -> Result<(), csv::Error> {
    let address = &person.address;
    writer.write_field(&person.person_id)?;
    writer.write_field(optional(text, person.nhs_number))?;
    writer.write_field(list(text, &person.superseded_nhs_numbers, |out, number| {
        write!(out, "{number}")
    }))?;
    writer.write_field(&person.name.given)?;
    writer.write_field(&person.name.middle)?;
    writer.write_field(&person.name.surname)?;
    writer.write_field(list(text, &person.previous_names, write_name))?;
    writer.write_field(optional(text, Some(person.date_of_birth)))?;
    writer.write_field(yes(person.dob_estimated))?;
    writer.write_field(person.sex.map_or("", Sex::code))?;
    writer.write_field(&address.line)?;
    writer.write_field(&address.town)?;
    writer.write_field(&address.postcode)?;
    writer.write_field(address.kind.code())?;
    writer.write_field(optional(text, Some(address.from)))?;
    writer.write_field(list(text, &person.previous_addresses, write_address))?;
    writer.write_field(&person.gp_practice_code)?;
    writer.write_field(optional(text, Some(person.registration_date)))?;
    writer.write_field(yes(person.restricted))?;
    writer.write_field(optional(text, person.death_date))?;
    writer.write_record(None::<&[u8]>)
}

fn write_name(out: &mut String, name: &Name) -> std::fmt::Result {
    let gap = if name.middle.is_empty() { "" } else { " " };
    write!(out, "{}{gap}{}|{}", name.given, name.middle, name.surname)
}

fn write_address(out: &mut String, address: &Address) -> std::fmt::Result {
    let Address {
        line,
        town,
        postcode,
        kind,
        from,
        to,
    } = address;
    write!(out, "{line}|{town}|{postcode}|{}|{from}|", kind.code())?;
    to.map_or(Ok(()), |to| write!(out, "{to}"))
}

/// The value as text, or empty text; `text` is reused from field to field.
pub(crate) fn optional(text: &mut String, value: Option<impl Display>) -> &str {
    text.clear();
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
    }
    text
}

fn list<'a, T>(
    text: &'a mut String,
    items: &[T],
    write_item: impl Fn(&mut String, &T) -> std::fmt::Result,
) -> &'a str {
    text.clear();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(';');
        }
        // Writing to a string cannot fail.
        let _ = write_item(text, item);
    }
    text
}

fn yes(value: bool) -> &'static str {
    if value { "Y" } else { "" }
}
