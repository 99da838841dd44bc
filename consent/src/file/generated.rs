//! Marks of image generators. No opt-outs: they label a picture, so that subsets with or without
//! such pictures can be built.

use super::source_type;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/generators.tsv");

struct Row {
    kind: &'static str,
    name: &'static str,
    /// What the text must hold; empty for anything.
    holds: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// Longest text looked at for names of software, in bytes.
const MAX_NAME: usize = 4096;

/// A short marker if the field says that software made the picture: `png:parameters`.
pub(super) fn marker(name: &str, text: &str) -> Option<String> {
    let (carrier, key) = name.split_once(' ')?;
    label(key, text)
        .or_else(|| match carrier {
            "XMP" => property(key, text),
            "PNG" => chunk(key, text),
            _ => None,
        })
        .or_else(|| free_text(carrier, key, text))
}

/// China's mandatory label (GB 45438-2025): JSON under the name `AIGC`.
fn label(key: &str, text: &str) -> Option<String> {
    let is_label = key.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case("AIGC"));
    let names_itself = text.len() <= MAX_NAME && text.starts_with('{') && text.contains("\"AIGC\"");
    ((is_label && text.contains("Label")) || names_itself).then(|| "aigc:label".to_owned())
}

fn property(key: &str, text: &str) -> Option<String> {
    let name = key.strip_prefix("Iptc4xmpExt:")?;
    if name == "DigitalSourceType" {
        return source_type::generated_by(text).map(|term| format!("iptc:{term}"));
    }
    find("property", |row| row.name == name).map(|row| format!("iptc:{}", row.name))
}

fn chunk(key: &str, text: &str) -> Option<String> {
    find("key", |row| row.name == key && text.contains(row.holds)).map(|row| format!("png:{}", row.name))
}

fn free_text(carrier: &str, key: &str, text: &str) -> Option<String> {
    let name = key.rsplit(':').next().unwrap_or_default();
    match name {
        "Software" | "CreatorTool" | "Source" | "Author" => software(text),
        "Credit" => {
            find("words", |row| text.len() <= MAX_NAME && text.contains(row.name)).map(|_| "google:credit".to_owned())
        }
        "UserComment" | "comment" | "XPComment" => {
            is_parameters(text).then(|| format!("{}:parameters", carrier.to_ascii_lowercase()))
        }
        "Description" | "description" | "ImageDescription" | "Caption" => {
            has_job_id(text).then(|| "midjourney:job-id".to_owned())
        }
        _ => None,
    }
}

fn software(text: &str) -> Option<String> {
    let begins = |row: &Row| text.get(..row.name.len()).is_some_and(|start| start.eq_ignore_ascii_case(row.name));
    find("software", begins).map(|row| format!("software:{}", row.name))
}

/// The settings of Stable Diffusion's front ends: `Steps: 20, Sampler: Euler a, CFG scale: 7, …`.
fn is_parameters(text: &str) -> bool {
    text.contains("Steps: ") && text.contains("Sampler: ")
}

/// Midjourney writes the prompt, then `Job ID:` and a UUID.
fn has_job_id(text: &str) -> bool {
    let Some((_, after)) = text.split_once("Job ID: ") else { return false };
    after.get(..36).is_some_and(|id| {
        id.char_indices().all(|(at, c)| if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() })
    })
}

fn find(kind: &str, matches: impl Fn(&Row) -> bool) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.kind == kind && matches(row))
}

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (kind, name, holds) = (columns.next()?, columns.next()?, columns.next()?);
    (!line.starts_with('#')).then_some(Row { kind, name, holds: if holds == "-" { "" } else { holds } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_are_known_by_what_they_leave() {
        for (name, text, expected) in [
            ("PNG parameters", "a fox\nSteps: 20, Sampler: Euler a, CFG scale: 7", Some("png:parameters")),
            ("PNG parameters", "width=3", None),
            ("PNG prompt", "{\"3\": {\"class_type\": \"KSampler\"}}", Some("png:prompt")),
            ("PNG prompt", "Please enter a name", None),
            ("PNG invokeai_metadata", "{}", Some("png:invokeai_metadata")),
            ("PNG sd-metadata", "{}", Some("png:sd-metadata")),
            ("PNG Software", "NovelAI", Some("software:NovelAI")),
            ("PNG Software", "novelai v3", Some("software:NovelAI")),
            ("PNG Software", "Adobe Photoshop 25.0", None),
            ("PNG Software", "é", None),
            ("PNG Source", "Stable Diffusion XL C1E1DE52", Some("software:Stable Diffusion")),
            ("XMP xmp:CreatorTool", "Adobe Firefly 3", Some("software:Adobe Firefly")),
            ("EXIF UserComment", "a fox\nSteps: 20, Sampler: Euler a", Some("exif:parameters")),
            ("EXIF UserComment", "Steps: up to the tower", None),
            ("JPEG comment", "fox Steps: 9, Sampler: DDIM", Some("jpeg:parameters")),
            ("PNG Description", "a fox --v 6 Job ID: 0f8fad5b-d9cb-469f-a165-70867728950e", Some("midjourney:job-id")),
            ("PNG Description", "Job ID: 42", None),
            ("PNG AIGC", "{\"Label\":\"1\",\"ContentProducer\":\"x\"}", Some("aigc:label")),
            ("XMP TC260:AIGC", "{\"Label\":\"1\"}", Some("aigc:label")),
            ("EXIF UserComment", "{\"AIGC\":{\"Label\":\"1\"}}", Some("aigc:label")),
            ("XMP dc:title", "AIGC and the law", None),
            ("XMP Iptc4xmpExt:AISystemUsed", "Imaginer", Some("iptc:AISystemUsed")),
            (
                "XMP Iptc4xmpExt:DigitalSourceType",
                "https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
                Some("iptc:trainedAlgorithmicMedia"),
            ),
            (
                "XMP Iptc4xmpExt:DigitalSourceType",
                "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
                None,
            ),
            ("XMP photoshop:Credit", "Made with Google AI", Some("google:credit")),
            ("IPTC Credit", "Edited with Google AI", Some("google:credit")),
            ("IPTC Credit", "Reuters", None),
        ] {
            assert_eq!(marker(name, text).as_deref(), expected, "{name}: {text}");
        }
    }

    #[test]
    fn every_row_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(ROWS.len(), lines);
        assert!(ROWS.iter().all(|row| ["key", "software", "property", "words"].contains(&row.kind)));
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
