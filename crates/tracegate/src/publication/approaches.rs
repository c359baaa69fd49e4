//! Approaches outside the channel, as practices wrote them down: a file a quarter, by who asked and for
//! what, under the rule for small numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use statistics::{Rule, Table, protect};
use store::Approach;

use super::file::{bytes_of, write_new};
use super::{PublicationError, Quarter};
use crate::gate::Gate;
use crate::pipeline::StepError;

/// One line: who asked, for what, its published code, and how often; nothing where `*` is shown.
type Line = ([String; 3], Option<u64>);

/// Writes the file of every quarter that has ended since the first approach, unless it is there.
pub async fn publish_due(gate: &Gate, now: Timestamp) -> Result<(), StepError> {
    let last = Quarter::of(now).before();
    if path(gate, last).exists() {
        return Ok(());
    }
    let all = gate
        .store
        .approaches(Timestamp::UNIX_EPOCH, last.end())
        .await?;
    let Some(first) = all.first() else {
        return Ok(());
    };
    let mut quarter = Quarter::of(first.at);
    while quarter <= last {
        let of_quarter = all.iter().filter(|one| Quarter::of(one.at) == quarter);
        let bytes = csv(quarter, &shown(quarter, of_quarter)?);
        let bytes = bytes.map_err(|error| PublicationError::File {
            path: path(gate, quarter).display().to_string(),
            error: std::io::Error::other(error),
        })?;
        write_new(&path(gate, quarter), &bytes)?;
        quarter = quarter.after();
    }
    Ok(())
}

/// The lines of a quarter, every act of every agency and then every act by whomever.
fn shown<'a>(
    quarter: Quarter,
    approaches: impl Iterator<Item = &'a Approach>,
) -> Result<Vec<Line>, PublicationError> {
    let mut counted = BTreeMap::<[String; 3], u64>::new();
    for one in approaches {
        let key = [one.agency.clone(), one.act.clone(), one.code.clone()];
        *counted.entry(key).or_default() += 1;
    }
    let mut table = Table::default();
    let mut of_act = BTreeMap::<[String; 2], Vec<usize>>::new();
    let mut lines = Vec::new();
    for (key, count) in counted {
        let place = table.add(count, Rule::Fine);
        let [_, act, code] = key.clone();
        of_act.entry([act, code]).or_default().push(place);
        lines.push((key, place));
    }
    for ([act, code], parts) in of_act {
        let place = table.add_sum(parts, Rule::Coarse);
        lines.push((["all".to_owned(), act, code], place));
    }
    let shown = protect(&table)
        .map_err(|error| PublicationError::Unprotectable { quarter, error })?
        .shown;
    let line = |(key, place): ([String; 3], usize)| (key, shown.get(place).copied().flatten());
    Ok(lines.into_iter().map(line).collect())
}

fn csv(quarter: Quarter, lines: &[Line]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["period", "asked_by", "act", "code", "approaches"])?;
    let period = quarter.to_string();
    for ([agency, act, code], count) in lines {
        let count = count.map_or_else(|| "*".to_owned(), |count| count.to_string());
        writer.write_record([&period, agency, act, code, &count])?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// The file of a quarter as it was published.
pub fn read(gate: &Gate, quarter: Quarter) -> Result<Option<Vec<u8>>, PublicationError> {
    bytes_of(&path(gate, quarter))
}

fn path(gate: &Gate, quarter: Quarter) -> PathBuf {
    let name = format!("approaches-{quarter}.csv");
    gate.settings.statistics.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approach(agency: &str, act: &str) -> Approach {
        Approach {
            at: Timestamp::UNIX_EPOCH,
            practice: "practice-a".to_owned(),
            agency: agency.to_owned(),
            act: act.to_owned(),
            code: "act_not_data".to_owned(),
        }
    }

    #[test]
    fn an_act_asked_by_few_is_hidden_and_cannot_be_worked_out() {
        let mut all = vec![approach("home-office", "serve_notice"); 20];
        all.extend(vec![approach("police", "serve_notice"); 2]);
        let quarter: Quarter = "2026-Q3".parse().unwrap();
        let lines = shown(quarter, all.iter()).unwrap();
        let hidden = lines.iter().filter(|(_, count)| count.is_none()).count();
        assert!(hidden >= 2, "{lines:?}");
        let told: u64 = lines.iter().filter_map(|(_, count)| *count).sum();
        assert!(told == 22 || told == 20, "{lines:?}");
        let text = String::from_utf8(csv(quarter, &lines).unwrap()).unwrap();
        assert!(
            text.starts_with(
                "period,asked_by,act,code,approaches\n2026-Q3,home-office,serve_notice"
            )
        );
    }
}
