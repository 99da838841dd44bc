//! CLIP's tokens.

use crate::support::shared;
use filter::{Model, clean::Clean, tokenize::TextTokenizer};
use std::fs;

const CAT: [i64; 7] = [49406, 320, 1125, 539, 320, 2368, 49407];

fn assert_clip(tokenizer: &TextTokenizer, pad: i64) {
    let ids = tokenizer.encode("a photo of a cat").unwrap();
    assert_eq!(ids.len(), 77);
    assert_eq!(&ids[..7], CAT);
    assert!(ids[7..].iter().all(|id| *id == pad));
    assert_eq!(&tokenizer.encode("").unwrap()[..3], [49406, 49407, pad]);
    assert_eq!(tokenizer.encode("  A   PHOTO of a\tcat ").unwrap(), ids);
    let long = tokenizer.encode(&"cat ".repeat(100_000)).unwrap();
    assert_eq!((long.len(), long[0], long[75], long[76]), (77, 49406, 2368, 49407));
    // A cut in the middle of a character must not panic.
    assert_eq!(tokenizer.encode(&"猫".repeat(50_000)).unwrap().len(), 77);
}

#[test]
fn the_published_tokenizer_gives_clips_ids() {
    let Some(path) = shared("the_published_tokenizer_gives_clips_ids", "clip/tokenizer.json") else { return };
    assert_clip(&TextTokenizer::from_bytes(&fs::read(path).unwrap(), Clean::None, 77, 49407).unwrap(), 49407);
}

#[test]
fn the_demo_tokenizer_gives_clips_ids() {
    let model = Model::open("demo").unwrap();
    assert_clip(&model.tokenizer, model.spec.text.pad.into());
}

#[test]
fn what_is_no_tokenizer_is_refused_with_a_way_out() {
    let error = TextTokenizer::from_bytes(b"{}", Clean::None, 77, 0).err().unwrap();
    assert!(error.to_string().starts_with("`tokenizer.json` is no tokenizer"), "{error}");
    assert!(error.hint().is_some());
}
