//! A configuration read from TOML, with overrides on top; what is wrong with it is told with the nearest that is right.

use super::Config;
use crate::nearest;

/// A configuration that cannot be used, with the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{message}")]
    Toml {
        /// What and where, as the parser says it.
        message: String,
        /// The nearest known key, if one is near.
        hint: Option<String>,
    },
    /// A `--set` that is no `key=value`.
    #[error("`{0}` is no setting")]
    Override(String),
    /// A value that makes no sense.
    #[error("`{key}` {problem}")]
    Value {
        /// The key, dotted.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        hint: &'static str,
    },
}

impl ConfigError {
    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Toml { hint, .. } => hint.clone(),
            Self::Override(_) => Some("write `--set section.key=value`, for example `--set keep.min_side=256`".into()),
            Self::Value { hint, .. } => Some((*hint).into()),
        }
    }
}

impl Config {
    /// Reads a configuration, with `key=value` overrides on top.
    pub fn parse(text: &str, overrides: &[String]) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(text).map_err(|error| toml_error(&error))?;
        for setting in overrides {
            set(&mut table, setting)?;
        }
        let config = if overrides.is_empty() {
            // Straight from the text, so that errors carry line and column.
            toml::from_str(text)
        } else {
            table.try_into()
        };
        config.map_err(|error| toml_error(&error))
    }

    /// The effective configuration, to be stored beside the output.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

/// Puts `a.b=value` into `table`; the value is TOML where it parses as such, else a string.
fn set(table: &mut toml::Table, setting: &str) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Override(setting.to_owned());
    let (path, text) = setting.split_once('=').ok_or_else(wrong)?;
    let value = toml::from_str::<toml::Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| toml::Value::String(text.trim().to_owned()));
    let mut keys: Vec<&str> = path.trim().split('.').collect();
    let last = keys.pop().filter(|key| !key.is_empty() && !keys.is_empty()).ok_or_else(wrong)?;
    let mut here = table;
    for key in keys {
        let next = here.entry(key.to_owned()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = next.as_table_mut().ok_or_else(wrong)?;
    }
    here.insert(last.to_owned(), value);
    Ok(())
}

fn toml_error(error: &toml::de::Error) -> ConfigError {
    let message = error.to_string().trim_end().to_owned();
    let hint = nearest_key(error.message());
    ConfigError::Toml { message, hint }
}

/// For "unknown field `x`, expected one of `a`, `b`", and for variants: the expected one nearest to `x`.
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message
        .strip_prefix("unknown field")
        .or_else(|| message.strip_prefix("unknown variant"))?
        .split('`')
        .skip(1)
        .step_by(2);
    let wrong = quoted.next()?;
    nearest(wrong, quoted).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Span};

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_known_one() {
        let error = Config::parse("[keep]\nmin_simlarity = 0.3\n", &[]).unwrap_err();
        assert!(error.to_string().contains("unknown field `min_simlarity`"), "{error}");
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(error.hint().as_deref(), Some("did you mean `min_similarity`?"));
        let error = Config::parse("[keep]\ndrop_texts = [\"generc\"]\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `generic`?"));
    }

    #[test]
    fn overrides_win_and_are_checked_like_the_file() {
        let settings = ["keep.min_side=256".into(), "output.dir=x/y".into(), "fetch.timeout=500ms".into()];
        let config = Config::parse("[keep]\nmin_side = 1\n", &settings).unwrap();
        assert_eq!((config.keep.min_side, config.output.dir.as_str()), (256, "x/y"));
        assert_eq!(config.fetch.timeout, Span::millis(500));
        for wrong in ["keep.min_side", "keep=3", "=3", "keep.min_sid=3", "keep.min_side=many"] {
            assert!(Config::parse("", &[wrong.into()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lists_of_urls_are_a_format_with_columns() {
        let text = "[input]\nformat = \"urls\"\nurl_column = \"Link\"\n";
        let config = Config::parse(text, &[]).unwrap();
        assert_eq!((config.input.format, config.input.url_column.as_str()), (Format::Urls, "Link"));
        assert_eq!((config.input.caption_column.as_str(), config.input.page_column.as_str()), ("", ""));
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        let error = Config::parse("[input]\nformat = \"url\"\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `urls`?"));
    }

    #[test]
    fn who_looks_names_up_is_said_plainly_or_refused_by_name() {
        let text = "[fetch]\ndns = \"own\"\nname_servers = [\"192.0.2.53\", \"[2001:db8::53]:5353\"]\n";
        let config = Config::parse(text, &[]).unwrap();
        assert_eq!(config.fetch.name_servers.len(), 2);
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        let error = Config::parse("[fetch]\nname_servers = [\"dns.example\"]\n", &[]).unwrap_err();
        assert!(error.to_string().contains("dns.example") && error.to_string().contains("write"), "{error}");
        let error = Config::parse("[fetch]\ndns = \"sytem\"\n", &[]).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("did you mean `system`?"));
    }

    #[test]
    fn the_effective_configuration_reads_back_the_same() {
        let text = "[output]\ndir = \"out\"\n[keep]\nmin_aesthetic = 5.5\nmax_scores = { violence = 0.5 }\n\
                    min_similarity_by_language = { en = 0.28, unknown = 0.3 }\n\
                    [[score.tags]]\nname = \"logo\"\nprompts = [\"a logo\"]\ngroup = \"medium\"\n";
        let config = Config::parse(text, &["keep.max_scores.gore=0.25".into()]).unwrap();
        assert_eq!(config.keep.max_scores.len(), 2);
        assert_eq!(Config::parse(&config.to_toml(), &[]).unwrap(), config);
        config.validate().unwrap();
    }

    #[test]
    fn the_shipped_configurations_are_sound_and_name_every_key() {
        let keys = Config::default().to_toml();
        let keys = keys.lines().filter_map(|line| line.split_once(" =").map(|(key, _)| key.trim().to_owned()));
        let keys: Vec<String> = keys.collect();
        for (name, text) in [
            ("demo", include_str!("../../../configs/demo.toml")),
            ("laion-400m", include_str!("../../../configs/laion-400m.toml")),
            ("laion-5b", include_str!("../../../configs/laion-5b.toml")),
            ("laion-aesthetics-v1", include_str!("../../../configs/laion-aesthetics-v1.toml")),
            ("laion-aesthetics-v2", include_str!("../../../configs/laion-aesthetics-v2.toml")),
            ("datacomp-basic", include_str!("../../../configs/datacomp-basic.toml")),
            ("strict-art", include_str!("../../../configs/strict-art.toml")),
            ("audit-only", include_str!("../../../configs/audit-only.toml")),
            ("cluster", include_str!("../../../configs/cluster.toml")),
        ] {
            Config::parse(text, &[])
                .and_then(|config| config.validate())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            // What is absent or empty by itself has no line in the effective configuration.
            let silent = ["min_similarity", "min_similarity_by_language", "min_aesthetic", "max_unsafe", "min_scores"];
            let silent = silent.into_iter().chain(["max_scores", "tags"]);
            for key in keys.iter().map(String::as_str).chain(silent) {
                assert!(text.contains(&format!("{key} = ")), "{name}.toml lacks {key}");
            }
        }
    }
}
