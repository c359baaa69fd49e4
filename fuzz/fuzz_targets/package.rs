#![no_main]

// What an agency opens: the seal, the signed manifest, and the proof.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = sealing::open(bytes, &sealing::Identity::from_secret([7; 32]));
    let _ = ledger::Note::parse(bytes);
    let _ = ledger::TlogProof::parse(bytes);
});
