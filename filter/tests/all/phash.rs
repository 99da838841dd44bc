//! The perceptual hash against the Python package imagehash 4.3.2 on Pillow 13.

use crate::support::{odd, shared};
use filter::{
    decode::{decode, decode_for},
    phash::phash,
};
use std::fs;

/// `str(imagehash.phash(Image.open(name)))` of eight of the shared photographs.
const PHOTOS: [(&str, u64); 8] = [
    ("000000000285.jpg", 0xadc0_793a_b234_790f),
    ("000000000785.jpg", 0xec96_9a89_9369_b64c),
    ("000000001000.jpg", 0xe352_ce89_96f2_b906),
    ("000000002592.jpg", 0xcc00_066b_b73f_6a97),
    ("000000010092.jpg", 0xf23b_150d_6d34_cb16),
    ("000000084284.jpg", 0xcaf9_fca2_219c_29e1),
    ("000000199055.jpg", 0xe7e6_4e96_1398_c869),
    ("000000290843.jpg", 0xcc89_933e_96b1_a6cc),
];

#[test]
fn a_drawn_picture_hashes_as_imagehash_does() {
    // Printed by tests/odd/make.py.
    let pixels = decode(&odd("waves.png"), 1_000_000).unwrap();
    assert_eq!(phash(&pixels), -1_152_774_689_209_237_858);
}

#[test]
fn photographs_hash_as_imagehash_does() {
    let Some(folder) = shared("photographs_hash_as_imagehash_does", "photos") else { return };
    for (name, wanted) in PHOTOS {
        let pixels = decode(&fs::read(folder.join(name)).unwrap(), 89_478_484).unwrap();
        let different = (phash(&pixels).cast_unsigned() ^ wanted).count_ones();
        // One step of grey in the small picture can turn the bits that lie at the median.
        assert!(different <= 2, "{name}: {different} bits differ");
    }
}

#[test]
fn a_photograph_decoded_for_its_hash_alone_hashes_as_the_whole() {
    let name = "a_photograph_decoded_for_its_hash_alone_hashes_as_the_whole";
    let Some(folder) = shared(name, "photos") else { return };
    let mut reduced = 0;
    for (name, _) in PHOTOS {
        let bytes = fs::read(folder.join(name)).unwrap();
        // What the score stage asks for where nothing else needs more.
        let few = decode_for(&bytes, 89_478_484, |width, height| 128.0 / f64::from(width.min(height))).unwrap();
        reduced += usize::from(few.pixels.width < few.width);
        let whole = decode(&bytes, 89_478_484).unwrap();
        let different = (phash(&few.pixels) ^ phash(&whole)).count_ones();
        assert!(different <= 4, "{name}: {different} bits differ");
        println!("{name}: {different}");
    }
    assert!(reduced >= PHOTOS.len() / 2, "{reduced} were decoded with fewer pixels");
}
