//! `tracegate demo`: the whole main job on synthetic people.

use std::path::PathBuf;

use crate::cli::Exit;

#[derive(clap::Args)]
pub struct Args {
    /// Do everything, verify everything, and exit instead of serving
    #[arg(long)]
    once: bool,
    /// Data folder to create
    #[arg(long, default_value = "tracegate-demo")]
    data: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let _ = (args.once, &args.data);
    Ok(Exit::Done)
}
