use super::*;

fn chance() -> Chance {
    let mut drawn = 0_u8;
    Box::new(move |salt| {
        drawn = drawn.wrapping_add(1);
        *salt = [drawn.max(1); 32];
    })
}

#[test]
fn what_is_sealed_opens_in_its_place_until_the_key_is_destroyed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    let mut chance = chance();
    let keys = Keys::open_or_create(&path, &mut chance).expect("makes");
    let mut next = 2;
    let slot = keys.ring().allot(&mut next, &mut chance).expect("allots");
    let other = keys.ring().allot(&mut next, &mut chance).expect("allots");
    let key = keys.get(slot).expect("reads").expect("a key");
    let mut sealed = key.seal("case/1", b"Zoe", &mut chance).expect("seals");
    assert!(!sealed.windows(3).any(|window| window == b"Zoe"));
    assert_eq!(key.open("case/1", &sealed).as_deref(), Some(&b"Zoe"[..]));
    assert_eq!(key.open("case/2", &sealed), None);
    let wrong = keys.get(other).expect("reads").expect("a key");
    assert_eq!(wrong.open("case/1", &sealed), None);
    sealed[30] ^= 1;
    assert_eq!(key.open("case/1", &sealed), None);
    let (check, person) = (keys.check(), keys.pseudonym("P-1"));
    keys.destroy(&[slot]).expect("destroys");
    drop(keys);
    let keys = Keys::open_or_create(&path, &mut chance).expect("opens");
    assert!(keys.get(slot).expect("reads").is_none());
    assert!(keys.get(other).expect("reads").is_some());
    assert_eq!((keys.check(), keys.pseudonym("P-1")), (check, person));
    assert_ne!(keys.pseudonym("P-2"), person);
    // A counter that was set back never hands out a destroyed key.
    let mut again = 2;
    assert_eq!(
        keys.ring().allot(&mut again, &mut chance).expect("allots"),
        other
    );
}

#[test]
fn a_missing_or_foreign_file_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys");
    let error = Keys::open(&path).err().expect("refuses").to_string();
    assert!(error.contains("it is missing"), "{error}");
    fs::write(&path, [7; 64]).expect("writes");
    let error = Keys::open(&path).err().expect("refuses").to_string();
    assert!(error.contains("it is not a key file"), "{error}");
}
