//! Finds many short byte strings at once, without regard to the case of ASCII letters.
//!
//! Every string is known by three of its bytes. A text is looked at through a window of three bytes,
//! and only where a bit says that a string may have its three there is the string compared. No step
//! waits for the one before, as those of an automaton do.

/// Bits in the table, as a power of two: few enough to stay in the nearest cache.
const BITS: u32 = 17;

/// Strings to be found.
pub(super) struct Windows {
    bits: Box<[u64; 1 << (BITS - 6)]>,
    /// In the order of their bits.
    places: Vec<Place>,
    /// Where among `places` those begin whose bits begin alike.
    begins: Vec<u32>,
}

/// Bits left out where places are looked for.
const LEFT_OUT: u32 = 4;

/// Where in a string the bytes stand that it is known by.
#[derive(Clone, Copy)]
struct Place {
    key: u32,
    string: u16,
    offset: u8,
}

impl Windows {
    /// `strings` of at least two bytes; one of two is known by `follows` too: the bytes that may come after it.
    pub(super) fn of(strings: &[&[u8]], follows: impl Fn(usize, u8) -> bool) -> Self {
        let mut windows = Self { bits: Box::new([0; 1 << (BITS - 6)]), places: Vec::new(), begins: Vec::new() };
        for (number, string) in (0_u16..).zip(strings) {
            if let [first, second] = **string {
                let third = (0..=u8::MAX).filter(|third| follows(usize::from(number), *third));
                third.for_each(|third| windows.add([first, second, third], number, 0));
            } else {
                let rarest = (0_u8..).zip(string.windows(3)).min_by_key(|(_, three)| commonness(three));
                if let Some((offset, three)) = rarest {
                    windows.add([three[0], three[1], three[2]], number, offset);
                }
            }
        }
        windows.places.sort_unstable_by_key(|place| (bit(place.key), place.key, place.string));
        windows.places.dedup_by_key(|place| (place.key, place.string));
        let before = |front: usize| windows.places.partition_point(|place| bit(place.key) >> LEFT_OUT < front);
        windows.begins = (0..=1 << (BITS - LEFT_OUT)).map(|front| u32::try_from(before(front)).unwrap_or(0)).collect();
        windows
    }

    fn add(&mut self, three: [u8; 3], string: u16, offset: u8) {
        let key = key(three);
        let bit = bit(key);
        self.bits[bit / 64] |= 1 << (bit % 64);
        self.places.push(Place { key, string, offset });
    }

    /// Whether `is_one` says yes to any string in the text, told which it may be and where it would begin.
    pub(super) fn any(&self, text: &[u8], mut is_one: impl FnMut(usize, usize) -> bool) -> bool {
        let mut is_at = |at: usize, key: u32| {
            let bit = bit(key);
            self.bits[bit / 64] >> (bit % 64) & 1 == 1 && self.is_one(key, at, &mut is_one)
        };
        if text.windows(3).enumerate().any(|(at, three)| is_at(at, key([three[0], three[1], three[2]]))) {
            return true;
        }
        // A string of two bytes may be the last.
        let last = text.len().checked_sub(2);
        last.is_some_and(|at| is_at(at, key([text[at], text[at + 1], b' '])))
    }

    #[cold]
    fn is_one(&self, key: u32, at: usize, is_one: &mut impl FnMut(usize, usize) -> bool) -> bool {
        let front = bit(key) >> LEFT_OUT;
        let places = &self.places[self.begins[front] as usize..self.begins[front + 1] as usize];
        let mut known = places.iter().filter(|place| place.key == key);
        known.any(|place| {
            at.checked_sub(usize::from(place.offset)).is_some_and(|start| is_one(usize::from(place.string), start))
        })
    }
}

/// Three bytes as a number, capital letters made small and other bytes mixed up with each other.
fn key([first, second, third]: [u8; 3]) -> u32 {
    u32::from_le_bytes([first, second, third, 0]) | 0x20_2020
}

fn bit(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// How common three bytes are in texts, roughly: the letters each by itself, and what misleads.
fn commonness(three: &[u8]) -> u32 {
    let is_common = COMMON.as_bytes().chunks(3).any(|common| three.eq_ignore_ascii_case(common));
    let penalty = if is_common { 100 } else { 1 };
    three.iter().map(|byte| weight(*byte)).product::<u32>() * penalty
}

/// What stands most often in captions and small print, three by three, the most common first.
const COMMON: &str = "\
    er en  coter ines ion th reon thetio deng nd  prresent nehe ingcon annewands ate ts tenal\x20\
    \x20usschserin  poed verre ersateesscy  maati se ofse nteungighus all toewscomlice aediontght\
    \x20al uniteinette me te sile  stof rigns  dicheprie sderourforll ervst menur nt ereis  be wi\
    ons fontaunds cs sprestaichce  das tde ice lipoltrae pensoli wes rberor ch  faoutto este t\
    stelinie esesit ads prs  a  yoertgen cae cwitiva suacts oos e mrivia ein no moistiveit nde\
    ht promedvacss diane intartermn aheryouacydatortookct y p ab pas iabout  ri onws  auiti ar\
    t aom lleelln s geech tridehtsporuseeit soe ias  imthiicy enngerecares f hepers dms e drti\
    strl rt uittettve th r sr aet\x20\
    ighghtionmen";

/// Occurrences of a letter in a thousand, in English.
fn weight(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' => 180,
        b'e' => 120,
        b't' => 90,
        b'a' | b'o' => 80,
        b'i' | b'n' => 70,
        b's' | b'h' | b'r' => 60,
        b'd' | b'l' => 40,
        b'c' | b'u' | b'm' => 27,
        b'w' | b'f' | b'g' | b'y' | b'p' => 20,
        b'b' => 15,
        b'v' | b'k' => 9,
        // Continuations tell letters apart, their leads only alphabets.
        0x80..=0xBF => 10,
        0xC0.. => 90,
        _ => 5,
    }
}
