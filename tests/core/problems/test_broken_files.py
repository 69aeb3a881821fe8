"""What becomes of broken and hostile files, beside what Moodle 4.5 made of them (BROKEN.tsv, "Stop on error" on).

A file that is no text, or an attack, is unreadable; one that is cut off or out of balance is broken, and nothing is
taken from it; in a sound file each question is taken or refused for itself.
"""

from __future__ import annotations

import base64
import csv
from collections import Counter
from dataclasses import dataclass

import pytest

from core.problems.files import read
from core.problems.reports import Import, Limits, UnreadableFile
from core.words import Sentence
from tests.core.problems.banks import BANKS, BROKEN, data

ATTACK = "a document type or entities"
NO_UTF8 = "no UTF-8"
NUL = "NUL byte"


@dataclass(frozen=True)
class Outcome:
    """What we make of a file: the questions taken, refused and held back, or a word of why it is unreadable or broken;
    and how many questions Moodle stored of it (the good file before included), or -1 where its import died."""

    taken: int = 0
    refused: int = 0
    held: int = 0
    unreadable: str = ""
    broken: str = ""
    moodle: int = 0


OUTCOMES = {
    # Moodle skips the question; 37 % is graded well, so it is taken with a caution that Moodle will refuse it.
    "bad-fraction.xml": Outcome(taken=2, moodle=0),
    # Moodle drops the choices that are a bare = and takes what is left; we ask for a backslash.
    "bare-equals.gift": Outcome(refused=1, moodle=1),
    # Both: the second question loses its idnumber. Moodle says nothing of it.
    "duplicate-idnumber.gift": Outcome(taken=2, moodle=2),
    "duplicate-idnumber.xml": Outcome(taken=3, moodle=3),
    # Moodle stores the unexpanded entities as text.
    "entity-bomb.xml": Outcome(unreadable=ATTACK, moodle=2),
    "external-entity.xml": Outcome(unreadable=ATTACK, moodle=3),
    # Moodle's import dies of the file name. These are descriptions, which ask nothing; see also test_pictures.py.
    "file-names.xml": Outcome(refused=6, moodle=-1),
    "huge-text-5mb.xml.gz": Outcome(refused=1, moodle=1),
    # Moodle's upload form refuses it, though its parser could read it.
    "latin1-declared.xml": Outcome(taken=1, moodle=1),
    "latin1-undeclared.xml": Outcome(unreadable=NO_UTF8, moodle=0),
    "latin1.gift": Outcome(unreadable=NO_UTF8, moodle=-1),
    # One faulty question in ten ends Moodle's whole import; each is refused for itself here.
    "missing-answer.gift": Outcome(taken=2, refused=8, moodle=-1),
    "missing-answer.xml": Outcome(taken=2, refused=1, moodle=1),
    "no-right-answer.xml": Outcome(refused=5, moodle=1),
    # Moodle cuts the text at the NUL without a word.
    "nul.gift": Outcome(unreadable=NUL, moodle=2),
    "nul.xml": Outcome(unreadable=NUL, moodle=0),
    # Moodle drops the empty choice and keeps a question with one choice.
    "one-empty-choice.gift": Outcome(taken=2, refused=1, moodle=3),
    "one-match-no-arrow.gift": Outcome(taken=2, refused=1, moodle=0),
    "one-match-one-pair.gift": Outcome(taken=2, refused=1, moodle=-1),
    # Moodle takes it as worth nothing.
    "one-none-right.gift": Outcome(taken=2, refused=1, moodle=3),
    # Moodle takes it with full marks for every answer.
    "one-numeric-word.gift": Outcome(taken=2, refused=1, moodle=3),
    "one-one-choice.gift": Outcome(taken=2, refused=1, moodle=-1),
    # Either right choice earns full marks, here as in Moodle; here with a caution.
    "one-two-right.gift": Outcome(taken=3, moodle=3),
    # Whether %100%percent is right cannot be told; Moodle makes it right.
    "percent-choice.gift": Outcome(taken=1, refused=1, moodle=2),
    # Moodle shows the scripts to students; here with a caution that they will not be shown.
    "script.xml": Outcome(taken=2, moodle=2),
    # Moodle closes the open elements itself.
    "truncated.xml": Outcome(refused=1, held=2, broken="cut off", moodle=0),
    "unbalanced.gift": Outcome(refused=5, held=2, broken="brace", moodle=0),
    "unknown-type.xml": Outcome(taken=2, refused=1, moodle=0),
    # Moodle takes the 0 for a blank line.
    "zero-line.gift": Outcome(taken=2, moodle=0),
}


def attempted(content: bytes) -> Import | Sentence:
    """What a file comes to, or why it is unreadable."""
    try:
        return read(content)
    except UnreadableFile as refused:
        return refused.sentence


def refusal(content: bytes, name: str | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, name)
    return str(caught.value.sentence)


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_file_comes_to_what_the_table_says(name: str) -> None:
    expected = OUTCOMES[name]
    content = data(f"broken/{name}")
    if expected.unreadable:
        assert expected.unreadable in refusal(content, name)
        return
    result = read(content, name.removesuffix(".gz"))
    counts = Counter(line.outcome for line in result.report)
    assert (counts["taken"], counts["refused"], counts["held"]) == (expected.taken, expected.refused, expected.held)
    assert len(result.problems) == expected.taken
    assert bool(result.broken) == bool(expected.broken)
    assert expected.broken in str(result.broken)
    assert all(line.reason for line in result.report if line.outcome == "refused")


def test_the_table_names_every_file_and_what_moodle_did() -> None:
    table = (BANKS / "BROKEN.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    stored = {}
    for row in rows:
        if row["stop on error"] == "yes":
            died = "EXCEPTION" in row["messages"]
            stored[row["file"]] = -1 if died else int(row["question rows stored"])
    assert {name.removesuffix(".gz"): outcome.moodle for name, outcome in OUTCOMES.items()} == stored
    assert sorted(OUTCOMES) == sorted(BROKEN)
    assert len(OUTCOMES) == 29


@pytest.mark.parametrize(
    ("name", "question", "says"),
    [
        ("bad-fraction.xml", "Fraction 37", "37 % of the mark, which Moodle refuses"),
        ("one-two-right.gift", "two right", "More than one choice is right"),
        ("script.xml", "Script in answer", "scripts, forms, frames"),
    ],
)
def test_what_is_taken_with_a_caution(name: str, question: str, says: str) -> None:
    [line] = [line for line in read(data(f"broken/{name}")).report if line.name == question]
    assert says in " ".join(map(str, line.cautions))


def test_a_second_equal_idnumber_in_a_category_is_lost_with_a_word() -> None:
    result = read(data("broken/duplicate-idnumber.xml"))
    assert [taken.problem.idnumber for taken in result.problems] == ["SAME-1", "", "SAME-1"]
    assert [bool(line.lost) for line in result.report] == [False, True, False]


# ---- hostile files of our own ----

SHORT = (
    '<question type="shortanswer"><name><text>{name}</text></name><questiontext><text>{text}</text></questiontext>'
    '{more}<answer fraction="100"><text>5</text></answer></question>'
)


def quiz(*questions: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{chr(10).join(questions)}\n</quiz>'.encode()


def short(name: str = "Q", text: str = "2 + 3?", more: str = "") -> str:
    return SHORT.format(name=name, text=text, more=more)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \r\n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04rest", "archive or an office document"),
        (b"\x1f\x8b\x08\x00rest", "compressed file or a Moodle backup"),
        (b"%PDF-1.7 rest", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0 rest", "picture"),
        (b"\x7fELF\x02\x01\x01\x00\x00", NUL),
        (b"::Q::2+2?{=4 ~5}\n\n::R::\xff\xfe?{T}", "Line 3"),
        ("::Q::café?{T}".encode("latin-1"), NO_UTF8),
        ("::Q::2+2?{=4 ~5}".encode("utf-32"), NUL),
        ("::Q::2+2?{=4 ~5}".encode("utf-16-le"), NUL),
        (b"<!DOCTYPE html><html><body>::Q::2+2?{=4 ~5}", "web page"),
        (b"<?xml version='1.0'?><questestinterop/>", "begins with <questestinterop>"),
        (b"<?xml version='1.0'?><quiz></quiz>", "no question"),
        (b"// only a comment\n\n// and another", "no question"),
        (b"<?xml version='1.0' encoding='utf-7'?><quiz/>", "encoding utf-7"),
        (b"<?xml version='1.0' encoding='zip'?><quiz/>", "encoding zip"),
        (b"<?xml version='1.0' encoding='us-ascii'?><quiz>\xe9</quiz>", "no US-ASCII"),
        (b"<?xml version='1.0'?>\n\nnothing <", "Line 3 is no XML"),
    ],
)
def test_what_is_no_text_or_no_questions_is_unreadable(content: bytes, says: str) -> None:
    assert says in refusal(content)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE quiz>",
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/quiz.dtd">',
        '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa">]>',
        '<!DOCTYPE quiz [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
        f'<!DOCTYPE quiz [<!ENTITY big "{"x" * 90_000}">]>',
    ],
)
def test_no_document_type_is_read(doctype: str) -> None:
    assert ATTACK in refusal(f'<?xml version="1.0"?>{doctype}<quiz>{short(text="&a;&big;")}</quiz>'.encode())


def test_an_undefined_entity_breaks_the_file() -> None:
    result = read(quiz(short("Good"), short("Bad", "&nbsp;")))
    assert (result.problems, result.broken is not None) == ((), True)
    assert [(line.name, line.outcome) for line in result.report] == [("Good", "held"), ("Bad", "refused")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_xml_in_any_unicode_and_with_any_line_ends_reads_alike(encoding: str, end: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else "utf-16"
    text = f'<?xml version="1.0" encoding="{declared}"?>\n<quiz>\n{short("Zoë 李 🎲")}\n</quiz>'
    result = read(text.replace("\n", end).encode(encoding))
    assert [(one.problem.name, line.line) for one, line in zip(result.problems, result.report, strict=True)] == [
        ("Zoë 李 🎲", 3)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_gift_in_any_unicode_and_with_any_line_ends_reads_alike(encoding: str, end: str) -> None:
    text = "// [id:A]\n::Zoë::Which?{\n=李\n~🎲\n}\n\n\n::Two::Line one\nline two{T}"
    result = read(text.replace("\n", end).encode(encoding))
    assert [line.line for line in result.report] == [2, 8]
    assert [one.problem.text.source for one in result.problems] == ["Which?", "Line one\nline two"]


def test_an_8_bit_encoding_that_is_declared_is_read() -> None:
    text = '<?xml version="1.0" encoding="windows-1252"?><quiz>' + short("50 €") + "</quiz>"
    assert read(text.encode("windows-1252")).problems[0].problem.name == "50 €"


def test_deep_nesting_is_refused_and_not_followed() -> None:
    assert "nested more than 40 deep" in refusal(b"<?xml version='1.0'?><quiz>" + b"<a>" * 200_000)


def test_a_flood_of_elements_is_refused() -> None:
    content = b"<?xml version='1.0'?><quiz>" + b"<a/>" * 5_000 + b"</quiz>"
    with pytest.raises(UnreadableFile, match="more than 5000 XML elements"):
        read(content, limits=Limits(elements=5_000))
    assert read(quiz("<a/>" * 4_000, short()), limits=Limits(elements=5_000)).problems


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="at most 100 can be imported"):
        read(b"x" * 101, limits=Limits(file_bytes=100))


@pytest.mark.parametrize(
    "content", [quiz(*[short()] * 4), b"\n\n".join([b"2+2?{=4 ~5}"] * 4), b"text,correct\n" + b"2?,2\n" * 4]
)
def test_more_questions_than_the_limit_are_refused_together(content: bytes) -> None:
    assert len(read(content, limits=Limits(questions=4)).problems) == 4
    with pytest.raises(UnreadableFile, match="more than 3 questions"):
        read(content, limits=Limits(questions=3))


def test_more_answers_than_the_limit_refuse_the_question() -> None:
    content = b"Pick.{=yes " + b"~no " * 100 + b"}"
    assert "101 answers; at most 100" in str(read(content).report[0].reason)


@pytest.mark.parametrize(
    ("weights", "kind", "reason"),
    [
        ((50, 50, 50), "false", "add up to 150 %"),
        ((50, 25, 0), "false", "add up to 75 %"),
        ((0, 0, 0), "false", "None of its choices is right"),
        ((0, -50, 0), "true", "None of its choices is right"),
        ((90, 50, 0), "true", "No choice earns full marks"),
        ((150, 0, 0), "true", "no number from -100 to 100"),
        (("NaN", 0, 0), "true", "no number from -100 to 100"),
        (("1e999", 0, 0), "true", "no number from -100 to 100"),
        (("", 100, 0), "true", "no number from -100 to 100"),
    ],
)
def test_weights_that_would_be_graded_wrongly_refuse_the_question(weights: tuple, kind: str, reason: str) -> None:
    answers = "".join(f'<answer fraction="{w}"><text>{n}</text></answer>' for n, w in enumerate(weights))
    question = (
        f'<question type="multichoice"><questiontext><text>Pick</text></questiontext><single>{kind}</single>{answers}'
    )
    result = read(quiz(question + "</question>", short()))
    assert [line.outcome for line in result.report] == ["refused", "taken"]
    assert reason in str(result.report[0].reason)


@pytest.mark.parametrize("part", ["defaultgrade", "penalty", "usecase"])
@pytest.mark.parametrize("value", ["many", "1e999", "-5", "NaN", "²"])
def test_a_value_that_is_none_refuses_the_question(part: str, value: str) -> None:
    result = read(quiz(short("Bad", more=f"<{part}>{value}</{part}>"), short("Good")))
    assert [line.outcome for line in result.report] == ["refused", "taken"]


def test_an_idnumber_over_100_characters_is_left_out_with_a_word() -> None:
    for content in (quiz(short(more=f"<idnumber>{'9' * 101}</idnumber>")), b"// [id:" + b"9" * 101 + b"]\n2+2?{=4 ~5}"):
        result = read(content)
        assert result.problems[0].problem.idnumber == ""
        assert "idnumber has 101 characters" in str(result.report[0].lost[0])


def test_a_name_over_255_characters_is_shortened_with_a_word() -> None:
    result = read(quiz(short("word " * 100)))
    assert result.problems[0].problem.name.endswith("word...")
    assert len(result.problems[0].problem.name) <= 255
    assert "name has 499 characters" in str(result.report[0].lost[0])


def test_a_report_repeats_only_the_beginning_of_what_a_file_says() -> None:
    [line] = read(quiz(f'<question type="{"x" * 9000}"><name><text>{"name " * 9000}</text></name></question>')).report
    assert (line.type, len(line.name) <= 120) == ("x" * 57 + "...", True)


def test_html_that_is_not_in_cdata_refuses_the_question() -> None:
    result = read(quiz(short("Bad", "<p>2 + 3?</p>"), short("Good")))
    assert "Put HTML into <![CDATA[" in str(result.report[0].reason)
    assert result.report[1].outcome == "taken"


def test_control_characters_break_xml_and_are_dropped_from_gift() -> None:
    assert read(quiz(short("Bad", "a\x01b"))).broken is not None
    assert read(b"::N\x0bame::a\x01b?{T}").problems[0].problem.text.source == "ab?"


def test_a_category_of_control_characters_is_no_category() -> None:
    assert read(b"$CATEGORY: \x01/\x02\n\n2+2?{=4 ~5}").problems[0].problem.category == ()


@pytest.mark.parametrize(
    "content",
    [
        b"::" * 250_000,
        b"{" * 500_000,
        b"\\" * 500_001,
        b"// " + b"[id:" * 125_000 + b"\n2+2?{=4 ~5}",
        b"// " + b"[tag:\\]" * 70_000 + b"\n2+2?{=4 ~5}",
        b"// " + b"[tag:a]" * 70_000 + b"\n2+2?{=4 ~5}",
        b"2+2?{=4 ~5" + b"####" * 125_000 + b"}",
        b"2+2?{=" + b"%" * 500_000 + b" ~5}",
        b"2+2?{#" + b"1" * 500_000 + b"}",
        b"\n\n".join([b"2+2?{=4 ~5}"] * 1000) + b"\n" * 500_000,
        b"$CATEGORY: " + b"/" * 500_000 + b"\n\n2+2?{=4 ~5}",
        b"$CATEGORY: " + b"a/" * 250_000 + b"\n\n2+2?{=4 ~5}",
        b"Which?{=" + b"<a " * 33_000 + b" ~5}",
        b"Which?{=" + b"<a onx" * 16_000 + b" ~5}",
        b"Which?{=" + b"@@PLUGINFILE@@/" * 6_000 + b" ~5}",
        b"text,correct\n" + b'"' * 500_001,
        b"text" + b"," * 500_000 + b"correct\n2?,2",
        b"text," + b",".join(b"%d" % n for n in range(50_000)) + b"\n2?,2",
        quiz(short("Q", "a" * 1_000_000)),
        quiz(short("Q", "&lt;" * 90_000)),
        quiz(short("Q", "<![CDATA[]]>" * 40_000)),
        quiz('<question type="' + "x" * 500_000 + '"/>'),
        quiz("<a " + " ".join(f'b{n}="1"' for n in range(50_000)) + "/>", short()),
        quiz(short("Q", "x" * 90_000 + "</text>" + '<file name="a.png">aGk=</file>' * 30_000 + "<text>")),
        b"a{T}\n\n" * 300_000,
        b"text,correct\n" + b"a,b\n" * 300_000,
        quiz(*[short(f"Q{n}", more="<hint><text>h</text></hint>" * 9) for n in range(999)]),
    ],
)
def test_no_text_makes_reading_slow(content: bytes) -> None:
    """A reader that is quadratic in any of these would not come back within the time of the whole test run."""
    result = attempted(content)
    assert str(result) if isinstance(result, Sentence) else result.report or result.broken


@pytest.mark.parametrize("name", ["algebra-choice.xml", "programming-mixed.xml"])
def test_an_xml_file_that_is_cut_off_anywhere_gives_nothing(name: str) -> None:
    whole = data(name)
    for end in range(0, len(whole) - 10, 397):
        result = attempted(whole[:end])
        assert str(result) if isinstance(result, Sentence) else result.broken and not result.problems


@pytest.mark.parametrize("name", ["algebra-number.xml", "algebra.gift", "reading.gift", "broken/percent-choice.gift"])
def test_a_file_with_any_byte_changed_is_read_or_refused_with_a_sentence(name: str) -> None:
    whole = data(name)
    for place in range(0, len(whole), max(17, len(whole) // 25)):
        for byte in b"\x00{}<&\xff~":
            result = attempted(whole[:place] + bytes([byte]) + whole[place + 1 :])
            if isinstance(result, Sentence):
                assert str(result)
            else:
                assert not (result.broken and result.problems)
                assert all(str(line.reason) for line in result.report if line.outcome == "refused")


def test_a_picture_bomb_is_not_decoded() -> None:
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    bomb = base64.b64encode(header + b"\x9a\x22\x0f\x34").decode()
    file = f'<file name="b.png" path="/" encoding="base64">{bomb}</file>'
    text = f'<![CDATA[<img src="@@PLUGINFILE@@/b.png">]]></text>{file}<text>'
    result = read(quiz(short("Q", text)))
    assert result.problems[0].problem.images == ()
    assert result.report[0].lost
