"""Captions in which something went wrong, and what CLIP's first tokenizer makes of them: writes mended.tsv beside it.

    pip install ftfy==6.3.1
    python mended.py

As open_clip's `_clean_lower` and OpenAI's `basic_clean`, `whitespace_clean`, `lower` have it. Both texts are JSON strings.
"""

import html
import json
import pathlib
import unicodedata

import ftfy

CAPTIONS = [
    "It's a dog's life", "Ein Hund läuft über die Straße – »schön«", "Un café à l’été, ça va", "¿Dónde está el niño?", "Příliš žluťoučký kůň",
    "Zażółć gęślą jaźń", "Собака бежит по пляжу", "Їжак і єнот", "Ο σκύλος στην παραλία", "Güneşli bir gün, İstanbul",
    "浜辺を走る犬「写真」", "一只猫坐在桌子上", "해변을 달리는 개", "كلب يجري على الشاطئ", "כלב רץ על החוף", "कुत्ता समुद्र तट पर", "สุนัขบนชายหาด",
    "Chó chạy trên bãi biển", "São Tomé – às vezes", "50 € · 20 °C ½ litre ©2020 ACME™", "family 👩‍👩‍👧 🏖️ 😍", "Åse på Ærø, Øystein",
    "“Curly” ‘quotes’ and… dashes—", "Ａｎ ﬁne ﬂower ﾀｰﾝ", "R&D, AT&T & Sons", "x < y > z",
]
NAMED = {character: name for name, character in html.entities.html5.items() if name.endswith(";") and len(character) == 1}


def windows(text):
    """UTF-8 read as browsers read windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def named(text):
    return "".join(f"&{NAMED[letter]}" if ord(letter) > 127 and letter in NAMED else letter for letter in text)


BROKEN = [
    lambda text: text, windows, lambda text: text.encode().decode("latin-1"), lambda text: text.encode().decode("cp1252", "replace"),
    lambda text: windows(text).replace("\xa0", " "), lambda text: windows(windows(text)), lambda text: text[:9] + windows(text[9:]),
    lambda text: f"浜 {windows(text)}", named, lambda text: html.escape(named(text)), lambda text: named(text).replace(";", ""),
    lambda text: named(text.upper()), lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    lambda text: f"<i>{html.escape(text)}</i> &eacute;", lambda text: f"\ufeff {text}\u200b\x07 \u2028 \x1b[1m ",
    lambda text: unicodedata.normalize("NFD", text), lambda text: text.upper(), lambda text: "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text),
]

# Read as what captions are seldom in: here ours is a simpler heuristic than ftfy's.
SELDOM = [lambda text: text.encode().decode("cp1251", "replace"), lambda text: text.encode().decode("mac_roman")]

lines = ["# ftfy 6.3.1, html.unescape twice, white space collapsed, lower(): see mended.py"]
for caption in CAPTIONS:
    usual = dict.fromkeys([one(caption) for one in BROKEN], "usual")
    for broken, kind in {**dict.fromkeys([one(caption) for one in SELDOM], "seldom"), **usual}.items():
        mended = html.unescape(html.unescape(ftfy.fix_text(broken)))
        lines.append("\t".join([kind, json.dumps(broken), json.dumps(" ".join(mended.split()).lower())]))
pathlib.Path(__file__).with_name("mended.tsv").write_text("\n".join(lines) + "\n")
print(len(lines) - 1, "captions")
