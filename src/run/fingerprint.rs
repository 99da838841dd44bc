//! Which settings a task's result depends on. A folder whose finished tasks were done under other
//! settings is refused, rather than mixed.

use super::Run;
use consent::POLICY_VERSION;
use schema::{Config, Duplicates, Keep, Stage, sha256_hex};
use serde_json::{Value, json};

impl Run {
    /// Digest of all settings that the results of `stage` depend on. How fast or where the work is
    /// done is none of them, so that a run may go on more gently or on another machine.
    pub(super) fn fingerprint(&self, stage: Stage) -> String {
        Self::fingerprint_of(&self.config, &self.lists_digest, stage)
    }

    /// The same for any settings, with the digest of what their opt-out lists say.
    pub(super) fn fingerprint_of(config: &Config, lists_digest: &str, stage: Stage) -> String {
        let mut parts: Vec<Value> = vec![json!({
            "consent": config.consent.mode,
            "policy": POLICY_VERSION,
            "lists": lists_digest,
            "agent": config.agent.name,
            "buckets": config.output.buckets,
            "records": [json!(config.input.format), json!(config.input.check_digests)],
            "columns": [config.input.url_column, config.input.caption_column, config.input.page_column],
            "texts": texts(&config.keep),
        })];
        if stage >= Stage::Admit {
            let input = &config.input;
            parts.push(json!([input.archives, input.base, input.sample]));
        }
        if stage >= Stage::Fetch {
            let fetch = &config.fetch;
            parts.push(json!([fetch.max_body_bytes, fetch.max_pixels, fetch.max_redirects, fetch.host_budget]));
            parts.push(json!(config.keep.min_body_bytes));
        }
        if stage >= Stage::Score {
            // What comes twice is seen by publish alone.
            let keep = Keep { duplicates: Duplicates::default(), ..config.keep.clone() };
            parts.push(json!([config.score.model, config.score.embeddings, config.score.tags, keep]));
            let fetch = &config.fetch;
            parts.push(json!([fetch.store, fetch.resize_to, fetch.resize_mode, fetch.resize_only_if_bigger]));
            parts.push(json!([fetch.encode_format, fetch.encode_quality, fetch.skip_reencode]));
        }
        if stage >= Stage::Publish {
            parts.push(json!(config.keep.duplicates));
        }
        sha256_hex(Value::Array(parts).to_string().as_bytes())[..16].to_owned()
    }
}

/// What extract and admit ask of texts.
fn texts(keep: &Keep) -> Value {
    json!([
        [keep.min_text_chars, keep.min_text_words, keep.max_text_chars, keep.max_url_bytes, keep.repeated_from],
        keep.text_sources,
        keep.drop_texts,
        keep.languages,
    ])
}
