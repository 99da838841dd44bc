//! Text to token ids, with the tokenizer that came with the model.

use crate::{Error, clean::Clean};
use tokenizers::{Tokenizer, TruncationDirection, TruncationParams, TruncationStrategy};

/// Most bytes of a text that are read. A context of 77 tokens ends long before; an attribute of a
/// megabyte must not cost a second.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// A tokenizer with a fixed context.
pub struct TextTokenizer {
    inner: Tokenizer,
    clean: Clean,
    context: usize,
    pad: u32,
}

impl TextTokenizer {
    /// Reads a Hugging Face `tokenizer.json`, before which texts are cleaned; they come out `context` ids long, filled up with
    /// `pad`, cut so that the end token stays. What the file itself says of both is overruled.
    pub fn from_bytes(bytes: &[u8], clean: Clean, context: usize, pad: u32) -> Result<Self, Error> {
        let refused = |error: tokenizers::Error| Error::File {
            file: "tokenizer.json".into(),
            problem: format!("is no tokenizer: {error}"),
            hint: "take the `tokenizer.json` that Hugging Face's `tokenizers` writes".into(),
        };
        let mut inner = Tokenizer::from_bytes(bytes).map_err(refused)?;
        inner
            .with_truncation(Some(TruncationParams {
                direction: TruncationDirection::Right,
                max_length: context,
                strategy: TruncationStrategy::LongestFirst,
                stride: 0,
            }))
            .map_err(refused)?;
        inner.with_padding(None);
        Ok(Self { inner, clean, context, pad })
    }

    /// How many ids a text becomes at most.
    pub fn context(&self) -> usize {
        self.context
    }

    /// The ids of `text`, as many as the context.
    pub fn encode(&self, text: &str) -> Result<Vec<i64>, Error> {
        Ok(self.filled_up(self.own_ids(text)?))
    }

    /// `ids`, as many as the context.
    pub(crate) fn filled_up(&self, mut ids: Vec<i64>) -> Vec<i64> {
        ids.resize(self.context, self.pad.into());
        ids
    }

    /// The ids of `text`, not filled up.
    pub(crate) fn own_ids(&self, text: &str) -> Result<Vec<i64>, Error> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        let text = self.clean.apply(text);
        let encoding = self.inner.encode_fast(text.as_ref(), true).map_err(|error| Error::Inference {
            backend: "tokenizer".into(),
            work: "tokenizing".into(),
            problem: error.to_string(),
        })?;
        Ok(encoding.get_ids().iter().map(|id| i64::from(*id)).collect())
    }
}
