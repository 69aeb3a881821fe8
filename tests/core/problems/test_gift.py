"""Details of GIFT in which we follow Moodle; the banks hold the rest (test_moodle_readings.py)."""

from __future__ import annotations

import pytest

from core.problems.gift import read_gift, write_gift
from core.problems.gift_syntax import category_names, category_path, escape, hide, show
from core.problems.kinds import (
    Category,
    Choice,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
)
from core.problems.texts import Text


def only(text: str) -> Problem:
    [one] = read_gift(text.encode()).problems
    return one.problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\~ \= \# \{ \} \: \\", "~ = # { } : \\"),
        (r"a\nb", "a\nb"),
        (r"a\\nb", r"a\nb"),
        (r"\\\=", r"\="),
        (r"\\(x\\)", r"\(x\)"),
        (r"\(x\)", r"\(x\)"),
        (r"\"quoted\"", r"\"quoted\""),
        (r"50\% and \$5", r"50\% and \$5"),
        ("&&058; &amp;", "&&058; &amp;"),
    ],
)
def test_escapes(written: str, meant: str) -> None:
    assert show(hide(written)) == meant


@pytest.mark.parametrize("text", ["\\", "\\\\", "a:b", "{}", "\n", "\\n", "=~#", "\\=", "&&058;"])
def test_escaping_is_undone_by_reading(text: str) -> None:
    assert show(hide(escape(text))) == text


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("$course$/top/Algebra/Lines", ["Algebra", "Lines"]),
        ("$system$/top/Algebra", ["Algebra"]),
        ("top/Algebra", ["Algebra"]),
        ("Algebra", ["Algebra"]),
        ("$course$/top/A//B/C", ["A/B", "C"]),
        ("$course$/top/top/x", ["top", "x"]),
        ("$course$/top", []),
        ("", []),
        (" / / ", []),
        ("$course$/Algebra /  Lines ", ["Algebra", "Lines"]),
    ],
)
def test_category_paths(path: str, names: list[str]) -> None:
    assert category_names(path) == names
    assert category_names(category_path(names)) == names


@pytest.mark.parametrize("form", ["html", "markdown", "plain", "moodle"])
def test_a_format_in_brackets_goes_to_texts_without_their_own(form: str) -> None:
    problem = only(f"[{form}]Which?{{=a#fine ~[plain]b#[html]<b>no</b> ####Because.}}")
    assert isinstance(problem, OneChoice)
    assert problem.text == Text("Which?", form)
    assert problem.solution == Text("Because.", form)
    assert [c.text.format for c in problem.choices] == [form, "plain"]
    assert problem.choices[1].feedback == Text("<b>no</b>", "html")


def test_brackets_that_name_no_format_are_text() -> None:
    assert only("[see above] Which?{T}").text == Text("[see above] Which?", "moodle")


def test_a_missing_word_leaves_a_line() -> None:
    assert only("Parallel lines {=never ~always} meet.").text.source == "Parallel lines _____ meet."


def test_weights_and_feedback_of_choices() -> None:
    problem = only("Pick{~%33.333%a#yes ~%33.333%b ~%33.333%c ~%-50%d#no}")
    assert isinstance(problem, SeveralChoices)
    assert [c.fraction for c in problem.choices] == [0.3333333, 0.3333333, 0.3333333, -0.5]
    assert [c.feedback.source for c in problem.choices] == ["yes", "", "", "no"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("#3", [NumberAnswer("3")]),
        ("#3.14:0.005", [NumberAnswer("3.14", 0.005)]),
        ("#1..2", [NumberAnswer("1.5", 0.5)]),
        ("#-3..-1", [NumberAnswer("-2", 1.0)]),
        ("#0.1..0.3", [NumberAnswer("0.2", 0.1)]),
        (
            "#=3.00E8:5E5 =%50%2:0#near",
            [NumberAnswer("3.00E8", 5e5), NumberAnswer("2", fraction=0.5, feedback=Text("near", "moodle"))],
        ),
        ("#3 ~#no", [NumberAnswer("3"), NumberAnswer(None, fraction=0, feedback=Text("no", "moodle"))]),
        ("#=3 =%50%*#close", [NumberAnswer("3"), NumberAnswer(None, fraction=0.5, feedback=Text("close", "moodle"))]),
    ],
)
def test_numbers(answers: str, expected: list[NumberAnswer]) -> None:
    problem = only(f"How many?{{{answers}}}")
    assert isinstance(problem, Number)
    assert list(problem.answers) == expected


def test_short_answers_with_and_without_weights() -> None:
    problem = only("Name?{=%100%x#Yes =%50%y =z}")
    assert isinstance(problem, ShortText)
    assert [(a.pattern, a.fraction) for a in problem.answers] == [("x", 1), ("y", 0.5), ("z", 1)]
    assert isinstance(only("Name?{lamp}"), ShortText)


@pytest.mark.parametrize(
    ("answers", "true", "false"),
    [
        ("T#wrong#right", "right", "wrong"),
        ("F#wrong#right", "wrong", "right"),
        ("TRUE##right", "right", ""),
        ("FALSE#wrong####general", "wrong", ""),
        ("T####general", "", ""),
    ],
)
def test_feedback_to_true_and_false(answers: str, true: str, false: str) -> None:
    problem = only(f"So?{{{answers}}}")
    assert isinstance(problem, OneChoice)
    assert [c.feedback.source for c in problem.choices] == [true, false]
    assert problem.solution.source == ("general" if "####" in answers else "")
    assert problem.penalty == 1


def test_an_essay_has_empty_braces() -> None:
    assert isinstance(only("Why?{}"), FreeText)
    assert only("Why?{####Because.}").solution.source == "Because."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Put in order{>3 ALL VERTICAL\na\nb\nc}", "Ordering"),
        ("Match{=a -> 1 =b -> 2}", "Matching"),
        ("Only words.", "It asks nothing"),
    ],
)
def test_what_has_no_kind_here_is_refused(text: str, reason: str) -> None:
    [line] = read_gift(text.encode()).report
    assert reason in str(line.reason)


def test_id_and_tags_stand_in_comments_and_may_hold_brackets() -> None:
    problem = only("// [id:A\\]1] and [tag:two words]\n// [tag:x\\]y] [tag:] [id:second]\n2+2?{=4 ~5}")
    assert (problem.idnumber, problem.tags) == ("A]1", ("two words", "x]y"))


def test_a_comment_apart_from_a_question_says_nothing_of_it() -> None:
    assert only("// [id:A]\n\n2+2?{=4 ~5}").idnumber == ""


# ---- writing ----


def test_a_wrong_choice_that_begins_like_a_weight_stays_wrong() -> None:
    wrong = Choice(Text("%100%percent", "plain"))
    problem = OneChoice(text=Text("Pick", "plain"), choices=(Choice(Text("right", "plain"), 1), wrong))
    written = write_gift([problem]).data.decode()
    assert "~%0%%100%percent" in written  # a weight of 0, which Moodle reads, too
    assert only(written) == problem


@pytest.mark.parametrize("where", ["pattern", "feedback"])
def test_an_arrow_in_a_short_answer_is_left_out_with_a_word(where: str) -> None:
    answer = TextAnswer("a -> b") if where == "pattern" else TextAnswer("a", feedback=Text("a -> b"))
    written = write_gift([ShortText(text=Text("Q"), answers=(answer,)), FreeText(text=Text("Why?"))])
    assert "arrow" in str(written.report[0].left_out)
    assert [one.problem.text.source for one in read_gift(written.data).problems] == ["Why?"]


def test_choices_that_are_all_right_are_left_out_with_a_word() -> None:
    right = (Choice(Text("a"), 1), Choice(Text("b"), 1))
    written = write_gift([OneChoice(text=Text("Q"), choices=right)])
    assert "all are right" in str(written.report[0].left_out)


def test_categories_are_written_where_they_change_and_taken_back() -> None:
    one, two = (Category("A/B"),), (Category("A/B"), Category("C"))
    problems = [FreeText(text=Text(str(n)), category=category) for n, category in enumerate([(), one, one, two, ()])]
    written = write_gift(problems).data.decode()
    assert written.count("$CATEGORY:") == 3
    assert [one.problem.category for one in read_gift(written.encode()).problems] == [(), one, one, two, ()]


def test_nothing_to_say_is_not_said() -> None:
    assert write_gift([FreeText(text=Text("Why?"))]).report == ()
