//! Pictures of one's own: read, hashed, and put through the model whose embeddings the dataset has.

use crate::{cli::OwnPictures, exit::Stop, library::Library};
use filter::{Scorer, decode::decode, phash::phash, runtime::default_search};
use half::f16;
use index::{
    Dataset,
    optout::{Likeness, Likes, Own, find_pictures},
    sql,
};
use schema::{Config, sha256_hex};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Most pixels of a picture of one's own.
const MOST_PIXELS: u64 = 400_000_000;

/// The most that `--max-distance` may be: beyond it, pictures that have nothing in common are near each other.
const MOST_BITS: u32 = 16;

/// What became of a folder of pictures.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// What was found of each.
    pub(super) pictures: Vec<Likes>,
    /// Files that are no pictures we can read, and why.
    pub(super) unreadable: Vec<(String, String)>,
    /// The model whose embeddings were compared.
    pub(super) model: Option<String>,
    /// Why embeddings were not compared, or not all.
    pub(super) note: Option<String>,
}

/// Looks for all pictures of the folder.
pub(super) async fn find(dataset: &Dataset, folder: &Path, own: &OwnPictures) -> Result<Found, Stop> {
    if own.max_distance > MOST_BITS {
        return Err(Stop::yours(format!("`--max-distance` is `{}`", own.max_distance), "choose 0 to 16 bits"));
    }
    if !(-1.0..=1.0).contains(&own.min_cosine) {
        return Err(Stop::yours(
            format!("`--min-cosine` is `{}`", own.min_cosine),
            "choose a cosine: 0.9 to 1 for copies",
        ));
    }
    let files = files_below(folder)?;
    let (scorer, note) = scorer(dataset, own).await?;
    let name = |file: &Path| file.strip_prefix(folder).unwrap_or(file).display().to_string();
    let (mut pictures, mut unreadable) = (Vec::new(), Vec::new());
    for file in files {
        match read(&file, name(&file), scorer.as_ref())? {
            Ok(own) => pictures.push(own),
            Err(problem) => unreadable.push((name(&file), problem)),
        }
    }
    if pictures.is_empty() {
        let problem = format!("`{}` holds no picture that can be read", folder.display());
        return Err(Stop::yours(problem, "name a folder of JPEG, PNG, WebP, GIF or AVIF files"));
    }
    let model = scorer.as_ref().map(|scorer| scorer.model_id().to_owned());
    let likeness = Likeness { max_distance: own.max_distance, min_cosine: own.min_cosine, model: model.clone() };
    let pictures = find_pictures(dataset, &pictures, &likeness).await?;
    Ok(Found { pictures, unreadable, model, note })
}

/// All files of a folder, in the order of their names.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let unreadable = |error: std::io::Error| {
            Stop::yours(format!("folder `{}` cannot be read: {error}", folder.display()), "name a folder of pictures")
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // Links are not followed: they may lead in a circle.
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path, name: String, scorer: Option<&Scorer>) -> Result<Result<Own, String>, Stop> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let pixels = match decode(&bytes, MOST_PIXELS) {
        Ok(pixels) => pixels,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let embedding = scorer.map(|scorer| scorer.encode_pixels(&pixels)).transpose()?;
    let halves = |numbers: Vec<f32>| numbers.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect();
    Ok(Ok(Own { name, sha256: sha256_hex(&bytes), phash: phash(&pixels), embedding: embedding.map(halves) }))
}

/// The model whose embeddings the dataset has, if it is here; else why nothing is compared.
async fn scorer(dataset: &Dataset, own: &OwnPictures) -> Result<(Option<Scorer>, Option<String>), Stop> {
    let query = "select model from samples where embedding is not null group by model order by count(*) desc, model";
    let answer = sql::format(&sql::run(dataset, query).await?, sql::Format::Csv)?;
    let models: Vec<&str> = answer.lines().skip(1).filter(|line| !line.is_empty()).collect();
    let Some(first) = models.first() else {
        return Ok((None, Some("the dataset has no embeddings: pictures were compared by bytes and looks".to_owned())));
    };
    let name = own.model.clone().unwrap_or_else(|| first.split('@').next().unwrap_or_default().to_owned());
    let config = Config::default();
    let mut score = config.score.clone();
    if let Some(library) = &own.onnxruntime {
        score.onnxruntime = library.display().to_string();
    }
    let opened = Library::of(&config.models).and_then(|library| library.locate(&name)).and_then(|place| {
        score.model = place;
        Scorer::open(&score, &default_search())
    });
    let scorer = match opened {
        Ok(scorer) => scorer,
        // Named by the user, it has to be there.
        Err(error) if own.model.is_some() => return Err(error.into()),
        Err(error) => {
            return Ok((None, Some(format!("embeddings of `{first}` were not compared: {error}"))));
        }
    };
    if !models.contains(&scorer.model_id()) {
        let note = format!(
            "the dataset's embeddings are of {}, not of `{}`: they were not compared",
            models.join(", "),
            scorer.model_id()
        );
        return if own.model.is_some() {
            Err(Stop::yours(note, "name the model that the dataset was scored with"))
        } else {
            Ok((None, Some(note)))
        };
    }
    let others = models.len() - 1;
    let note =
        (others > 0).then(|| format!("embeddings of {others} other models were not compared: {}", models.join(", ")));
    Ok((Some(scorer), note))
}
