"""What the peer's DataLoader does: JPEG bytes and captions to tensors, as CLIP's own preprocessing has it.

The steps of torchvision's transforms are written out, since a machine may lack it; `tests.py` holds them against it.
"""

import io

import beside

beside.use_packages()

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer


class Transform:
    """torchvision's Resize(bicubic), CenterCrop, ToTensor and Normalize on a picture of Pillow's."""

    def __init__(self, model):
        self.size = model.size
        self.mean, self.std = (torch.tensor(values).view(3, 1, 1) for values in (model.mean, model.std))

    def __call__(self, body):
        picture, size = Image.open(io.BytesIO(body)).convert("RGB"), self.size
        short = min(picture.size)
        picture = picture.resize([int(size * side / short) for side in picture.size], Image.BICUBIC)
        left, top = (round((side - size) / 2) for side in picture.size)
        square = np.asarray(picture.crop((left, top, left + size, top + size)))
        values = torch.from_numpy(square.transpose(2, 0, 1).copy()).float().div(255)
        return values.sub_(self.mean).div_(self.std)


class Pairs(torch.utils.data.Dataset):
    """Bytes and captions in memory, as ours has them; repeated until there are `count`."""

    def __init__(self, pairs, count, model):
        self.pairs, self.count, self.transform = pairs, count, Transform(model)
        self.tokenizer = Tokenizer.from_file(str(beside.TOKENIZER))
        self.tokenizer.enable_truncation(model.context)
        self.tokenizer.enable_padding(length=model.context, pad_id=model.pad)

    def __len__(self):
        return self.count

    def __getitem__(self, number):
        body, text = self.pairs[number % len(self.pairs)]
        return self.transform(body), torch.tensor(self.tokenizer.encode(text).ids)
