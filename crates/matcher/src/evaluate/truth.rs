//! A file of truths: `request_id,person_id,kind,noise`, without a person if not in the index.

use std::collections::HashMap;
use std::io::Read;

use csv::{Reader, StringRecord};
use thiserror::Error;

/// Who every request is about, as 64-bit hashes: about 40 bytes a request.
#[derive(Debug, Clone, Default)]
pub struct Truths {
    by_request: HashMap<u64, Truth>,
    /// Names of the noises, by their bit.
    noises: Vec<String>,
}

/// Who a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// Hash of the identifier; `None` if not in the index.
    pub person: Option<u64>,
    /// Not in the index, but a relative is.
    pub near: bool,
    /// Bits of [`Truths::noises`].
    pub noises: u64,
}

/// Why a file of truths cannot be used.
#[derive(Debug, Error)]
pub enum TruthError {
    /// The file cannot be read.
    #[error("line {line}: not a row of truths: {error}")]
    Row {
        /// Line in the file.
        line: u64,
        /// What the reader said.
        error: csv::Error,
    },
    /// A column is missing.
    #[error("missing column `{0}`; expected request_id, person_id, and perhaps kind, noise")]
    Column(&'static str),
    /// A request twice.
    #[error("line {0}: this request is there twice; keep one row a request")]
    Repeated(u64),
    /// More kinds of noise than can be told apart.
    #[error("more than 64 kinds of noise; join some")]
    Noises,
}

/// Hash of an identifier.
pub fn key(identifier: &str) -> u64 {
    crate::index::hash(&[identifier.as_bytes()])
}

impl Truths {
    /// Reads a file.
    ///
    /// # Errors
    /// Refuses a file without `request_id` and `person_id`, and a request that is there twice.
    pub fn read<R: Read>(reader: R) -> Result<Self, TruthError> {
        let mut reader = Reader::from_reader(reader);
        let headers = reader
            .headers()
            .map_err(|error| TruthError::Row { line: 1, error })?;
        let column = |name: &str| headers.iter().position(|header| header.trim() == name);
        let request = column("request_id").ok_or(TruthError::Column("request_id"))?;
        let person = column("person_id").ok_or(TruthError::Column("person_id"))?;
        let (kind, noise) = (column("kind"), column("noise"));
        let mut truths = Self::default();
        let mut record = StringRecord::new();
        let mut line = 1;
        while reader
            .read_record(&mut record)
            .map_err(|error| TruthError::Row {
                line: line + 1,
                error,
            })?
        {
            line += 1;
            let text = |place: Option<usize>| {
                place
                    .and_then(|place| record.get(place))
                    .unwrap_or_default()
            };
            let (id, person) = (text(Some(request)), text(Some(person)));
            let truth = Truth {
                person: (!person.is_empty()).then(|| key(person)),
                near: text(kind) == "absent_near",
                noises: truths.bits(text(noise))?,
            };
            if truths.by_request.insert(key(id), truth).is_some() {
                return Err(TruthError::Repeated(line));
            }
        }
        Ok(truths)
    }

    /// The truth about a request; `None` when the file has none.
    pub fn of(&self, request_id: &str) -> Option<Truth> {
        self.by_request.get(&key(request_id)).copied()
    }

    /// Hash of every request, and the truth about it.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Truth)> + '_ {
        self.by_request
            .iter()
            .map(|(request, truth)| (*request, *truth))
    }

    /// Every kind of noise, in the order of its bits.
    pub fn noises(&self) -> &[String] {
        &self.noises
    }

    /// Number of requests.
    pub fn len(&self) -> usize {
        self.by_request.len()
    }

    /// Is there no request?
    pub fn is_empty(&self) -> bool {
        self.by_request.is_empty()
    }

    fn bits(&mut self, noises: &str) -> Result<u64, TruthError> {
        let mut bits = 0;
        for noise in noises.split(';').filter(|noise| !noise.is_empty()) {
            let known = self.noises.iter().position(|one| one == noise);
            let place = known.unwrap_or_else(|| {
                self.noises.push(noise.to_owned());
                self.noises.len() - 1
            });
            if place >= 64 {
                return Err(TruthError::Noises);
            }
            bits |= 1 << place;
        }
        Ok(bits)
    }
}
