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
    /// The address chosen, as written, and where it stood; `None` where there is none.
    pub address: Option<(String, AddressSource)>,
    /// `alt`, white space collapsed; `None` where empty.
    pub alt: Option<String>,
    /// `title`, likewise.
    pub title: Option<String>,
    /// `aria-label`, likewise.
    pub aria_label: Option<String>,
    /// Text of the enclosing figure's `figcaption`, likewise.
    pub caption: Option<String>,
    /// Attributes that speak of use, on the element and on those around it, the element's own first.
    pub marks: Vec<Mark>,
    /// Where the element begins.
    pub at: Place,
}

/// Where an image's address was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressSource {
    /// `src`.
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
