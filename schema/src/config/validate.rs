//! What types cannot check: names, contacts, ranges.

use super::{Config, ConfigError, Dns, EncodeFormat, Fetch, Input, Keep, Score, TextSource};
use std::collections::BTreeSet;

/// Most prompts that are encoded before scoring begins.
const MAX_PROMPTS: usize = 10_000;

impl Config {
    /// Checks what types cannot: names, contacts, ranges.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        if self.output.dir.is_empty() {
            return bad("output.dir", "is missing".into(), "name the folder of the run: `dir = \"runs/first\"`");
        }
        if self.output.buckets == 0 || self.output.buckets > 65_536 {
            return bad("output.buckets", format!("is {}", self.output.buckets), "choose 1 to 65536");
        }
        self.input.validate()?;
        let token = &self.agent.name;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_') {
            let hint = "robots.txt product tokens are letters, `-` and `_` only (RFC 9309 section 2.2.1)";
            return bad("agent.name", format!("is `{token}`"), hint);
        }
        let printable = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if !printable(&self.agent.contact) || !printable(&self.agent.version) {
            return bad("agent.contact", "holds characters a header cannot carry".into(), "write plain ASCII");
        }
        self.fetch.validate()?;
        self.score.validate()?;
        self.keep.validate()
    }
}

impl Score {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        let mut names = BTreeSet::new();
        for tag in &self.tags {
            let name = &tag.name;
            if name.is_empty() || !names.insert(name) {
                let problem = format!("names the tag `{name}` twice, or not at all");
                return bad("score.tags", problem, "give each tag a `name` of its own");
            }
            if tag.prompts.is_empty() {
                let problem = format!("has no prompts for `{name}`");
                return bad("score.tags", problem, "write `prompts = [\"a photo of …\"]`");
            }
            if tag.group.is_none() && tag.threshold.is_none() {
                let problem = format!("has neither `threshold` nor `group` for `{name}`");
                return bad("score.tags", problem, "name the least cosine, or the group whose likeliest tag is given");
            }
            if tag.threshold.is_some_and(|threshold| !threshold.is_finite()) {
                return bad("score.tags", format!("has a threshold for `{name}` that is no number"), "write a number");
            }
        }
        if self.tags.iter().map(|tag| tag.prompts.len()).sum::<usize>() > MAX_PROMPTS {
            return bad("score.tags", format!("has more than {MAX_PROMPTS} prompts"), "take some out");
        }
        Ok(())
    }
}

impl Keep {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        if self.text_sources.contains(&TextSource::List) {
            let hint = "take it out: the texts of lists always count, these are the texts of pages";
            return bad("keep.text_sources", "names `list`".into(), hint);
        }
        if !self.max_aspect.is_finite() || self.max_aspect < 1.0 {
            let hint = "it is long side over short side, so 1 or more";
            return bad("keep.max_aspect", format!("is {}", self.max_aspect), hint);
        }
        for (key, value) in [
            ("keep.min_similarity", self.min_similarity),
            ("keep.min_aesthetic", self.min_aesthetic),
            ("keep.max_unsafe", self.max_unsafe),
        ] {
            if value.is_some_and(|value| !value.is_finite()) {
                return bad(key, "is no number".into(), "write a finite number, or leave the key out");
            }
        }
        for (key, scores) in [
            ("keep.min_similarity_by_language", &self.min_similarity_by_language),
            ("keep.min_scores", &self.min_scores),
            ("keep.max_scores", &self.max_scores),
        ] {
            if let Some((name, _)) = scores.iter().find(|(_, value)| !value.is_finite()) {
                return bad(key, format!("has no number for `{name}`"), "write a finite number, or take it out");
            }
        }
        if let Some(language) = self.min_similarity_by_language.keys().find(|key| !is_language(key)) {
            let problem = format!("names `{language}`");
            let hint = "languages stand there as in the column `language`: `en`, `de`, `zh`, …, or `unknown`";
            return bad("keep.min_similarity_by_language", problem, hint);
        }
        Ok(())
    }
}

/// Whether it can stand in the column `language`: two or three small letters, or that it is unknown.
fn is_language(tag: &str) -> bool {
    tag == "unknown" || ((2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase()))
}

impl Input {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: String, hint| Err(ConfigError::Value { key, problem, hint });
        if self.connections == 0 || self.connections > 64 {
            let problem = format!("is {}", self.connections);
            return bad(
                "input.connections",
                problem,
                "choose 1 to 64; 2 is what a public archive bears from everybody",
            );
        }
        let scheme = self.base.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| !["http", "https", "s3", "file"].contains(&scheme.as_str())) {
            let problem = format!("is `{}`", self.base);
            return bad("input.base", problem, "write `https://host/`, `s3://bucket/`, or a folder");
        }
        Ok(())
    }
}

impl Fetch {
    fn validate(&self) -> Result<(), ConfigError> {
        let bad = |key, problem: &str, hint| Err(ConfigError::Value { key, problem: problem.into(), hint });
        if self.max_connections == 0 {
            return bad("fetch.max_connections", "is 0", "at least one connection is needed");
        }
        if self.per_host_connections == 0 {
            return bad("fetch.per_host_connections", "is 0", "1 is polite, and enough with many hosts");
        }
        if self.per_address_connections == 0 {
            return bad("fetch.per_address_connections", "is 0", "8 is bearable for a server that many hosts share");
        }
        for (key, number) in [
            ("fetch.max_connections", self.max_connections),
            ("fetch.per_host_connections", self.per_host_connections),
            ("fetch.per_address_connections", self.per_address_connections),
        ] {
            if number > 1_000_000_000 {
                return bad(key, "is more than there can be", "a few thousand are many");
            }
        }
        if self.dns == Dns::System && !self.name_servers.is_empty() {
            let problem = "are named, but `fetch.dns = \"system\"` asks the system's own";
            return bad("fetch.name_servers", problem, "take them out, or write `dns = \"own\"`");
        }
        self.validate_storing()
    }

    fn validate_storing(&self) -> Result<(), ConfigError> {
        // The largest JPEG has 65,535 pixels a side, the largest WebP 16,383.
        if self.resize_to == 0 || self.resize_to > 16_383 {
            let problem = format!("is {}", self.resize_to);
            return Err(ConfigError::Value { key: "fetch.resize_to", problem, hint: "choose 1 to 16383 pixels" });
        }
        let (most, hint) = match self.encode_format {
            EncodeFormat::Jpg => (100, "JPEG takes 0 to 100"),
            EncodeFormat::Png => (9, "for PNG it is the compression, 0 to 9"),
            EncodeFormat::Webp => (101, "WebP takes 0 to 100, and 101 for lossless"),
        };
        if self.encode_quality > most {
            let problem = format!("is {}", self.encode_quality);
            return Err(ConfigError::Value { key: "fetch.encode_quality", problem, hint });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_values_name_their_key() {
        for (text, key) in [
            ("", "output.dir"),
            ("[output]\ndir=\"o\"\nbuckets=0", "output.buckets"),
            ("[output]\ndir=\"o\"\n[input]\nconnections=0", "input.connections"),
            ("[output]\ndir=\"o\"\n[input]\nconnections=65", "input.connections"),
            ("[output]\ndir=\"o\"\n[input]\nbase=\"ftp://mirror/\"", "input.base"),
            ("[output]\ndir=\"o\"\n[agent]\nname=\"bot 2\"", "agent.name"),
            ("[output]\ndir=\"o\"\n[keep]\ntext_sources=[\"list\"]", "keep.text_sources"),
            ("[output]\ndir=\"o\"\n[keep]\nmax_aspect=0.5", "keep.max_aspect"),
            ("[output]\ndir=\"o\"\n[keep]\nmax_unsafe=nan", "keep.max_unsafe"),
            ("[output]\ndir=\"o\"\n[keep]\nmax_scores={violence=inf}", "keep.max_scores"),
            ("[output]\ndir=\"o\"\n[keep.min_similarity_by_language]\nen-GB=0.3", "`en-GB`"),
            ("[output]\ndir=\"o\"\n[[score.tags]]\nname=\"cat\"\nprompts=[]\nthreshold=0.2", "no prompts for `cat`"),
            ("[output]\ndir=\"o\"\n[[score.tags]]\nname=\"cat\"\nprompts=[\"a\"]", "neither `threshold` nor `group`"),
            (
                "[output]\ndir=\"o\"\n[score]\ntags=[{name=\"a\",prompts=[\"a\"],group=\"g\"},{name=\"a\",prompts=[\"b\"],group=\"g\"}]",
                "the tag `a` twice",
            ),
            ("[output]\ndir=\"o\"\n[fetch]\nper_address_connections=0", "fetch.per_address_connections"),
            ("[output]\ndir=\"o\"\n[fetch]\ndns=\"system\"\nname_servers=[\"192.0.2.1\"]", "fetch.name_servers"),
            ("[output]\ndir=\"o\"\n[fetch]\nresize_to=0", "fetch.resize_to"),
            ("[output]\ndir=\"o\"\n[fetch]\nencode_quality=101", "fetch.encode_quality"),
            ("[output]\ndir=\"o\"\n[fetch]\nencode_format=\"png\"", "fetch.encode_quality"),
        ] {
            let error = Config::parse(text, &[]).unwrap().validate().unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
            assert!(error.hint().is_some());
        }
    }
}
