//! What types cannot check: names, contacts, ranges.

use super::{Config, ConfigError, Dns, EncodeFormat, Fetch, Input, TextSource};

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
        if self.score.batch == 0 {
            return bad("score.batch", "is 0".into(), "choose 1 or more, 16 is a good start on a CPU");
        }
        if self.keep.text_sources.contains(&TextSource::List) {
            let hint = "take it out: the texts of lists always count, these are the texts of pages";
            return bad("keep.text_sources", "names `list`".into(), hint);
        }
        if !self.keep.max_aspect.is_finite() || self.keep.max_aspect < 1.0 {
            return bad(
                "keep.max_aspect",
                format!("is {}", self.keep.max_aspect),
                "it is long side over short side, so 1 or more",
            );
        }
        for (key, value) in [
            ("keep.min_similarity", self.keep.min_similarity),
            ("keep.min_aesthetic", self.keep.min_aesthetic),
            ("keep.max_unsafe", self.keep.max_unsafe),
        ] {
            if value.is_some_and(|value| !value.is_finite()) {
                return bad(key, "is no number".into(), "write a finite number, or leave the key out");
            }
        }
        Ok(())
    }
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
