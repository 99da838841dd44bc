//! How a page the scanner read is held against one that the oracle read.

use crate::oracle;
use markup::{AddressSource, Image, Page, Place};

/// What of `html`, any soup of tags, the two read otherwise, but for what is known.
pub(crate) fn difference(html: &str) -> Option<String> {
    let page = Page::parse(html);
    let places: Vec<Place> = page.images.iter().map(|image| image.at).collect();
    let (mut ours, mut theirs) = (comparable(page), comparable(oracle::parse(html)));
    for page in [&mut ours, &mut theirs] {
        without_copies(page, html);
    }
    without_moved(&mut ours, &mut theirs, &places, html);
    first_difference(&ours, &theirs)
}

/// The page without what the oracle does not know, or knows in another order.
pub(crate) fn comparable(mut page: Page) -> Page {
    for meta in &mut page.metas {
        meta.at = Place::default();
    }
    for link in &mut page.licenses {
        link.at = Place::default();
    }
    for script in &mut page.scripts {
        script.at = Place::default();
    }
    for notice in &mut page.notices {
        notice.at = Place::default();
    }
    for image in &mut page.images {
        image.at = Place::default();
        for mark in &mut image.marks {
            mark.at = Place::default();
        }
        image.marks.sort_by(|a, b| (&a.element, &a.name, &a.value).cmp(&(&b.element, &b.name, &b.value)));
    }
    page
}

pub(crate) fn first_difference(ours: &Page, theirs: &Page) -> Option<String> {
    macro_rules! compare {
        ($field:ident) => {
            if ours.$field != theirs.$field {
                let mut pairs = ours.$field.iter().zip(&theirs.$field);
                let pair = pairs.find(|(ours, theirs)| ours != theirs);
                let counts = (ours.$field.iter().count(), theirs.$field.iter().count());
                return Some(format!("{} {counts:?}: {pair:#?}", stringify!($field)));
            }
        };
    }
    compare!(base);
    compare!(language);
    compare!(metas);
    compare!(licenses);
    compare!(scripts);
    compare!(images);
    compare!(notices);
    None
}

/// Takes out what misnested tags make the tree show twice, or in another order: the copies of
/// formatting elements, and text put before its table. Images and metas are never either. And the
/// texts in which `math` may stand with a CDATA section or a NUL: the scanner reads references in the one, too, and
/// drops the other as everywhere else, where the standard has a replacement character. Comments after the end tag of
/// the body stand outside of it in the tree, and so part no words there: blanks mean nothing then.
fn without_copies(page: &mut Page, html: &str) {
    let has = |part: &str| html.to_ascii_lowercase().contains(part);
    page.notices.clear();
    let mut known = std::collections::HashSet::new();
    page.licenses.retain(|link| known.insert(link.href.clone()));
    if has("<template") {
        page.licenses.clear();
    }
    let odd_math = has("<math") && (has("\0") || has("<![cdata[") && has("&"));
    if has("<table") || odd_math {
        page.images.iter_mut().for_each(|image| (image.caption, image.around) = (None, None));
    }
    if has("</body") || has("</html") {
        for text in page.images.iter_mut().flat_map(|image| [&mut image.caption, &mut image.around]).flatten() {
            text.retain(|letter| letter != ' ');
        }
    }
}

/// Takes from images what they have from the elements around them, where a later tag moved them: the end tag of a
/// formatting element moves the block inside it that an image stands in out of all that is between the two (HTML
/// standard, section 13.2.6.4.7, "adoption agency algorithm"). The scanner does not look back.
fn without_moved(ours: &mut Page, theirs: &mut Page, places: &[Place], html: &str) {
    let pairs = ours.images.iter_mut().zip(&mut theirs.images).zip(places);
    for (number, ((ours, theirs), place)) in pairs.enumerate() {
        if ours != theirs && oracle::is_moved(html, number, place.byte) {
            let from_picture = [&*ours, &*theirs]
                .iter()
                .any(|image| image.address.as_ref().is_some_and(|(_, source)| *source == AddressSource::Picture));
            for image in [ours, theirs] {
                let own = std::mem::take(image);
                let address = own.address.filter(|_| !from_picture);
                *image = Image { others: Vec::new(), caption: None, around: None, marks: Vec::new(), address, ..own };
            }
        }
    }
}
