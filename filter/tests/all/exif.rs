//! What is kept of EXIF, beside what exifread, img2dataset's reader, says of the same picture.

use crate::support::odd;
use filter::decode::decode_for;

fn exif(bytes: &[u8]) -> Option<String> {
    decode_for(bytes, 1_000_000, |_, _| 1.0).unwrap().exif
}

#[test]
fn camera_time_and_author_are_kept_and_the_place_is_not() {
    // As `make.py` prints it, less the place.
    let wanted = concat!(
        r#"{"EXIF DateTimeOriginal":"2026:11:29 12:00:00","Image Artist":"Zoë Archer","#,
        r#""Image Copyright":"(c) Zoë Archer","Image DateTime":"2026:11:30 08:00:00","#,
        r#""Image Make":"Fuji","Image Model":"X100","Image Orientation":"Horizontal (normal)","Image Software":"darktable 5"}"#
    );
    for name in ["exif-all.jpg", "exif-all.png", "exif-all.webp"] {
        assert!(odd(name).windows(4).any(|four| four == b"Exif" || four == b"eXIf" || four == b"EXIF"), "{name}");
        assert_eq!(exif(&odd(name)).as_deref(), Some(wanted), "{name}");
    }
    assert_eq!(exif(&odd("corners.jpg")), None);
}

#[test]
fn every_flipped_byte_of_exif_leaves_the_picture() {
    let whole = odd("exif-all.jpg");
    let start = whole.windows(4).position(|four| four == b"Exif").unwrap();
    for index in start..start + 250 {
        let mut changed = whole.clone();
        changed[index] = 0xff;
        assert!(decode_for(&changed, 1_000_000, |_, _| 1.0).is_ok(), "byte {index}");
    }
}
