//! What a `model.toml` may say. Unknown keys are refused.

use crate::{
    Error,
    clean::Clean,
    heads::{Activation, Column},
    preprocess::{Crop, Resize},
};
use serde::{Deserialize, Serialize};

/// Largest input side and longest context taken for sane.
const MAX_SIZE: u32 = 4096;
const MAX_CONTEXT: usize = 8192;
const MAX_DIMENSION: usize = 65_536;

/// A model, as its `model.toml` describes it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Short name, without `@`.
    pub name: String,
    /// Name of its embedding space: heads made for another are refused.
    pub family: String,
    /// Numbers in an embedding.
    pub dimension: usize,
    /// Licence of the weights.
    pub licence: String,
    /// Where the weights came from.
    pub sources: Vec<String>,
    /// The image encoder.
    pub image: ImageSpec,
    /// The text encoder.
    pub text: TextSpec,
    /// The tokenizer.
    pub tokenizer: TokenizerSpec,
    /// Heads on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<HeadSpec>,
    /// Its own thresholds.
    pub thresholds: Thresholds,
}

/// `[image]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// The ONNX file.
    pub file: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The file beside it that holds its weights, where they are too large for one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// SHA-256 of that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// Name of the input, f32 [batch, 3, size, size].
    pub input: String,
    /// Name of the output, f32 [batch, dimension].
    pub output: String,
    /// Width and height of the input.
    pub size: u32,
    /// How a picture is brought to size.
    pub resize: Resize,
    /// How the square is cut.
    pub crop: Crop,
    /// Mean per channel, of values in 0…1.
    pub mean: [f32; 3],
    /// Standard deviation per channel.
    pub std: [f32; 3],
}

/// `[text]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TextSpec {
    /// The ONNX file.
    pub file: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The file beside it that holds its weights, where they are too large for one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// SHA-256 of that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
    /// Name of the input, i64 [batch, context], or [batch, ids] where `free_length`.
    pub input: String,
    /// Name of a second input of that shape, where it has one: 1 for the text's own ids, 0 for what fills it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// Name of the output, f32 [batch, dimension].
    pub output: String,
    /// Tokens in a text.
    pub context: usize,
    /// Id that fills short texts up.
    pub pad: u32,
    /// Whether it takes texts that are not filled up, and gives the same for them: true of CLIP, where what
    /// stands behind the end token has no say in it (causal attention), and of encoders with a mask; not of SigLIP, which
    /// attends to what fills a text up. Captions are mostly far shorter than the context.
    #[serde(default)]
    pub free_length: bool,
}

/// `[tokenizer]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerSpec {
    /// A Hugging Face `tokenizer.json`.
    pub file: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// What is done to a text before it.
    #[serde(default, skip_serializing_if = "Clean::is_none")]
    pub clean: Clean,
}

/// `[[heads]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSpec {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: HeadKind,
    /// Its file, if it was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The embedding space it was made for, if it was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Of heads that anybody makes: where its score goes, if not into `scores`.
    pub column: Option<Column>,
    /// Of the same: names of its scores, where it gives several; else its own name.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Of `linear` and `mlp`: whether a sigmoid comes last.
    #[serde(default)]
    pub sigmoid: bool,
    /// Of `mlp`: what stands between its layers.
    pub activation: Option<Activation>,
    /// Of `onnx`: the name of its input, f32 [1, dimension].
    pub input: Option<String>,
    /// Of `onnx`: the name of its output, one f32 for each score.
    pub output: Option<String>,
}

/// What a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadKind {
    /// [`crate::classical`]: aesthetics measured on the pixels, on any model.
    Classical,
    /// LAION aesthetic predictor v1.
    #[serde(rename = "laion-aesthetic-v1")]
    LaionAestheticV1,
    /// LAION aesthetic predictor v2.
    #[serde(rename = "laion-aesthetic-v2")]
    LaionAestheticV2,
    /// LAION's CLIP-based NSFW detector.
    LaionNsfw,
    /// LAION's violence detector.
    LaionViolence,
    /// One linear layer out of a safetensors file.
    Linear,
    /// Several, with an activation between them.
    Mlp,
    /// Any graph, from an embedding to scores.
    Onnx,
}

impl HeadKind {
    /// The embedding spaces that heads of this kind were published for; none where it is for whoever made the head to say.
    pub fn spaces(self) -> &'static [&'static str] {
        const CLIP: &[&str] =
            &["openai/clip-vit-large-patch14", "openai/clip-vit-base-patch32", "openai/clip-vit-base-patch16"];
        match self {
            Self::LaionAestheticV1 => CLIP,
            Self::LaionAestheticV2 => &CLIP[..1],
            Self::LaionNsfw | Self::LaionViolence => &CLIP[..2],
            Self::Classical | Self::Linear | Self::Mlp | Self::Onnx => &[],
        }
    }

    /// Where its scores go, if nothing else is said.
    pub(super) fn column(self) -> Column {
        match self {
            Self::Classical | Self::LaionAestheticV1 | Self::LaionAestheticV2 => Column::Aesthetic,
            Self::LaionNsfw => Column::Punsafe,
            Self::LaionViolence | Self::Linear | Self::Mlp | Self::Onnx => Column::Scores,
        }
    }
}

/// `[thresholds]`
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Least cosine of picture and text worth keeping, on this model's scale; where nobody has published one, the
    /// configuration must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

impl ModelSpec {
    /// Reads and checks a `model.toml` found at `place`.
    pub fn parse(toml: &[u8], place: &str) -> Result<Self, Error> {
        let wrong = |problem: String| Error::File {
            file: place.to_owned(),
            problem,
            hint: "models/demo/model.toml shows every key".into(),
        };
        let text = str::from_utf8(toml).map_err(|error| wrong(format!("is no text: {error}")))?;
        let spec: Self =
            toml::from_str(text).map_err(|error| wrong(format!("is no model: {}", error.to_string().trim_end())))?;
        spec.nonsense().map_or(Ok(spec), |problem| Err(wrong(problem)))
    }

    /// All files it names, as paths within its folder, each with its SHA-256 where `model.toml` says one.
    pub(crate) fn files(&self) -> Vec<(String, Option<String>)> {
        let (image, text) = (&self.image, &self.text);
        let mut files = vec![
            (image.file.clone(), Some(image.sha256.clone())),
            (text.file.clone(), Some(text.sha256.clone())),
            (self.tokenizer.file.clone(), Some(self.tokenizer.sha256.clone())),
        ];
        for (file, data, sha256) in
            [(&image.file, &image.data, &image.data_sha256), (&text.file, &text.data, &text.data_sha256)]
        {
            files.extend(data.as_ref().map(|data| (neighbour(file, data), sha256.clone())));
        }
        files.extend(self.heads.iter().filter_map(|head| Some((head.file.clone()?, None))));
        files
    }

    /// What types cannot say.
    fn nonsense(&self) -> Option<String> {
        let named = !self.name.is_empty() && !self.name.contains(['@', '/', '\\']);
        let (image, text) = (&self.image, &self.text);
        let scaled = image.mean.iter().chain(&image.std).all(|value| value.is_finite()) && !image.std.contains(&0.0);
        let checks = [
            (named, format!("has the name `{}`, which must be short and without `@` or slashes", self.name)),
            ((1..=MAX_DIMENSION).contains(&self.dimension), format!("has dimension {}", self.dimension)),
            ((1..=MAX_SIZE).contains(&image.size), format!("has image.size {}", image.size)),
            ((2..=MAX_CONTEXT).contains(&text.context), format!("has text.context {}", text.context)),
            (scaled, "has an image.mean or image.std that cannot be divided by".to_owned()),
            (
                image.resize.crop() == image.crop,
                "has an image.crop that does not go with its image.resize: `center` goes with `bicubic-short-side`, `none` \
                 with `bicubic-squeeze`"
                    .to_owned(),
            ),
            (text.mask.as_ref() != Some(&text.input), "has a text.mask that is its text.input".to_owned()),
            (beside(image.data.as_deref()), "has an image.data that must lie beside its encoder".to_owned()),
            (beside(text.data.as_deref()), "has a text.data that must lie beside its encoder".to_owned()),
            (
                go_together(image.data.as_deref(), image.data_sha256.as_deref()),
                "has one of image.data and image.data_sha256 alone".to_owned(),
            ),
            (
                go_together(text.data.as_deref(), text.data_sha256.as_deref()),
                "has one of text.data and text.data_sha256 alone".to_owned(),
            ),
            (
                self.thresholds.similarity.is_none_or(f32::is_finite),
                "has a thresholds.similarity that is no number".to_owned(),
            ),
        ];
        checks.into_iter().find(|(fine, _)| !fine).map(|(_, problem)| problem)
    }
}

/// Whether a file and its digest are both named, or neither.
fn go_together(data: Option<&str>, digest: Option<&str>) -> bool {
    data.is_some() == digest.is_some()
}

/// The path of a file that lies beside another.
pub(crate) fn neighbour(file: &str, name: &str) -> String {
    file.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
}

/// Whether a file is named without a path: the runtime looks for weights where the encoder lies.
fn beside(data: Option<&str>) -> bool {
    data.is_none_or(|data| !data.contains(['/', '\\']))
}
