//! The photographs of the demo, embedded in the binary: 53 freely licensed pictures, each with two
//! honest captions. Authors and licences stand in `demo/photos/manifest.toml` and `LICENSES.md`.

use serde::Deserialize;
use std::sync::LazyLock;

/// One photograph with what is known of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Photo {
    /// File name, which is also the last part of its addresses on the little web.
    pub(crate) file: String,
    /// What it shows, in words for people.
    pub(crate) caption: String,
    /// The same once more, said otherwise.
    pub(crate) second_caption: String,
    /// The picture itself.
    #[serde(skip)]
    pub(crate) bytes: &'static [u8],
}

impl Photo {
    /// Media type by the file's ending.
    pub(crate) fn mime(&self) -> &'static str {
        match self.file.rsplit_once('.') {
            Some((_, "png")) => "image/png",
            Some((_, "webp")) => "image/webp",
            _ => "image/jpeg",
        }
    }
}

#[derive(Deserialize)]
struct Manifest {
    photo: Vec<Photo>,
}

static PHOTOS: LazyLock<Vec<Photo>> = LazyLock::new(|| {
    let manifest = toml::from_str::<Manifest>(include_str!("../../demo/photos/manifest.toml"));
    let mut photos = manifest.map(|manifest| manifest.photo).unwrap_or_default();
    for photo in &mut photos {
        photo.bytes = FILES.iter().find(|(name, _)| *name == photo.file).map_or(&[], |(_, bytes)| *bytes);
    }
    photos
});

/// All photographs, in the order of the manifest.
#[cfg(test)]
pub(crate) fn all() -> &'static [Photo] {
    &PHOTOS
}

/// The photograph of this file name.
pub(crate) fn named(file: &str) -> Option<&'static Photo> {
    PHOTOS.iter().find(|photo| photo.file == file)
}

macro_rules! files {
    ($($name:literal,)*) => {
        &[$(($name, include_bytes!(concat!("../../demo/photos/", $name)).as_slice()),)*]
    };
}

/// Name and bytes of every file.
const FILES: &[(&str, &[u8])] = files![
    "01-kitten-with-yarn.jpg",
    "02-tabby-cat-face.jpg",
    "03-german-shepherd.jpg",
    "04-samoyeds-by-fig-tree.jpg",
    "05-dogs-at-window.jpg",
    "06-nokota-horses.jpg",
    "07-brown-hens.jpg",
    "08-red-panda.webp",
    "09-kingfisher.webp",
    "10-bee-and-red-blossoms.jpg",
    "11-polar-bear.jpg",
    "12-narwhals.jpg",
    "13-swan-family.jpg",
    "14-dolphin-underwater.jpg",
    "15-house-cat-locomotion.jpg",
    "16-dragonfly-on-twig.jpg",
    "17-dahlia.jpg",
    "18-dandelion-seeds.jpg",
    "19-acanthus-stem.jpg",
    "21-fig-in-red-bowl.jpg",
    "22-espresso-cup.jpg",
    "23-christmas-pie.jpg",
    "24-paint-brushes.jpg",
    "25-bird-under-lamp.jpg",
    "26-wall-clock.jpg",
    "27-blurred-clock.png",
    "29-circuit-board.jpg",
    "30-wine-and-drum.jpg",
    "31-guitar-and-drum-kit.webp",
    "32-long-necked-lute.png",
    "33-orchestra.jpg",
    "34-taiko-night-festival.jpg",
    "35-cameraman.jpg",
    "36-astronaut.jpg",
    "37-rocket-at-dusk.jpg",
    "38-biplane-from-above.jpg",
    "39-nagasaki-boats.jpg",
    "41-suspension-bridge-night.jpg",
    "42-castle-clinton-1961.jpg",
    "43-brandenburg-gate-dusk.jpg",
    "44-lincoln-memorial-night.jpg",
    "45-hawa-mahal.jpg",
    "46-pagoda-over-lake.jpg",
    "47-great-wall.webp",
    "48-desert-pyramid.jpg",
    "49-kinderdijk-windmills.jpg",
    "50-washington-birthplace.jpg",
    "51-dust-bowl-home.jpg",
    "52-black-canyon.jpg",
    "53-picos-de-europa.jpg",
    "54-forest-stream.jpg",
    "55-hill-sunset.jpg",
    "56-hubble-deep-field.jpg",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photograph_of_the_manifest_is_embedded_and_no_other() {
        assert_eq!(all().len(), 53);
        assert_eq!(all().len(), FILES.len());
        for photo in all() {
            assert!(photo.bytes.len() > 5000, "{}", photo.file);
            assert!(photo.caption.len() > 20 && photo.second_caption.len() > 20, "{}", photo.file);
        }
    }
}
