use super::*;

fn check(text: &str, expected: Result<&str, DateError>) {
    let got = PartialDate::parse(text);
    assert_eq!(
        got.map(|date| date.to_string()),
        expected.map(str::to_owned),
        "{text}"
    );
    if let Ok(date) = got {
        assert_eq!(PartialDate::unpack(date.packed()), Some(date));
    }
}

#[test]
fn accepted_forms() {
    check("1987-03-14", Ok("1987-03-14"));
    check(" 19870314 ", Ok("1987-03-14"));
    check("1987-03", Ok("1987-03"));
    check("198703", Ok("1987-03"));
    check("1987", Ok("1987"));
    check("2000-02-29", Ok("2000-02-29"));
}

#[test]
fn refused_forms() {
    check("1900-02-29", Err(DateError::NoSuchDay));
    check("1987-13-01", Err(DateError::NoSuchDay));
    check("1987-00-01", Err(DateError::NoSuchDay));
    check("0987-01-01", Err(DateError::Year));
    check("14/03/1987", Err(DateError::Form));
    check("1987-3-4", Err(DateError::Form));
    check("1987é", Err(DateError::Form));
    check("", Err(DateError::Form));
}

#[test]
fn packed_order_is_date_order() {
    let dates = [
        "1900",
        "1900-01",
        "1900-01-01",
        "1900-01-31",
        "1900-02-01",
        "1901",
    ];
    let packed: Vec<u32> = dates
        .iter()
        .map(|d| PartialDate::parse(d).unwrap().packed())
        .collect();
    assert!(packed.is_sorted());
    assert_eq!(PartialDate::unpack(u32::MAX), None);
}
