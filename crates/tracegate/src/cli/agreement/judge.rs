//! `tracegate agreement judge`.

use std::io::Read as _;
use std::path::Path;

use agreement::{ClauseResult, Facts, Judgement, Library, Outcome, Resolution, VersionId};
use anyhow::Context as _;

use super::{find, now};
use crate::cli::{Exit, Format, print_json};

pub fn judge(
    library: &Library,
    name: &VersionId,
    facts: &Path,
    replay: bool,
    format: Format,
) -> anyhow::Result<Exit> {
    let facts = read(facts)?;
    let version = match library.named(name, now()) {
        _ if replay => find(library, name)?,
        Resolution::Judge(version) => version,
        Resolution::Refused(refused) => {
            println!(
                "refused: {}\n{}\n{}",
                refused.code, refused.text, refused.remedy
            );
            return Ok(Exit::Refused);
        }
        Resolution::Held(held) => {
            println!(
                "held: `{}` is suspended by {}\n{}",
                held.version, held.authority, held.reason
            );
            return Ok(Exit::Refused);
        }
    };
    let judgement = agreement::judge(version, &facts);
    if format == Format::Json {
        print_json(&judgement)?;
    } else {
        print(&judgement);
    }
    Ok(if judgement.outcome == Outcome::Permitted {
        Exit::Done
    } else {
        Exit::Refused
    })
}

fn read(path: &Path) -> anyhow::Result<Facts> {
    let name = path.display();
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    }
    serde_json::from_str(&text).with_context(|| format!("in `{name}`"))
}

fn print(judgement: &Judgement) {
    for finding in &judgement.clauses {
        let result = match finding.result {
            ClauseResult::Pass => "pass",
            ClauseResult::Fail => "FAIL",
            ClauseResult::NeedsHuman => "person",
            ClauseResult::NotApplicable => "-",
        };
        println!("{:<6} {result:<7} {}", finding.clause, finding.text);
        if finding.result == ClauseResult::Fail {
            println!("{:14} {}: {}", "", finding.outcome_code, finding.fix);
        }
    }
    let outcome = match judgement.outcome {
        Outcome::Permitted => "permitted",
        Outcome::Refused => "refused",
        Outcome::NeedsHuman => "needs a person",
    };
    println!(
        "\n{outcome}; fields allowed: {}",
        judgement.fields_allowed.join(", ")
    );
    if let Some(alarm) = &judgement.alarm {
        println!("ALARM: {alarm}");
    }
}
