"""What languages are called in themselves: those whose word forms and coarse words we know something of."""

from __future__ import annotations

from collections.abc import Mapping

SEVERAL = "mul"  # another language, or several at once (ISO 639-2)
NAMES: Mapping[str, str] = {
    "ar": "العربية", "ca": "català", "cs": "čeština", "da": "dansk", "de": "Deutsch", "el": "ελληνικά", "en": "English",
    "es": "español", "et": "eesti", "eu": "euskara", "fa": "فارسی", "fi": "suomi", "fr": "français", "ga": "Gaeilge",
    "hi": "हिन्दी", "hu": "magyar", "hy": "հայերեն", "id": "Bahasa Indonesia", "it": "italiano", "ja": "日本語",
    "lt": "lietuvių", "ne": "नेपाली", "nl": "Nederlands", "no": "norsk", "pl": "polski", "pt": "português",
    "ro": "română", "ru": "русский", "sr": "српски", "sv": "svenska", "ta": "தமிழ்", "tr": "Türkçe", "yi": "ייִדיש",
    "zh": "中文",
}  # fmt: skip
