"""What LAION's NSFW and violence detectors give for the golden embeddings, by NumPy: writes heads.csv beside it.

    python heads.py SHARED_DATA/laion

float32, as Keras computes; the layers as AutoKeras built them: Normalization, then Dense with ReLU between, sigmoid last.
Violence as clip-retrieval reads it: which of the two products is larger; here as the softmax of both at CLIP's scale.
"""

import pathlib
import sys

import numpy as np

laion = pathlib.Path(sys.argv[1])


def nsfw(weights, embedding):
    x = (embedding - weights["mean"]) / np.maximum(np.sqrt(weights["var"]), np.float32(1e-7))
    last = max(int(name[1:]) for name in weights.files if name.startswith("k"))
    for number in range(last + 1):
        x = x @ weights[f"k{number}"] + weights[f"b{number}"]
        if number < last:
            x = np.maximum(x, 0)
    return 1 / (1 + np.exp(-x[0]))


def violence(prompts, embedding):
    products = 100 * np.einsum("j,kj->k", embedding.astype(np.float64), prompts.astype(np.float64))
    powers = np.exp(products - products.max())
    return powers[1] / powers.sum()


lines = ["space,rating,punsafe,violence"]
for space, short in [("l_14", "l14"), ("b_32", "b32")]:
    weights = np.load(laion / f"nsfw/nsfw_{short}.npz", allow_pickle=False)
    prompts = np.load(laion / f"nsfw/violence_detection_vit_{space}.npy", allow_pickle=False)
    for rating in range(10):
        embedding = np.load(laion / f"v1/vit_{space}_embeddings/rating{rating}.npy").reshape(-1).astype(np.float32)
        lines.append(f"{space},{rating},{nsfw(weights, embedding):.9e},{violence(prompts, embedding):.9e}")
(pathlib.Path(__file__).parent / "heads.csv").write_text("\n".join(lines) + "\n")
