//! Tracegate: the gate between a confidential person index and the agencies that ask it for details.

fn main() {}
