//! Preprocessing of CLIP and SigLIP against Pillow's.

use crate::support::{npy, shared};
use filter::{
    decode::{Pixels, decode},
    preprocess::{Preprocess, Resize},
};
use std::fs;

const CLIP: Preprocess = Preprocess {
    size: 224,
    resize: Resize::BicubicShortSide,
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

#[test]
fn squeezed_pictures_come_out_as_from_pillow() {
    let siglip = Preprocess { size: 24, resize: Resize::BicubicSqueeze, mean: [0.5; 3], std: [0.5; 3] };
    let mut count = 0;
    for line in include_str!("../golden/squeezed.csv").lines().skip(1) {
        let [width, height, hex] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let (width, height): (u32, u32) = (width.parse().unwrap(), height.parse().unwrap());
        let value = |x: u32, y: u32, channel: u32| (x * 7 + y * 13 + channel * 50 + x * y % 31 * 5).to_le_bytes()[0];
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = places.flat_map(|(x, y)| [0, 1, 2].map(|channel| value(x, y, channel))).collect();
        let found = siglip.square(&Pixels { width, height, rgb }).rgb;
        let wanted: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        assert_eq!(found.len(), wanted.len());
        let off: Vec<u8> = found.iter().zip(&wanted).map(|(a, b)| a.abs_diff(*b)).filter(|by| *by > 0).collect();
        assert!(off.iter().all(|by| *by == 1) && off.len() * 100 < wanted.len(), "{width} x {height}: {off:?}");
        count += 1;
    }
    assert_eq!(count, 5);
}
