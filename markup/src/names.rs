//! The element names that the rules of nesting speak of, with the sets they belong to
//! (HTML standard, section 13.2.4.2).

use crate::chunk::packed;

/// Ends the search for an element to close.
pub(crate) const SPECIAL: u16 = 1;
/// Ends a scope: nothing inside can close what is outside.
pub(crate) const SCOPE: u16 = 1 << 1;
/// Closes by itself when something around it ends.
pub(crate) const IMPLIED: u16 = 1 << 2;
/// Closes by itself when a template ends.
pub(crate) const THOROUGH: u16 = 1 << 3;
/// Is opened again where its end was forgotten.
pub(crate) const FORMATTING: u16 = 1 << 4;
/// Begins a block, and so ends a paragraph.
pub(crate) const BLOCK: u16 = 1 << 5;
/// Its end tag closes what is open inside.
pub(crate) const BLOCK_END: u16 = 1 << 6;
/// Is never inside svg or math: it ends them.
pub(crate) const BREAKOUT: u16 = 1 << 7;
/// A heading.
pub(crate) const HEADING: u16 = 1 << 8;
/// Holds no text or elements of others: what is put there goes before the table.
pub(crate) const FOSTERS: u16 = 1 << 9;
/// Holds nothing.
pub(crate) const VOID: u16 = 1 << 10;
/// Holds text only, in which tags mean nothing.
pub(crate) const RAW: u16 = 1 << 11;
/// If it is the innermost element, its end tag closes it and does nothing else where the body's rules hold. So does
/// that of a `BLOCK_END`.
pub(crate) const PLAIN: u16 = 1 << 12;
/// Something begins with it that images or texts inside it share.
pub(crate) const BEGINS: u16 = 1 << 13;
/// What its attributes say is read.
pub(crate) const READ: u16 = 1 << 14;
/// Closes by itself, or ends with a table.
const ENDS: u16 = IMPLIED | THOROUGH;

macro_rules! names {
    ($($variant:ident $text:literal $sets:expr;)*) => {
        /// An element's name, if a rule speaks of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Name {
            /// Any other.
            Other,
            $($variant,)*
        }

        /// How many names there are.
        pub(crate) const COUNT: usize = 1 + [$($text),*].len();
        const SETS: [u16; COUNT] = [PLAIN, $($sets),*];
        const NAMES: [(&str, Name); COUNT - 1] = [$(($text, Name::$variant)),*];
    };
}

names! {
    A "a" READ | FORMATTING;
    Address "address" SPECIAL | BLOCK | BLOCK_END;
    AmpImg "amp-img" READ;
    AnnotationXml "annotation-xml" 0;
    Applet "applet" SPECIAL | SCOPE;
    Area "area" READ | SPECIAL | VOID;
    Article "article" SPECIAL | BLOCK | BLOCK_END;
    Aside "aside" SPECIAL | BLOCK | BLOCK_END;
    B "b" FORMATTING | BREAKOUT;
    Base "base" READ | SPECIAL | VOID;
    Basefont "basefont" SPECIAL | VOID;
    Bgsound "bgsound" SPECIAL | VOID;
    Big "big" FORMATTING | BREAKOUT;
    Blockquote "blockquote" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Body "body" SPECIAL | BREAKOUT;
    Br "br" SPECIAL | VOID | BREAKOUT;
    Button "button" SPECIAL | BLOCK_END;
    Caption "caption" SPECIAL | SCOPE | THOROUGH;
    Center "center" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Code "code" FORMATTING | BREAKOUT;
    Col "col" SPECIAL | VOID;
    Colgroup "colgroup" SPECIAL | THOROUGH;
    Dd "dd" PLAIN | SPECIAL | ENDS | BREAKOUT;
    Desc "desc" 0;
    Details "details" SPECIAL | BLOCK | BLOCK_END;
    Dialog "dialog" BLOCK | BLOCK_END;
    Dir "dir" SPECIAL | BLOCK | BLOCK_END;
    Div "div" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Dl "dl" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Dt "dt" PLAIN | SPECIAL | ENDS | BREAKOUT;
    Em "em" FORMATTING | BREAKOUT;
    Embed "embed" SPECIAL | VOID | BREAKOUT;
    Fieldset "fieldset" SPECIAL | BLOCK | BLOCK_END;
    Figcaption "figcaption" BEGINS | SPECIAL | BLOCK | BLOCK_END;
    Figure "figure" BEGINS | SPECIAL | BLOCK | BLOCK_END;
    Font "font" FORMATTING;
    Footer "footer" SPECIAL | BLOCK | BLOCK_END;
    ForeignObject "foreignobject" 0;
    Form "form" SPECIAL;
    Frame "frame" SPECIAL | VOID;
    Frameset "frameset" SPECIAL;
    H1 "h1" PLAIN | SPECIAL | HEADING | BREAKOUT;
    H2 "h2" PLAIN | SPECIAL | HEADING | BREAKOUT;
    H3 "h3" PLAIN | SPECIAL | HEADING | BREAKOUT;
    H4 "h4" PLAIN | SPECIAL | HEADING | BREAKOUT;
    H5 "h5" PLAIN | SPECIAL | HEADING | BREAKOUT;
    H6 "h6" PLAIN | SPECIAL | HEADING | BREAKOUT;
    Head "head" SPECIAL | BREAKOUT;
    Header "header" SPECIAL | BLOCK | BLOCK_END;
    Hgroup "hgroup" SPECIAL | BLOCK | BLOCK_END;
    Hr "hr" SPECIAL | VOID | BREAKOUT;
    Html "html" SPECIAL | SCOPE;
    I "i" FORMATTING | BREAKOUT;
    Iframe "iframe" SPECIAL | RAW;
    Image "image" READ;
    Img "img" READ | SPECIAL | VOID | BREAKOUT;
    Input "input" READ | SPECIAL | VOID;
    Isindex "isindex" SPECIAL;
    Keygen "keygen" VOID;
    Li "li" PLAIN | SPECIAL | ENDS | BREAKOUT;
    Link "link" READ | SPECIAL | VOID;
    Listing "listing" SPECIAL | BLOCK_END | BREAKOUT;
    Main "main" SPECIAL | BLOCK | BLOCK_END;
    Malignmark "malignmark" 0;
    Marquee "marquee" SPECIAL | SCOPE;
    Math "math" 0;
    Menu "menu" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Meta "meta" READ | SPECIAL | VOID | BREAKOUT;
    Mglyph "mglyph" 0;
    Mi "mi" 0;
    Mn "mn" 0;
    Mo "mo" 0;
    Ms "ms" 0;
    Mtext "mtext" 0;
    Nav "nav" SPECIAL | BLOCK | BLOCK_END;
    Nobr "nobr" FORMATTING | BREAKOUT;
    Noembed "noembed" SPECIAL | RAW;
    Noframes "noframes" SPECIAL | RAW;
    Noscript "noscript" PLAIN | SPECIAL;
    Object "object" SPECIAL | SCOPE;
    Ol "ol" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Optgroup "optgroup" PLAIN | ENDS;
    Option "option" PLAIN | ENDS;
    P "p" PLAIN | SPECIAL | BLOCK | ENDS | BREAKOUT;
    Param "param" SPECIAL | VOID;
    Picture "picture" BEGINS | PLAIN;
    Plaintext "plaintext" SPECIAL | RAW;
    Pre "pre" SPECIAL | BLOCK_END | BREAKOUT;
    Rb "rb" ENDS;
    Rp "rp" ENDS;
    Rt "rt" ENDS;
    Rtc "rtc" ENDS;
    Ruby "ruby" PLAIN | BREAKOUT;
    S "s" FORMATTING | BREAKOUT;
    Script "script" SPECIAL | RAW;
    Search "search" BLOCK | BLOCK_END;
    Section "section" SPECIAL | BLOCK | BLOCK_END;
    Select "select" SPECIAL | SCOPE | BLOCK_END;
    Small "small" FORMATTING | BREAKOUT;
    Source "source" READ | SPECIAL | VOID;
    Span "span" PLAIN | BREAKOUT;
    Strike "strike" FORMATTING | BREAKOUT;
    Strong "strong" FORMATTING | BREAKOUT;
    Style "style" SPECIAL | RAW;
    Sub "sub" PLAIN | BREAKOUT;
    Summary "summary" SPECIAL | BLOCK | BLOCK_END;
    Sup "sup" PLAIN | BREAKOUT;
    Svg "svg" 0;
    Table "table" SPECIAL | SCOPE | FOSTERS | BREAKOUT;
    Tbody "tbody" SPECIAL | THOROUGH | FOSTERS;
    Td "td" SPECIAL | SCOPE | THOROUGH;
    Template "template" BEGINS | SPECIAL | SCOPE;
    Textarea "textarea" SPECIAL | RAW;
    Tfoot "tfoot" SPECIAL | THOROUGH | FOSTERS;
    Th "th" SPECIAL | SCOPE | THOROUGH;
    Thead "thead" SPECIAL | THOROUGH | FOSTERS;
    Title "title" SPECIAL | RAW;
    Tr "tr" SPECIAL | THOROUGH | FOSTERS;
    Track "track" SPECIAL | VOID;
    Tt "tt" FORMATTING | BREAKOUT;
    U "u" FORMATTING | BREAKOUT;
    Ul "ul" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Var "var" PLAIN | BREAKOUT;
    Video "video" READ;
    Wbr "wbr" SPECIAL | VOID;
    Xmp "xmp" SPECIAL | RAW;
}

impl Name {
    /// The name that `label`, as written, stands for.
    pub(crate) fn of(label: &[u8]) -> Self {
        let (first, last) = ends(label);
        let name = find(first, last);
        if label.eq_ignore_ascii_case(name.text().as_bytes()) { name } else { Self::Other }
    }

    /// The name whose at most eight bytes, letters small, are `word`.
    #[inline]
    pub(crate) fn of_word(word: u64) -> Self {
        let mut slot = hash(word, 0);
        while WORDS[slot] != word {
            if WORDS[slot] == 0 {
                return Self::Other;
            }
            slot = (slot + 1) % SLOTS;
        }
        SHORT[slot]
    }

    /// The name, small; empty for any other.
    pub(crate) const fn text(self) -> &'static str {
        match (self as usize).checked_sub(1) {
            Some(index) => NAMES[index].0,
            None => "",
        }
    }

    /// Its bytes as a word, and how many; none unless they are at most eight letters.
    #[inline]
    pub(crate) fn word(self) -> (u64, usize) {
        LETTERS[self as usize]
    }

    /// Whether it belongs to one of `sets`.
    pub(crate) const fn is_in(self, sets: u16) -> bool {
        SETS[self as usize] & sets != 0
    }
}

#[inline]
fn find(first: u64, last: u64) -> Name {
    let mut slot = hash(first, last);
    loop {
        let (known_first, known_last, name) = TABLE[slot];
        if known_first == first && known_last == last || known_first == 0 {
            return name;
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// More than three times as many as there are names, so that most look-ups end at the first slot.
const SLOTS: usize = 512;

/// The names, each with its first and last bytes, in the first free slot from its hash on.
static TABLE: [(u64, u64, Name); SLOTS] = {
    let mut table = [(0, 0, Name::Other); SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let (first, last) = ends(NAMES[at].0.as_bytes());
        let mut slot = hash(first, last);
        while table[slot].0 != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = (first, last, NAMES[at].1);
        at += 1;
    }
    table
};

/// The first bytes of the names of at most eight, which most are, apart, to look through less memory; for others
/// stands what is none.
static WORDS: [u64; SLOTS] = {
    let mut words = [0; SLOTS];
    let mut slot = 0;
    while slot < SLOTS {
        let (first, last, _) = TABLE[slot];
        words[slot] = if last == 0 { first } else { u64::MAX };
        slot += 1;
    }
    words
};

/// Their names.
static SHORT: [Name; SLOTS] = {
    let mut names = [Name::Other; SLOTS];
    let mut slot = 0;
    while slot < SLOTS {
        names[slot] = TABLE[slot].2;
        slot += 1;
    }
    names
};

/// What [`Name::word`] gives.
static LETTERS: [(u64, usize); COUNT] = {
    let mut words = [(0, 0); COUNT];
    let mut at = 0;
    while at < NAMES.len() {
        let name = NAMES[at].0.as_bytes();
        let mut length = 0;
        while length < name.len() && name[length].is_ascii_alphabetic() {
            length += 1;
        }
        if length == name.len() && length <= 8 {
            words[1 + at] = (packed(name), length);
        }
        at += 1;
    }
    words
};

#[inline]
const fn hash(first: u64, last: u64) -> usize {
    // Of many numbers the one that gives all names but one a slot of their own.
    ((first ^ last.rotate_left(23)).wrapping_mul(0x3D94_99F4_2AC0_8E83) >> 55) as usize
}

/// The first eight bytes, and the last where there are more.
const fn ends(label: &[u8]) -> (u64, u64) {
    let last = if label.len() > 8 { packed(label.split_at(label.len() - 8).1) } else { 0 };
    (packed(label), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        for (label, name) in [
            ("a", Name::A),
            ("FigCaption", Name::Figcaption),
            ("annotation-xml", Name::AnnotationXml),
            ("wbr", Name::Wbr),
            ("aa", Name::Other),
            ("", Name::Other),
            ("annotation-xml-and-more", Name::Other),
        ] {
            assert_eq!(Name::of(label.as_bytes()), name, "{label}");
        }
        for (name, word) in [(Name::Textarea, "textarea"), (Name::H1, ""), (Name::Figcaption, ""), (Name::Other, "")] {
            assert_eq!(name.word(), (packed(word.as_bytes()), word.len()), "{word}");
        }
        assert!(Name::Td.is_in(SCOPE) && !Name::Div.is_in(SCOPE | IMPLIED));
    }
}
