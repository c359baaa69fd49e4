//! Packages that were tampered with: each is refused, and each says by what.

use std::collections::BTreeSet;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Folder, KeyType, Note, SignerKey, VerifierKey};
use sealing::{Fresh, Identity, Recipient};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Agency, SOON};
use crate::support::{stderr, stdout};

/// A sound package, taken apart.
struct Package {
    agency: Agency,
    sealed: Vec<u8>,
    recipient: Recipient,
    envelope: Value,
    gate: SignerKey,
}

impl Package {
    fn collected() -> Package {
        let agency = Agency::registered();
        let case = agency.submit(3);
        agency.release(&case);
        assert!(agency.open(&case, &[]).status.success());
        let sealed = fs::read(agency.package(&case)).unwrap();
        let key = fs::read_to_string(agency.folder().join("age.key")).unwrap();
        let identity: Identity = key.lines().last().unwrap().parse().unwrap();
        let opened = sealing::open(&sealed, &identity).unwrap();
        let gate = fs::read_to_string(agency.data.path().join("gate.key")).unwrap();
        Package {
            sealed,
            recipient: identity.recipient(),
            envelope: serde_json::from_slice(&opened).unwrap(),
            gate: gate.parse().unwrap(),
            agency,
        }
    }

    fn text(&self, part: &str) -> String {
        self.envelope[part].as_str().unwrap().to_owned()
    }

    /// The text of the manifest with other lines.
    fn manifest(&self, lines: &[(&str, &str)]) -> String {
        let note = self.text("manifest");
        let text = Note::parse(note.as_bytes()).unwrap().text().to_owned();
        let changed = |line: &str| {
            let name = line.split(' ').next().unwrap_or_default();
            match lines.iter().find(|(changed, _)| *changed == name) {
                Some((_, value)) => format!("{name} {value}\n"),
                None => format!("{line}\n"),
            }
        };
        text.lines().map(changed).collect()
    }

    /// Sealed to the agency, with other parts.
    fn with(&self, parts: &[(&str, &str)]) -> Vec<u8> {
        let mut envelope = self.envelope.clone();
        for (part, text) in parts {
            envelope[part] = json!(text);
        }
        seal(&self.recipient, &envelope.to_string())
    }

    /// Sealed to the agency, with other lines of the manifest that the gate has signed.
    fn signed_with(&self, lines: &[(&str, &str)]) -> Vec<u8> {
        let note = Note::sign(self.manifest(lines), &self.gate);
        self.with(&[("manifest", &note.to_string())])
    }

    /// Another entry of the log, rightly proved and signed for.
    fn of_entry(&self, index: u64) -> Vec<u8> {
        let data = self.agency.data.path();
        let key = fs::read_to_string(data.join("log.vkey")).unwrap();
        let key: VerifierKey = key.trim().parse().unwrap();
        let (entry, proof) = ledger::prove(&Folder::new(data.join("log")), &key, index).unwrap();
        let digest = hex::encode(Sha256::digest(&entry));
        let lines = [("entry", index.to_string()), ("entry-sha256", digest)];
        let lines = lines
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let note = Note::sign(self.manifest(&lines), &self.gate).to_string();
        let (proof, entry) = (proof.to_string(), STANDARD.encode(entry));
        self.with(&[("manifest", &note), ("proof", &proof), ("entry", &entry)])
    }

    /// What the agency's client says of a package, which it must refuse without showing anything.
    fn refused(&self, sealed: &[u8], at: &str) -> String {
        let file = self.agency.data.text("tampered.age");
        fs::write(&file, sealed).unwrap();
        let refused = self.agency.run(&["open", &file, "--at", at]);
        let said = stderr(&refused);
        assert_eq!(refused.status.code(), Some(4), "{said}");
        assert!(
            stdout(&refused).is_empty(),
            "nothing of the record is shown"
        );
        said
    }
}

/// Sealed as the gate seals.
fn seal(recipient: &Recipient, text: &str) -> Vec<u8> {
    let fresh = Fresh {
        ephemeral: [1; 32].into(),
        file_key: [2; 16].into(),
        nonce: [3; 16],
    };
    sealing::seal(text.as_bytes(), recipient, &fresh).unwrap()
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// With another digit of base64 here: still an age file, with another code for its header.
fn other_digit(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    bytes
}

/// Position just behind `needle`.
fn behind(bytes: &[u8], needle: &[u8]) -> usize {
    let at = bytes
        .windows(needle.len())
        .position(|found| found == needle);
    at.unwrap() + needle.len()
}

#[test]
fn every_tampered_package_is_refused_with_its_own_message() {
    let package = Package::collected();
    let sealed = &package.sealed;
    let stranger = Identity::from_secret([8; 32]).recipient();
    let everything = package.envelope.to_string();
    let stranger_signed = SignerKey::from_seed("other.example", KeyType::Note, &[9; 32]).unwrap();
    let (other_key, flipped_proof) = (stranger.to_string(), flipped_hash(&package.text("proof")));
    let edited = package.manifest(&[("data-life-until", "2099-01-01T00:00:00Z")]);
    let note = package
        .text("manifest")
        .replace(&package.manifest(&[]), &edited);
    let unsigned = Note::sign(package.manifest(&[]), &stranger_signed).to_string();
    let bundle = package.text("bundle").replace("official", "nickname");
    let other_text = Note::sign("tracegate recall notice v1\n".into(), &package.gate).to_string();
    let cases: [(Vec<u8>, &str); 15] = [
        (sealed[..15].to_vec(), "not an age file"),
        (seal(&stranger, &everything), "sealed to another key"),
        (
            other_digit(sealed, behind(sealed, b"\n--- ")),
            "the header was changed",
        ),
        (flipped(sealed, sealed.len() - 1), "the content was changed"),
        (seal(&package.recipient, "{}"), "not a release of the gate"),
        (package.with(&[("manifest", &note)]), "the signature by"),
        (
            package.with(&[("manifest", &unsigned)]),
            "the note is not signed by",
        ),
        (
            package.with(&[("manifest", &other_text)]),
            "the manifest is not one of a release",
        ),
        (
            package.signed_with(&[("sealed-to", &other_key)]),
            "has been sealed again",
        ),
        (
            package.signed_with(&[("recipient", "court-northmoor")]),
            "which is not this agency",
        ),
        (
            package.with(&[("bundle", &bundle)]),
            "the record is not the one",
        ),
        (package.with(&[("entry", "AAAA")]), "entry is not the one"),
        (
            package.with(&[("proof", &flipped_proof)]),
            "the log's proof",
        ),
        (package.of_entry(0), "entry 0 of the log is not a release"),
        (
            package.signed_with(&[("released-at", "2026-01-01T00:00:00Z")]),
            "of another hour",
        ),
    ];
    let mut said = BTreeSet::new();
    for (tampered, message) in &cases {
        let refused = package.refused(tampered, SOON);
        assert!(refused.contains(message), "{message}: {refused}");
        said.insert(refused);
    }
    assert_eq!(said.len(), cases.len(), "{said:#?}");
    let late = package.refused(sealed, "2099-01-01T00:00:00Z");
    assert!(late.contains("the data life ended at"), "{late}");
}

/// The proof with another first hash of its path.
fn flipped_hash(proof: &str) -> String {
    let mut lines: Vec<String> = proof.split('\n').map(str::to_owned).collect();
    let hash = &mut lines[2];
    let first = if hash.starts_with('A') { "B" } else { "A" };
    hash.replace_range(..1, first);
    lines.join("\n")
}

#[test]
fn a_package_needs_the_witnesses_that_the_agency_asks_for() {
    let package = Package::collected();
    let folder = package.agency.folder();
    let log = fs::read_to_string(folder.join("log.vkey")).unwrap();
    let witness = SignerKey::from_seed("patients", KeyType::Cosignature, &[5; 32]).unwrap();
    let witness = witness.public();
    let policy = format!(
        "log {}\nwitness patients {witness}\nquorum patients\n",
        log.trim()
    );
    fs::write(folder.join("policy.txt"), policy).unwrap();
    let said = package.refused(&package.sealed, SOON);
    assert!(said.contains("the witness policy is not met"), "{said}");
    // Another log's key proves nothing either.
    fs::remove_file(folder.join("policy.txt")).unwrap();
    let other = SignerKey::from_seed("log.example/other", KeyType::Note, &[6; 32]).unwrap();
    fs::write(folder.join("log.vkey"), format!("{}\n", other.public())).unwrap();
    let said = package.refused(&package.sealed, SOON);
    assert!(said.contains("no log of the policy signed"), "{said}");
}
