"""The models of this bench: random weights of true architectures, and how many operations they take.

`python models.py NAME OUT [--half] [--graph …]` makes the model folder OUT, as `pinakes` opens it; with heads of LAION's
shapes, since a run has heads. The weights come from a fixed seed, so that `peer.py` makes the same ones.

Two graphs of the same: `plain`, as tools/export_clip.py writes it (attention as products and a softmax, for every runtime),
and `attention`, with ONNX's own operator for it (opset 23), for which ONNX Runtime has fused kernels on CUDA.
"""

import argparse
import shutil
import sys
from pathlib import Path

import beside

# By the short names of this bench: the architecture's name in tools/export_clip.py.
NAMES = {
    "b32": "openai/clip-vit-base-patch32",
    "l14": "openai/clip-vit-large-patch14",
    "h14": "laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
    "tiny": "tiny",
}
# Nobody's architecture, in the fields of export_clip.ARCHITECTURES: it shows that the bench works where there is no time.
TINY = (32, 64, 64, 2, 2, 64, 2, 2, 32, "quick_gelu")
CONTEXT = 77
# Of LAION's NSFW detector for L/14: what its layers give, after an embedding.
NSFW_LAYERS = (64, 512, 256, 1)
# How transformers does attention, and the opset it is written in.
GRAPHS = {"attention": ("sdpa", 23), "plain": ("eager", 18)}


def architecture(name):
    """What tools/export_clip.py knows of a model of ours, without loading PyTorch."""
    return TINY if name == "tiny" else beside.architectures()[NAMES[name]]


def transformer_operations(tokens, width, layers):
    """Additions and multiplications, counted apart, of one pass: four projections and a network of 4 × `width` a token,
    and the two products of attention. Norms, softmax and activations are left out, as is usual."""
    return 2 * layers * (12 * tokens * width * width + 2 * tokens * tokens * width)


def image_operations(name):
    """Of the image tower, for one picture."""
    patch, size, width, layers, _, _, _, _, dimension, _ = architecture(name)
    patches = (size // patch) ** 2
    embedding = 2 * patches * 3 * patch * patch * width
    return embedding + transformer_operations(patches + 1, width, layers) + 2 * width * dimension


def text_operations(name, tokens=CONTEXT):
    """Of the text tower, for one caption of so many tokens."""
    _, _, _, _, _, width, layers, _, dimension, _ = architecture(name)
    return transformer_operations(tokens, width, layers) + 2 * width * dimension


def checkpoint(name):
    """The model in PyTorch, fp32, weights from the seed."""
    export_clip = beside.export_clip()
    export_clip.ARCHITECTURES["tiny"] = TINY
    return export_clip.random_checkpoint(NAMES[name], beside.TOKENIZER)


def export(name, out, half, graph="attention"):
    """Both towers as ONNX, the tokenizer, two heads and `model.toml`. Parity is not looked at here: `run.py` holds what ours
    gives against what PyTorch gives."""
    import torch
    export_clip = beside.export_clip()
    model = checkpoint(name)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    shutil.copyfile(beside.TOKENIZER, partial / "tokenizer.json")
    attention, opset = GRAPHS[graph]
    model.model.set_attn_implementation(attention)
    if half:
        model.model.half()
    pictures, ids = torch.zeros(2, 3, model.size, model.size), torch.zeros(2, model.context, dtype=torch.int64)
    ids[:, -1] = export_clip.END
    towers = []
    with torch.no_grad():
        for embed, example, names, file, free in (
                (model.embed_image, pictures, ["pixel_values", "image_embeds"], "image_encoder.onnx", False),
                (model.embed_text, ids, ["input_ids", "text_embeds"], "text_encoder.onnx", True)):
            tower = export_clip.Tower(model.model, embed)
            towers.append(export_clip.write_tower(tower, (example,), names, partial / file, False, free, opset))
    family = f"random/{name}"
    told = argparse.Namespace(fp16=half, name=name, out=out, family=family, licence="none: random weights")
    export_clip.write_description(partial, told, model, towers, (0.0, "Random weights: no threshold means anything."))
    write_heads(partial, family, model.dimension)
    partial.rename(out)


def write_heads(folder, family, dimension):
    """An aesthetic head and an NSFW detector of LAION's shapes, of random weights."""
    import torch
    from safetensors.torch import save_file
    chance = torch.Generator().manual_seed(281)

    def layers(outputs):
        tensors, inputs = {}, dimension
        for number, count in enumerate(outputs):
            tensors[f"{number}.weight"] = torch.randn(count, inputs, generator=chance) * inputs ** -0.5
            tensors[f"{number}.bias"] = torch.zeros(count)
            inputs = count
        return tensors

    text = ""
    for head, kind, column, outputs, more in (
            ("aesthetic", "linear", "aesthetic", (1,), ""),
            ("nsfw", "mlp", "punsafe", NSFW_LAYERS, "sigmoid = true\n")):
        save_file(layers(outputs), folder / f"{head}.safetensors")
        text += (f'\n[[heads]]\nname = "{head}"\nkind = "{kind}"\nfile = "{head}.safetensors"\n'
                 f'family = "{family}"\ncolumn = "{column}"\n{more}')
    with open(folder / "model.toml", "a") as description:
        description.write(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make a model folder of random weights.")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", action="store_true", help="weights and work in fp16")
    parser.add_argument("--graph", choices=GRAPHS, default="attention")
    asked = parser.parse_args()
    if asked.out.exists():
        sys.exit(f"models: `{asked.out}` exists already")
    export(asked.name, asked.out, asked.half, asked.graph)
