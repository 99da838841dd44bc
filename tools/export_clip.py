#!/usr/bin/env python3
"""Turn a checkpoint of CLIP or SigLIP into a model folder that Pinakes opens.

Out of a checkpoint of transformers or open_clip, or of random weights of a true
architecture (to measure and to test where no hub can be reached), come

  image_encoder.onnx  pixel_values f32 [batch,3,S,S] -> image_embeds f32 [batch,D]
  text_encoder.onnx   input_ids i64 [batch,ids]      -> text_embeds f32 [batch,D]; ids up to the context,
                      since what stands behind the end token has no say in a causal tower. SigLIP's attends
                      to all 64, so that its texts are filled up; a multilingual tower has a second input,
                      attention_mask i64 [batch,ids]
  *.onnx.data         their weights, where a tower has more than 1.9 GB of them
  tokenizer.json      for Hugging Face `tokenizers`
  model.toml          names, sizes, digests, licence, threshold
  parity.json         pictures and captions with the embeddings PyTorch gave, for
  parity/             `cargo test -p filter parity` (PINAKES_TEST_MODEL=FOLDER)

Embeddings have unit length. With --fp16 the weights and the work are in half
precision; what goes in and comes out stays f32.

Nothing is written under the name asked for unless ONNX Runtime gives what
PyTorch gives in fp32: cosine above 0.9999, with --fp16 above 0.999.

  pip install -r tools/requirements-export-clip.txt
  python tools/export_clip.py --transformers FOLDER --family openai/clip-vit-base-patch32 \\
      --licence MIT --out models/b32
  python tools/export_clip.py --open-clip ViT-H-14 --weights FILE --family laion/CLIP-ViT-H-14 \\
      --licence MIT --similarity 0.28 --out models/h14
  python tools/export_clip.py --transformers FOLDER --family google/siglip-base-patch16-224 \\
      --licence Apache-2.0 --similarity NUMBER --out models/siglip
  python tools/export_clip.py --transformers FOLDER --text-tower clip-ViT-B-32-multilingual-v1 \\
      --family openai/clip-vit-base-patch32 --licence "MIT AND Apache-2.0" --out models/b32-multilingual
  python tools/export_clip.py --random openai/clip-vit-base-patch32 --out /tmp/b32

--text-tower is a folder of sentence-transformers (a transformer, the mean over its tokens, a dense layer), whose
texts lie in the space of the pictures of FOLDER.

FOLDER is what `save_pretrained` or a download from the hub gives. Nothing is
downloaded by this script.
"""

import argparse
import hashlib
import html
import json
import os
import shutil
import string
import sys
import time
from pathlib import Path

# Only files that are named are read; without this, a missing one is looked for on the hub.
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import onnx
import torch
import transformers
from PIL import Image
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

OPSET = 18
MOST_INLINE_BYTES = 1_900_000_000  # a protocol buffer ends at 2 GiB, the graph's nodes are in it too
LEAST_COSINE = {"fp32": 0.9999, "fp16": 0.999}
BATCHES = (1, 3)                   # sizes of batch at which parity is checked
CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
CLIP_STD = [0.26862954, 0.26130258, 0.27577711]
START, END = 49406, 49407          # of CLIP's vocabulary
OWN_TOKENIZER = Path(__file__).parent.parent / "models/demo/tokenizer.json"

# What LAION kept by: LAION-400M 0.30 and LAION-5B (English) 0.28, both by ViT-B/32. For others it published
# none, and a number read off another model's scale means nothing: --similarity must be given.
KNOWN_SIMILARITY = {
    "openai/clip-vit-base-patch32": (0.28, "LAION-5B, English (LAION-400M: 0.30)"),
    "clip-ViT-B-32-multilingual-v1": (0.26, "LAION-5B, texts in other and unknown languages"),
}

# The true architectures, as in the config.json of each: patch, picture, width, layers and heads of the image
# tower, the same of the text tower, dimension of the embedding, activation.
ARCHITECTURES = {
    "openai/clip-vit-base-patch32": (32, 224, 768, 12, 12, 512, 12, 8, 512, "quick_gelu"),
    "openai/clip-vit-base-patch16": (16, 224, 768, 12, 12, 512, 12, 8, 512, "quick_gelu"),
    "openai/clip-vit-large-patch14": (14, 224, 1024, 24, 16, 768, 12, 12, 768, "quick_gelu"),
    "openai/clip-vit-large-patch14-336": (14, 336, 1024, 24, 16, 768, 12, 12, 768, "quick_gelu"),
    "laion/CLIP-ViT-H-14-laion2B-s32B-b79K": (14, 224, 1280, 32, 16, 1024, 24, 16, 1024, "gelu"),
}

# The same of SigLIP, whose two towers are alike: patch, picture, width, layers, heads, width between.
SIGLIP = {
    "google/siglip-base-patch16-224": (16, 224, 768, 12, 12, 3072),
    "google/siglip-base-patch16-256": (16, 256, 768, 12, 12, 3072),
    "google/siglip-base-patch16-384": (16, 384, 768, 12, 12, 3072),
    "google/siglip-large-patch16-256": (16, 256, 1024, 24, 16, 4096),
    "google/siglip-large-patch16-384": (16, 384, 1024, 24, 16, 4096),
    "google/siglip-so400m-patch14-384": (14, 384, 1152, 27, 16, 4304),
}

# Text towers of other languages for the pictures of CLIP ViT-B/32: configuration, and where a text ends.
MULTILINGUAL = {
    "sentence-transformers/clip-ViT-B-32-multilingual-v1": (
        lambda: transformers.DistilBertConfig(vocab_size=119547, max_position_embeddings=512), 128),
    # Not a published one: the architecture of M-CLIP/XLM-Roberta-Large-Vit-B-32 with 4 layers of 256 instead of 24 of 1024.
    "small/XLM-Roberta-Vit-B-32": (
        lambda: transformers.XLMRobertaConfig(
            vocab_size=250002, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024,
            max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1), 128),
}


def fail(problem):
    sys.exit(f"export_clip: {problem}")


# --- the checkpoint --------------------------------------------------------


class Checkpoint:
    """A model in PyTorch, fp32, and what is to be known of it."""

    def __init__(self, model, embed_image, embed_text, size, mean, std, context, pad, dimension, tokenizer, source):
        self.model = model.eval().float().requires_grad_(False)
        self.embed_image, self.embed_text = embed_image, embed_text
        self.size, self.mean, self.std = size, mean, std
        self.context, self.pad, self.dimension = context, pad, dimension
        self.tokenizer, self.source = tokenizer, source
        # CLIP's; other families put others in their place.
        self.squeeze, self.clean, self.free_length, self.mask = False, "clip", True, False
        self.text_model = self.model


def pooled(features):
    """transformers 5 wraps what transformers 4 returned."""
    return features if isinstance(features, torch.Tensor) else features.pooler_output


def of_transformers(model, tokenizer, pad, source):
    config = model.config
    return Checkpoint(
        model,
        lambda model, pixels: pooled(model.get_image_features(pixel_values=pixels)),
        lambda model, ids: pooled(model.get_text_features(input_ids=ids)),
        config.vision_config.image_size, CLIP_MEAN, CLIP_STD, config.text_config.max_position_embeddings, pad,
        config.projection_dim, tokenizer, source)


def of_siglip(model, tokenizer, source):
    config = model.config
    checkpoint = Checkpoint(
        model,
        lambda model, pixels: pooled(model.get_image_features(pixel_values=pixels)),
        lambda model, ids: pooled(model.get_text_features(input_ids=ids)),
        config.vision_config.image_size, [0.5] * 3, [0.5] * 3, config.text_config.max_position_embeddings, 1,
        config.text_config.projection_size, tokenizer, source)
    checkpoint.squeeze, checkpoint.clean, checkpoint.free_length = True, "siglip", False
    return checkpoint


class MeanTower(torch.nn.Module):
    """A text tower of sentence-transformers: the mean over a text's own tokens, through a dense layer."""

    def __init__(self, encoder, dense):
        super().__init__()
        self.encoder, self.dense = encoder, dense

    def forward(self, ids, mask):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        own = mask.unsqueeze(-1).to(hidden.dtype)
        return self.dense((hidden * own).sum(1) / own.sum(1).clamp(min=1e-9))


def with_text_tower(checkpoint, tower, tokenizer, pad, context, source):
    """The pictures of `checkpoint` with the texts of another tower, in the same space."""
    checkpoint.text_model = tower.eval().float().requires_grad_(False)
    checkpoint.embed_text = lambda tower, ids, mask: tower(ids, mask)
    checkpoint.tokenizer, checkpoint.pad, checkpoint.context = tokenizer, pad, context
    checkpoint.clean, checkpoint.mask = "none", True
    checkpoint.source += f"; texts: {source}"
    return checkpoint


def text_tower(checkpoint, folder):
    """A folder of sentence-transformers: modules.json names a transformer, a pooling and a dense layer."""
    kinds = [(module["type"].split(".")[-1], folder / module["path"])
             for module in json.loads((folder / "modules.json").read_text())]
    if [kind for kind, _ in kinds] != ["Transformer", "Pooling", "Dense"]:
        fail(f"{folder} holds {[kind for kind, _ in kinds]}: a transformer, a pooling and a dense layer are wanted")
    (_, own), (_, pooling), (_, dense) = kinds
    if not json.loads((pooling / "config.json").read_text()).get("pooling_mode_mean_tokens"):
        fail(f"{pooling} is not the mean over tokens")
    wanted = json.loads((dense / "config.json").read_text())
    if not wanted["activation_function"].endswith("Identity") or wanted["out_features"] != checkpoint.dimension:
        fail(f"{dense} is no dense layer without activation into {checkpoint.dimension} numbers")
    layer = torch.nn.Linear(wanted["in_features"], wanted["out_features"], bias=wanted.get("bias", True))
    weights = dense / "model.safetensors"
    if weights.is_file():
        from safetensors.torch import load_file
        weights = load_file(weights)
    else:
        weights = torch.load(dense / "pytorch_model.bin", map_location="cpu", weights_only=True)
    layer.load_state_dict({name.removeprefix("linear."): weight for name, weight in weights.items()})
    encoder = transformers.AutoModel.from_pretrained(own, attn_implementation="eager")
    named = next((path for path in (own / "tokenizer.json", folder / "tokenizer.json") if path.is_file()), None)
    if named is None:
        fail(f"{folder}/tokenizer.json is missing")
    sentence = next(path for path in (own / "sentence_bert_config.json", folder / "sentence_bert_config.json")
                    if path.is_file())
    context = json.loads(sentence.read_text())["max_seq_length"]
    return with_text_tower(checkpoint, MeanTower(encoder, layer), named, encoder.config.pad_token_id, context,
                           f"sentence-transformers checkpoint {folder.name}")


def random_text_tower(checkpoint, name):
    configure, context = MULTILINGUAL[name]
    torch.manual_seed(282)
    config = configure()
    config._attn_implementation = "eager"
    encoder = transformers.AutoModel.from_config(config)
    width = config.dim if config.model_type == "distilbert" else config.hidden_size
    tower = MeanTower(encoder, torch.nn.Linear(width, checkpoint.dimension, bias=False))
    spread(tower)
    return with_text_tower(checkpoint, tower, small_tokenizer("words"), config.pad_token_id, context,
                           f"random weights of the architecture {name}, seed 282")


def small_tokenizer(kind):
    """A tokenizer of the kind that a model has, learned from the captions below: ids of its own, within the model's."""
    if kind == "pieces":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=500, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
        frame = ("$A </s>", [("</s>", 1)])
    else:
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "<pad>", "[UNK]", "[CLS]", "[SEP]"]
        trainer = trainers.WordPieceTrainer(vocab_size=500, special_tokens=special, show_progress=False)
        frame = ("[CLS] $A [SEP]", [("[CLS]", 3), ("[SEP]", 4)])
    tokenizer.train_from_iterator(CAPTIONS * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single=frame[0], special_tokens=frame[1])
    return tokenizer


def spread(model):
    # Weights fresh from the dice let every picture end in the same place, where parity would prove
    # nothing: wider ones make the towers tell their inputs apart.
    for layer in model.modules():
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.normal_(layer.weight, std=layer.in_features ** -0.5)


def random_siglip(name, tokenizer):
    patch, size, width, layers, heads, between = SIGLIP[name]
    torch.manual_seed(281)
    tower = {"hidden_size": width, "intermediate_size": between, "num_hidden_layers": layers,
             "num_attention_heads": heads}
    config = transformers.SiglipConfig(
        vision_config={"patch_size": patch, "image_size": size, **tower}, text_config={"vocab_size": 32000, **tower})
    config._attn_implementation = "eager"
    model = transformers.SiglipModel(config)
    spread(model)
    # The head that pools has its weights beside the layers.
    torch.nn.init.normal_(model.vision_model.head.attention.in_proj_weight, std=width ** -0.5)
    return of_siglip(model, tokenizer or small_tokenizer("pieces"),
                     f"random weights of the architecture {name}, seed 281")


def random_checkpoint(name, tokenizer):
    patch, size, width, layers, heads, text_width, text_layers, text_heads, dimension, activation = ARCHITECTURES[name]
    torch.manual_seed(281)
    config = transformers.CLIPConfig(
        projection_dim=dimension,
        vision_config={"patch_size": patch, "image_size": size, "hidden_size": width, "intermediate_size": 4 * width,
                       "num_hidden_layers": layers, "num_attention_heads": heads, "hidden_act": activation,
                       "projection_dim": dimension},
        text_config={"hidden_size": text_width, "intermediate_size": 4 * text_width, "num_hidden_layers": text_layers,
                     "num_attention_heads": text_heads, "hidden_act": activation, "projection_dim": dimension,
                     "vocab_size": 49408, "bos_token_id": START, "eos_token_id": END, "pad_token_id": END})
    config._attn_implementation = "eager"
    model = transformers.CLIPModel(config)
    spread(model)
    return of_transformers(model, tokenizer, END, f"random weights of the architecture {name}, seed 281")


def transformers_checkpoint(folder, tokenizer):
    # A path that is absolute stays what it is.
    own = tokenizer.resolve() if tokenizer else "tokenizer.json"
    kind = json.loads((folder / "config.json").read_text()).get("model_type") if (folder / "config.json").is_file() else None
    for name in ("config.json", "preprocessor_config.json", own, *(["tokenizer_config.json"] if kind == "clip" else [])):
        if not (folder / name).is_file():
            fail(f"{folder / name} is missing: take the checkpoint's whole folder"
                 f"{'' if tokenizer else ', or name a tokenizer.json with --tokenizer'}")
    wanted = json.loads((folder / "preprocessor_config.json").read_text())
    if kind == "siglip":
        model = transformers.SiglipModel.from_pretrained(folder, attn_implementation="eager")
        checkpoint = of_siglip(model, tokenizer or folder / "tokenizer.json", f"transformers checkpoint {folder.name}")
        checkpoint.mean, checkpoint.std = wanted["image_mean"], wanted["image_std"]
        size = wanted["size"]
        if wanted.get("resample", 3) != 3 or set(size.values()) != {checkpoint.size} or wanted.get("do_center_crop"):
            fail(f"{folder}/preprocessor_config.json asks for another preprocessing than bicubic, both sides to "
                 f"{checkpoint.size}: Pinakes has no other for SigLIP")
        return checkpoint
    if kind != "clip":
        fail(f"{folder} holds a `{kind}`: `clip` and `siglip` have the preprocessing that Pinakes does "
             "(short side, then the middle square; or both sides squeezed)")
    model = transformers.CLIPModel.from_pretrained(folder, attn_implementation="eager")
    tokenizer = tokenizer or folder / "tokenizer.json"
    checkpoint = of_transformers(model, tokenizer, END, f"transformers checkpoint {folder.name}")
    pad = json.loads((folder / "tokenizer_config.json").read_text()).get("pad_token", "<|endoftext|>")
    pad = pad["content"] if isinstance(pad, dict) else pad
    checkpoint.pad = Tokenizer.from_file(str(tokenizer)).token_to_id(pad)
    checkpoint.mean, checkpoint.std = wanted["image_mean"], wanted["image_std"]
    sides = [wanted[key] for key in ("size", "crop_size")]
    sides = [max(side.values()) if isinstance(side, dict) else side for side in sides]
    if wanted.get("resample", 3) != 3 or sides != [checkpoint.size] * 2 or not wanted.get("do_center_crop", True):
        fail(f"{folder}/preprocessor_config.json asks for another preprocessing than bicubic, short side to "
             f"{checkpoint.size} and the middle square: Pinakes has no other")
    return checkpoint


def open_clip_checkpoint(name, weights, tokenizer):
    import open_clip
    model = open_clip.create_model(name, pretrained=str(weights) if weights else None)
    config = open_clip.get_model_config(name)
    wanted = open_clip.get_model_preprocess_cfg(model)
    if wanted.get("resize_mode", "shortest") != "shortest" or wanted.get("interpolation", "bicubic") != "bicubic":
        fail(f"{name} asks for {wanted}: Pinakes brings the short side to size, bicubic, and cuts the middle square")
    size = wanted["size"][0] if isinstance(wanted["size"], (tuple, list)) else wanted["size"]
    ours, theirs = Tokenizer.from_file(str(tokenizer)), open_clip.get_tokenizer(name)
    context = config["text_cfg"].get("context_length", 77)
    for text in CAPTIONS:
        if padded(ours, [cleaned(text, "clip")], context, 0)[0].tolist() != theirs([text])[0].tolist():
            fail(f"{tokenizer} is not the tokenizer of {name}: they differ on {text!r}; name its own with --tokenizer")
    return Checkpoint(
        model, lambda model, pixels: model.encode_image(pixels), lambda model, ids: model.encode_text(ids),
        size, list(wanted["mean"]), list(wanted["std"]), context, 0, config["embed_dim"], tokenizer,
        f"open_clip {name}, weights {weights.name if weights else 'random'}")


def cleaned(text, clean):
    """A text as those have it who made the model, before its tokenizer: what `filter::clean` is held against."""
    if clean == "clip":
        # basic_clean and whitespace_clean of OpenAI's CLIP, and of open_clip.
        try:
            import ftfy
        except ImportError:
            fail("CLIP's texts are mended by ftfy: pip install ftfy, or say --clean none")
        text = html.unescape(html.unescape(ftfy.fix_text(text)))
        return " ".join(text.split()).lower()
    if clean == "siglip":
        # canonicalize_text of transformers' SiglipTokenizer.
        return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())
    return text


def padded(tokenizer, texts, context, pad):
    """Ids as `filter::tokenize` makes them."""
    tokenizer.enable_truncation(context)
    tokenizer.no_padding()
    rows = np.full((len(texts), context), pad, np.int64)
    for row, encoding in zip(rows, tokenizer.encode_batch(texts)):
        row[:len(encoding.ids)] = encoding.ids
    return rows


# --- the towers ------------------------------------------------------------


class Tower(torch.nn.Module):
    """One encoder, from f32 or ids to unit vectors in f32, whatever it works in."""

    def __init__(self, model, embed):
        super().__init__()
        self.model, self.embed = model, embed
        self.eval()

    def forward(self, values, mask=None):
        if values.is_floating_point():
            values = values.to(next(self.model.parameters()).dtype)
        embedding = (self.embed(self.model, values) if mask is None else self.embed(self.model, values, mask)).float()
        return embedding / (embedding * embedding).sum(-1, keepdim=True).sqrt().clamp(min=1e-12)


def write_tower(tower, examples, names, path, beside, free_length, opset=OPSET):
    """Exports to ONNX, weights inside, or beside it where they are too large for one file."""
    free = {0: torch.export.Dim("batch", min=1, max=4096)}
    if free_length:
        free[1] = torch.export.Dim("ids", min=2, max=examples[0].shape[1])
    shapes = dict(zip(("values", "mask"), [free] * len(examples)))
    program = torch.onnx.export(
        tower, examples, input_names=names[:-1], output_names=names[-1:], opset_version=opset,
        dynamic_shapes=shapes, dynamo=True, verbose=False)
    graph = program.model_proto
    # Shapes in between are the exporter's guesses, and in the way of whoever fixes the batch.
    del graph.graph.value_info[:]
    for note in (graph.metadata_props, graph.graph.metadata_props, *(node.metadata_props for node in graph.graph.node)):
        del note[:]
    for node in graph.graph.node:
        node.doc_string = ""
    data = path.with_name(path.name + ".data")
    outside = beside or sum(weight.ByteSize() for weight in graph.graph.initializer) > MOST_INLINE_BYTES
    onnx.save_model(graph, str(path), save_as_external_data=outside, location=data.name, size_threshold=1024)
    return [path, data] if outside else [path]


def cosines(one, two):
    one, two = one.astype(np.float64), two.astype(np.float64)
    return (one * two).sum(-1) / np.linalg.norm(one, axis=-1) / np.linalg.norm(two, axis=-1)


def own_length(row):
    """One row of ids up to its end, where a mask says so or the end token stands, which has CLIP's largest id."""
    length = int(row[1].sum()) if len(row) > 1 else int(row[0][0].argmax()) + 1
    return tuple(part[:, :length] for part in row)


def assert_parity(what, path, wanted, inputs, least, free_length):
    """ONNX Runtime against PyTorch in fp32, at several batch sizes, and for texts that are not filled up."""
    import onnxruntime  # here, since benches/gpu exports where it is not installed
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    wanted, count = wanted.numpy(), len(inputs[0])
    others = wanted @ wanted.T
    apart = others[~np.eye(len(wanted), dtype=bool)]
    worst = 1.0
    several = [[tuple(part[at:at + batch] for part in inputs) for at in range(0, count, batch)] for batch in BATCHES]
    for rows in (*several, *([[own_length(row) for row in several[0]]] if free_length else [])):
        found = np.concatenate(
            [session.run(None, {name: part.numpy() for name, part in zip(names, row)})[0] for row in rows])
        if found.shape != wanted.shape or not np.isfinite(found).all():
            fail(f"{what}: ONNX Runtime gives {found.shape}, PyTorch {wanted.shape}, or no numbers")
        if abs(np.linalg.norm(found, axis=-1) - 1).max() > 1e-4:
            fail(f"{what}: embeddings are not of unit length")
        worst = min(worst, cosines(found, wanted).min())
    print(f"{what}: least cosine of ONNX Runtime and PyTorch {worst:.7f} over {count} inputs "
          f"(of different inputs: {apart.min():.3f} to {apart.max():.3f})")
    if apart.max() > least:
        fail(f"{what}: different inputs have cosines up to {apart.max():.6f}, so that parity would prove nothing")
    if worst <= least:
        fail(f"{what}: cosine {worst:.7f}, and more than {least} is wanted: the export is wrong and was thrown away")
    return worst


# --- parity, for the tests of filter ---------------------------------------

CAPTIONS = [
    "a photo of a cat", "", "A  Dog\ton the BEACH!", "don't we'll it's 12345 3.14", "ein Hund läuft über die Straße",
    "un café à l'été", "собака бежит по пляжу", "一只猫坐在桌子上", "浜辺を走る犬", "해변을 달리는 개", "كلب يجري على الشاطئ",
    "कुत्ता समुद्र तट पर", "สุนัขบนชายหาด", "👩‍👩‍👧 family 🏖️", "cafe\u0301 e\u0301te\u0301", "word " * 100,
    "\u201cIt\u2019s\u201d dÃ©jÃ\xa0 vu &amp;amp; P&eacute;rez", "ＦＵＬＬ ﬁve ΟΔΟΣ",
]


def pictures():
    """Pictures made by code: what preprocessing gets wrong shows in edges, noise, odd sizes and ratios."""
    chance = np.random.default_rng(281)

    def waves(width, height):
        y, x = np.mgrid[:height, :width]
        planes = [np.sin(x / (9 + 7 * c) + c) * np.cos(y / (23 - 5 * c)) for c in range(3)]
        return (127.5 + 127.5 * np.stack(planes, -1)).round().astype(np.uint8)

    def noise(width, height):
        return chance.integers(0, 256, (height, width, 3), np.uint8)

    def boards(width, height):
        y, x = np.mgrid[:height, :width]
        board = np.stack([(x // side + y // side) % 2 for side in (5, 17, 40)], -1)
        return (board * 255).astype(np.uint8)

    def scene(width, height):
        picture = waves(width, height) // 2 + 60
        for _ in range(40):
            left, top = chance.integers(0, width), chance.integers(0, height)
            wide, high = chance.integers(4, 120, 2)
            picture[top:top + high, left:left + wide] = chance.integers(0, 256, 3)
        return picture

    return [
        ("waves.png", waves(640, 480)), ("noise.png", noise(500, 300)), ("boards.png", boards(301, 481)),
        ("scene.png", scene(800, 1000)), ("small.png", scene(97, 61)), ("tall.png", waves(60, 900)),
        ("exact.png", scene(224, 224)), ("scene.jpg", scene(420, 360)), ("large.jpg", scene(1600, 1200)),
    ]


def write_parity(out, checkpoint, image, text, precision, tokens):
    """What PyTorch gives for pictures and captions that went through transformers' own preprocessing."""
    folder = out / "parity"
    folder.mkdir()
    size = checkpoint.size
    square = {"height": size, "width": size}
    scale = {"resample": 3, "image_mean": checkpoint.mean, "image_std": checkpoint.std}
    processor = (transformers.SiglipImageProcessorPil(size=square, **scale) if checkpoint.squeeze else
                 transformers.CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size=square, **scale))
    shown, inputs = [], []
    for name, pixels in pictures():
        Image.fromarray(pixels).save(folder / name, quality=95)
        picture = Image.open(folder / name).convert("RGB")
        values = torch.from_numpy(np.asarray(processor(picture)["pixel_values"][0]))[None]
        square = values[0].permute(1, 2, 0).double().numpy() * checkpoint.std + checkpoint.mean
        square = (square * 255).round().clip(0, 255).astype(np.uint8)
        (folder / f"{name}.rgb").write_bytes(square.tobytes())
        inputs.append(values)
        shown.append({"file": f"parity/{name}", "square": f"parity/{name}.rgb",
                      "embedding": image(values)[0].tolist()})
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    clean = [cleaned(caption, checkpoint.clean) for caption in CAPTIONS]
    ids = padded(tokenizer, clean, checkpoint.context, checkpoint.pad)
    # What fills a text up is no part of it, and what it says may have the same id: its length tells.
    lengths = np.array([len(encoding.ids) for encoding in tokenizer.encode_batch(clean)])
    mask = (np.arange(checkpoint.context)[None] < lengths[:, None]).astype(np.int64)
    texts = [torch.from_numpy(part) for part in ((ids, mask) if checkpoint.mask else (ids,))]
    spoken = [{"text": caption, "ids": ids[row].tolist(),
               "embedding": text(*(part[row:row + 1] for part in texts))[0].tolist()}
              for row, caption in enumerate(CAPTIONS)]
    parity = {"reference": f"torch {torch.__version__}, transformers {transformers.__version__}, fp32",
              "precision": precision, "least_cosine": LEAST_COSINE[precision], "pictures": shown, "captions": spoken}
    (out / "parity.json").write_text(json.dumps(parity, ensure_ascii=False))
    if tokens:
        write_tokens(out, tokens, checkpoint)
    return (torch.cat(inputs),), tuple(texts)


def reference_tokenizer(out, checkpoint):
    """Somebody else's tokenizer, where there is one for this model: from a caption to ids that are not filled up."""
    context = checkpoint.context
    if checkpoint.clean == "clip":
        import open_clip
        reference = open_clip.tokenizer.SimpleTokenizer()

        def ids(caption):
            row = reference([caption], context_length=context)[0].tolist()
            return row[:row.index(END) + 1]
        return reference, ids
    model = json.loads((out / "tokenizer.json").read_text())["model"]
    if checkpoint.clean == "siglip":
        if checkpoint.pieces is None:
            fail("--tokens of SigLIP are those of transformers' SiglipTokenizer: name its model with --pieces")
        reference = transformers.SiglipTokenizer(str(checkpoint.pieces), model_max_length=context)
    elif model["type"] == "BPE":
        merges = [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in model["merges"]]
        reference = transformers.CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=context)
    else:
        fail("--tokens: no other tokenizer is known for this model")
    return reference, lambda caption: reference(caption, truncation=True, max_length=context)["input_ids"]


def write_tokens(out, captions, checkpoint):
    """The ids that another tokenizer gives, a JSON line a caption, without what fills them up."""
    reference, reference_ids = reference_tokenizer(out, checkpoint)
    count = 0
    with open(out / "parity/tokens.jsonl", "w") as lines:
        for caption in captions.read_text().split("\n"):
            if caption:
                ids = reference_ids(caption)
                lines.write(json.dumps({"text": caption, "ids": ids}, ensure_ascii=False) + "\n")
                count += 1
    print(f"tokens: {count} captions, by {type(reference).__module__.split('.')[0]}'s {type(reference).__name__}")


# --- the folder ------------------------------------------------------------


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encoder_table(files):
    """`file`, `sha256` and, where weights lie beside it, `data`, `data_sha256`."""
    lines = [f'file = "{files[0].name}"', f'sha256 = "{sha256(files[0])}"']
    if len(files) > 1:
        lines += [f'data = "{files[1].name}"', f'data_sha256 = "{sha256(files[1])}"']
    return "\n".join(lines)


def write_description(out, arguments, checkpoint, towers, similarity):
    threshold, source = similarity
    (out / "model.toml").write_text(f"""\
# Written by tools/export_clip.py, {'fp16' if arguments.fp16 else 'fp32'}.
name = {json.dumps(arguments.name or arguments.out.name)}
family = {json.dumps(arguments.family)}
dimension = {checkpoint.dimension}
licence = {json.dumps(arguments.licence)}
sources = [{json.dumps(checkpoint.source)}]

[image]
{encoder_table(towers[0])}
input = "pixel_values"
output = "image_embeds"
size = {checkpoint.size}
resize = "{'bicubic-squeeze' if checkpoint.squeeze else 'bicubic-short-side'}"
crop = "{'none' if checkpoint.squeeze else 'center'}"
mean = {[float(value) for value in checkpoint.mean]}
std = {[float(value) for value in checkpoint.std]}

[text]
{encoder_table(towers[1])}
input = "input_ids"
{'mask = "attention_mask"' + chr(10) if checkpoint.mask else ''}output = "text_embeds"
context = {checkpoint.context}
pad = {checkpoint.pad}
free_length = {str(checkpoint.free_length).lower()}

[tokenizer]
file = "tokenizer.json"
sha256 = "{sha256(out / 'tokenizer.json')}"
clean = "{checkpoint.clean}"

[thresholds]
# {source}
similarity = {threshold}
""")


def export(arguments, checkpoint, out, similarity):
    precision = "fp16" if arguments.fp16 else "fp32"
    image = Tower(checkpoint.model, checkpoint.embed_image)
    text = Tower(checkpoint.text_model, checkpoint.embed_text)
    if isinstance(checkpoint.tokenizer, Tokenizer):
        checkpoint.tokenizer.save(str(out / "tokenizer.json"))
    else:
        shutil.copyfile(checkpoint.tokenizer, out / "tokenizer.json")
    with torch.no_grad():
        (squares,), texts = write_parity(out, checkpoint, image, text, precision, arguments.tokens)
        # References first: half precision is made of the same weights in place.
        chance = torch.Generator().manual_seed(1)
        squares = (torch.cat([squares, torch.randn(7, *squares.shape[1:], generator=chance)]),)
        wanted = [one_by_one(tower, rows) for tower, rows in ((image, squares), (text, texts))]
        if arguments.fp16:
            checkpoint.model.half()
            checkpoint.text_model.half()
        towers = []
        spoken = ["input_ids", *(["attention_mask"] if checkpoint.mask else []), "text_embeds"]
        for tower, rows, names, file, reference, free in (
                (image, squares, ["pixel_values", "image_embeds"], "image_encoder.onnx", wanted[0], False),
                (text, texts, spoken, "text_encoder.onnx", wanted[1], checkpoint.free_length)):
            start = time.monotonic()
            examples = tuple(part[:2] for part in rows)
            files = write_tower(tower, examples, names, out / file, arguments.weights_beside, free)
            size = sum(path.stat().st_size for path in files) / 1e6
            print(f"{file}: {size:.1f} MB in {len(files)} file(s), {time.monotonic() - start:.0f} s")
            assert_parity(file, out / file, reference, rows, LEAST_COSINE[precision], free)
            towers.append(files)
    write_description(out, arguments, checkpoint, towers, similarity)


def one_by_one(tower, rows):
    """What the tower gives for each of `rows`."""
    return torch.cat([tower(*(part[at:at + 1] for part in rows)) for at in range(len(rows[0]))])


def asked_for():
    parser = argparse.ArgumentParser(description="Turn a checkpoint of CLIP or SigLIP into a model folder that Pinakes opens.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--transformers", type=Path, metavar="FOLDER", help="a checkpoint of transformers' CLIPModel or SiglipModel")
    source.add_argument("--open-clip", metavar="NAME", help="an architecture of open_clip, such as ViT-H-14")
    known = [*ARCHITECTURES, *SIGLIP, *MULTILINGUAL]
    source.add_argument("--random", choices=known, metavar="NAME", help=f"random weights of one of {', '.join(known)}")
    parser.add_argument("--text-tower", type=Path, metavar="FOLDER",
                        help="a folder of sentence-transformers, whose text encoder takes the place of CLIP's own")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="the checkpoint for --open-clip; else random")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make; must not exist")
    parser.add_argument("--fp16", action="store_true", help="half precision")
    parser.add_argument("--weights-beside", action="store_true",
                        help="weights in *.onnx.data in any case, not only where they are too large for one file")
    parser.add_argument("--name", help="short name of the model; else that of the folder")
    parser.add_argument("--family", help="its embedding space, as heads name it; for published weights a must")
    parser.add_argument("--licence", help="licence of the weights; for published weights a must")
    parser.add_argument("--similarity", type=float, help="least cosine worth keeping, where LAION published none")
    parser.add_argument("--tokenizer", type=Path, metavar="FILE", help="tokenizer.json; else its own, or CLIP's")
    parser.add_argument("--clean", choices=("clip", "siglip", "none"),
                        help="what is done to a text before its tokenizer; else what the family's makers do: for CLIP "
                             "ftfy, references of HTML, small letters; `none` gives the ids of transformers' CLIPTokenizer")
    parser.add_argument("--pieces", type=Path, metavar="FILE", help="spiece.model, for --tokens of SigLIP")
    parser.add_argument("--tokens", type=Path, metavar="FILE", help="captions, one a line, whose ids go into parity/")
    arguments = parser.parse_args()
    is_random = bool(arguments.random or (arguments.open_clip and not arguments.weights))
    if is_random:
        # Never the name of a published space: heads made for it would be let in.
        arguments.family = f"random/{(arguments.random or arguments.open_clip).split('/')[-1]}"
        arguments.licence = arguments.licence or "none: random weights"
    if not arguments.family or not arguments.licence:
        fail("say --family (the embedding space, such as openai/clip-vit-base-patch32) and --licence of the weights")
    if arguments.similarity is not None:
        similarity = (arguments.similarity, "Given at export.")
    elif is_random:
        similarity = (0.0, "Random weights: no threshold means anything.")
    else:
        # A text tower of another has a scale of its own.
        scale = arguments.text_tower.name if arguments.text_tower else arguments.family
        if scale not in KNOWN_SIMILARITY:
            fail(f"LAION published no threshold for {scale}: say --similarity")
        similarity = KNOWN_SIMILARITY[scale]
    return arguments, similarity


def main():
    arguments, similarity = asked_for()
    if arguments.out.exists():
        fail(f"{arguments.out} exists already: name another folder, or remove it")
    own = arguments.tokenizer or OWN_TOKENIZER
    if arguments.random in SIGLIP:
        checkpoint = random_siglip(arguments.random, arguments.tokenizer)
    elif arguments.random in MULTILINGUAL:
        checkpoint = random_text_tower(random_checkpoint("openai/clip-vit-base-patch32", own), arguments.random)
    elif arguments.random:
        checkpoint = random_checkpoint(arguments.random, own)
    elif arguments.transformers:
        checkpoint = transformers_checkpoint(arguments.transformers, arguments.tokenizer)
    else:
        checkpoint = open_clip_checkpoint(arguments.open_clip, arguments.weights, own)
    if arguments.text_tower:
        checkpoint = text_tower(checkpoint, arguments.text_tower)
    checkpoint.clean, checkpoint.pieces = arguments.clean or checkpoint.clean, arguments.pieces
    partial = arguments.out.with_name(arguments.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        export(arguments, checkpoint, partial, similarity)
        partial.rename(arguments.out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(f"{arguments.out}: done")


if __name__ == "__main__":
    main()
