//! What is done with foreign bytes, whoever makes them: the fuzz targets of this folder, and the test
//! `mutated_files` of the crate `matcher`, which runs with every other test. It must never be part of the program.

use std::path::Path;
use std::sync::OnceLock;

use matcher::index::{Delta, diff};
use matcher::{Engine, Index, MatchRule, Model, Terms, csv_input, fhir_input, index, trace};

pub const PERSONS: &str = "\
person_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode,\
superseded_nhs_numbers,previous_names,dob_estimated,address_kind,address_from,previous_addresses,\
gp_practice_code,registration_date,restricted,death_date
P1,9990000018,Ann,Mary,O'Lee,1990-02-03,F,\"Flat 2, 1a High St\",Leeds,LS1 4AP,9990000026,\
ANN MARY|GREY,Y,care_of_practice,2020-01-02,2 Low Rd|York|YO1 1AA|home|2010|2019-12-31,Y01234,\
2020-01-02,Y,
P2,,Zoë,,Smith-Jones,1990-02-03,F,2 Low Rd,York,YO1 1AA,,,,,,,,,,2024-05
P3,,,,,,,,,,,,,no_fixed_abode,,,,,,
P4,9990000034,ANN,,O'LEE,1961,M,2 LOW ROAD,YORK,YO1 1AA,,,,,,,,,,
";

pub const REQUESTS: &str = "\
request_id,nhs_number,given_name,middle_name,surname,date_of_birth,sex,address,town,postcode,\
previous_names
R1,999 000 0018,Ann,,Lee,1990-03-02,F,1a High Street,Leeds,LS1 4AP,ANN|GREY
R2,,Zoe,,Jones Smith,1990-02,F,,,YO1 1AA,
R3,,O'LEE,,Ann,1961-01-01,,2 Low Rd,York,,
";

pub const PATIENTS: &str = "\
{\"resourceType\":\"Patient\",\"id\":\"P1\",\"meta\":{\"security\":[{\"code\":\"R\"}]},\"identifier\":[\
{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990000018\"}],\"name\":[{\"use\":\"usual\",\
\"family\":\"Lee\",\"given\":[\"Ann\",\"Mary\"],\"period\":{\"start\":\"2010-01\"}}],\"gender\":\"female\",\
\"birthDate\":\"1990-02-03\",\"deceasedDateTime\":\"2024-05-06T10:00:00Z\",\"address\":[{\"use\":\"home\",\
\"line\":[\"c/o The Surgery\",\"1 High St\"],\"city\":\"Leeds\",\"postalCode\":\"LS1 4AP\"}]}
{\"resourceType\":\"Patient\",\"id\":\"P2\",\"deceasedBoolean\":true,\"link\":[{\"type\":\"refer\"}]}
";

/// A file of an index, and of a delta to it.
pub fn samples() -> &'static (Vec<u8>, Vec<u8>) {
    static SAMPLES: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (out, delta) = (folder.path().join("base"), folder.path().join("delta"));
        let people = || csv_input::read_persons(PERSONS.as_bytes()).unwrap();
        index::build(people(), &out, &mut |_| {}).unwrap();
        let base = Index::open(&out).unwrap();
        let gone = ["P3".to_owned()].into();
        let changed = people().take(2);
        index::build_delta(&base, 1 << 20, changed, &gone, &delta, &mut |_| {}).unwrap();
        (std::fs::read(out).unwrap(), std::fs::read(delta).unwrap())
    })
}

fn sample() -> &'static Index {
    static SAMPLE: OnceLock<Index> = OnceLock::new();
    SAMPLE.get_or_init(|| Index::from_bytes(&samples().0, Path::new("sample")).unwrap())
}

/// The bytes as they are, and with every checksum put right, so that what lies below them is reached.
pub fn index(bytes: &[u8]) {
    use_index(bytes);
    let mut repaired = bytes.to_vec();
    if repair(&mut repaired).is_some() {
        use_index(&repaired);
    }
}

fn use_index(bytes: &[u8]) {
    let Ok(index) = Index::from_bytes(bytes, Path::new("fuzzed")) else {
        return;
    };
    let _ = index.verify();
    let _ = index.info();
    for row in (0..8).chain([u32::MAX]) {
        let _ = index.person(row);
    }
    let _ = index.find("P1");
    ask(&index, &Model::default());
    diff(&index, sample(), &mut |_| {}, &mut |_| {});
}

fn ask(index: &Index, model: &Model) {
    for request in csv_input::read_requests(REQUESTS.as_bytes()).unwrap() {
        if let Some(terms) = &request.terms {
            check(index, model, terms);
        }
    }
}

fn check(index: &Index, model: &Model, terms: &Terms) {
    for rule in [MatchRule::bayes(), MatchRule::mps()] {
        let answer = trace(index, model, &rule, terms);
        let probability = answer.probability;
        let is_share = (0.0..=1.0).contains(&probability);
        assert!(is_share || rule.engine == Engine::Mps, "{probability}");
        let _ = matcher::explain::explain(&answer, 3);
    }
}

pub fn persons(bytes: &[u8]) {
    if let Ok(people) = csv_input::read_persons(bytes) {
        people.for_each(drop);
    }
}

pub fn patients(bytes: &[u8]) {
    fhir_input::read_patients(bytes).for_each(drop);
}

pub fn requests(bytes: &[u8]) {
    let Ok(requests) = csv_input::read_requests(bytes) else {
        return;
    };
    for request in requests.take(20) {
        if let Some(terms) = &request.terms {
            check(sample(), &Model::default(), terms);
        }
    }
}

pub fn model(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(model) = Model::from_json(&text) {
        ask(sample(), &model);
    }
}

pub fn delta(bytes: &[u8]) {
    let _ = Delta::from_bytes(bytes, Path::new("fuzzed"));
    let mut repaired = bytes.to_vec();
    if let Some(checked) = bytes.get(16..)
        && let Some(place) = repaired.get_mut(12..16)
    {
        place.copy_from_slice(&crc32fast::hash(checked).to_le_bytes());
        let _ = Delta::from_bytes(&repaired, Path::new("fuzzed"));
    }
}

/// Puts the checksums and the length of an index right.
fn repair(bytes: &mut [u8]) -> Option<()> {
    const TABLE: usize = 64;
    const ENTRY: usize = 32;
    let length = bytes.len() as u64;
    let sections = u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?) as usize;
    let table = TABLE..TABLE + ENTRY * sections.min(64);
    for entry in table.clone().step_by(ENTRY) {
        let word = |at: usize| {
            let bytes = bytes.get(entry + at..entry + at + 8)?;
            Some(u64::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let (offset, size) = (word(8)?, word(16)?);
        if let Some(section) = bytes.get(offset..offset.saturating_add(size)) {
            let crc = crc32fast::hash(section);
            bytes
                .get_mut(entry + 4..entry + 8)?
                .copy_from_slice(&crc.to_le_bytes());
        }
    }
    bytes
        .get_mut(24..32)?
        .copy_from_slice(&length.to_le_bytes());
    let crc = crc32fast::hash(bytes.get(table)?);
    bytes.get_mut(32..36)?.copy_from_slice(&crc.to_le_bytes());
    let crc = crc32fast::hash(bytes.get(..36)?);
    bytes.get_mut(36..40)?.copy_from_slice(&crc.to_le_bytes());
    Some(())
}
