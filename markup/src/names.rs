//! The element names that the rules of nesting speak of, with the sets they belong to
//! (HTML standard, section 13.2.4.2).

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
        const SETS: [u16; COUNT] = [0, $($sets),*];
        const NAMES: [(&str, Name); COUNT - 1] = [$(($text, Name::$variant)),*];
    };
}

names! {
    A "a" FORMATTING;
    Address "address" SPECIAL | BLOCK | BLOCK_END;
    AnnotationXml "annotation-xml" 0;
    Applet "applet" SPECIAL | SCOPE;
    Area "area" SPECIAL | VOID;
    Article "article" SPECIAL | BLOCK | BLOCK_END;
    Aside "aside" SPECIAL | BLOCK | BLOCK_END;
    B "b" FORMATTING | BREAKOUT;
    Base "base" SPECIAL | VOID;
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
    Dd "dd" SPECIAL | ENDS | BREAKOUT;
    Desc "desc" 0;
    Details "details" SPECIAL | BLOCK | BLOCK_END;
    Dialog "dialog" BLOCK | BLOCK_END;
    Dir "dir" SPECIAL | BLOCK | BLOCK_END;
    Div "div" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Dl "dl" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Dt "dt" SPECIAL | ENDS | BREAKOUT;
    Em "em" FORMATTING | BREAKOUT;
    Embed "embed" SPECIAL | VOID | BREAKOUT;
    Fieldset "fieldset" SPECIAL | BLOCK | BLOCK_END;
    Figcaption "figcaption" SPECIAL | BLOCK | BLOCK_END;
    Figure "figure" SPECIAL | BLOCK | BLOCK_END;
    Font "font" FORMATTING;
    Footer "footer" SPECIAL | BLOCK | BLOCK_END;
    ForeignObject "foreignobject" 0;
    Form "form" SPECIAL;
    Frame "frame" SPECIAL | VOID;
    Frameset "frameset" SPECIAL;
    H1 "h1" SPECIAL | HEADING | BREAKOUT;
    H2 "h2" SPECIAL | HEADING | BREAKOUT;
    H3 "h3" SPECIAL | HEADING | BREAKOUT;
    H4 "h4" SPECIAL | HEADING | BREAKOUT;
    H5 "h5" SPECIAL | HEADING | BREAKOUT;
    H6 "h6" SPECIAL | HEADING | BREAKOUT;
    Head "head" SPECIAL | BREAKOUT;
    Header "header" SPECIAL | BLOCK | BLOCK_END;
    Hgroup "hgroup" SPECIAL | BLOCK | BLOCK_END;
    Hr "hr" SPECIAL | VOID | BREAKOUT;
    Html "html" SPECIAL | SCOPE;
    I "i" FORMATTING | BREAKOUT;
    Iframe "iframe" SPECIAL | RAW;
    Image "image" 0;
    Img "img" SPECIAL | VOID | BREAKOUT;
    Input "input" SPECIAL | VOID;
    Isindex "isindex" SPECIAL;
    Keygen "keygen" VOID;
    Li "li" SPECIAL | ENDS | BREAKOUT;
    Link "link" SPECIAL | VOID;
    Listing "listing" SPECIAL | BLOCK_END | BREAKOUT;
    Main "main" SPECIAL | BLOCK | BLOCK_END;
    Malignmark "malignmark" 0;
    Marquee "marquee" SPECIAL | SCOPE;
    Math "math" 0;
    Menu "menu" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Meta "meta" SPECIAL | VOID | BREAKOUT;
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
    Noscript "noscript" SPECIAL;
    Object "object" SPECIAL | SCOPE;
    Ol "ol" SPECIAL | BLOCK | BLOCK_END | BREAKOUT;
    Optgroup "optgroup" ENDS;
    Option "option" ENDS;
    P "p" SPECIAL | BLOCK | ENDS | BREAKOUT;
    Param "param" SPECIAL | VOID;
    Picture "picture" 0;
    Plaintext "plaintext" SPECIAL;
    Pre "pre" SPECIAL | BLOCK_END | BREAKOUT;
    Rb "rb" ENDS;
    Rp "rp" ENDS;
    Rt "rt" ENDS;
    Rtc "rtc" ENDS;
    Ruby "ruby" BREAKOUT;
    S "s" FORMATTING | BREAKOUT;
    Script "script" SPECIAL | RAW;
    Search "search" BLOCK | BLOCK_END;
    Section "section" SPECIAL | BLOCK | BLOCK_END;
    Select "select" SPECIAL | SCOPE | BLOCK_END;
    Small "small" FORMATTING | BREAKOUT;
    Source "source" SPECIAL | VOID;
    Span "span" BREAKOUT;
    Strike "strike" FORMATTING | BREAKOUT;
    Strong "strong" FORMATTING | BREAKOUT;
    Style "style" SPECIAL | RAW;
    Sub "sub" BREAKOUT;
    Summary "summary" SPECIAL | BLOCK | BLOCK_END;
    Sup "sup" BREAKOUT;
    Svg "svg" 0;
    Table "table" SPECIAL | SCOPE | FOSTERS | BREAKOUT;
    Tbody "tbody" SPECIAL | THOROUGH | FOSTERS;
    Td "td" SPECIAL | SCOPE | THOROUGH;
    Template "template" SPECIAL | SCOPE;
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
    Var "var" BREAKOUT;
    Wbr "wbr" SPECIAL | VOID;
    Xmp "xmp" SPECIAL | RAW;
}

impl Name {
    /// The name that `label`, as written, stands for.
    pub(crate) fn of(label: &[u8]) -> Self {
        let mut slot = hash(label);
        while let (text, name) = TABLE[slot % SLOTS]
            && name as u8 != Self::Other as u8
        {
            if text.len() == label.len() && label.eq_ignore_ascii_case(text.as_bytes()) {
                return name;
            }
            slot += 1;
        }
        Self::Other
    }

    /// Whether it belongs to one of `sets`.
    pub(crate) const fn is_in(self, sets: u16) -> bool {
        SETS[self as usize] & sets != 0
    }
}

/// More than twice as many as there are names, so that most look-ups end at the first slot.
const SLOTS: usize = 512;

/// The names, each in the first free slot from its hash on.
static TABLE: [(&str, Name); SLOTS] = {
    let mut table = [("", Name::Other); SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let mut slot = hash(NAMES[at].0.as_bytes()) % SLOTS;
        while !table[slot].0.is_empty() {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = NAMES[at];
        at += 1;
    }
    table
};

/// From length, first, second and last letter, in any case.
const fn hash(label: &[u8]) -> usize {
    if label.is_empty() {
        return 0;
    }
    let second = if label.len() > 1 { label[1] } else { 0 };
    let (first, last) = (label[0], label[label.len() - 1]);
    (first | 0x20) as usize * 7 + (second | 0x20) as usize * 31 + (last | 0x20) as usize * 3 + label.len() * 67
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
        assert!(Name::Td.is_in(SCOPE) && !Name::Div.is_in(SCOPE | IMPLIED));
    }
}
