//! Where test data lies, and reading the little of it that has its own format.

use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A picture of `tests/odd`.
pub(crate) fn odd(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/odd").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file or folder of the shared data, which lies beside the project; says so and gives `None`
/// where it is absent.
pub(crate) fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test}: `{}` is absent (set PINAKES_TEST_DATA)", path.display());
    None
}

/// The numbers of a `.npy` file of little-endian f32 or f64, whatever its shape (NEP 1).
pub(crate) fn npy(path: &std::path::Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..7], b"\x93NUMPY\x01", "version 1");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..start]).into_owned();
    assert!(header.contains("'fortran_order': False"), "{header}");
    let numbers = &bytes[start..];
    if header.contains("'<f4'") {
        return numbers.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
    }
    assert!(header.contains("'<f8'"), "{header}");
    #[expect(clippy::cast_possible_truncation, reason = "embeddings")]
    numbers.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number) as f32).collect()
}

/// The SHA-256 of a file.
pub(crate) fn digest(file: &Path) -> String {
    let digest = Sha256::digest(fs::read(file).unwrap());
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A `model.toml` for `image.onnx`, `text.onnx` and `tokenizer.json` of `folder`, as CLIP's ViT-B/32 has it.
pub(crate) fn model_toml(folder: &Path) -> String {
    let digest = |name: &str| digest(&folder.join(name));
    format!(
        r#"
name = "test"
family = "openai/clip-vit-base-patch32"
dimension = 512
licence = "none"
sources = []
[image]
file = "image.onnx"
sha256 = "{}"
input = "pixel_values"
output = "image_embeds"
size = 224
resize = "bicubic-short-side"
crop = "center"
mean = [0.48145466, 0.4578275, 0.40821073]
std = [0.26862954, 0.26130258, 0.27577711]
[text]
file = "text.onnx"
sha256 = "{}"
input = "input_ids"
output = "text_embeds"
context = 77
pad = 0
[tokenizer]
file = "tokenizer.json"
sha256 = "{}"
[thresholds]
similarity = 0.3
"#,
        digest("image.onnx"),
        digest("text.onnx"),
        digest("tokenizer.json")
    )
}
