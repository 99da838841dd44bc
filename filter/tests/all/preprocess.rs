//! CLIP's preprocessing against Pillow's.

use crate::support::{npy, shared};
use filter::{decode::decode, preprocess::Preprocess};
use std::fs;

const CLIP: Preprocess = Preprocess {
    size: 224,
    mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
    std: [0.268_629_54, 0.261_302_6, 0.275_777_1],
};

#[test]
fn a_photograph_comes_out_as_from_pillow() {
    let Some(folder) = shared("a_photograph_comes_out_as_from_pillow", "clip") else { return };
    let wanted = npy(&folder.join("expected_preprocessed_image.npy"));
    let pixels = decode(&fs::read(folder.join("franz-kafka.jpg")).unwrap(), 89_478_484).unwrap();
    let mut values = Vec::new();
    CLIP.append(&CLIP.square(&pixels), &mut values);
    assert_eq!(values.len(), wanted.len());
    let (mut worst, mut off) = (0.0_f32, 0);
    for (index, (value, wanted)) in values.iter().zip(&wanted).enumerate() {
        let difference = (value - wanted).abs() * CLIP.std[index / (224 * 224)] * 255.0;
        worst = worst.max(difference);
        off += usize::from(difference > 0.5);
    }
    assert!(worst <= 1.001, "off by {worst} of 255");
    assert!(off * 100 < values.len(), "{off} of {} values are off by one", values.len());
}
