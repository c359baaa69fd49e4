#![no_main]

// A message that is read is one that can be answered; whatever is refused says so.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let told = match interchange::read(bytes) {
        Ok(message) => interchange::recorded(&message, "TG-7F3K-92QD-B4", now),
        Err(error) => interchange::refused(error.header.as_deref(), &error.fault, now),
    };
    assert!(told.ends_with("</HI1Message>"));
});
