//! The scanner against html5ever's tree: on real pages, and on tag soup.

mod archives;
mod comparison;
mod oracle;

use comparison::{comparable, difference, first_difference};
use markup::{Image, Page};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[test]
fn real_pages_are_read_alike() {
    let archives = archives::archives("real_pages_are_read_alike");
    let (mut equal, mut differences, mut counts) = (0, Vec::new(), Counts::default());
    for path in archives {
        for (number, html) in archives::pages(&path).iter().enumerate() {
            let (ours, theirs) = (comparable(Page::parse(html)), comparable(oracle::parse(html)));
            counts.add(&ours.images, &theirs.images);
            match first_difference(&ours, &theirs) {
                None => equal += 1,
                Some(difference) => differences.push(format!("{} page {number}: {difference}", path.display())),
            }
        }
    }
    println!("{equal} of {} pages are read alike: {counts:?}", counts.pages);
    assert!(differences.is_empty() && counts.missed + counts.extra == 0, "{counts:?}\n{}", differences.join("\n"));
}

/// How many images were found, and what they are found to have.
#[derive(Debug, Default)]
struct Counts {
    pages: usize,
    ours: usize,
    theirs: usize,
    missed: usize,
    extra: usize,
    others: usize,
    around: usize,
}

impl Counts {
    fn add(&mut self, ours: &[Image], theirs: &[Image]) {
        self.pages += 1;
        self.ours += ours.len();
        self.theirs += theirs.len();
        let mut left: Vec<&Image> = theirs.iter().collect();
        for image in ours {
            match left.iter().position(|other| *other == image) {
                Some(at) => drop(left.remove(at)),
                None => self.extra += 1,
            }
            self.others += image.others.len();
            self.around += usize::from(image.around.is_some());
        }
        self.missed += left.len();
    }
}

/// What tag soup is made of, one a line: what the rules speak of, and what they stumble over.
const INGREDIENTS: &str = include_str!("soup.txt");

fn soup() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(INGREDIENTS.lines().collect::<Vec<_>>());
    proptest::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Always the same soup.
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn tag_soup_is_read_alike(html in soup()) {
        prop_assert_eq!(difference(&html), None, "{}", html);
    }
}

/// What is let pass is needed, and no more than that is.
#[test]
fn what_is_read_otherwise_is_known() {
    for html in [
        "<a><x-y nopin><p><img></a>",
        "a<img><math><![CDATA[&lt;]]>",
        "a<img><math>\0",
        "a</body><!-- -->b<img>",
        "<table><tr><td>a</td></tr>b<img>c</table>",
    ] {
        let (ours, theirs) = (comparable(Page::parse(html)), comparable(oracle::parse(html)));
        assert!(first_difference(&ours, &theirs).is_some(), "{html}");
        assert_eq!(difference(html), None, "{html}");
    }
}
