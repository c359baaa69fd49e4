//! `tracegate agency`: the agency's side. It asks a gate over HTTP, and believes nothing that is not proved.

mod batch;
mod client;
mod folder;
mod message;
mod package;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Exit, Format, print_json};
use crate::package::digest;
use client::Client;
use folder::{Folder, Officer};

#[derive(Subcommand)]
pub enum Command {
    /// Make the agency's folder: its keys, and where the gate is
    #[command(after_help = "Examples:\n  \
        tracegate agency keygen --gate https://gate.example --organization police-northmoor\n\n\
        What the gate's operator has to enter is printed; the officers who may ask are added there. Then\n\
        put into the folder: `gate.vkey` (the gate's public key) and `log.vkey` or `policy.txt` (whose\n\
        log, which witnesses), each from elsewhere than the gate's own web server; and into `agency.toml`\n\
        for whom the machine calls: `officer = { id = \"...\", rank = \"...\" }`.")]
    Keygen(KeygenArgs),
    /// Send a request from a JSON file; sending the same file again is one request
    #[command(after_help = "Examples:\n  \
        tracegate agency submit request.json\n  \
        tracegate agency submit request.json --folder agency --format json")]
    Submit {
        /// The request, as the interface takes it
        request: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Print a request from a JSON file as a message of ETSI TS 103 120
    #[command(after_help = "Examples:\n  \
        tracegate agency message request.json --country GB --receiver controller > request.xml\n\n\
        The same file is the same objects and the same transaction. A request that such a message cannot\n\
        carry whole is refused.")]
    Message(message::MessageArgs),
    /// Hand in a file of requests and print the gate's signed answer to each line
    #[command(after_help = "Examples:\n  \
        tracegate agency batch requests.csv > answers.csv\n\n\
        Handed in again, the same file is read on where it broke off, or its answers as they stand now are\n\
        printed. Exit code 4 when a line has no answer, or one that the gate has not signed.")]
    Batch {
        /// The requests, as CSV
        file: PathBuf,
        /// The agency's folder
        #[arg(long, default_value = folder::DEFAULT)]
        folder: PathBuf,
    },
    /// Tell where requests stand; notices of recalled releases are fetched and checked
    #[command(after_help = "Examples:\n  \
        tracegate agency status\n  \
        tracegate agency status TG-7F3K-92QD-B4 --format json")]
    Status {
        /// Reference of the case; every request otherwise
        case: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// Answer the gate's question about a request
    #[command(after_help = "Examples:\n  \
        tracegate agency answer TG-7F3K-92QD-B4 'the officer has moved; the unit is the same'")]
    Answer {
        /// Reference of the case
        case: String,
        /// The answer
        text: String,
        /// A corrected request, where the answer changes what is asked
        #[arg(long)]
        request: Option<PathBuf>,
        #[command(flatten)]
        at: At,
    },
    /// Take a request back
    #[command(after_help = "Examples:\n  tracegate agency withdraw TG-7F3K-92QD-B4")]
    Withdraw {
        /// Reference of the case
        case: String,
        #[command(flatten)]
        at: At,
    },
    /// Collect a release once, or open one that was collected: checked first, then printed
    #[command(after_help = "Examples:\n  \
        tracegate agency open TG-7F3K-92QD-B4 --out record.json\n  \
        tracegate agency open packages/TG-7F3K-92QD-B4.age --parts checked\n\n\
        The record is a FHIR R4 Bundle. Exit code 4 when signature, proof, witness policy or data life\n\
        fail: nothing is printed then. `--parts` writes record, signed manifest, proof and entry as files\n\
        that other programs can check.")]
    Open(package::OpenArgs),
    /// Check a collected package without showing the record
    #[command(after_help = "Examples:\n  \
        tracegate agency verify tracegate-agency/packages/TG-7F3K-92QD-B4.age\n\n\
        Exit code 4 when anything does not verify.")]
    Verify(package::VerifyArgs),
    /// Return what became of a release
    #[command(after_help = "Examples:\n  tracegate agency return TG-7F3K-92QD-B4 located")]
    Return {
        /// Reference of the case
        case: String,
        /// What became of it
        result: Outcome,
        #[command(flatten)]
        at: At,
    },
    /// Confirm that every copy of a recalled release is destroyed
    #[command(after_help = "Examples:\n  tracegate agency destroyed TG-7F3K-92QD-B4")]
    Destroyed {
        /// Reference of the case
        case: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Args)]
pub struct KeygenArgs {
    /// Address of the gate
    #[arg(long)]
    gate: String,
    /// The agency's organization code
    #[arg(long)]
    organization: String,
    /// Folder to make
    #[arg(long, default_value = folder::DEFAULT)]
    folder: PathBuf,
}

/// Which agency, and how to print.
#[derive(Args)]
pub struct At {
    /// The agency's folder
    #[arg(long, default_value = folder::DEFAULT)]
    folder: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What became of a release.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Outcome {
    Located,
    Arrest,
    Removal,
    SafeAndWell,
    NoAction,
    NotUsed,
    /// The record is about somebody else: the release is recalled
    WrongPerson,
}

pub fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Keygen(args) => folder::make(&args.folder, &args.gate, &args.organization),
        Command::Submit { request, at } => submit(request, at),
        Command::Message(args) => message::print(args),
        Command::Batch { file, folder } => batch::hand_in(file, folder),
        Command::Status { case, at } => status(case.as_deref(), at),
        Command::Answer {
            case,
            text,
            request,
            at,
        } => {
            let request = request.as_deref().map(read_request).transpose()?;
            let mut said = json!({ "answer": text });
            if let Some(request) = request {
                said["request"] = request;
            }
            change(case, "answer", &said, at)
        }
        Command::Withdraw { case, at } => change(case, "withdrawal", &Value::Null, at),
        Command::Open(args) => package::open(args),
        Command::Verify(args) => package::verify(args),
        Command::Return { case, result, at } => {
            let result = result.to_possible_value();
            let result = result.map(|value| value.get_name().to_owned());
            change(case, "outcome", &json!({ "result": result }), at)
        }
        Command::Destroyed { case, at } => change(case, "destruction", &Value::Null, at),
    }
}

fn read_request(path: &std::path::Path) -> anyhow::Result<Value> {
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{shown}`"))?;
    serde_json::from_slice(&bytes).with_context(|| format!("in `{shown}`"))
}

fn submit(path: &std::path::Path, at: &At) -> anyhow::Result<Exit> {
    let request = read_request(path)?;
    let requester = |name: &str| Some(request["requester"][name].as_str()?.to_owned());
    let officer = requester("officer_id").zip(requester("rank"));
    let officer = officer.map(|(id, rank)| Officer { id, rank });
    let client = Client::of(&Folder::open(&at.folder)?)?.calling_for(officer);
    // Drawn from the request: the same request sent again is the same call.
    let key = format!("submit-{}", digest(request.to_string()));
    let answer = client.post("requests", &[("x-request-id", &key)], &request)?;
    let case = answer.body["case"].as_str().unwrap_or_default().to_owned();
    if at.format == Format::Json {
        print_json(&answer.body)?;
    } else {
        println!("{case}");
        eprintln!("recorded; `tracegate agency status {case}` tells where it stands");
    }
    Ok(Exit::Done)
}

fn status(case: Option<&str>, at: &At) -> anyhow::Result<Exit> {
    let folder = Folder::open(&at.folder)?;
    let client = Client::of(&folder)?;
    let answers = match case {
        Some(case) => vec![client.get(&format!("requests/{case}"))?.body],
        None => client.every("requests")?,
    };
    for answer in &answers {
        let case = answer["case"].as_str().unwrap_or_default();
        if answer["status"] == "recalled" {
            let notice = client.get_text(&format!("requests/{case}/recall"))?;
            // A gate that makes no packages signs no notices either.
            if !notice.is_empty() {
                folder.keep_recall(case, &notice)?;
            }
        }
    }
    if at.format == Format::Json {
        print_json(&answers)?;
        return Ok(Exit::Done);
    }
    if answers.is_empty() {
        println!("no requests yet");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for answer in &answers {
        let (case, status) = (text(&answer["case"]), text(&answer["status"]));
        println!("{case}  {status:<10}  {}", text(&answer["message"]));
        for reason in answer["reasons"].as_array().into_iter().flatten() {
            println!("    {}: {}", text(&reason["clause"]), text(&reason["text"]));
            println!("    what would change it: {}", text(&reason["cure"]));
        }
    }
    Ok(Exit::Done)
}

/// Changes a case, as it is now.
fn change(case: &str, what: &str, body: &Value, at: &At) -> anyhow::Result<Exit> {
    let client = Client::of(&Folder::open(&at.folder)?)?;
    let seen = client.get(&format!("requests/{case}"))?;
    let path = format!("requests/{case}/{what}");
    let key = format!("{what}-{}", digest(format!("{case} {} {body}", seen.etag)));
    let headers = [("if-match", seen.etag.as_str()), ("x-request-id", &key)];
    let answer = client.post(&path, &headers, body)?.body;
    if at.format == Format::Json {
        print_json(&answer)?;
    } else {
        let status = answer["status"].as_str().unwrap_or_default();
        println!("{case}  {status}");
    }
    Ok(Exit::Done)
}
