"""Forms that no page of ours sends: every field too long, of the wrong kind, or full of signs that mean mischief."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from core.store.tables import Activity, Contribution, Draft, Exposure, Problem, Report
from tests.bad_input.lesson import LONG, Lesson, is_harmless, is_told

KEYS_KNOWN = True

NUMBERS = ["", "x", "-1", "1.5", "1e3", "٣", "½", " 1", "1 ", "0x1", "9" * 5_000, "10000000000", "NaN", "null", "\x00"]
TRICKS = {
    "nul": "a\x00b\x00",
    "controls": "a\x07\x1b[31mb\x9b\x85",
    "overrides": "a\u202eevil\u202c\u202a\u202b\u202db",
    "half a pair": "a\ud83d b\udc00",
    "not a character": "a\ufffe\uffffb",
    "combining": "Z" + "\u0300" * 400,
    "markup": '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{0}%s%(x)s',
    "names": "Robert'); DROP TABLE attempt;--",
}


def raw(**fields: str) -> dict[str, Any]:
    """A form body in which half surrogate pairs travel as the bytes that a broken client would send."""

    body = "&".join(f"{k}={quote_from_bytes(v.encode('utf-8', 'surrogatepass'))}" for k, v in fields.items())
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


def post_raw(lesson: Lesson, path: str, token: str, **fields: str) -> Any:
    sent = raw(**fields)
    return lesson.send("POST", path, token, sent["data"], content_type=sent["content_type"])


def test_numbers_of_attempts_and_occasions(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    path = f"/practice/{{a}}/problems/{lesson.choice}"
    for number in NUMBERS:
        is_told(lesson.post(f"{path}/answer", student, {"number": number, "choice": "0"}), number)
        is_told(lesson.post(f"{path}/help", student, {"occasion": number}), number)
        is_told(lesson.post(f"{path}/another", student, {"occasion": number}), number)
        is_told(lesson.post(f"{path}/answer", student, {"number": "1", "choice": number}), number)
    assert lesson.rows() == before


def test_ratings_that_are_none(lesson: Lesson) -> None:
    reader, exposure = lesson.reader()
    before = lesson.rows()
    for rating in (*NUMBERS, "11", "100", "-5", "5.0", "+5"):
        is_told(lesson.post(f"/practice/{{a}}/shown/{exposure}/rate", reader, {"rating": rating}), rating)
    is_told(lesson.post(f"/practice/{{a}}/shown/{exposure}/rate", reader))
    assert lesson.rows() == before


def test_ratings_of_what_was_shown_to_somebody_else(lesson: Lesson) -> None:
    reader, exposure = lesson.reader()
    other = lesson.join()
    before = lesson.rows()
    for number in (exposure, exposure + 1, 0, 2**63 - 1, 2**63, 10**30):
        response = lesson.post(f"/practice/{{a}}/shown/{number}/rate", other, {"rating": "10"})
        assert response.status_code == 404
        is_told(response)
    assert lesson.rows() == before
    assert lesson.post(f"/practice/{{a}}/shown/{exposure}/rate", reader, {"rating": "10"}).status_code == 200
    assert lesson.tool.one(Exposure).points == 10


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_in_every_text_of_a_student(lesson: Lesson, trick: str) -> None:
    """Harmless: refused in words, or kept without the mischief; and every page still works."""
    reader, _exposure = lesson.reader()
    text = TRICKS[trick]
    shown = lesson.tool.one(Contribution).id
    path = "/practice/{a}/problems/"
    answers = [
        post_raw(lesson, f"{path}{lesson.number}/answer", reader, number="1", text=text, unit=text),
        post_raw(lesson, f"{path}{lesson.number}/answer", reader, number="1", text="42 " + text),
        post_raw(lesson, f"{path}{lesson.word}/answer", reader, number="1", text=text, reason=text),
        post_raw(lesson, f"{path}{lesson.prose}/answer", reader, number="1", text=text),
        post_raw(lesson, f"{path}{lesson.choice}/explain", reader, kind="explanation", text=text + LONG, likely="yes"),
        post_raw(lesson, f"{path}{lesson.choice}/explain", reader, kind=text, text=LONG, likely=text),
        post_raw(lesson, f"{path}{lesson.prose}/draft/explanation", reader, text=text),
        post_raw(lesson, f"{path}{lesson.choice}/report/{shown}", reader, reason=text),
    ]
    for answer in answers:
        is_harmless(answer)
    for table, column in ((Contribution, "text"), (Draft, "text"), (Report, "reason")):
        for row in lesson.tool.all(table):
            kept = getattr(row, column)
            assert not set(kept) & set("\x00\x07\x1b\x85\x9b\u202a\u202b\u202c\u202d\u202e")
            kept.encode()  # no half of a pair
    for token, pages in (
        (reader, [f"/practice/{{a}}/problems/{problem}" for problem in lesson.problems]),
        (
            lesson.teacher,
            ["/teach/{a}", "/teach/{a}/class", "/teach/{a}/review", f"/teach/{{a}}/problems/{lesson.word}"],
        ),
    ):
        for page in pages:
            response = lesson.get(page, token)
            assert response.status_code == 200
            assert "<script" not in response.text
            assert "<img src=x" not in response.text


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_in_every_text_of_a_teacher(lesson: Lesson, trick: str) -> None:
    text, teacher = TRICKS[trick], lesson.teacher
    fields = {"name": text, "text": text + " question", "solution": text, "accepted": text + "x", "unit": text[:40]}
    numbers = {"value": "7", "tolerance": "0.1"}
    choices = {"choice_0": text + "a", "choice_1": text + "b", "right": "0"}
    answers = [
        post_raw(lesson, "/teach/{a}/settings", teacher, title=text + "T", points="10"),
        *(
            post_raw(lesson, f"/teach/{{a}}/problems/new/{kind}", teacher, **fields, **numbers, **choices)
            for kind in ("one_choice", "several_choices", "number", "short_text", "free_text")
        ),
        post_raw(lesson, f"/teach/{{a}}/problems/{lesson.word}/edit", teacher, **fields),
        post_raw(lesson, f"/teach/{{a}}/problems/{lesson.word}/write", teacher, kind="hint", text=text + LONG),
        post_raw(lesson, f"/teach/{{a}}/problems/{lesson.word}/write", teacher, kind=text, text=LONG),
        post_raw(lesson, "/teach/new", teacher, existing=text),
        post_raw(lesson, "/teach/{a}/settings", teacher, order=text, due_at=text, points=text),
    ]
    for answer in answers:
        is_harmless(answer)
    assert [answer.status_code for answer in answers[1:6]] == [200] * 5 or trick == "combining"
    for table, column in ((Activity, "title"), (Problem, "name"), (Contribution, "text")):
        for row in lesson.tool.all(table):
            assert not set(getattr(row, column)) & set("\x00\x07\x1b\x9b\u202e\ud83d\udc00")
    for form in ("gift", "moodle_xml"):
        assert lesson.get(f"/teach/{{a}}/bank/export/{form}", teacher).status_code == 200
    for page in ("/teach/{a}", "/teach/{a}/bank", f"/teach/{{a}}/problems/{lesson.word}", "/teach/{a}/settings"):
        response = lesson.get(page, teacher)
        assert response.status_code == 200
        assert "<script" not in response.text
    student = lesson.join()
    for problem in lesson.tool.all(Problem):
        page = lesson.get(f"/practice/{{a}}/problems/{problem.id}", student)
        assert page.status_code == 200
        assert "<script" not in page.text


TEXTS: list[tuple[str, dict[str, str]]] = [
    ("problems/{choice}/explain", {"kind": "explanation", "text": "x" * 100_000, "likely": "yes"}),
    ("problems/{choice}/explain", {"kind": "explanation", "text": " \u200b\n" * 300, "likely": "yes"}),
    ("problems/{choice}/explain", {"kind": "hint", "text": LONG, "likely": "yes"}),
    ("problems/{choice}/explain", {}),
    ("problems/{prose}/explain", {"kind": "explanation", "text": LONG, "likely": "yes"}),
    ("problems/{choice}/draft/explanation", {"text": "x" * 100_000}),
    ("problems/{choice}/draft/nothing", {"text": "x"}),
    ("problems/{word}/answer", {"number": "1", "text": "x" * 60_000}),
    ("problems/{word}/answer", {"number": "1", "text": "Paris", "unit": "km"}),
    ("problems/{word}/answer", {"number": "1", "choice": "0"}),
    ("problems/{number}/answer", {"number": "1", "text": "42", "unit": "parsec"}),
    ("problems/{number}/answer", {"number": "1", "text": "9" * 201}),
    ("problems/{choice}/answer", {"number": "2", "choice": "0"}),
    ("problems/{word}/answer", {"number": "1"}),
    ("problems/{word}/answer", {"number": "1", "text": " \u00a0\t"}),
    ("problems/{word}/answer", {"number": "2", "text": "Paris"}),
    ("problems/{prose}/answer", {"number": "1", "text": "x" * 900_000}),
]


def test_texts_that_are_too_much_or_out_of_place(lesson: Lesson) -> None:
    student = lesson.join()
    lesson.answer(student, choice=1)
    before = lesson.rows()
    for path, fields in TEXTS:
        is_told(lesson.post("/practice/{a}/" + path.format(**vars(lesson)), student, fields), path, fields)
    assert lesson.rows() == before


SETTINGS: list[dict[str, str]] = (
    [{"points": value} for value in ("", "0", "-1", "1e309", "nan", "inf", "1001", "ten", "9" * 400, "0.00000001")]
    + [{"attempts": value} for value in ("", "-1", "1.5", "21", "nan", "inf", "9" * 400)]
    + [{"peers_needed": value} for value in ("0", "21", "-inf", "x")]
    + [
        {"due_at": value}
        for value in (
            "tomorrow",
            "2026-13-01T00:00",
            "2026-12-01T25:00",
            "9" * 400,
            "0001-01-01T00:00+23:59",
            "9999-12-31T23:59-23:59",
            "0001-01-01T00:00:00+00:01",
        )
    ]
    + [
        {name: "whatever"}
        for name in (
            "order",
            "explanation_policy",
            "help_policy",
            "examples_shown",
            "moderation",
            "graded_by",
            "key_shown",
        )
    ]
    + [{"title": ""}, {"title": "\u202e \x00"}, {"title": "x" * 201}, {"title": "x" * 100_000}]
    + [{"key_shown": "after_due", "due_at": ""}, {"key_shown": "after_attempts", "attempts": "0"}]
)


def test_settings_that_are_none(lesson: Lesson) -> None:
    before = lesson.rows()
    for changes in SETTINGS:
        is_told(lesson.post("/teach/{a}/settings", lesson.teacher, {"title": "Lists", **changes}), changes)
    assert lesson.rows() == before
    assert lesson.get("/teach/{a}/settings", lesson.teacher).status_code == 200


def test_due_dates_far_away(lesson: Lesson) -> None:
    student = lesson.join()
    lesson.answer(student)
    for due in ("0001-01-01T00:00", "1600-02-29T12:00:30.5", "9999-12-31T23:59", "2026-12-01T10:00+14:00"):
        form = {"title": "Lists", "due_at": due, "key_shown": "after_due"}
        assert lesson.post("/teach/{a}/settings", lesson.teacher, form).status_code == 200, due
        for page in ("/teach/{a}", "/teach/{a}/class", "/teach/{a}/settings"):
            assert lesson.get(page, lesson.teacher).status_code == 200, due
        assert lesson.get(f"/practice/{{a}}/problems/{lesson.choice}", student).status_code == 200, due


PROBLEMS: list[tuple[str, dict[str, Any]]] = [
    ("one_choice", {"text": ""}),
    ("one_choice", {"text": "Q", "choice_0": "a", "choice_1": "b"}),
    ("one_choice", {"text": "Q", "choice_0": "a", "choice_1": "b", "right": ["0", "1"]}),
    ("one_choice", {"text": "Q", "choice_0": "a", "right": "0"}),
    ("one_choice", {"text": "Q", "choice_0": "a", "choice_1": "b", "right": "99"}),
    ("several_choices", {"text": "Q", "choice_0": "a", "choice_1": "b", "right": "-1"}),
    ("number", {"text": "Q"}),
    ("number", {"text": "Q", "value": "seven"}),
    ("number", {"text": "Q", "value": "nan"}),
    ("number", {"text": "Q", "value": "1e999"}),
    ("number", {"text": "Q", "value": "9" * 5_000}),
    ("number", {"text": "Q", "value": "1", "tolerance": "x"}),
    ("number", {"text": "Q", "value": "1", "tolerance": "nan"}),
    ("number", {"text": "Q", "value": "1", "tolerance": "inf"}),
    ("number", {"text": "Q", "value": "1", "tolerance": "-1"}),
    ("number", {"text": "Q", "value": "1", "tolerance": "1e400"}),
    ("number", {"text": "Q", "value": "1", "unit": "u" * 41}),
    ("short_text", {"text": "Q"}),
    ("short_text", {"text": "Q", "accepted": "x" * 5_000}),
    ("short_text", {"text": "Q", "accepted": "\n".join(map(str, range(101)))}),
    ("free_text", {"text": "x" * 100_001}),
    ("free_text", {"text": "Q", "name": "x" * 5_000}),
    ("free_text", {"text": "Q", "solution": "x" * 100_001}),
    ("riddle", {"text": "Q"}),
]


def test_problems_that_are_none(lesson: Lesson) -> None:
    before = lesson.rows()
    for kind, fields in PROBLEMS:
        is_told(lesson.post(f"/teach/{{a}}/problems/new/{kind}", lesson.teacher, fields), kind, fields)
    assert lesson.rows() == before


def test_lists_of_problems_that_are_none(lesson: Lesson) -> None:
    before = lesson.rows()
    for chosen in ([], ["0"], ["-1"], ["x"], [str(2**63)], [str(10**30)], ["9" * 5_000], [str(lesson.choice), "4711"]):
        is_told(lesson.post("/teach/{a}/bank", lesson.teacher, {"problem": chosen}), chosen)
        is_told(lesson.post("/teach/new", lesson.teacher, {"title": "Other", "problem": chosen}), chosen)
    for problem, direction in itertools.product((0, 4711, 2**63, lesson.choice), ("left", "%00", "up%20")):
        is_told(lesson.post(f"/teach/{{a}}/bank/move/{problem}/{direction}", lesson.teacher))
    assert lesson.rows() == before


def test_people_who_are_not_in_the_course(lesson: Lesson) -> None:
    lesson.join()
    before = lesson.rows()
    for person in ("0", "-1", "x", str(2**63), str(10**30), "9" * 4_000, "9" * 5_000):
        is_harmless(lesson.post("/teach/{a}/class/send", lesson.teacher, {"person": person}), person)
        is_told(lesson.post(f"/teach/{{a}}/class/{person}/star?problem={person}", lesson.teacher), person)
    assert lesson.rows() == before


def test_forms_that_are_too_large_or_have_too_many_fields(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    path = f"/practice/{{a}}/problems/{lesson.choice}/answer"
    is_told(lesson.post(path, student, {"number": "1", "text": "x" * 1_100_000}))
    many = {f"field{number}": "x" for number in range(201)}
    is_told(lesson.post(path, student, many, content_type="multipart/form-data"))
    is_told(lesson.send("POST", path, student, "choice=0&" * 100_000, content_type="application/x-www-form-urlencoded"))
    is_told(lesson.send("POST", path, student, "&" * 1_000_000, content_type="application/x-www-form-urlencoded"))
    assert lesson.rows() == before


BODIES = [
    ("application/json", b'{"number": 1, "choice": 0}'),
    ("text/plain", b"number=1&choice=0"),
    ("application/octet-stream", b"\x00\xff" * 100),
    ("multipart/form-data", b"number=1"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
    ("multipart/form-data; boundary=" + "x" * 5_000, b"--x"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"number=1%FF&choice=%C0%80&%=%&=%zz"),
    ("", b"number=1&choice=0"),
    ("\u00e9/\u00e9", b"number=1"),
]


def test_bodies_of_the_wrong_kind(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    path = f"/practice/{{a}}/problems/{lesson.choice}/answer"
    for content_type, body in BODIES:
        is_told(lesson.send("POST", path, student, body, content_type=content_type), content_type)
    assert lesson.rows() == before
