//! Bech32 (BIP 173), without its limit of 90 characters, as age writes keys.

/// The 32 digits.
const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Digits of the checksum.
const CHECK_DIGITS: usize = 6;

/// The bytes as text behind a prefix, in lower case.
pub fn encode(prefix: &str, bytes: &[u8]) -> String {
    let mut digits = regroup(bytes, 8, 5);
    let mut checked = spread(prefix);
    checked.extend(&digits);
    checked.extend([0; CHECK_DIGITS]);
    let sum = checksum(&checked) ^ 1;
    digits.extend((0..CHECK_DIGITS).map(|place| (sum >> (5 * (5 - place)) & 31) as u8));
    let digits = digits
        .iter()
        .map(|digit| char::from(DIGITS[usize::from(*digit)]));
    format!("{prefix}1{}", digits.collect::<String>())
}

/// The bytes of a text in one case, lower or upper, with this prefix and a right checksum.
pub fn decode(prefix: &str, text: &str) -> Option<Vec<u8>> {
    let lower = text.to_ascii_lowercase();
    if lower != text && text.to_ascii_uppercase() != text {
        return None;
    }
    let digits = lower.strip_prefix(prefix)?.strip_prefix('1')?;
    let value = |digit: u8| DIGITS.iter().position(|known| *known == digit);
    let values = digits
        .bytes()
        .map(|digit| value(digit).map(|value| value as u8));
    let values: Vec<u8> = values.collect::<Option<_>>()?;
    let data = values
        .split_at_checked(values.len().checked_sub(CHECK_DIGITS)?)?
        .0;
    let checked = [spread(prefix), values.clone()].concat();
    let bytes = regroup(data, 5, 8);
    let whole = data.len() * 5 / 8;
    let rest = bytes.get(whole..)?.iter().all(|byte| *byte == 0);
    (checksum(&checked) == 1 && rest && data.len() * 5 % 8 < 5)
        .then(|| bytes.into_iter().take(whole).collect())
}

/// Groups of bits in another width; the last group is filled up with zeros.
fn regroup(groups: &[u8], from: u32, to: u32) -> Vec<u8> {
    let (mut bits, mut held) = (0u32, 0);
    let mut out = Vec::new();
    for group in groups {
        bits = bits << from | u32::from(*group);
        held += from;
        while held >= to {
            held -= to;
            out.push((bits >> held & ((1 << to) - 1)) as u8);
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        out.push((bits << (to - held) & ((1 << to) - 1)) as u8);
    }
    out
}

/// The prefix as the checksum takes it.
fn spread(prefix: &str) -> Vec<u8> {
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    high.chain([0]).chain(low).collect()
}

fn checksum(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    values.iter().fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let next = (sum & 0x01ff_ffff) << 5 ^ u32::from(*value);
        let terms = (0..).zip(GENERATOR).filter(|(bit, _)| top >> bit & 1 == 1);
        terms.fold(next, |sum, (_, term)| sum ^ term)
    })
}
