//! The demo model, in the binary: a small dual encoder that is not CLIP, so that everything runs
//! on a machine without a model and without a network. `models/demo/CARD.md` says what it can do.

/// Its files by name.
pub(super) const FILES: &[(&str, &[u8])] = &[
    ("model.toml", include_bytes!("../../../models/demo/model.toml")),
    ("image_encoder.onnx", include_bytes!("../../../models/demo/image_encoder.onnx")),
    ("text_encoder.onnx", include_bytes!("../../../models/demo/text_encoder.onnx")),
    ("tokenizer.json", include_bytes!("../../../models/demo/tokenizer.json")),
];
