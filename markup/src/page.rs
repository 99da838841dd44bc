//! A page, read: the types.

/// Where something begins in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, counted from 1.
    pub line: u32,
    /// Offset in bytes.
    pub byte: usize,
}

/// A page, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `href` of the first `base` that has one.
    pub base: Option<String>,
    /// `lang` of the root element.
    pub language: Option<String>,
    /// Every meta with a name, property or http-equiv, in document order, head and body alike.
    pub metas: Vec<Meta>,
    /// Every `link`, `a` and `area` with `license` among its `rel`, in order.
    pub licenses: Vec<LicenseLink>,
    /// Scripts that hold data: JSON-LD, RSL.
    pub scripts: Vec<Script>,
    /// Every image, in order.
    pub images: Vec<Image>,
    /// Small print, where authors say what may be done with the page: footers, `small`, copyright notices.
    pub notices: Vec<Notice>,
}

/// One `meta` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Which attribute names it.
    pub attribute: MetaAttribute,
    /// That attribute's value, as written.
    pub name: String,
    /// The `content` attribute, as written.
    pub content: String,
    /// Where the element begins.
    pub at: Place,
}

/// The attribute a `meta` element is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetaAttribute {
    /// `name`
    Name,
    /// `property`
    Property,
    /// `http-equiv`
    HttpEquiv,
}

/// A link to a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseLink {
    /// `href`, trimmed.
    pub href: String,
    /// `type`, as written; RSL documents have `application/rsl+xml`.
    pub media_type: Option<String>,
    /// Where the element begins.
    pub at: Place,
}

/// A script that holds data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// `type`, lower case, without parameters.
    pub media_type: String,
    /// What it holds, at most 1 MiB.
    pub text: String,
    /// Where the element begins.
    pub at: Place,
}

/// An image on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// What kind of element shows it.
    pub element: ElementKind,
    /// The address chosen, as written, and where it stood; `None` where there is none.
    ///
    /// Of all that the page gives for the picture it is the largest candidate by the standard's rules: any width is
    /// larger than any density, `src` counts as `1x`, and of equal ones the picture's sources come first, then
    /// `srcset`, then `src`. But lazy-loading attributes go before the others, which are placeholders then, and
    /// formats that few can read (AVIF, SVG) come last.
    pub address: Option<(String, AddressSource)>,
    /// The other addresses of the same picture, as written: first those that are named as larger versions
    /// (`data-orig-file`, `data-zoom-image`, …, and a link around the image to an image file), then the candidates of
    /// the picture's sources, of lazy-loading attributes, `srcset` and `src`. Each once, at most 16 of at most 4 KiB,
    /// and 32 MiB on a page; none that holds the image itself (`data:`).
    pub others: Vec<String>,
    /// `alt`, white space collapsed; `None` where empty.
    pub alt: Option<String>,
    /// `title`, likewise.
    pub title: Option<String>,
    /// `aria-label`, likewise.
    pub aria_label: Option<String>,
    /// Text of the enclosing figure's `figcaption`, likewise.
    pub caption: Option<String>,
    /// The words of the page nearest to an image without any of these four texts: of the innermost block around it
    /// that has some (a paragraph, list item, table cell, heading, `div`, …; at most four blocks out), those before it
    /// and those after it, no further than to the images next to it; 256 bytes of each, white space collapsed.
    ///
    /// Images in `noscript` are the fallbacks of others, and end the words only for each other.
    pub around: Option<String>,
    /// Attributes that speak of use, on the element and on those around it, the element's own first.
    pub marks: Vec<Mark>,
    /// Where the element begins.
    pub at: Place,
}

/// An element that shows an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementKind {
    /// `img`, or `image`, which means the same.
    #[default]
    Img,
    /// `amp-img`, which AMP's script replaces by an `img`.
    AmpImg,
    /// `video`, if it has a poster.
    Video,
    /// `input` of type `image`.
    Input,
}

/// Where an image's address was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressSource {
    /// `src`; of a video, `poster`.
    Src,
    /// `srcset`, the largest candidate.
    Srcset,
    /// A `source` of the enclosing `picture`.
    Picture,
    /// A lazy-loading attribute (`data-src`, `data-srcset`, `data-original`, …).
    Lazy,
}

/// An attribute that speaks of use: `data-noai`, `nopin`, `data-nosnippet`, `class="noai"`, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The attribute's name, lower case.
    pub name: String,
    /// Its value, as written; empty where it has none.
    pub value: String,
    /// The element's name, lower case.
    pub element: String,
    /// Where that element begins.
    pub at: Place,
}

/// A piece of small print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The element's name, lower case.
    pub element: String,
    /// Its text, white space collapsed, at most 4 KiB.
    pub text: String,
    /// Where the element begins.
    pub at: Place,
}
