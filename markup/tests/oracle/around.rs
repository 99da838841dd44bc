//! The words around images, from the order of the tree.

use super::{ancestors, collapsed, in_template, is, is_wordless, kind};
use scraper::{ElementRef, Html};

const LEVELS: usize = 4;
const MAX_BYTES: usize = 256;
const MAX_BYTES_TO_BLANK: usize = 64;
const BLOCKS: &str = "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset \
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup li main menu nav ol p search section summary table td th \
    tr ul";

enum Event<'a> {
    /// A piece of text and the elements around it.
    Words(&'a str, Vec<ElementRef<'a>>),
    /// An image, and whether it stands in `noscript`.
    Image(ElementRef<'a>, bool),
}

/// The words and images of a page, in the order of the tree.
pub(super) struct Surroundings<'a>(Vec<Event<'a>>);

impl<'a> Surroundings<'a> {
    pub(super) fn of(tree: &'a Html) -> Self {
        let mut events = Vec::new();
        for node in tree.tree.root().descendants() {
            if let Some(text) = node.value().as_text() {
                let above: Vec<ElementRef<'a>> = node.ancestors().filter_map(ElementRef::wrap).collect();
                if !above.iter().any(|element| is_wordless(*element)) {
                    events.push(Event::Words(text, above));
                }
            } else if let Some(element) = ElementRef::wrap(node).filter(|element| kind(*element).is_some())
                && !in_template(element)
            {
                events.push(Event::Image(element, ancestors(element).any(|above| is(above, "noscript"))));
            }
        }
        Self(events)
    }

    /// The words nearest to `image`.
    pub(super) fn words(&self, image: ElementRef<'_>) -> Option<String> {
        let is_it = |event: &Event<'_>| matches!(event, Event::Image(element, _) if element.id() == image.id());
        let at = self.0.iter().position(is_it)?;
        let Event::Image(_, is_fallback) = self.0[at] else { return None };
        let ends = |event: &&Event<'_>| matches!(event, Event::Image(_, fallback) if is_fallback || !fallback);
        let before: Vec<_> = self.0[..at].iter().rev().take_while(|event| !ends(event)).collect();
        let after: Vec<_> = self.0[at + 1..].iter().take_while(|event| !ends(event)).collect();
        let mut blocks =
            ancestors(image).filter(|above| BLOCKS.split_whitespace().any(|name| is(*above, name))).take(LEVELS);
        blocks.find_map(|block| {
            let before = last(&within(block, before.iter().rev())).to_owned();
            let after = first(&within(block, after.iter())).to_owned();
            collapsed(&format!("{before} {after}"))
        })
    }
}

fn within<'e, 'a: 'e>(block: ElementRef<'_>, events: impl Iterator<Item = &'e &'e Event<'a>>) -> String {
    let words = events.filter_map(|event| match event {
        Event::Words(text, above) if above.iter().any(|element| element.id() == block.id()) => Some(*text),
        _ => None,
    });
    collapsed(&words.collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

/// At most 256 bytes: up to the last blank, if there is one in the last 64 bytes, else up to a character.
fn first(text: &str) -> &str {
    if text.len() <= MAX_BYTES {
        return text;
    }
    let end = text.floor_char_boundary(MAX_BYTES);
    if text[end..].starts_with(' ') {
        return &text[..end];
    }
    let blank = text[..end].rfind(' ').filter(|blank| end - blank <= MAX_BYTES_TO_BLANK);
    &text[..blank.unwrap_or(end)]
}

fn last(text: &str) -> &str {
    let Some(start) = text.len().checked_sub(MAX_BYTES).filter(|start| *start > 0) else { return text };
    let start = text.ceil_char_boundary(start);
    if text[..start].ends_with(' ') {
        return &text[start..];
    }
    let blank = text[start..].find(' ').filter(|blank| *blank < MAX_BYTES_TO_BLANK);
    &text[blank.map_or(start, |blank| start + blank + 1)..]
}
