"""Personal data in a text: addresses, telephone numbers, account and card numbers, ids, profiles.

For a hint before a text is saved, so a miss and a false alarm both cost little; but a hint that cries at every sum is
no longer read. What has a checksum is checked (IBAN: ISO 13616, cards: ISO/IEC 7812-1, the Spanish DNI), what has none
needs a shape that sums, dates and versions do not have, or a word beside it that says what it is.

Each pattern is bounded, or a single class repeated: the time grows as the text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = ("email", "phone", "iban", "card", "id", "profile")


@dataclass(frozen=True, slots=True)
class Personal:
    """Where personal data stands in the text, as a slice, and of which kind it is."""

    start: int
    end: int
    kind: str


def found(text: str) -> list[Personal]:
    """The personal data of a text in the order in which it stands there; no two overlap, the surer kind wins."""
    kept: list[Personal] = []
    taken = bytearray(len(text))
    for hit in (*_emails(text), *_profiles(text), *_ibans(text), *_cards(text), *_ids(text), *_phones(text)):
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


# --- e-mail -------------------------------------------------------------------------------------------------------

_AT = re.compile(r"@| ?[\[(](?:at|@)[\])] ?", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.%+\-]{1,64}")  # read backwards, from the sign
_HOST = re.compile(r"(?:[^\W_][\w\-]{0,62}(?:\.| ?[\[(](?:dot|punkt|\.)[\])] ?)){1,4}([^\W\d_]{2,12})\b", re.IGNORECASE)
_LONG_ENDINGS = frozenset({
    "com", "org", "net", "edu", "gov", "mil", "info", "biz", "name", "online", "school", "email", "academy", "app",
    "dev",
})  # fmt: skip


def _emails(text: str) -> Iterator[Personal]:
    """`local@host.tld`, also written with (at) and (dot). `A@B.transpose` is a product of matrices."""
    for sign in _AT.finditer(text):
        local = _LOCAL.match(text[max(0, sign.start() - 64) : sign.start()][::-1])
        host = _HOST.match(text, sign.end())
        if local and host and local[0].strip(".%+-") and _is_ending(host[1]):
            yield Personal(sign.start() - local.end(), host.end(), "email")


def _is_ending(ending: str) -> bool:
    return ending.islower() and (len(ending) == 2 or ending in _LONG_ENDINGS)


# --- profiles -----------------------------------------------------------------------------------------------------

_SITES = (
    r"(?:instagram|facebook|fb|tiktok|snapchat|threads|twitter|x|vk|ok|onlyfans|bsky\.app/profile|linkedin|t|wa|"
    r"telegram|signal|discord|youtube|reddit|github|weibo|twitch)"
)
_PROFILE = re.compile(
    rf"(?<![\w.@])(?:https?://)?(?:www\.|m\.|[a-z]{{2}}\.)?{_SITES}\.(?:com|net|me|gg|ru|tv|app)/"
    r"(?:(?:in|add|u|user|c|channel|profile|invite)/|@)?([\w.@+\-]{2,60})/?(?![\w/])",
    re.IGNORECASE,
)
_PAGES = frozenset({
    "p", "reel", "reels", "watch", "hashtag", "explore", "share", "groups", "events", "status", "results", "search",
    "home", "about", "legal", "privacy", "help", "r", "wiki", "story", "stories", "i", "intent", "login", "features",
    "topics", "trending", "marketplace", "gaming", "playlist", "shorts", "feed", "jobs", "school", "learn",
})  # fmt: skip
_HANDLE = re.compile(
    r"\b(?:insta(?:gram)?|snap(?:chat)?|tiktok|discord|telegram|signal|whatsapp|twitch|ig|kik|skype|wechat|weixin"
    r"|line id)\b(?: (?:is|name|id|handle|account|user|username|ist|me at|me))?(?:\s?[:=]\s?@?|\s@)"
    r"[\d.#\-]{0,20}[^\W\d][\w.#\-]{2,40}",
    re.IGNORECASE,
)


def _profiles(text: str) -> Iterator[Personal]:
    """The page of a person in a network (not a page about something), and a name said to be one there."""
    for match in _PROFILE.finditer(text):
        if match[1].lower().lstrip("@") not in _PAGES:
            yield Personal(match.start(), match.end(), "profile")
    for match in _HANDLE.finditer(text):
        yield Personal(match.start(), match.end(), "profile")


# --- numbers that check themselves --------------------------------------------------------------------------------

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_IBAN_LENGTH = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
_CARD = re.compile(r"(?<![\w.,+\-])\d(?:[ \-]?\d){12,18}(?![\w]|[.,]\d)")
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|3[0689]")


def _ibans(text: str) -> Iterator[Personal]:
    """An IBAN, wherever the words around it begin: its country says how long it is."""
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTH.get(match[0][:2].upper(), 0)
        end = _end_of(match[0], length)
        if length and end and is_iban(match[0][:end]):
            yield Personal(match.start(), match.start() + end, "iban")


def _end_of(written: str, length: int) -> int:
    """Where the first `length` characters end, spaces apart; 0 if there are fewer or a word is cut."""
    seen = 0
    for place, character in enumerate(written):
        seen += character != " "
        if seen == length:
            return place + 1 if written[place + 1 : place + 2] in {"", " "} else 0
    return 0


def is_iban(written: str) -> bool:
    """ISO 13616: moved and read as a number (A = 10 ... Z = 35), it leaves 1 when divided by 97."""
    compact = written.replace(" ", "").upper()
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def _cards(text: str) -> Iterator[Personal]:
    """A card number: 13 to 19 digits by themselves, of a known issuer, with its check digit."""
    for match in _CARD.finditer(text):
        digits = [int(character) for character in match[0] if character.isdigit()]
        if _ISSUER.match(match[0]) and is_luhn(digits) and _is_grouped_as_card(match[0]):
            yield Personal(match.start(), match.end(), "card")


def is_luhn(digits: list[int]) -> bool:
    """ISO/IEC 7812-1: from the right every second digit counts twice (less 9 above 9); the sum is a multiple of 10."""
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_grouped_as_card(written: str) -> bool:
    """A list of small numbers is none."""
    return all(len(group) >= 3 for group in re.split(r"[ \-]", written))


# --- ids ----------------------------------------------------------------------------------------------------------

_CONTEXT = re.compile(
    r"\b(?:student(?:en)?(?: ?-?(?:id|number|nummer|no|nr|card))|matric(?:ulation)?(?: ?(?:number|no|id))?"
    r"|matr(?:ikel)?(?:\.?[ \-]?(?:nr|nummer|no))|matricola|num[eé]ro (?:d.)?[eé]tudiant"
    r"|n[uú]mero de (?:estudiante|aluno|matr[ií]cula)|numer (?:albumu|indeksu|legitymacji)|[oö]ğrenci numaras[ıi]"
    r"|номер (?:студенческого|зач[её]тки|паспорта)|رقم (?:الطالب|الهوية|الجامعي)|رقمي الجامعي|شماره (?:دانشجویی|ملی)"
    r"|学号|学籍番号|身份证号?|dni|nif|nie|bsn|ssn|nhs(?: number)?|tc kimlik(?: no)?|pesel|cpf|codice fiscale"
    r"|social security(?: number)?|national insurance(?: number)?|passport(?: (?:number|no))?|passeport|pasaporte"
    r"|reisepass(?:nummer)?|personalausweis(?:nummer)?|ausweisnummer|steuer-?id(?:nummer)?|sozialversicherungsnummer"
    r"|driving licen[cs]e)",
    re.IGNORECASE,
)
_IS = re.compile(r"[\s:：.#=°º\-]{0,4}(?:(?:is|ist|est|es|è|é|number|nummer|no|nr|nº|jest|это)\b[\s:.#=\-]{0,4})?")
_NUMBER = re.compile(r"[A-Za-z]{0,3}[ \-]?\d(?:[ .\-/]?\d){4,13}[ \-]?[A-Za-z]?\b")
_SHAPES = (
    re.compile(r"(?<![\w\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w\-])"),  # US social security number
    re.compile(  # Italian tax code
        r"(?<!\w)[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)"
    ),
)
_DNI = re.compile(r"(?<![\w.,])(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ \-]?([A-Z])(?!\w)")
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def _ids(text: str) -> Iterator[Personal]:
    """Numbers that an office gave: said to be one, or of a shape that nothing else has."""
    for context in _CONTEXT.finditer(text):
        said = _IS.match(text, context.end())
        number = _NUMBER.match(text, said.end() if said else context.end())
        if number:
            yield Personal(context.start(), number.end(), "id")
    for shape in _SHAPES:
        for match in shape.finditer(text):
            yield Personal(match.start(), match.end(), "id")
    for match in _DNI.finditer(text):
        if _DNI_LETTERS[int(re.sub(r"\D", "", match[0])) % 23] == match[1]:
            yield Personal(match.start(), match.end(), "id")


# --- telephone ----------------------------------------------------------------------------------------------------

_RUN = re.compile(r"[+(]{0,2}\d[\d()./ \-\u2011\u00a0]*")
_CALL = re.compile(
    r"\b(?:tel|tel[eé]?fon\w{0,4}|phone|mobile|cell|handy|whats?app|call me|text me|ring me|my number|meine nummer"
    r"|ruf mich an|num[eé]ro|n[uú]mero|m[oó]vil|celular|portable|cellulare|telemóvel|komórk\w{1,3}|cep"
    r"|телефон\w{0,2}|звони|هاتف|الهاتف|جوال|موبايل|تلفن|طلفون|טלפון|电话|手机|電話)"
    r"\W{0,3}(?:\w{1,8}\W{1,3}){0,2}\Z",
    re.IGNORECASE,
)
_LEADS_IN = 40
_OPERATORS = frozenset(".,=*/^){}[]<>_|\\%$€£#+-")


def _phones(text: str) -> Iterator[Personal]:
    """Telephone numbers: international, national with a zero before, North American, or said to be one."""
    for run in _RUN.finditer(text):
        written = run[0].rstrip("()./ -\u2011\u00a0")
        start, end = run.start(), run.start() + len(written)
        if written.startswith("(") and ")" not in written:
            start, written = start + 1, written[1:]
        before = text[max(0, start - 2) : start]
        if len(written) > 24 or text[end : end + 1].isalnum() or text[end : end + 2] in {"°", "%"}:
            continue
        if before[-1:].isalnum() or before[-1:] in _OPERATORS or re.fullmatch(r"\d:", before):
            continue
        if _is_phone(written) or _is_said_to_be(text, start, written):
            yield Personal(start, end, "phone")


def _is_phone(written: str) -> bool:
    groups = re.findall(r"\d+", written)
    digits = "".join(groups)
    if not 7 <= len(digits) <= 15 or _is_of_another_kind(written, groups, digits):
        return False
    if written.startswith(("+", "00")):
        country = digits.removeprefix("00")
        return len(country) >= 8 and country[0] != "0" and (len(groups) > 1 or len(country) >= 10)
    if digits[0] == "0":
        many = all(len(group) >= 2 for group in groups) and 2 <= len(groups) <= 6
        return 9 <= len(digits) <= 12 and (many or re.fullmatch(r"0[1-9]\d{8,9}", written) is not None)
    lengths = [len(group) for group in groups]
    return lengths == [3, 3, 4] and groups[0][0] in "23456789" and " " not in written.replace(") ", ")")


def _is_of_another_kind(written: str, groups: list[str], digits: str) -> bool:
    """Dates, versions and addresses of computers, bits, decimal fractions, digits that go on and on."""
    lengths = [len(group) for group in groups]
    date = lengths[:3] in ([2, 2, 4], [4, 2, 2]) or lengths in ([2, 2, 2], [4, 4])
    fraction = re.match(r"\(?0?\.\d", written) or re.fullmatch(r"\d+\.\d+", written)
    computer = len(groups) == 4 and written.count(".") == 3 and max(lengths) <= 3
    return bool(date or fraction or computer or set(digits) <= {"0", "1"} or len(set(digits)) < 3)


def _is_said_to_be(text: str, start: int, written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return 6 <= len(digits) <= 15 and _CALL.search(text, max(0, start - _LEADS_IN), start) is not None
