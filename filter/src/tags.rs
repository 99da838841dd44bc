//! Tags without training: which prompts a picture is like.

use crate::{Error, heads::softmax, sample::cosine};
use schema::TagRule;
use std::collections::BTreeMap;

/// The tags of `score.tags`, their prompts encoded.
#[derive(Default)]
pub(crate) struct Tagger(Vec<Tag>);

struct Tag {
    rule: TagRule,
    /// Mean of the prompts' embeddings, at length one.
    embedding: Vec<f32>,
}

impl Tagger {
    /// Encodes all prompts with `encode`, once for all pictures.
    pub(crate) fn open(
        rules: &[TagRule],
        mut encode: impl FnMut(&[String]) -> Result<Vec<Vec<f32>>, Error>,
    ) -> Result<Self, Error> {
        let tag = |rule: &TagRule| Ok(Tag { rule: rule.clone(), embedding: mean(&encode(&rule.prompts)?) });
        rules.iter().map(tag).collect::<Result<_, Error>>().map(Self)
    }

    /// The tags of a picture, in the order of the settings.
    pub(crate) fn tags(&self, picture: &[f32]) -> Vec<String> {
        let cosines: Vec<f32> = self.0.iter().map(|tag| cosine(&tag.embedding, picture)).collect();
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut earned = Vec::new();
        for (place, tag) in self.0.iter().enumerate() {
            match &tag.rule.group {
                Some(group) => groups.entry(group).or_default().push(place),
                None if tag.rule.threshold.is_some_and(|least| cosines[place] >= least) => earned.push(place),
                None => {}
            }
        }
        for places in groups.values() {
            let shares = softmax(&places.iter().map(|place| f64::from(cosines[*place])).collect::<Vec<_>>());
            // The first of several that are alike; none where a cosine is no number.
            let likeliest = places.iter().zip(shares).reduce(|a, b| if b.1 > a.1 { b } else { a });
            let is_enough =
                |(place, share): &(&usize, f64)| *share >= f64::from(self.0[**place].rule.threshold.unwrap_or(0.0));
            earned.extend(likeliest.filter(is_enough).map(|(place, _)| *place));
        }
        earned.sort_unstable();
        earned.into_iter().map(|place| self.0[place].rule.name.clone()).collect()
    }
}

/// The mean at length one: CLIP's ensembles of prompts (Radford et al. 2021, section 3.1.4).
#[expect(clippy::cast_possible_truncation, reason = "back to the precision it came in")]
fn mean(embeddings: &[Vec<f32>]) -> Vec<f32> {
    let mut sum = vec![0.0_f64; embeddings.first().map_or(0, Vec::len)];
    for embedding in embeddings {
        sum.iter_mut().zip(embedding).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let norm = sum.iter().map(|value| value * value).sum::<f64>().sqrt();
    let norm = if norm == 0.0 { 1.0 } else { norm };
    sum.into_iter().map(|value| (value / norm) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, threshold: Option<f32>, group: Option<&str>) -> TagRule {
        TagRule { name: name.into(), prompts: vec![name.into()], threshold, group: group.map(str::to_owned) }
    }

    /// Texts are on the axes, by their first letter.
    fn tagger(rules: &[TagRule]) -> Tagger {
        let axis = |text: &String| match text.as_bytes()[0] {
            b'x' => vec![1.0, 0.0, 0.0],
            b'y' => vec![0.0, 1.0, 0.0],
            _ => vec![0.0, 0.0, 1.0],
        };
        Tagger::open(rules, |prompts| Ok(prompts.iter().map(axis).collect())).unwrap()
    }

    #[test]
    fn a_tag_is_earned_by_its_threshold() {
        let tagger = tagger(&[rule("y", Some(0.8), None), rule("x", Some(0.6), None)]);
        assert_eq!(tagger.tags(&[0.6, 0.8, 0.0]), ["y", "x"]);
        assert_eq!(tagger.tags(&[0.8, 0.6, 0.0]), ["x"]);
        assert_eq!(tagger.tags(&[f32::NAN, 0.0, 0.0]), [""; 0]);
    }

    #[test]
    fn of_a_group_the_likeliest_is_given_if_it_is_likely_enough() {
        let rules = [rule("x", None, Some("g")), rule("y", Some(0.9), Some("g")), rule("z", None, Some("h"))];
        let tagger = tagger(&rules);
        assert_eq!(tagger.tags(&[0.8, 0.6, 0.0]), ["x", "z"]);
        // One hundredth is one logit: 0.73 of the softmax, and not 0.9.
        assert_eq!(tagger.tags(&[0.70, 0.71, 0.0]), ["z"]);
        assert_eq!(tagger.tags(&[0.6, 0.8, 0.0]), ["y", "z"]);
    }

    #[test]
    fn prompts_are_averaged() {
        let mut both = rule("both", Some(0.99), None);
        both.prompts = vec!["x".into(), "y".into()];
        let half = 0.5_f32.sqrt();
        assert_eq!(tagger(&[both]).tags(&[half, half, 0.0]), ["both"]);
    }
}
