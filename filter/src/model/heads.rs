//! The heads that a `model.toml` names: read, and refused where they do not belong to the model.

use super::{
    files::Files,
    spec::{HeadKind, HeadSpec, ModelSpec},
};
use crate::{
    Error,
    heads::{Activation, Column, Head, LinearHead, MAX_FILE_BYTES, Network, PromptPair, Work},
};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeSet};

/// Most heads of a model, and most scores of a head.
const MAX_HEADS: usize = 64;

/// Reads every head of `spec`; what their files hold goes into `digest`.
pub(super) fn load(files: &Files, spec: &ModelSpec, digest: &mut Sha256) -> Result<Vec<Head>, Error> {
    let mut heads = Vec::new();
    let mut names = BTreeSet::new();
    for head in &spec.heads {
        let (loaded, contents) = load_head(files, spec, head)?;
        digest.update(&contents);
        for output in &loaded.outputs {
            // The two columns hold one score each, whatever it is called.
            let (name, hint) = match loaded.column {
                Column::Aesthetic => ("a head for `aesthetic`", "one at a time: remove the other"),
                Column::Punsafe => ("a head for `punsafe`", "one at a time: remove the other"),
                Column::Scores => (output.as_str(), "give each score a name of its own, in `name` or `outputs`"),
            };
            if !names.insert(name.to_owned()) {
                return Err(refused(head, format!("is {name} beside another"), hint));
            }
        }
        if loaded.outputs.len() > MAX_HEADS || heads.len() == MAX_HEADS {
            return Err(refused(head, format!("is more than the {MAX_HEADS} there may be"), "remove some"));
        }
        heads.push(loaded);
    }
    Ok(heads)
}

/// A head and its file's contents.
fn load_head(files: &Files, spec: &ModelSpec, head: &HeadSpec) -> Result<(Head, Cow<'static, [u8]>), Error> {
    check_keys(head)?;
    let column = head.column.unwrap_or(head.kind.column());
    let outputs = if head.outputs.is_empty() { vec![head.name.clone()] } else { head.outputs.clone() };
    if column != Column::Scores && outputs.len() > 1 {
        let problem = format!("gives {} scores, and its column holds one", outputs.len());
        return Err(refused(head, problem, "leave `column` out: they go into `scores`"));
    }
    let loaded = |work: Work| Head { name: head.name.clone(), column, outputs: outputs.clone(), work };
    if head.kind == HeadKind::Classical {
        return Ok((loaded(Work::Classical), Cow::Borrowed(&[])));
    }
    check_family(spec, head)?;
    let missing = || refused(head, "names no file".into(), "add `file`, as its publisher gives it");
    let file = head.file.as_deref().ok_or_else(missing)?;
    let contents = files.read(file, MAX_FILE_BYTES)?;
    let work = read(head, &contents, files.place(file)).map_err(|problem| Error::File {
        file: files.place(file),
        problem,
        hint: format!("take the file of head `{}` anew from its publisher", head.name),
    })?;
    if let Some(dimension) = work.dimension().filter(|dimension| *dimension != spec.dimension) {
        let problem = format!("scores embeddings of {dimension} numbers, the model's have {}", spec.dimension);
        return Err(refused(head, problem, "take the head's file for this model"));
    }
    if let Some(count) = work.count().filter(|count| *count != outputs.len()) {
        let problem = format!("gives {count} scores, and {} are named", outputs.len());
        return Err(refused(head, problem, "name each of its scores in `outputs`, in their order"));
    }
    Ok((loaded(work), contents))
}

/// Keys that a head of this kind has no use for are a misunderstanding.
fn check_keys(head: &HeadSpec) -> Result<(), Error> {
    let custom = matches!(head.kind, HeadKind::Linear | HeadKind::Mlp | HeadKind::Onnx);
    let dense = matches!(head.kind, HeadKind::Linear | HeadKind::Mlp);
    let onnx = head.kind == HeadKind::Onnx;
    let misplaced = [
        ("column", head.column.is_some() && !custom),
        ("outputs", !head.outputs.is_empty() && !custom),
        ("sigmoid", head.sigmoid && !dense),
        ("activation", head.activation.is_some() && head.kind != HeadKind::Mlp),
        ("input", head.input.is_some() && !onnx),
        ("output", head.output.is_some() && !onnx),
    ];
    match misplaced.into_iter().find(|(_, misplaced)| *misplaced) {
        Some((key, _)) => Err(refused(head, format!("has a `{key}`, which its kind does not know"), "take it out")),
        None if head.name.is_empty() || head.outputs.iter().any(String::is_empty) => {
            Err(refused(head, "has a name that is empty".into(), "give each score a name of its own"))
        }
        None => Ok(()),
    }
}

/// A head scores the embeddings that it was made for, and no others.
fn check_family(spec: &ModelSpec, head: &HeadSpec) -> Result<(), Error> {
    let Some(family) = head.family.as_deref() else {
        let problem = "does not say which embeddings it was made for";
        return Err(refused(head, problem.into(), "add `family` to it, as its publisher says"));
    };
    let spaces = head.kind.spaces();
    if family == spec.family && (spaces.is_empty() || spaces.contains(&family)) {
        return Ok(());
    }
    let made_for = if spaces.is_empty() { &[family][..] } else { spaces };
    let problem = format!(
        "was made for embeddings of {}, not of `{}`: its scores would mean nothing",
        made_for.iter().map(|space| format!("`{space}`")).collect::<Vec<_>>().join(" or "),
        spec.family
    );
    Err(refused(head, problem, "remove the head, or choose the model it was made for"))
}

fn read(head: &HeadSpec, contents: &[u8], place: String) -> Result<Work, String> {
    Ok(match head.kind {
        HeadKind::Classical => Work::Classical,
        HeadKind::LaionAestheticV1 => Work::Linear(LinearHead::laion_v1(contents)?),
        HeadKind::LaionAestheticV2 => Work::Linear(LinearHead::laion_v2(contents)?),
        HeadKind::LaionNsfw => Work::Network(Network::laion_nsfw(contents)?),
        HeadKind::LaionViolence => Work::Prompts(PromptPair::laion_violence(contents)?),
        HeadKind::Linear => {
            let network = Network::safetensors(contents, Activation::None, head.sigmoid)?;
            match network.depth() {
                1 => Work::Network(network),
                depth => return Err(format!("holds {depth} layers: its kind is `mlp`")),
            }
        }
        HeadKind::Mlp => {
            Work::Network(Network::safetensors(contents, head.activation.unwrap_or_default(), head.sigmoid)?)
        }
        HeadKind::Onnx => {
            let named = |name: &Option<String>, key: &str| {
                name.clone().ok_or_else(|| format!("is a graph whose `{key}` is not named in model.toml"))
            };
            let (input, output) = (named(&head.input, "input")?, named(&head.output, "output")?);
            Work::Onnx { onnx: Cow::Owned(contents.to_vec()), file: place, input, output }
        }
    })
}

fn refused(head: &HeadSpec, problem: String, hint: &str) -> Error {
    Error::Head { head: head.name.clone(), problem, hint: hint.to_owned() }
}
