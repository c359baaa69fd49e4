//! Each check is shown a fault planted in an otherwise clean repository.

use std::fs;
use std::process::Command;

use super::*;

const RULES: &str = r#"
published_nhs_number = [{ number = "9434765919", source = "published" }]
forbidden = [{ parts = ["left", "over"], remedy = "remove it", except = ["docs/old/"] }]

[edges]
case = []
gate = ["case"]
"#;

/// Files that pass every check; a test overwrites or adds one.
const CLEAN: &[(&str, &str)] = &[
    (
        "ARCHITECTURE.md",
        "# Map\n\n## Crates\n\n| crate | is |\n|---|---|\n| `case` | x |\n| `gate` | y |\n",
    ),
    ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n"),
    ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
    (
        "crates/case/Cargo.toml",
        "[package]\nname = \"case\"\n[lints]\nworkspace = true\n",
    ),
    (
        "crates/case/src/lib.rs",
        "//! The case.\n//!\n//! It must\n//! never know SQL.\n",
    ),
    ("crates/gate/Cargo.toml", GATE),
    ("crates/gate/src/main.rs", "//! The gate.\n\nfn main() {}\n"),
    ("docs/adr/0001-first.md", "# First\n"),
    ("docs/adr/README.md", "- [First](0001-first.md)\n"),
    (
        "crates/store/migrations/sqlite/0001_start.sql",
        "-- start\n",
    ),
    (
        "crates/store/migrations/postgres/0001_start.sql",
        "-- start\n",
    ),
];

const GATE: &str = "[package]\nname = \"gate\"\n[lints]\nworkspace = true\n[dependencies]\ncase.workspace = true\n";

fn clean() -> Repository {
    let mut repository = Repository::default();
    for (path, text) in CLEAN {
        repository.add(*path, *text);
    }
    repository
}

/// Plants the file and compares all problems with the expected lines.
#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    check_under(RULES, path, text, expected);
}

#[track_caller]
fn check_under(rules: &str, path: &str, text: &str, expected: &[&str]) {
    let mut repository = clean();
    repository.add(path, text);
    let problems = find(&repository, &Rules::parse(rules).unwrap());
    let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(problems, expected);
}

#[test]
fn the_clean_repository_has_no_problem() {
    check("README.md", "# Gate\n", &[]);
}

#[test]
fn an_edge_outside_the_table_is_reported_with_its_line() {
    let remedy =
        "let their caller join them, or change `[edges]` in xtask/tidy.toml by a decision record";
    let manifest =
        |edge: &str| format!("[package]\nname = \"case\"\n[lints]\nworkspace = true\n{edge}\n");
    let problem = |line| {
        format!("crates/case/Cargo.toml:{line}: crate `case` may not depend on `gate`; {remedy}")
    };
    let case = "crates/case/Cargo.toml";
    check(
        case,
        &manifest("[dependencies]\ngate.workspace = true"),
        &[&problem(6)],
    );
    check(
        case,
        &manifest("[dev-dependencies]\ngate = { workspace = true }"),
        &[&problem(6)],
    );
    check(
        case,
        &manifest("[target.'cfg(unix)'.dependencies]\ngate.workspace = true"),
        &[&problem(6)],
    );
    let renamed = "[dependencies]\nx = { workspace = true, package = \"gate\" }";
    check(case, &manifest(renamed), &[&problem(6)]);
}

#[test]
fn a_dependency_names_its_source_in_the_root_manifest_only() {
    let expected = "crates/gate/Cargo.toml:7: dependency `serde` names its own source; \
                    move it to the root manifest and write `serde.workspace = true`";
    check(
        "crates/gate/Cargo.toml",
        &format!("{GATE}serde = \"1\"\n"),
        &[expected],
    );
}

#[test]
fn a_new_crate_needs_a_row_in_both_tables_lints_and_its_own_folder() {
    let expected = [
        "crates/new/Cargo.toml:1: crate `newer` has no row in the dependency table; add it under `[edges]` in xtask/tidy.toml",
        "crates/new/Cargo.toml:1: crate `newer` is not in the table of ARCHITECTURE.md; add a row that says what it is",
        "crates/new/Cargo.toml:1: crate `newer` lives in folder `new`; give both the same name",
        "crates/new/Cargo.toml:1: the crate does not take the lints of the workspace; add `workspace = true` under `[lints]`",
    ];
    check(
        "crates/new/Cargo.toml",
        "[package]\nname = \"newer\"\n",
        &expected,
    );
}

#[test]
fn a_row_of_the_map_without_a_crate_is_reported() {
    let map = "## Crates\n| `case` | x |\n| `gate` | y |\n| `gone` | z |\n## Next\n| `other` |\n";
    let expected = "ARCHITECTURE.md:4: the table names a crate `gone` that is not there; \
                    remove the row or correct the name";
    check("ARCHITECTURE.md", map, &[expected]);
}

#[test]
fn a_map_without_its_table_is_reported() {
    let expected = "ARCHITECTURE.md:1: no heading `## Crates`; \
                    add a table with a crate's name in backticks in the first column of each row";
    check("ARCHITECTURE.md", "# Map\n", &[expected]);
}

#[test]
fn a_crate_says_what_it_is_and_what_it_must_never_know() {
    let expected = "crates/case/src/lib.rs:1: the opening does not say what the crate must never know; \
                    add a sentence with the words `must never`";
    check(
        "crates/case/src/lib.rs",
        "//! The case.\n\n// It must never.\n",
        &[expected],
    );
    let expected = "crates/gate/src/main.rs:1: the crate does not say what it is; \
                    open with a `//!` paragraph that says what the crate is";
    check("crates/gate/src/main.rs", "fn main() {}\n", &[expected]);
}

#[test]
fn a_module_is_not_named_mod() {
    let expected = "crates/case/src/arrows/mod.rs:1: a module is named `mod.rs`; \
                    name it `folder.rs` beside `folder/`";
    check("crates/case/src/arrows/mod.rs", "", &[expected]);
}

#[test]
fn links_that_resolve_are_no_problem() {
    let text = "# The gate's `way`: in & out\n[a](docs/adr/0001-first.md) [b](docs/adr) [c](#the-gates-way-in--out)\n\
                [d](docs/adr/0001-first.md#first) [e](https://example.org/x) [f](./CHANGELOG.md#unreleased \"t\")\n\
                <img src=\"CHANGELOG.md\"> `[g](none)`\n```\n[h](none)\n```\n[i]: CHANGELOG.md\n";
    check("README.md", text, &[]);
}

#[test]
fn links_that_lead_nowhere_are_reported() {
    let problem = |line, target| {
        let remedy = "correct it, or add the file or heading that it names";
        format!("docs/guide.md:{line}: link `{target}` leads nowhere; {remedy}")
    };
    let text = "[a](none.md)\n[b](adr/0001-first.md#second)\n<a href=\"../../out.md\">\n[c]: gone.md\n[d](#no)\n";
    let expected = [
        problem(1, "none.md"),
        problem(2, "adr/0001-first.md#second"),
        problem(3, "../../out.md"),
        problem(4, "gone.md"),
        problem(5, "#no"),
    ];
    check(
        "docs/guide.md",
        text,
        &expected.each_ref().map(String::as_str),
    );
}

fn file_of(lines: usize) -> String {
    "// x\n".repeat(lines)
}

#[test]
fn a_file_over_500_lines_needs_an_entry() {
    let path = "crates/case/src/long.rs";
    check(path, &file_of(500), &[]);
    let expected = "crates/case/src/long.rs:1: 501 lines, over 500; \
                    split it where the subject changes, or record the length with a reason in xtask/tidy.toml";
    check(path, &file_of(501), &[expected]);
}

#[test]
fn a_recorded_length_may_only_shrink() {
    let path = "crates/case/src/long.rs";
    let rules =
        format!("long_file = [{{ path = \"{path}\", lines = 620, reason = \"r\" }}]{RULES}");
    let check = |lines, expected: &[&str]| check_under(&rules, path, &file_of(lines), expected);
    check(620, &[]);
    check(600, &[]);
    check(
        621,
        &[
            "crates/case/src/long.rs:1: grew to 621 lines, on record with 620; split it where the subject changes",
        ],
    );
    check(
        599,
        &[
            "crates/case/src/long.rs:1: shrank to 599 lines, on record with 620; lower the ratchet in xtask/tidy.toml",
        ],
    );
    check(
        500,
        &[
            "crates/case/src/long.rs:1: 500 lines, and on record as longer than 500; remove the entry from xtask/tidy.toml",
        ],
    );
    check(
        801,
        &[
            "crates/case/src/long.rs:1: 801 lines, over the wall of 800; split it where the subject changes",
        ],
    );
    let gone =
        "xtask/tidy.toml:1: `crates/case/src/long.rs` is on record and not there; remove the entry";
    check_under(&rules, "README.md", "", &[gone]);
}

fn function_of(lines: usize) -> String {
    format!("\npub fn long() {{\n{}}}\n", "    x();\n".repeat(lines - 2))
}

#[test]
fn a_function_over_70_lines_is_reported_unless_recorded() {
    let path = "crates/case/src/rule.rs";
    check(path, &function_of(70), &[]);
    let expected = "crates/case/src/rule.rs:2: function `long`: 71 lines, over 70; \
                    split it where the subject changes, or record the length with a reason in xtask/tidy.toml";
    check(path, &function_of(71), &[expected]);
    let rules = format!(
        "long_function = [{{ path = \"{path}\", name = \"long\", lines = 90, reason = \"r\" }}]{RULES}"
    );
    check_under(&rules, path, &function_of(90), &[]);
    let expected = "crates/case/src/rule.rs:2: function `long`: grew to 91 lines, on record with 90; \
                    split it where the subject changes";
    check_under(&rules, path, &function_of(91), &[expected]);
    let gone = "xtask/tidy.toml:1: `crates/case/src/rule.rs, long` is on record and not there; remove the entry";
    check_under(&rules, "README.md", "", &[gone]);
}

#[test]
fn functions_are_measured_from_their_name_to_their_closing_brace() {
    let text = "\
impl Case {
    pub(crate) const fn short() {}

    async fn spread(
        a: u8,
    ) -> u8
    where
        u8: Copy,
    {
        let x = || {
            a
        };
        x()
    }
}

trait Arrow {
    fn declared(&self) -> u8;
    unsafe extern \"C\" fn given(&self) -> u8 {
        1
    }
}

// fn not_one() {
";
    let function = |line, lines| lengths::Function { line, lines };
    let expected = [
        ("given", function(19, 3)),
        ("short", function(2, 1)),
        ("spread", function(4, 11)),
    ];
    assert_eq!(lengths::longest_by_name(text), expected.into());
}

#[test]
fn a_column_zero_line_in_a_long_text_does_not_end_a_function() {
    let text = "fn query() {\n    let sql = \"\nCREATE TABLE x (\n);\n\";\n    run(sql);\n}\n";
    let lines = lengths::longest_by_name(text)["query"].lines;
    assert_eq!(lines, 7);
}

#[test]
fn a_migration_for_one_database_is_reported() {
    let expected = "crates/store/migrations/sqlite/0002_more.sql:1: migration has no partner for postgres; \
                    write crates/store/migrations/postgres/0002_more.sql";
    check(
        "crates/store/migrations/sqlite/0002_more.sql",
        "",
        &[expected],
    );
    let expected = "crates/store/migrations/postgres/0002_more.sql:1: migration has no partner for sqlite; \
                    write crates/store/migrations/sqlite/0002_more.sql";
    check(
        "crates/store/migrations/postgres/0002_more.sql",
        "",
        &[expected],
    );
}

#[test]
fn forbidden_text_is_reported_as_a_word_and_with_its_line() {
    let word = ["left", "over"].concat();
    let expected = format!("docs/note.md:2: forbidden text `{word}`; remove it");
    check(
        "docs/note.md",
        &format!("fine\nthe {word}, here\n"),
        &[&expected],
    );
    check(
        "docs/note.md",
        &format!("{word}s are {word}_2 un{word}\n"),
        &[],
    );
    check("docs/old/note.md", &word, &[]);
    check("Cargo.lock", &word, &[]);
}

#[test]
fn an_nhs_number_of_nobody_synthetic_is_reported() {
    // Spelled apart, so that this file passes too.
    let number = ["4000", "000004"].concat();
    let remedy = "use one that starts with 999, or record its source in xtask/tidy.toml";
    let expected = format!("docs/note.md:1: `{number}` could be a person's NHS number; {remedy}");
    let spaced = ["400", "000", "0004"];
    check("docs/note.md", &format!("no. {number}."), &[&expected]);
    check(
        "docs/note.md",
        &format!("\"{}\"", spaced.join(" ")),
        &[&expected],
    );
    check("docs/note.md", &spaced.join("-"), &[&expected]);
}

#[test]
fn synthetic_published_wrong_and_longer_numbers_are_no_problem() {
    let number = ["4000", "000004"].concat();
    check(
        "docs/note.md",
        "9990000018 999 000 0026 9434765919 4000000005 1111111111",
        &[],
    );
    check(
        "docs/note.md",
        &format!("1{number} 0.{number} {number}.5 x{number} {number}_"),
        &[],
    );
}

#[test]
fn decision_records_are_numbered_without_gaps_and_listed() {
    let expected = [
        "docs/adr/0003-third.md:1: number 0002 was expected here; number decision records without gaps",
        "docs/adr/0003-third.md:1: the decision record is not listed; add a line to docs/adr/README.md",
    ];
    check("docs/adr/0003-third.md", "# Third\n", &expected);
}

#[test]
fn the_changelog_keeps_a_place_for_the_next_change() {
    let expected = "CHANGELOG.md:1: no heading `## Unreleased`; \
                    add the heading, for the line that belongs to each change";
    check("CHANGELOG.md", "# Changelog\n", &[expected]);
}

#[test]
fn a_file_over_one_mebibyte_is_reported() {
    let bytes = (1 << 20) + 1;
    let expected = "web/font.txt:1: 1048577 bytes, over 1048576; \
                    generate it in the test that needs it, or shrink it";
    check("web/font.txt", &"x".repeat(bytes), &[expected]);
}

#[test]
fn a_misspelt_rule_is_refused() {
    assert!(Rules::parse("[edge]\ncase = []\n").is_err());
}

#[test]
fn new_files_count_and_ignored_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(folder.path())
            .status();
        assert!(status.unwrap().success());
    };
    git(&["init", "--quiet"]);
    for (name, content) in [
        (".gitignore", "*.out\n"),
        ("a.md", "a"),
        ("b.md", "b"),
        ("c.out", "c"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    fs::write(folder.path().join("d.bin"), [0, 159, 146]).unwrap();
    git(&["add", "a.md", "b.md"]);
    fs::remove_file(folder.path().join("b.md")).unwrap();
    let repository = Repository::load(folder.path()).unwrap();
    let paths: Vec<_> = repository.files().keys().collect();
    assert_eq!(paths, [".gitignore", "a.md", "d.bin"]);
    assert_eq!(repository.text("d.bin"), None);
}

#[test]
fn a_folder_without_git_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = Repository::load(folder.path()).unwrap_err();
    assert!(
        error.to_string().starts_with("git cannot list the files"),
        "{error}"
    );
}
