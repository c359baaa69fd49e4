//! Faults of a file: the first ones with line, field and remedy, and how many there are in all.

use std::path::Path;

use matcher::csv_input::RowFault;

/// Field faults shown; rows that could not be read are always shown.
const SHOWN_MAX: u64 = 20;

/// Shows faults as they are found.
pub struct Faults<'a> {
    path: &'a Path,
    found: u64,
    rows: u64,
}

impl Faults<'_> {
    /// Faults of this file.
    pub fn new(path: &Path) -> Faults<'_> {
        Faults {
            path,
            found: 0,
            rows: 0,
        }
    }

    /// Shows one.
    pub fn show(&mut self, fault: &RowFault) {
        self.found += 1;
        self.rows += u64::from(fault.row_left_out);
        if self.found <= SHOWN_MAX || fault.row_left_out {
            eprintln!("{}:{}: {}", self.path.display(), fault.line, fault.fault);
        }
    }

    /// Says how many there were, `unlisted` ones among them.
    pub fn end(&self, unlisted: u64) {
        let found = self.found + unlisted;
        if found > SHOWN_MAX {
            eprintln!("{found} faults in all; fields with a fault were not used");
        }
    }

    /// Rows that could not be read.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}
