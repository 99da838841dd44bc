//! `search` and `index`: the nearest pictures to a text, a picture or a row.

use crate::{
    cli::{self, Format},
    exit::{Stop, json, print},
    library::Library,
    progress::Progress,
};
use filter::{Scorer, decode, runtime::default_search};
use index::search::{
    Answer, Asked, Built, Direction, Hit, Measured, Model, Searcher, Verified, Wanted, Way, build, captions, model_of,
    page, rows, verify,
};
use schema::{Config, Score};
use std::{path::Path, process::ExitCode, time::Instant};

/// Captions that the number of lists is measured with.
const CAPTIONS: usize = 256;

/// Answers what is asked.
pub(crate) async fn run(what: &cli::Search, progress: Progress) -> Result<ExitCode, Stop> {
    check_share(what.recall)?;
    let settings = settings(&what.encoder)?;
    // What is encoded is encoded by the model that the rows were.
    let needs_model = what.text.is_some() || what.image.is_some();
    let opened = Opened::of(&what.dataset, &what.encoder, &settings, what.id, needs_model).await?;
    if what.verify {
        return verified(what, &settings, &opened, progress).await;
    }
    let searcher = &opened.searcher;
    let (direction, title) = match (&what.text, &what.image, what.id) {
        (Some(text), ..) => (opened.text(text.clone()).await?, format!("“{text}”")),
        (_, Some(file), _) => (opened.picture(file).await?, file.display().to_string()),
        (.., Some(id)) => (searcher.row(id).await?, format!("row {id}")),
        _ => return Err(Stop::yours("nothing is asked", "add `--text`, `--image`, `--id` or `--verify`")),
    };
    let asked = Asked {
        condition: what.condition.as_deref(),
        without: what.id,
        exact: what.exact,
        ..Asked::of(&direction, what.most as usize)
    };
    let answer = searcher.search(asked).await?;
    answer.notes.iter().for_each(|note| progress.say(&format!("note: {note}")));
    let facts = told(searcher, &answer, what.condition.as_deref());
    progress.say(&facts);
    let batch = rows(searcher.dataset(), &answer.hits).await?;
    if let Some(file) = &what.page {
        write_page(file, searcher, &answer.hits, &title, facts).await?;
        progress.say(&format!("`{}` shows them", file.display()));
    }
    print(&index::sql::format(&[batch], what.output.format.into())?)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the index, or brings it up to date.
pub(crate) async fn build_index(what: &cli::Index, progress: Progress) -> Result<ExitCode, Stop> {
    check_share(what.recall)?;
    let settings = settings(&what.encoder)?;
    let opened = Opened::of(&what.dataset, &what.encoder, &settings, None, false).await?;
    let queries = opened.captions(&what.encoder, &settings, CAPTIONS, progress).await?;
    let (model, recall) = (opened.searcher.model().clone(), what.recall);
    let wanted = Wanted { model, recall, queries, anew: what.anew };
    let built = build(opened.searcher.dataset(), &wanted).await?;
    print(&match what.output.format {
        Format::Json => json(&built)?,
        Format::Csv => {
            let Built { version, rows, added, removed, others, lists, probes, bytes, anew } = built;
            format!(
                "version,rows,added,removed,others,lists,probes,bytes,anew\n\
                 {version},{rows},{added},{removed},{others},{lists},{probes},{bytes},{anew}\n"
            )
        }
        Format::Table => built_table(&built),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A dataset opened for searching, and the model where it is needed.
struct Opened {
    searcher: Searcher,
    scorer: Option<std::sync::Arc<Scorer>>,
}

impl Opened {
    /// Opens the dataset for the model that is named, or for its own.
    async fn of(
        dataset: &str,
        encoder: &cli::Encoder,
        config: &Config,
        id: Option<i64>,
        needs_model: bool,
    ) -> Result<Self, Stop> {
        let named = encoder.model.as_deref();
        let mut scorer = None;
        let mut choice = named.map(str::to_owned);
        if needs_model {
            let name = match named {
                Some(name) => name.to_owned(),
                None => own_model(dataset, None).await?.id,
            };
            let opened = open_model(config, &name).await?;
            choice = Some(opened.model_id().to_owned());
            scorer = Some(std::sync::Arc::new(opened));
        }
        // A row's own model says which rows are meant.
        if let (Some(id), None) = (id, named) {
            choice = model_of(&index::Dataset::open(dataset).await?, id).await?;
        }
        let searcher = Searcher::open(dataset, |models| choose(models, choice.as_deref())).await?;
        Ok(Self { searcher, scorer })
    }

    async fn text(&self, text: String) -> Result<Direction, Stop> {
        if text.trim().is_empty() {
            return Err(Stop::yours("`--text` is empty", "say what the pictures are to show"));
        }
        self.encode(move |scorer| scorer.encode_text(&text)).await
    }

    async fn picture(&self, file: &Path) -> Result<Direction, Stop> {
        let name = file.display().to_string();
        let bytes = std::fs::read(file)
            .map_err(|error| Stop::yours(format!("`{name}` cannot be read: {error}"), "name a picture that exists"))?;
        let most = Config::parse("", &[])?.fetch.max_pixels;
        let pixels = decode::decode(&bytes, most).map_err(|error| {
            let hint = "JPEG, PNG, GIF, WebP and AVIF are read";
            Stop::yours(format!("`{name}` is no picture that can be decoded: {error}"), hint)
        })?;
        self.encode(move |scorer| scorer.encode_pixels(&pixels)).await
    }

    /// Encoded on a thread of its own, since inference takes as long as it needs.
    async fn encode(
        &self,
        work: impl FnOnce(&Scorer) -> Result<Vec<f32>, filter::Error> + Send + 'static,
    ) -> Result<Direction, Stop> {
        let Some(scorer) = self.scorer.clone() else {
            return Err(Stop::ours(anyhow::anyhow!("no model is open")));
        };
        let numbers = tokio::task::spawn_blocking(move || work(&scorer)).await;
        let numbers = numbers.map_err(|lost| Stop::ours(lost.into()))??;
        Direction::of(&numbers).ok_or_else(|| Stop::ours(anyhow::anyhow!("the model gives no direction for it")))
    }

    /// Captions of the dataset, encoded; none where its model is not on this machine, which is said.
    async fn captions(
        &self,
        encoder: &cli::Encoder,
        config: &Config,
        count: usize,
        progress: Progress,
    ) -> Result<Vec<Direction>, Stop> {
        let name = encoder.model.clone().unwrap_or_else(|| self.searcher.model().id.clone());
        let scorer = match open_model(config, &name).await {
            Ok(scorer) if scorer.model_id() == self.searcher.model().id => scorer,
            _ => {
                progress.say(&format!(
                    "note: `{}` is not on this machine: measured with rows as queries, not with captions",
                    self.searcher.model().id
                ));
                return Ok(Vec::new());
            }
        };
        let texts = captions(&self.searcher, count).await?;
        let done = tokio::task::spawn_blocking(move || scorer.encode_texts(&texts)).await;
        let embeddings = done.map_err(|lost| Stop::ours(lost.into()))??;
        Ok(embeddings.iter().filter_map(|numbers| Direction::of(numbers)).collect())
    }
}

/// The settings that hold for models, with what the command line says on top.
fn settings(encoder: &cli::Encoder) -> Result<Config, Stop> {
    let mut config = super::models::config(&encoder.library)?;
    if let Some(library) = &encoder.onnxruntime {
        config.score.onnxruntime = library.display().to_string();
    }
    Ok(config)
}

/// Opens the model `name`, or that of an id `name@digest`.
async fn open_model(config: &Config, name: &str) -> Result<Scorer, Stop> {
    let name = match name.rsplit_once('@') {
        Some((name, _)) if !Path::new(name).is_absolute() && !name.contains('/') => name,
        _ => name,
    };
    let mut score = Score { tags: Vec::new(), ..config.score.clone() };
    score.model = Library::of(&config.models)?.locate(name)?;
    let opened = tokio::task::spawn_blocking(move || Scorer::open(&score, &default_search())).await;
    Ok(opened.map_err(|lost| Stop::ours(lost.into()))??)
}

/// The dataset's own model.
async fn own_model(dataset: &str, asked: Option<&str>) -> Result<Model, Stop> {
    let searcher = Searcher::open(dataset, |models| choose(models, asked)).await?;
    Ok(searcher.model().clone())
}

/// Which of a dataset's models is meant: the one that is asked for, or the only one.
fn choose(models: &[Model], asked: Option<&str>) -> Result<Model, index::Error> {
    let told =
        || models.iter().map(|model| format!("`{}` ({} rows)", model.id, model.rows)).collect::<Vec<_>>().join(", ");
    let refuse = |problem: String, hint: String| Err(index::Error::Search { problem, hint });
    let name_of = |id: &str| id.rsplit_once('@').map_or(id, |(name, _)| name).to_owned();
    match asked {
        None => match models {
            [model] => Ok(model.clone()),
            _ => refuse(
                format!("the dataset's embeddings are of {} models: {}", models.len(), told()),
                "say which by `--model`: embeddings of two models do not compare".into(),
            ),
        },
        Some(asked) => {
            let exact = models.iter().find(|model| model.id == asked);
            // A name without a digest does where one model only has it.
            let mut named = models.iter().filter(|model| !asked.contains('@') && name_of(&model.id) == asked);
            match exact.or_else(|| named.next().filter(|_| named.next().is_none())) {
                Some(model) => Ok(model.clone()),
                None => refuse(
                    format!("the dataset has no embeddings of `{asked}`: they are of {}", told()),
                    "search with the model that scored it: `--model` takes a name out of `pinakes models list`, or a folder".into(),
                ),
            }
        }
    }
}

fn check_share(recall: f64) -> Result<(), Stop> {
    if recall > 0.0 && recall <= 1.0 {
        return Ok(());
    }
    Err(Stop::yours(format!("`--recall` is `{recall}`"), "a share above 0 and up to 1, such as 0.98"))
}

fn told(searcher: &Searcher, answer: &Answer, condition: Option<&str>) -> String {
    let way = match answer.way {
        Way::Scan => "all scanned".to_owned(),
        Way::Index { probes, lists } => format!("{probes} of {lists} lists of the index"),
    };
    let condition = condition.map(|condition| format!(" where {condition}")).unwrap_or_default();
    format!(
        "version {}, {} rows with embeddings of `{}`{condition}: {} looked at, {way}",
        searcher.dataset().version(),
        searcher.model().rows,
        searcher.model().id,
        answer.looked_at,
    )
}

async fn write_page(file: &Path, searcher: &Searcher, hits: &[Hit], title: &str, facts: String) -> Result<(), Stop> {
    let html = page(searcher.dataset(), hits, &format!("Nearest to {title}"), &[facts]).await?;
    std::fs::write(file, html).map_err(|error| {
        Stop::yours(format!("`{}` cannot be written: {error}", file.display()), "name a file in a folder that is there")
    })
}

async fn verified(what: &cli::Search, config: &Config, opened: &Opened, progress: Progress) -> Result<ExitCode, Stop> {
    let count = what.queries as usize;
    opened.searcher.notes().iter().for_each(|note| progress.say(&format!("note: {note}")));
    // Without an index there is nothing to encode captions for.
    let texts = if opened.searcher.has_index() {
        opened.captions(&what.encoder, config, count, progress).await?
    } else {
        Vec::new()
    };
    let start = Instant::now();
    let verified = verify(&opened.searcher, count, &texts, what.recall, || start.elapsed().as_secs_f64()).await?;
    print(&match what.output.format {
        Format::Json => json(&verified)?,
        Format::Csv => {
            let row = |measured: &Measured| {
                let Measured { kind, queries, recall_at_1, recall_at_10, recall_at_100 } = measured;
                format!("{kind},{queries},{recall_at_1},{recall_at_10},{recall_at_100}\n")
            };
            let header = "kind,queries,recall_at_1,recall_at_10,recall_at_100\n".to_owned();
            header + &verified.measured.iter().map(row).collect::<String>()
        }
        Format::Table => verified_table(&verified),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn built_table(built: &Built) -> String {
    let Built { version, rows, added, removed, others, lists, probes, bytes, anew } = built;
    let how = if *anew { "made anew" } else { "brought up to date" };
    let mut text = format!(
        "{rows:>9}  rows of version {version} in the index, {how}: {added} came in, {removed} went\n\
         {lists:>9}  lists, {probes} of which a search looks through\n\
         {:>9.1}  MB\n",
        *bytes as f64 / 1e6
    );
    if *others > 0 {
        text += &format!("{others:>9}  embeddings of another length, or of none: left out\n");
    }
    text
}

fn verified_table(verified: &Verified) -> String {
    let Verified { version, rows, lists, probes, measured, wanted, probes_for_wanted, .. } = verified;
    let mut text = format!("{rows} rows of version {version}; {probes} of {lists} lists\n\n");
    text += "queries  kind    recall@1  @10     @100\n";
    for Measured { kind, queries, recall_at_1, recall_at_10, recall_at_100 } in measured {
        text += &format!("{queries:>7}  {kind:<7} {recall_at_1:<9.4} {recall_at_10:<7.4} {recall_at_100:.4}\n");
    }
    text += &format!(
        "\n{:>9.2}  ms a query by the index\n{:>9.2}  ms a query by the scan\n\
         {probes_for_wanted:>9}  lists reach a recall@10 of {wanted} with these queries\n",
        verified.index_milliseconds, verified.scan_milliseconds
    );
    text
}
