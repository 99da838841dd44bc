//! `demo`: the whole job offline, on a small web that this program serves itself.

use super::{
    funnel,
    run::{dataset_of, stages},
};
use crate::{
    demo,
    exit::{Stop, print},
    progress::Progress,
    run::Run,
};
use index::{Audit, By, Dataset, Funnel, sql};
use schema::Config;
use std::{path::Path, process::ExitCode};

/// Domains that fit on a screen; `pinakes audit` shows all.
const DOMAINS_SHOWN: usize = 20;

/// Serves the little web, runs every stage on it, and shows what came of it.
pub(crate) async fn run(dir: &Path, progress: Progress) -> Result<ExitCode, Stop> {
    let archive = dir.join("demo.warc.gz");
    let ours = archive.exists();
    if dir.exists() && !ours && dir.read_dir()?.next().is_some() {
        let message = format!("`{}` holds something else already", dir.display());
        return Err(Stop::yours(message, "name a new folder: `pinakes demo --dir NAME`"));
    }
    // Every demo is a fresh one. Only a folder with a demo's archive is ever removed.
    if ours {
        std::fs::remove_dir_all(dir)?;
    }
    std::fs::create_dir_all(dir)?;
    demo::write_archive(&archive)?;
    std::fs::write(dir.join(demo::OPTOUT_FILE), demo::optout_list())?;
    let web = demo::start().await?;
    let text = demo::config(dir, &archive, web.address);
    std::fs::write(dir.join("config.toml"), &text)?;
    let config = Config::parse(&text, &[])?;
    config.validate()?;

    progress.say("A small web of its own on loopback; nothing leaves this machine.");
    progress.say("The model is `demo`: a real dual encoder, small, and not CLIP.\n");
    let run = Run::with(config).await?;
    let code = stages(&run, progress).await?;
    if code == ExitCode::SUCCESS {
        show(&dataset_of(&run), &web).await?;
    }
    Ok(code)
}

async fn show(location: &str, web: &demo::Web) -> Result<(), Stop> {
    let dataset = Dataset::open(location).await?;
    let funnel = Funnel::of(&dataset).await?;
    let mut text = format!("\nTHE FUNNEL\n{}\n", funnel::table(&funnel));
    text += &format!("REFUSED, BY THE SIGNAL THAT SPOKE FIRST\n{}\n", funnel::signals(&funnel));
    text += &format!("{}\n\n", asked_against_their_will(web));

    let mut audit = Audit::by(&dataset, By::ImageDomain).await?;
    let domains = audit.rows.len();
    audit.rows.truncate(DOMAINS_SHOWN);
    text += &format!("DOMAINS OF THE PICTURES (the first {} of {domains})\n", audit.rows.len());
    text += &format!("{}\n", sql::format(&[audit.to_batch(false, false)?], sql::Format::Table)?);
    for (title, score, order) in [
        ("BEST FIVE BY SIMILARITY OF PICTURE AND TEXT (model: demo, not CLIP)", "similarity", "desc"),
        ("WORST FIVE BY SIMILARITY", "similarity", "asc"),
        (
            "BEST FIVE BY AESTHETIC SCORE (model: demo; 1 to 10, by colour, contrast, sharpness, exposure)",
            "aesthetic",
            "desc",
        ),
        ("WORST FIVE BY AESTHETIC SCORE", "aesthetic", "asc"),
    ] {
        let query = format!(
            "select round({score}, 3) as score, text, image_domain from samples \
             where {score} is not null order by {score} {order}, url limit 5"
        );
        text += &format!("{title}\n{}\n", sql::format(&sql::run(&dataset, &query).await?, sql::Format::Table)?);
    }
    text += "NEXT\n";
    for next in [
        format!("audit {location} --by image-domain"),
        format!("audit {location} --by signal"),
        format!("sql {location} \"select reason, count(*) as n from ledger group by reason order by n desc\""),
        format!("search {location} --text \"a walk\""),
        format!("subset {location} --where \"aesthetic > 5\" --layout webdataset --out subset"),
        format!("optout check {location} <(echo picos-walks.example)"),
        format!("optout apply {location} <(echo picos-walks.example) --dry-run"),
        "doctor".to_owned(),
    ] {
        text += &format!("  pinakes {next}\n");
    }
    print(&text)
}

/// What the server's own log says about pictures that were refused before they were asked for.
fn asked_against_their_will(web: &demo::Web) -> String {
    let never = demo::never_requested();
    let asked = web
        .log()
        .iter()
        .filter(|request| never.iter().any(|(host, path)| *host == request.host && *path == request.path))
        .count();
    format!("The server's own log: of {} opted-out pictures, {asked} were asked for.", never.len())
}
