//! What extract writes, as Arrow columns built by hand: it writes more rows than any other stage, and going
//! through `serde_arrow` would cost it several times as much.

use crate::{CapturedImage, CapturedPage, Evidence, rows::evidence_fields};
use arrow_array::{
    Array, ArrayRef, Int64Array, ListArray, StructArray, TimestampMicrosecondArray, builder::StringBuilder,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::Field;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The columns of [`CapturedPage`], in their order.
pub(crate) fn of_pages(rows: &[CapturedPage]) -> Vec<ArrayRef> {
    vec![
        numbers(rows.iter().map(|row| row.number)),
        texts(rows.iter().map(|row| row.url.as_str())),
        texts(rows.iter().map(|row| row.host.as_str())),
        texts(rows.iter().map(|row| row.archive.as_str())),
        numbers(rows.iter().map(|row| row.archive_offset)),
        times(rows.iter().map(|row| row.captured_at)),
        maybe_texts(rows.iter().map(|row| row.language.as_deref())),
        maybe_texts(rows.iter().map(|row| row.license_url.as_deref())),
        evidence(rows.iter().map(|row| row.evidence.as_slice())),
        lists(rows.iter().map(|row| row.checked.iter().map(String::as_str))),
    ]
}

/// The columns of [`CapturedImage`], in their order.
pub(crate) fn of_images(rows: &[CapturedImage]) -> Vec<ArrayRef> {
    vec![
        numbers(rows.iter().map(|row| row.page)),
        texts(rows.iter().map(|row| row.page_host.as_str())),
        numbers(rows.iter().map(|row| row.id.0)),
        texts(rows.iter().map(|row| row.url.as_str())),
        texts(rows.iter().map(|row| row.host.as_str())),
        texts(rows.iter().map(|row| row.source.name())),
        lists(rows.iter().map(|row| row.other_urls.iter().map(String::as_str))),
        texts(rows.iter().map(|row| row.text.as_str())),
        texts(rows.iter().map(|row| row.text_source.name())),
        lists(rows.iter().map(|row| row.text_flags.iter().map(|flag| flag.name()))),
        maybe_texts(rows.iter().map(|row| row.language.as_deref())),
        maybe_texts(rows.iter().map(|row| row.alt.as_deref())),
        maybe_texts(rows.iter().map(|row| row.title.as_deref())),
        maybe_texts(rows.iter().map(|row| row.caption.as_deref())),
        maybe_texts(rows.iter().map(|row| row.license_url.as_deref())),
        evidence(rows.iter().map(|row| row.evidence.as_slice())),
    ]
}

fn evidence<'a>(rows: impl Iterator<Item = &'a [Evidence]> + Clone) -> ArrayRef {
    let pieces = || rows.clone().flatten();
    let columns = vec![
        texts(pieces().map(|piece| piece.signal.as_str())),
        texts(pieces().map(|piece| piece.scope.name())),
        texts(pieces().map(|piece| piece.category.name())),
        texts(pieces().map(|piece| piece.verdict.name())),
        texts(pieces().map(|piece| piece.place.as_str())),
        texts(pieces().map(|piece| piece.raw.as_str())),
        maybe_texts(pieces().map(|piece| piece.addressed_to.as_deref())),
        texts(pieces().map(|piece| piece.source.name())),
        times(pieces().map(|piece| piece.seen_at)),
    ];
    let pieces = StructArray::new(evidence_fields().into(), columns, None);
    list(rows.map(<[Evidence]>::len), Arc::new(pieces))
}

fn numbers(numbers: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(numbers))
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut column = StringBuilder::new();
    texts.for_each(|text| column.append_value(text));
    Arc::new(column.finish())
}

fn maybe_texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut column = StringBuilder::new();
    texts.for_each(|text| column.append_option(text));
    Arc::new(column.finish())
}

fn lists<'a, L: Iterator<Item = &'a str>>(rows: impl Iterator<Item = L>) -> ArrayRef {
    let mut column = StringBuilder::new();
    let mut lengths = Vec::new();
    for row in rows {
        let mut length = 0;
        for text in row {
            column.append_value(text);
            length += 1;
        }
        lengths.push(length);
    }
    list(lengths.into_iter(), Arc::new(column.finish()))
}

fn list(lengths: impl Iterator<Item = usize>, elements: ArrayRef) -> ArrayRef {
    let field = Field::new("element", elements.data_type().clone(), false);
    Arc::new(ListArray::new(Arc::new(field), OffsetBuffer::from_lengths(lengths), elements, None))
}

fn times(times: impl Iterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let column: TimestampMicrosecondArray = times.map(|time| time.map(|time| time.timestamp_micros())).collect();
    Arc::new(column.with_timezone("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Category, ImageSource, Row, SampleId, Scope, Source, TextFlag, TextSource, Verdict, from_batch, schema_of,
        to_batch,
    };
    use proptest::prelude::*;

    const SCOPES: [Scope; 7] =
        [Scope::Domain, Scope::Origin, Scope::Path, Scope::Page, Scope::Element, Scope::ImageUrl, Scope::ImageBytes];
    const CATEGORIES: [Category; 9] = [
        Category::Access,
        Category::Index,
        Category::Train,
        Category::GenTrain,
        Category::Tdm,
        Category::BulkDataset,
        Category::CacheCopy,
        Category::Inference,
        Category::Info,
    ];
    const VERDICTS: [Verdict; 5] =
        [Verdict::Deny, Verdict::Conditional, Verdict::Allow, Verdict::Info, Verdict::MalformedDeny];
    const TEXTS: [TextSource; 8] = [
        TextSource::Alt,
        TextSource::Caption,
        TextSource::Title,
        TextSource::AriaLabel,
        TextSource::Meta,
        TextSource::JsonLd,
        TextSource::Around,
        TextSource::List,
    ];
    const IMAGES: [ImageSource; 8] = [
        ImageSource::Src,
        ImageSource::Srcset,
        ImageSource::Picture,
        ImageSource::Lazy,
        ImageSource::Poster,
        ImageSource::Meta,
        ImageSource::JsonLd,
        ImageSource::List,
    ];
    const FLAGS: [TextFlag; 7] = [
        TextFlag::FileName,
        TextFlag::Generic,
        TextFlag::Url,
        TextFlag::FewLetters,
        TextFlag::Capitals,
        TextFlag::Markup,
        TextFlag::Repeated,
    ];

    fn one<T: Copy + std::fmt::Debug + 'static>(of: &[T]) -> impl Strategy<Value = T> {
        proptest::sample::select(of.to_vec())
    }

    fn time() -> impl Strategy<Value = Option<DateTime<Utc>>> {
        proptest::option::of(
            (0..4_000_000_000_000_000_i64).prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap()),
        )
    }

    prop_compose! {
        fn piece()(
            words in prop::array::uniform3(".{0,12}"), addressed_to in prop::option::of(".{0,5}"), seen_at in time(),
            scope in one(&SCOPES), category in one(&CATEGORIES), verdict in one(&VERDICTS),
            source in one(&[Source::Warc, Source::Live, Source::List]),
        ) -> Evidence {
            let [signal, place, raw] = words;
            Evidence { signal, scope, category, verdict, place, raw, addressed_to, source, seen_at }
        }
    }

    fn words() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(".{0,5}", 0..3)
    }

    prop_compose! {
        fn page()(
            words in prop::array::uniform3(".{0,12}"), maybe in prop::array::uniform2(prop::option::of(".{0,5}")),
            numbers in any::<(i64, i64)>(), captured_at in time(),
            evidence in prop::collection::vec(piece(), 0..3), checked in words(),
        ) -> CapturedPage {
            let [url, host, archive] = words;
            let [language, license_url] = maybe;
            let (number, archive_offset) = numbers;
            CapturedPage {
                number, url, host, archive, archive_offset, captured_at, language, license_url, evidence, checked,
            }
        }
    }

    prop_compose! {
        fn image()(
            words in prop::array::uniform4(".{0,12}"), maybe in prop::array::uniform5(prop::option::of(".{0,5}")),
            numbers in any::<(i64, i64)>(), text_source in one(&TEXTS), source in one(&IMAGES),
            text_flags in prop::collection::vec(one(&FLAGS), 0..3), other_urls in words(),
            evidence in prop::collection::vec(piece(), 0..3),
        ) -> CapturedImage {
            let [url, text, page_host, host] = words;
            let [language, alt, title, caption, license_url] = maybe;
            CapturedImage {
                page: numbers.0, page_host, id: SampleId(numbers.1), url, host, source, other_urls, text, text_source,
                text_flags, language, alt, title, caption, license_url, evidence,
            }
        }
    }

    fn are_those_of_serde_arrow<T: Row + std::fmt::Debug + PartialEq>(rows: &[T]) -> Result<(), TestCaseError> {
        let schema = schema_of::<T>();
        let ours = to_batch(&schema, rows).unwrap();
        let theirs = serde_arrow::to_arrow(schema.fields(), rows).unwrap();
        for ((ours, theirs), field) in ours.columns().iter().zip(&theirs).zip(T::fields()) {
            prop_assert_eq!(ours, theirs, "{}", field.name());
        }
        prop_assert_eq!(from_batch::<T>(&ours).unwrap(), rows);
        Ok(())
    }

    proptest! {
        #[test]
        fn pages_become_what_serde_arrow_makes_of_them(rows in prop::collection::vec(page(), 0..6)) {
            are_those_of_serde_arrow(&rows)?;
        }

        #[test]
        fn images_become_what_serde_arrow_makes_of_them(rows in prop::collection::vec(image(), 0..6)) {
            are_those_of_serde_arrow(&rows)?;
        }
    }
}
