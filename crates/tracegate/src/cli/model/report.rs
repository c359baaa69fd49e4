//! `tracegate model report`.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::Context as _;
use matcher::evaluate::Truths;
use matcher::report::{Source, page, report};
use matcher::{Index, MatchRule, Name};
use population::Origin;

use crate::cli::Exit;
use crate::cli::progress::Progress;

#[derive(clap::Args)]
pub struct Args {
    /// Index file
    #[arg(long)]
    index: PathBuf,
    /// CSV file of requests
    #[arg(long)]
    requests: PathBuf,
    /// CSV file that says who each request is about
    #[arg(long)]
    truth: Option<PathBuf>,
    /// Model file; the shipped one otherwise
    #[arg(long)]
    model: Option<PathBuf>,
    /// Folder to write the page into
    #[arg(long)]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let open = |path: &PathBuf| {
        File::open(path)
            .map(BufReader::new)
            .with_context(|| format!("cannot open `{}`", path.display()))
    };
    let model = super::read(args.model.as_deref())?;
    let index = Index::open(&args.index)?;
    let truths = args
        .truth
        .as_ref()
        .map(|path| Truths::read(open(path)?).with_context(|| format!("`{}`", path.display())));
    let truths = truths.transpose()?;
    let source = Source {
        index: &index,
        model: &model,
        rule: &MatchRule::bayes(),
        truths: truths.as_ref(),
        group: &origin,
    };
    let mut progress = Progress::start("requests traced", 0);
    let made = report(&source, open(&args.requests)?, &mut |done| {
        progress.at(done);
    })
    .with_context(|| format!("`{}`", args.requests.display()))?;
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make the folder `{}`", args.out.display()))?;
    let path = args.out.join("index.html");
    fs::write(&path, page(&made)).with_context(|| format!("cannot write `{}`", path.display()))?;
    progress.done(&format!(
        "{} requests; report in `{}`",
        made.tally.requests,
        path.display()
    ));
    Ok(Exit::Done)
}

/// Origin of a name, as far as lists of names tell it.
fn origin(name: &Name) -> String {
    let word = |text: &str| text.trim().to_uppercase();
    Origin::of_name(&word(&name.given), &word(&name.surname))
        .map_or("not known", Origin::code)
        .to_owned()
}
