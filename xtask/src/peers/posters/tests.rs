use super::*;

#[test]
fn a_sentence_is_found_across_lines_and_not_when_a_word_lacks() {
    let wanted = Wanted::sentence("Cereți-ne. Este gratuit.");
    assert!(wanted.is_in("Cereți-\nne. Este\ngratuit."));
    assert!(wanted.is_in("Cereține. Este gratuit."));
    assert!(!wanted.is_in("Cereți-ne. gratuit."));
}

#[test]
fn letters_are_found_in_any_order_and_missed_when_they_are_not_there() {
    let wanted = Wanted::Letters("سري".to_owned());
    assert!(wanted.is_in("يرس"));
    assert!(!wanted.is_in("سر"));
}

#[test]
fn an_empty_page_has_no_ink() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("page.pgm");
    for (dot, dark) in [(255, false), (0, true)] {
        let dots = [b"P5\n30 30\n255\n".to_vec(), vec![dot; 900]].concat();
        fs::write(&picture, dots).unwrap();
        assert_eq!(ink(&picture).unwrap() > 0.5, dark);
    }
}
