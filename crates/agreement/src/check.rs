use crate::cases::run_cases;
use crate::fault::Fault;
use crate::library::Version;
use crate::prove::{Cells, ProveError, Spaces, field_groups, find};

/// Checks what loading does not: every worked example comes out as written and shows each clause
/// both ways; no clause is dead; something can be released, and clinical data never.
///
/// Loading already refuses what is malformed, could fail open, or does not fit together.
pub fn check(version: &Version) -> Vec<Fault> {
    let mut faults = run_cases(version);
    match proved(version) {
        Ok(found) => faults.extend(found),
        Err(error) => {
            let file = format!("{}/clauses.cedar", version.id);
            let remedy = "simplify the clause until it can be proved";
            faults.push(Fault::of_file(&file, error.to_string(), remedy));
        }
    }
    faults
}

fn proved(version: &Version) -> Result<Vec<Fault>, ProveError> {
    let file = format!("{}/clauses.cedar", version.id);
    let text = version
        .files
        .get("clauses.cedar")
        .map_or(&[][..], Vec::as_slice);
    let text = String::from_utf8_lossy(text);
    let cells = Cells::of(&[version]);
    let gave_up = |steps| ProveError::Steps {
        version: version.id.to_string(),
        steps,
    };
    let mut alive = vec![false; version.policies.rules.len()];
    let mut releases = false;
    let mut faults = Vec::new();
    let mut spaces = Spaces::new(version);
    for group in field_groups(&[version]) {
        let Some(field) = group.first() else { continue };
        let space = spaces.of_field(&cells, field)?;
        let released = find(&space.all()).map_err(gave_up)?.is_some();
        releases |= released;
        if released && group.contains(&crate::CLINICAL) {
            let remedy = "take `clinical` out of the field clause; no agreement releases it";
            faults.push(Fault::at_text(
                &file,
                &text,
                "clinical",
                "clinical data can be released",
                remedy,
            ));
        }
        for (index, (_, table)) in space.tables.iter().enumerate() {
            let negated = table.negated();
            if let Some(alive) = alive.get_mut(index).filter(|alive| !**alive) {
                *alive = find(&space.all_but(index, &negated))
                    .map_err(gave_up)?
                    .is_some();
            }
        }
    }
    if !releases {
        let remedy = "look for two clauses that no request can meet together";
        faults.push(Fault::of_file(
            &file,
            "no request can ever be permitted",
            remedy,
        ));
        return Ok(faults);
    }
    faults.extend(dead(version, &file, &text, &alive));
    Ok(faults)
}

fn dead(version: &Version, file: &str, text: &str, alive: &[bool]) -> Vec<Fault> {
    let rules = version.policies.rules.iter().zip(alive);
    let dead = rules.filter(|(_, alive)| !**alive).map(|(rule, _)| {
        let number = &rule.clause;
        let needle = format!("@id(\"{}\")", rule.id);
        let problem =
            format!("clause `{number}` is dead: whatever it refuses, another clause refuses");
        Fault::at_text(
            file,
            text,
            &needle,
            problem,
            "remove it, or say what it is for",
        )
    });
    dead.collect()
}
