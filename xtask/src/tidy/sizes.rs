//! No large file: what is large is generated, or fetched by lock file.

use super::Problem;
use super::repository::Repository;
use super::rules::Rules;

/// 1 MiB: more than any source, picture or recorded answer here needs.
const BYTES_MAX: usize = 1 << 20;

pub fn check(repository: &Repository, _: &Rules) -> Vec<Problem> {
    let large = repository
        .files()
        .values()
        .filter(|file| file.bytes > BYTES_MAX);
    let report = |file: &super::repository::File| {
        let what = format!("{} bytes, over {BYTES_MAX}", file.bytes);
        Problem::new(
            &file.path,
            1,
            what,
            "generate it in the test that needs it, or shrink it",
        )
    };
    large.map(report).collect()
}
