use super::*;

#[test]
fn version_ten_is_newer_than_version_nine() {
    let bins = ["/usr/lib/postgresql/9/bin", "/usr/lib/postgresql/10/bin"];
    let newest = bins
        .iter()
        .map(Path::new)
        .max_by_key(|bin| major_version(bin));
    assert_eq!(newest, Some(Path::new("/usr/lib/postgresql/10/bin")));
}

#[test]
fn a_folder_that_is_no_version_counts_as_oldest() {
    assert_eq!(
        major_version(Path::new("/usr/lib/postgresql/common/bin")),
        0
    );
}
