//! Which rules of a large group may match a path, without trying them all.
//!
//! Rules lie in the order of what stands before their first `*`, and each knows the nearest rule
//! above it whose beginning it continues. All rules whose beginning the path continues then lie
//! on one chain, which starts at the last rule that is not greater than the path. Files with a
//! thousand rules are common, and every image URL asks.

use super::{
    normal::{NormalPath, Pairs},
    pattern::Glob,
};

/// The rules of one group, in order.
#[derive(Debug)]
pub(super) struct Index {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Place of the rule in its group.
    rule: u32,
    /// Place of the next entry on the chain.
    parent: Option<u32>,
    pairs: Pairs,
}

impl Index {
    /// Orders `count` rules; `glob` gives the pattern of each.
    pub(super) fn new<'a>(count: u32, glob: impl Fn(u32) -> Glob<'a>) -> Self {
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by_key(|rule| (glob(*rule).literal(), *rule));
        let mut entries: Vec<Entry> = Vec::with_capacity(order.len());
        for (place, rule) in (0..).zip(order) {
            let pattern = glob(rule);
            let mut parent = u32::checked_sub(place, 1);
            while let Some(above) = parent.map(|parent| &entries[parent as usize]) {
                if pattern.literal().starts_with(glob(above.rule).literal()) {
                    break;
                }
                parent = above.parent;
            }
            entries.push(Entry { rule, parent, pairs: Pairs::of_pattern(pattern.text) });
        }
        Self { entries }
    }

    /// Rules that may match `path`, by their places in the group.
    pub(super) fn candidates<'a>(
        &self,
        path: &NormalPath,
        glob: impl Fn(u32) -> Glob<'a>,
    ) -> impl Iterator<Item = u32> {
        let below = self.entries.partition_point(|entry| glob(entry.rule).literal() <= path.text());
        let mut next = below.checked_sub(1).map(|place| &self.entries[place]);
        let mut on_chain = false;
        let pairs = path.pairs();
        std::iter::from_fn(move || {
            while let Some(entry) = next {
                next = entry.parent.map(|place| &self.entries[place as usize]);
                on_chain = on_chain || path.text().starts_with(glob(entry.rule).literal());
                if on_chain && pairs.holds_all_of(entry.pairs) {
                    return Some(entry.rule);
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    proptest! {
        #[test]
        fn no_rule_that_matches_is_left_out(
            patterns in proptest::collection::vec("/?[ab/*]{0,6}", 0..30),
            at in "/[ab/]{0,9}",
        ) {
            let path = NormalPath::of(&Url::parse(&format!("https://h.example{at}")).unwrap());
            let glob = |rule: u32| Glob { text: patterns[rule as usize].as_bytes(), anchored: false };
            let count = u32::try_from(patterns.len()).unwrap();
            let candidates: Vec<u32> = Index::new(count, glob).candidates(&path, glob).collect();
            for rule in 0..count {
                prop_assert!(candidates.contains(&rule) || !glob(rule).matches(&path), "{}", patterns[rule as usize]);
            }
        }
    }

    #[test]
    fn unrelated_rules_are_not_tried() {
        let patterns = ["/a", "/a/b", "/ab", "/b", "/a/*x", "/"];
        let glob = |rule: u32| Glob { text: patterns[rule as usize].as_bytes(), anchored: false };
        let path = NormalPath::of(&Url::parse("https://h.example/a/b/c").unwrap());
        let mut candidates: Vec<u32> = Index::new(6, glob).candidates(&path, glob).collect();
        candidates.sort_unstable();
        assert_eq!(candidates, [0, 1, 4, 5]);
    }
}
