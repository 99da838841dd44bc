//! Stores, whole and broken.

use super::{build::*, *};
use proptest::prelude::*;
use schema::{Category, Verdict};
use std::slice;

const CAWG: &str = "cawg.training-mining";
const C2PA: &str = "c2pa.training-mining";

/// Signal and verdict of each statement.
fn said(store: &[u8], reading: Reading) -> Vec<(String, Verdict)> {
    read(store, reading).statements.into_iter().map(|one| (one.signal.into_owned(), one.verdict)).collect()
}

/// One manifest with one assertion.
fn one(label: &str, cbor: &[u8]) -> Vec<u8> {
    store(&[manifest("urn:uuid:1", &[assertion(label, cbor)])])
}

fn assert_said(about: &str, store: &[u8], strict: &[(&str, Verdict)], spec: &[(&str, Verdict)]) {
    let owned =
        |list: &[(&str, Verdict)]| list.iter().map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect::<Vec<_>>();
    assert_eq!(said(store, Reading::Strict), owned(strict), "strict: {about}");
    assert_eq!(said(store, Reading::Spec), owned(spec), "spec: {about}");
}

use Verdict::{Conditional, Deny, Info, MalformedDeny};

#[test]
fn the_four_entries_are_weighed() {
    let all = |word: &str| {
        entries(&["data_mining", "ai_inference", "ai_training", "ai_generative_training"].map(|name| {
            let key: &'static str = Box::leak(format!("cawg.{name}").into_boxed_str());
            (key, usage(word))
        }))
    };
    let each = |verdicts: [Verdict; 4]| {
        ["cawg.data_mining", "cawg.ai_inference", "cawg.ai_training", "cawg.ai_generative_training"]
            .into_iter()
            .zip(verdicts)
            .collect::<Vec<_>>()
    };
    for (word, strict, spec) in [
        ("notAllowed", [Deny; 4], [Deny, Info, Deny, Deny]),
        ("constrained", [Deny; 4], [Deny, Info, Deny, Deny]),
        ("allowed", [Info; 4], [Info; 4]),
        ("NotAllowed", [MalformedDeny; 4], [Info; 4]),
        ("Constrained", [MalformedDeny; 4], [Info; 4]),
        ("ALLOWED", [Info; 4], [Info; 4]),
        ("perhaps", [Info; 4], [Info; 4]),
    ] {
        assert_said(word, &one(CAWG, &all(word)), &each(strict), &each(spec));
    }
    let categories: Vec<_> =
        read(&one(CAWG, &all("notAllowed")), Reading::Strict).statements.iter().map(|one| one.category).collect();
    assert_eq!(categories, [Category::Tdm, Category::Inference, Category::Train, Category::GenTrain]);
}

#[test]
fn a_statement_says_where_it_stands_and_in_which_words() {
    let found =
        read(&one("cawg.training-mining__2", &entries(&[("cawg.ai_training", usage("notAllowed"))])), Reading::Strict);
    let statement = &found.statements[0];
    assert_eq!(statement.place, "C2PA manifest urn:uuid:1 / cawg.training-mining__2 / cawg.ai_training");
    assert_eq!(statement.raw, r#""cawg.ai_training": {"use": "notAllowed"}"#);
}

#[test]
fn conditions_need_information() {
    let with = |key: &'static str, info: &str| map(&[("use", text("constrained")), (key, text(info))]);
    for (key, info, expected) in [
        ("constraint_info", "https://example.com/licence", Conditional),
        ("constraints_info", "ask the author", Conditional),
        ("constraint_info", "  ", Deny),
        ("constraint_info", "-", Deny),
        ("note", "ask the author", Deny),
    ] {
        let store = one(C2PA, &entries(&[("c2pa.ai_training", with(key, info))]));
        assert_said(info, &store, &[("c2pa.ai_training", expected)], &[("c2pa.ai_training", expected)]);
    }
}

#[test]
fn labels_and_keys_are_told_apart() {
    let no = || usage("notAllowed");
    for (label, key, strict, spec) in [
        (C2PA, "c2pa.data_mining", Some(("c2pa.data_mining", Deny)), Some(Deny)),
        ("c2pa.training-mining__1", "c2pa.ai_training", Some(("c2pa.ai_training", Deny)), Some(Deny)),
        ("c2pa.training-mining__x", "c2pa.ai_training", Some(("c2pa.ai_training", MalformedDeny)), Some(Info)),
        ("c2pa.training-mining.v2", "c2pa.ai_training", Some(("c2pa.ai_training", MalformedDeny)), Some(Info)),
        ("CAWG.Training-Mining", "cawg.ai_training", Some(("cawg.ai_training", MalformedDeny)), Some(Info)),
        ("cawg.ai_training_and_data_mining", "cawg.ai_training", Some(("cawg.ai_training", MalformedDeny)), Some(Info)),
        ("com.example.training-mining", "c2pa.ai_training", Some(("c2pa.ai_training", MalformedDeny)), Some(Info)),
        (CAWG, "c2pa.ai_training", Some(("c2pa.ai_training", MalformedDeny)), Some(Info)),
        (CAWG, "cawg.AI_Training", Some(("cawg.ai_training", MalformedDeny)), Some(Info)),
        (CAWG, "ai-training", Some(("cawg.ai_training", MalformedDeny)), Some(Info)),
        (CAWG, "ai_inference", Some(("cawg.ai_inference", MalformedDeny)), Some(Info)),
        (CAWG, "com.example.pretraining", Some(("cawg.custom", MalformedDeny)), Some(Info)),
        (C2PA, "cawg.text_mining", Some(("c2pa.custom", MalformedDeny)), Some(Info)),
        (CAWG, "com.example.ai_inference", None, None),
        (CAWG, "com.example.printing", None, None),
        ("com.example.policy", "cawg.ai_training", None, None),
        ("stds.exif", "cawg.ai_training", None, None),
    ] {
        for content in [entries(&[(key, no())]), map(&[(key, no())])] {
            let strict: Vec<_> = strict.into_iter().collect();
            let spec: Vec<_> = strict.iter().zip(spec).map(|((signal, _), verdict)| (*signal, verdict)).collect();
            assert_said(&format!("{label} {key}"), &one(label, &content), &strict, &spec);
        }
    }
}

#[test]
fn shapes_are_tolerated_in_strict() {
    let key = "cawg.ai_training";
    let no = || usage("notAllowed");
    let twice = map(&[("use", text("allowed")), ("use", text("notAllowed"))]);
    let both = [(key, Info), (key, Deny)];
    assert_said("use stands twice", &one(CAWG, &entries(&[(key, twice)])), &both, &both);
    let both = map(&[("entries", map(&[(key, usage("allowed"))])), ("entries", map(&[(key, no())]))]);
    assert_said("entries stand twice", &one(CAWG, &both), &[(key, Info), (key, Deny)], &[(key, Info), (key, Deny)]);
    for (about, content) in [
        ("entries in another case", map(&[("Entries", map(&[(key, no())]))])),
        ("use in another case", entries(&[(key, map(&[("Use", text("notAllowed"))]))])),
        ("a text instead of a map", entries(&[(key, text("notAllowed"))])),
        ("false instead of a map", entries(&[(key, vec![0xF4])])),
        ("false instead of a word", entries(&[(key, map(&[("use", vec![0xF4])]))])),
        ("use around the entries", map(&[("use", map(&[("ai_training", vec![0xF4])]))])),
        ("another word", entries(&[(key, usage("prohibited"))])),
    ] {
        assert_said(about, &one(CAWG, &content), &[(key, MalformedDeny)], &[(key, Info)]);
    }
    // Not understood at all: the words alone are found.
    for (about, content, spec) in [
        ("a list of entries", map(&[("entries", [&[0x81][..], &map(&[(key, no())])].concat())]), &[][..]),
        ("a list at the top", [&[0x81][..], &entries(&[(key, no())])].concat(), &[]),
        ("a text at the top", text("notAllowed"), &[]),
    ] {
        assert_said(about, &one(CAWG, &content), &[(CAWG, MalformedDeny)], spec);
    }
    let listed = entries(&[(key, map(&[("use", [&[0x81][..], &text("notAllowed")].concat())]))]);
    assert_said("a list of words", &one(CAWG, &listed), &[(key, Info), (CAWG, MalformedDeny)], &[(key, Info)]);
}

#[test]
fn json_is_read_like_cbor() {
    let json = |text: &str| {
        let box_ = superbox(b"json", C2PA, &[boxed(b"json", text.as_bytes())]);
        store(&[manifest("m", &[box_])])
    };
    let no = r#"{"entries":{"c2pa.ai_training":{"use":"notAllowed"}}}"#;
    assert_said("whole", &json(no), &[("c2pa.ai_training", Deny)], &[("c2pa.ai_training", Deny)]);
    assert_said("truncated", &json(&no[..48]), &[(C2PA, MalformedDeny)], &[]);
    assert_said(
        "allowed",
        &json(&no.replace("notA", "a")),
        &[("c2pa.ai_training", Info)],
        &[("c2pa.ai_training", Info)],
    );
}

#[test]
fn the_last_manifest_is_the_active_one() {
    let speaks =
        |label: &str, word: &str| manifest(label, &[assertion(CAWG, &entries(&[("cawg.ai_training", usage(word))]))]);
    let silent = manifest("silent", &[assertion("c2pa.hash.data", &map(&[]))]);
    let id = "cawg.ai_training";
    let older = store(&[speaks("a", "notAllowed"), silent.clone()]);
    assert_said("only the older one", &older, &[(id, Deny)], &[(id, Info)]);
    let newer = store(&[silent.clone(), speaks("b", "notAllowed")]);
    assert_said("only the newer one", &newer, &[(id, Deny)], &[(id, Deny)]);
    let empty = store(&[speaks("a", "notAllowed"), superbox(b"c2ma", "empty", &[])]);
    assert_said("the last one is empty", &empty, &[(id, Deny)], &[(id, Info)]);
    let lifted = store(&[speaks("a", "notAllowed"), speaks("b", "allowed")]);
    assert_said("the newer one allows", &lifted, &[(id, Deny), (id, Info)], &[(id, Info), (id, Info)]);
    let updated = store(&[silent, speaks("a", "notAllowed"), superbox(b"c2um", "update", &[])]);
    assert_said("an update leaves it", &updated, &[(id, Deny)], &[(id, Deny)]);
}

#[test]
fn an_assertion_out_of_place_is_no_statement_to_the_letter() {
    let no = assertion(CAWG, &entries(&[("cawg.ai_training", usage("notAllowed"))]));
    for (about, store) in [
        ("alone", no.clone()),
        ("in a manifest without assertion store", store(&[superbox(b"c2ma", "m", slice::from_ref(&no))])),
        ("in an unknown store", superbox(b"jpxl", "other", &[manifest("m", slice::from_ref(&no))])),
        ("one level too deep", store(&[manifest("m", &[superbox(b"c2as", "more", slice::from_ref(&no))])])),
    ] {
        assert_said(about, &store, &[("cawg.ai_training", MalformedDeny)], &[("cawg.ai_training", Info)]);
    }
}

#[test]
fn a_no_in_broken_boxes_is_heard_in_strict() {
    let whole = one(C2PA, &entries(&[("c2pa.ai_training", usage("notAllowed"))]));
    let plain = [(C2PA, MalformedDeny)];
    assert_said("cut behind the no", &whole[..whole.len() - 1], &plain, &[]);
    let padded = [&b"garbage"[..], &whole].concat();
    assert_said("something before it", &padded, &plain, &[]);
    let at = |what: &[u8]| whole.windows(what.len()).position(|window| window == what).unwrap();
    let mut short = whole.clone();
    short[at(b"c2as") - 13] = 7;
    assert_said("a length shorter than its header", &short, &plain, &[]);
    let mut unnamed = whole.clone();
    unnamed[at(b"c2as") - 4..at(b"c2as")].copy_from_slice(b"free");
    assert_said(
        "the assertion store's description lost",
        &unnamed,
        &[("c2pa.ai_training", MalformedDeny)],
        &[("c2pa.ai_training", Info)],
    );
    let mut kind = whole.clone();
    kind[at(b"\xA1\x78\x07entries") - 4..][..4].copy_from_slice(b"xbor");
    assert_said("content of unknown type", &kind, &plain, &[]);
    let swallowed = [boxed(b"free", &whole)].concat();
    assert_said("inside another box", &swallowed, &plain, &[]);
    let mut deep = whole.clone();
    for _ in 0..20 {
        deep = superbox(b"c2pa", "c2pa", &[deep]);
    }
    assert_said("too deep", &deep, &plain, &[]);
    // The whole length is a lie, and nothing else is wrong.
    let mut long = whole;
    long[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_said("a length beyond the end", &long, &[("c2pa.ai_training", Deny)], &[("c2pa.ai_training", Deny)]);
}

#[test]
fn texts_that_speak_of_it_are_no_statement() {
    let json =
        br#"{"description":"how c2pa.training-mining with notAllowed works","assertion":"cawg.training-mining"}"#;
    let work = superbox(b"json", "stds.schema-org.CreativeWork", &[boxed(b"json", json)]);
    let claim = superbox(
        b"c2cl",
        "c2pa.claim",
        &[boxed(
            b"cbor",
            &map(&[("url", text("self#jumbf=c2pa.assertions/cawg.training-mining")), ("note", text("notAllowed"))]),
        )],
    );
    let manifest = superbox(b"c2ma", "m", &[superbox(b"c2as", "c2pa.assertions", &[work]), claim]);
    assert_said("mentions", &store(&[manifest]), &[], &[]);
    assert_said("nothing", b"", &[], &[]);
    assert_said("an empty assertion", &one(CAWG, &entries(&[])), &[], &[]);
}

#[test]
fn compressed_manifests_are_unfolded() {
    let pack = |bytes: &[u8]| {
        let mut packed = b"jumb".to_vec();
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 9, 22);
        std::io::Write::write_all(&mut writer, bytes).unwrap();
        drop(writer);
        superbox(b"c2cm", "urn:c2pa:1", &[boxed(b"brob", &packed)])
    };
    let no = manifest("urn:c2pa:1", &[assertion(CAWG, &entries(&[("cawg.ai_training", usage("notAllowed"))]))]);
    let deny = [("cawg.ai_training", Deny)];
    assert_said("its content", &store(&[pack(&no[8..])]), &deny, &deny);
    assert_said("the whole box", &store(&[pack(&no)]), &deny, &deny);
    let older = store(&[no, pack(&manifest("b", &[])[8..])]);
    assert_said("an empty one last", &older, &deny, &[("cawg.ai_training", Info)]);
    // Packed in itself without end, and unfolding to more than is taken.
    let bomb = pack(&vec![0; 2 * MAX_UNFOLDED_BYTES]);
    assert_said("bombs", &store(&vec![bomb; 3]), &[], &[]);
    let mut nested = manifest("m", &[]);
    for _ in 0..100 {
        nested = pack(&nested);
    }
    assert_said("nested", &store(&[nested]), &[], &[]);
}

#[test]
fn pictures_made_by_models_are_marked() {
    let uri = |term: &str| text(&format!("http://cv.iptc.org/newscodes/digitalsourcetype/{term}"));
    let list = |actions: &[Vec<u8>]| {
        map(&[("actions", [vec![0x80 + u8::try_from(actions.len()).unwrap()], actions.concat()].concat())])
    };
    let made = |term: &str| map(&[("action", text("c2pa.created")), ("digitalSourceType", uri(term))]);
    let inner =
        |term: &str| map(&[("action", text("c2pa.created")), ("parameters", map(&[("digitalSourceType", uri(term))]))]);
    let generated = |label: &str, content: &[u8]| read(&one(label, content), Reading::Spec).generated;
    for (label, content, expected) in [
        ("c2pa.actions", list(&[made("trainedAlgorithmicMedia")]), Some("c2pa:trainedAlgorithmicMedia")),
        (
            "c2pa.actions.v2",
            list(&[inner("compositeWithTrainedAlgorithmicMedia")]),
            Some("c2pa:compositeWithTrainedAlgorithmicMedia"),
        ),
        (
            "c2pa.actions__1",
            list(&[made("algorithmicMedia"), made("trainedAlgorithmicMedia")]),
            Some("c2pa:trainedAlgorithmicMedia"),
        ),
        (
            "c2pa.actions",
            list(&[made("trainedAlgorithmicMedia"), made("algorithmicallyEnhanced")]),
            Some("c2pa:trainedAlgorithmicMedia"),
        ),
        ("c2pa.actions", list(&[made("digitalCapture")]), None),
        (
            "c2pa.metadata",
            map(&[("Iptc4xmpExt:DigitalSourceType", uri("trainedAlgorithmicMedia"))]),
            Some("c2pa:trainedAlgorithmicMedia"),
        ),
        ("com.example.actions", list(&[made("trainedAlgorithmicMedia")]), None),
    ] {
        assert_eq!(generated(label, &content).as_deref(), expected, "{label}");
    }
    let ingredient = manifest("a", &[assertion("c2pa.actions", &list(&[made("trainedAlgorithmicMedia")]))]);
    let edited = manifest("b", &[assertion("c2pa.actions", &list(&[made("algorithmicallyEnhanced")]))]);
    assert_eq!(
        read(&store(&[ingredient, edited]), Reading::Spec).generated.as_deref(),
        Some("c2pa:trainedAlgorithmicMedia")
    );
}

#[test]
fn statements_are_bounded_and_a_no_still_gets_in() {
    let mut assertions: Vec<_> = (0..200)
        .map(|n| assertion(&format!("{CAWG}__{n}"), &entries(&[("cawg.ai_training", usage("allowed"))])))
        .collect();
    assertions.push(assertion(CAWG, &entries(&[("cawg.data_mining", usage("notAllowed"))])));
    let store = store(&[manifest("m", &assertions)]);
    for reading in [Reading::Strict, Reading::Spec] {
        let found = read(&store, reading).statements;
        assert_eq!((found.len(), found.iter().filter(|one| one.denies()).count()), (gathered::MOST, 1));
    }
}

#[test]
fn long_hostile_stores_take_linear_time() {
    let label = one(CAWG, &entries(&[("cawg.ai_training", usage("notAllowed"))]));
    for bytes in [
        b"\0\0\0\0jumb".repeat(500_000),
        b"\0\0\0\x08jumb".repeat(500_000),
        b"\0\0\0\x08cbor".repeat(500_000),
        b"c2pa.training-mining\0".repeat(200_000),
        b"notAllowed".repeat(400_000),
        label.repeat(10_000),
        boxed(b"brob", b"jumb\x8b\x02\x80").repeat(200_000),
        one(CAWG, &vec![0x9F; 200_000]),
        one(CAWG, &b"\x63use\xf4".repeat(40_000)),
        one(&"training-mining".repeat(200_000), b"\xa0"),
    ] {
        for reading in [Reading::Strict, Reading::Spec] {
            assert!(read(&bytes, reading).statements.len() <= gathered::MOST);
        }
    }
}

/// A store with two manifests, as it is, for breaking.
fn sound() -> Vec<u8> {
    let no =
        entries(&[("cawg.ai_generative_training", usage("notAllowed")), ("cawg.data_mining", usage("constrained"))]);
    let json = superbox(b"json", C2PA, &[boxed(b"json", br#"{"c2pa.ai_training":{"use":"notAllowed"}}"#)]);
    store(&[manifest("a", &[assertion(CAWG, &no)]), manifest("b", &[json])])
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes, Reading::Strict);
        read(&one(CAWG, &bytes), Reading::Strict);
    }

    /// Whatever is changed: strict refuses what spec refuses, and one changed byte takes no more
    /// than one of the three.
    #[test]
    fn broken_stores_are_read(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in any::<prop::sample::Index>()) {
        let mut bytes = sound();
        for (place, byte) in &places {
            let at = place.index(bytes.len());
            bytes[at] = *byte;
        }
        if places.len() == 1 {
            prop_assert!(read(&bytes, Reading::Strict).statements.iter().any(Statement::denies));
        }
        bytes.truncate(keep.index(bytes.len() + 1));
        let denies = |reading| read(&bytes, reading).statements.iter().any(Statement::denies);
        prop_assert!(denies(Reading::Strict) || !denies(Reading::Spec));
    }

    #[test]
    fn another_manifest_never_lifts_a_no(word in "allowed|Allowed|notAllowed|constrained|x", after in any::<bool>()) {
        let no = manifest("a", &[assertion(CAWG, &entries(&[("cawg.ai_training", usage("notAllowed"))]))]);
        let other = manifest("b", &[assertion(CAWG, &entries(&[("cawg.ai_training", usage(&word))]))]);
        let store = if after { store(&[no, other]) } else { store(&[other, no]) };
        prop_assert!(read(&store, Reading::Strict).statements.iter().any(Statement::denies));
    }
}
