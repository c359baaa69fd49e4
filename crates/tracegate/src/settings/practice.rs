//! The practices whose staff register patients here.

use disclosure::registration::Residence;
use disclosure::release::AddressKind;
use serde::Deserialize;

/// A practice that registers patients.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Organization code of its staff.
    pub organization: String,
    /// Code of the practice in the person index.
    pub code: String,
    /// Name on letters and posters.
    pub name: String,
    /// House and street.
    pub address: String,
    /// Town.
    pub town: String,
    /// Postcode.
    pub postcode: String,
    /// Area by which registrations are counted.
    pub area: String,
    /// To whom a patient complains who was refused.
    pub complaints: String,
}

impl Practice {
    /// Its address, which keeps letters for patients.
    pub fn residence(&self) -> Residence {
        Residence {
            kind: AddressKind::CareOfPractice,
            address: [self.name.as_str(), self.address.as_str()].join(", "),
            town: self.town.clone(),
            postcode: self.postcode.clone(),
            mail: None,
        }
    }
}
