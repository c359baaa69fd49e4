//! `tracegate poll`: opinion polls as evidence. No percentage is printed without its base, and each
//! table says what is known of the wording.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use survey::{
    Comparison, Crosstab, PercentOf, Percentage, Plan, Published, Survey, Topline, Wording, compare,
};

use super::{Exit, Format, print_json};
use crate::shipped;

#[derive(Subcommand)]
pub enum Command {
    /// Percentages of every answer, with interval, base and design effect
    #[command(after_help = "Examples:\n  \
        tracegate poll toplines --plan poll.toml --answers answers.csv\n  \
        tracegate poll toplines --plan poll.toml --answers answers.csv --question q1 --format json\n\n\
        docs/polls.md shows a plan. Intervals are 95 % by the design of the sample: weights, strata,\n\
        clusters, and what raking or post-stratification knows.")]
    Toplines {
        #[command(flatten)]
        poll: Poll,
        /// Column of one question; otherwise all
        #[arg(long, value_name = "COLUMN")]
        question: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One question by the groups of another, with a test whether they go together
    #[command(after_help = "Examples:\n  \
        tracegate poll crosstab --plan poll.toml --answers answers.csv --question q1 --by sex\n  \
        tracegate poll crosstab --plan poll.toml --answers answers.csv --question q1 --by sex --percent row\n\n\
        The test is Pearson's with the correction of Rao and Scott for the design, in its F form.")]
    Crosstab {
        #[command(flatten)]
        poll: Poll,
        /// Column of the question
        #[arg(long, value_name = "COLUMN")]
        question: String,
        /// Column of the groups, a question of the plan
        #[arg(long, value_name = "COLUMN")]
        by: String,
        /// Percent of each group (column), or of those who gave each answer (row)
        #[arg(long, value_enum, default_value_t = Percent::Column)]
        percent: Percent,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// How answers changed between two waves of different people
    #[command(after_help = "Examples:\n  \
        tracegate poll compare --plan poll.toml --answers march.csv --later june.csv --question q1\n\n\
        A question that was put otherwise in the later wave is not compared; give its own plan with\n\
        --later-plan when the design or the margins differ.")]
    Compare {
        #[command(flatten)]
        poll: Poll,
        /// Answers of the later wave
        #[arg(long, value_name = "FILE")]
        later: PathBuf,
        /// Plan of the later wave, if it is another
        #[arg(long, value_name = "FILE")]
        later_plan: Option<PathBuf>,
        /// Column of the question
        #[arg(long, value_name = "COLUMN")]
        question: String,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Figures that were published without their answers: what they can and cannot support
    #[command(after_help = "Examples:\n  \
        tracegate poll published\n  \
        tracegate poll published --record another-poll.toml --format json\n\n\
        Without --record, the poll of March 2018 that comes with the program.")]
    Published {
        /// Record of another poll
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Args)]
pub struct Poll {
    /// Plan: design, margins, questions with their wording (TOML)
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// Answers: one row for each respondent (CSV)
    #[arg(long, value_name = "FILE")]
    answers: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Percent {
    /// Of each group.
    Column,
    /// Of those who gave each answer.
    Row,
}

pub fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Toplines {
            poll,
            question,
            format,
        } => toplines(&poll.read()?, question.as_deref(), format)?,
        Command::Crosstab {
            poll,
            question,
            by,
            percent,
            format,
        } => {
            let of = match percent {
                Percent::Column => PercentOf::Column,
                Percent::Row => PercentOf::Row,
            };
            show(
                &poll.read()?.crosstab(&question, &by, of)?,
                format,
                print_crosstab,
            )?;
        }
        Command::Compare {
            poll,
            later,
            later_plan,
            question,
            format,
        } => {
            let after = Poll {
                plan: later_plan.unwrap_or_else(|| poll.plan.clone()),
                answers: later,
            };
            let comparison = compare(&poll.read()?, &after.read()?, &question)?;
            show(&comparison, format, print_comparison)?;
        }
        Command::Published { record, format } => {
            let poll = match record {
                Some(path) => Published::parse(&path.display().to_string(), &text(&path)?)?,
                None => shipped::poll()?,
            };
            show(&poll, format, print_published)?;
        }
    }
    Ok(Exit::Done)
}

impl Poll {
    fn read(&self) -> anyhow::Result<Survey> {
        let plan = Plan::parse(&self.plan.display().to_string(), &text(&self.plan)?)?;
        let file = self.answers.display().to_string();
        let bytes =
            std::fs::read(&self.answers).with_context(|| format!("cannot read `{file}`"))?;
        Ok(Survey::read(plan, &file, &bytes)?)
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn show<T: serde::Serialize>(value: &T, format: Format, print: fn(&T)) -> anyhow::Result<()> {
    match format {
        Format::Json => print_json(value)?,
        Format::Text => print(value),
    }
    Ok(())
}

fn toplines(survey: &Survey, question: Option<&str>, format: Format) -> anyhow::Result<()> {
    let columns: Vec<&str> = match question {
        Some(question) => vec![question],
        None => survey
            .plan
            .questions
            .iter()
            .map(|question| question.column.as_str())
            .collect(),
    };
    let tables = columns.iter().map(|column| survey.topline(column));
    let tables: Vec<Topline> = tables.collect::<Result<_, _>>()?;
    if format == Format::Json {
        return print_json(&tables);
    }
    let plan = &survey.plan;
    println!("{}", plan.title);
    println!("{}; in the field {}", plan.population, plan.fieldwork);
    let effect = tables.first().map_or(1.0, |table| table.weighting_effect);
    println!(
        "{} respondents; unequal weights alone widen a variance {effect:.2} times",
        survey.respondents()
    );
    for table in &tables {
        println!();
        heading(&table.question, &table.wording);
        if table.lines.is_empty() {
            println!("  nobody was asked");
        }
        for line in &table.lines {
            print_line(&line.label, &line.percentage);
        }
    }
    Ok(())
}

fn heading(question: &str, wording: &Wording) {
    println!("{question} ({})", wording.status());
    if let Some(text) = wording.text() {
        println!("  \"{text}\"");
    }
}

fn print_line(label: &str, percentage: &Percentage) {
    let [percent, interval, base] = percentage.cells();
    let effect = percentage.design_effect();
    let effect = effect
        .map(|effect| format!("; design effect {effect:.2}"))
        .unwrap_or_default();
    println!("  {label:<32} {percent:>7}  {interval:<14}  {base}{effect}");
}

fn print_crosstab(table: &Crosstab) {
    heading(&table.question, &table.wording);
    let of = match table.percent_of {
        PercentOf::Column => "percent of each group",
        PercentOf::Row => "percent of those who gave each answer",
    };
    println!("  by {} ({}); {of}", table.by, table.by_wording.status());
    for (place, group) in table.groups.iter().enumerate() {
        println!("\n{group}");
        for row in &table.rows {
            match row.cells.get(place).and_then(|cell| cell.0.as_ref()) {
                Some(percentage) => print_line(&row.label, percentage),
                None => println!("  {:<32} nobody to take a percentage of", row.label),
            }
        }
    }
    match table.association {
        Some(test) => println!(
            "\nRao-Scott F {:.2} on {:.1} and {:.1} degrees of freedom, p {:.4}",
            test.f, test.numerator, test.denominator, test.p
        ),
        None => println!("\nno test: fewer than two answers or groups, or too few sampling units"),
    }
}

fn print_comparison(comparison: &Comparison) {
    heading(&comparison.question, &comparison.wording);
    for change in &comparison.changes {
        let [points, interval] = change.cells();
        let clear = if change.is_clear() {
            ""
        } else {
            "; may be no change"
        };
        println!("\n{}: {points} ({interval}{clear})", change.label);
        print_line("before", &change.before);
        print_line("after", &change.after);
    }
}

fn print_published(poll: &Published) {
    println!("{}", poll.title);
    println!(
        "{}, {}; published {}",
        poll.population, poll.mode, poll.published
    );
    println!("source: {}", poll.source);
    for sample in &poll.samples {
        println!("{} interviews, {}", sample.interviews, sample.fieldwork);
    }
    println!("{}\n{}\n", poll.weighting, poll.answers);
    for figure in &poll.figures {
        println!("{}\n  {}", figure.label, figure.percentage);
        for bounds in &figure.bounds {
            println!(
                "  a simple random sample of {} would have a margin of {:.1} points; this is not one",
                bounds.interviews, bounds.points
            );
        }
    }
    for overlap in &poll.overlaps {
        println!("\nboth \"{}\" and \"{}\"", overlap.first, overlap.second);
        println!(
            "  at least {}, if the same people answered",
            overlap.at_least
        );
        println!("  {}", overlap.meaning);
    }
    let critique = poll
        .critique
        .iter()
        .map(|critique| format!("{} ({})", critique.text, critique.source));
    for (title, items) in [
        ("unknown", poll.unknown.clone()),
        ("the figures can support", poll.can.clone()),
        ("the figures cannot support", poll.cannot.clone()),
        ("critique", critique.collect()),
    ] {
        println!("\n{title}");
        for item in items {
            println!("  - {item}");
        }
    }
}
