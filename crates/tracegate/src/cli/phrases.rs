//! `tracegate phrases`: what a translator of the desk works on.

use anyhow::bail;

use super::Exit;
use crate::web::language;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    tracegate phrases cy           every phrase as English = Welsh; what lacks Welsh says \"\"\n  \
    tracegate phrases cy --missing those alone\n\n\
    Fill in what is empty, put the lines into `languages/cy.toml` and build again. Keep each {1} and each\n\
    <1>...</1>: values and links take their places. Settings offer a language with `languages = [\"cy\"]`.")]
pub struct Args {
    /// Code of the language
    language: String,
    /// Only what is not said yet
    #[arg(long)]
    missing: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let Some(known) = language::find(&args.language) else {
        let codes = language::languages().iter().map(|known| known.code);
        let codes = codes.collect::<Vec<_>>().join("`, `");
        bail!(
            "there is no language `{}`; there is `{codes}`",
            args.language
        );
    };
    let phrases = language::phrases();
    let missing = phrases.iter().filter(|phrase| known.say(phrase).is_none());
    eprintln!(
        "{} of {} phrases have no words in {}",
        missing.count(),
        phrases.len(),
        known.name
    );
    if !known.reviewed {
        eprintln!("nobody who grew up with it has read the others yet");
    }
    for phrase in phrases {
        let words = known.say(&phrase);
        if words.is_none() || !args.missing {
            let words = toml::Value::from(words.unwrap_or_default());
            println!("{} = {words}", toml::Value::from(phrase));
        }
    }
    Ok(Exit::Done)
}
