//! The shapes of a subset.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The shape of a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Parquet with the dataset's own columns.
    Parquet,
    /// Parquet with LAION's column names, as img2dataset and its kin read them.
    Laion,
    /// One URL a line.
    Urls,
    /// Tar shards of picture, text and facts, as img2dataset writes them, with its Parquet and its statistics beside each.
    Webdataset,
    /// Parquet with the columns of img2dataset's own metadata.
    Img2dataset,
    /// A folder that Hugging Face's `load_dataset` reads: Parquet with pictures, and a card.
    Huggingface,
    /// `DataComp`'s metadata, and its list of uids.
    Datacomp,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Parquet,
        Self::Laion,
        Self::Urls,
        Self::Webdataset,
        Self::Img2dataset,
        Self::Huggingface,
        Self::Datacomp,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Laion => "laion",
            Self::Urls => "urls",
            Self::Webdataset => "webdataset",
            Self::Img2dataset => "img2dataset",
            Self::Huggingface => "huggingface",
            Self::Datacomp => "datacomp",
        }
    }

    /// Whether a row without a stored picture has no place in it.
    pub fn needs_pictures(self) -> bool {
        matches!(self, Self::Webdataset | Self::Huggingface)
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|layout| layout.name() == text)
            .ok_or_else(|| format!("`{text}` is no layout: {known}"))
    }
}
