"""Where our reading of GIFT differs from Moodle 4.5's on purpose. Each test says what Moodle does.

Moodle's behaviour is that of its recordings (tests/fixtures/question_banks) and of question/format/gift/format.php.
"""

from __future__ import annotations

import pytest

from core.problems.gift import read_gift
from core.problems.kinds import OneChoice, Problem, ShortText
from core.problems.reports import Line


def taken(text: str) -> list[Problem]:
    return [one.problem for one in read_gift(text.encode()).problems]


def only(text: str) -> Problem:
    [problem] = taken(text)
    return problem


def refused(text: str) -> str:
    [line] = read_gift(text.encode()).report
    assert line.outcome == "refused"
    return str(line.reason)


def line(text: str) -> Line:
    return read_gift(text.encode()).report[0]


def choices(problem: Problem) -> list[tuple[str, float]]:
    assert isinstance(problem, OneChoice)
    return [(choice.text.source, choice.fraction) for choice in problem.choices]


def test_a_line_of_0_is_not_blank() -> None:
    """Moodle takes it for one and splits the question."""
    assert choices(only("Least?{\n~2\n=\n0\n~1\n}")) == [("2", 0), ("0", 1), ("1", 0)]


@pytest.mark.parametrize("gap", ["\n\n", "\n \t \n", "\n\n\n"])
def test_a_blank_line_inside_braces_does_not_end_the_question(gap: str) -> None:
    """Moodle splits there and refuses both halves."""
    assert choices(only(f"Which?{{{gap}=a{gap}~b#no{gap}####Because.{gap}}}")) == [("a", 1), ("b", 0)]


def test_a_blank_line_before_anything_else_ends_it_and_breaks_the_file() -> None:
    """As in Moodle: the next line may be a question of its own."""
    result = read_gift(b"Which?{=a\n\n::Next::Which?{=a ~b}")
    assert result.broken is not None
    assert [line.outcome for line in result.report] == ["refused", "held"]


def test_a_category_does_not_swallow_the_question_below_it() -> None:
    """Moodle drops the question without a word."""
    problem = only("$CATEGORY: $course$/top/Algebra/Lines\n::Q::2+2?{=4 ~5}")
    assert ([c.name for c in problem.category], problem.name) == (["Algebra", "Lines"], "Q")


def test_a_category_below_a_question_ends_it() -> None:
    """Moodle takes the line for a part of the question's text."""
    first, second = taken("2+2?{=4 ~5}\n$CATEGORY: Next\n3+3?{=6 ~7}")
    assert (first.category, [c.name for c in second.category]) == ((), ["Next"])


def test_a_word_for_a_number_is_refused() -> None:
    """Moodle stores it as *, so that every answer earns full marks."""
    assert refused("How many?{#five}").startswith("five is not a number")


@pytest.mark.parametrize(
    "answers", ["#", "#=", "#1:x", "#1..", "#..2", "#1,5", "#0x10", "#1e999", "#inf", "#nan", "#1:-1", "#2..1"]
)
def test_what_is_no_number_or_tolerance_is_refused(answers: str) -> None:
    """Moodle dies of the empty ones and reads others as something else."""
    assert refused(f"How many?{{{answers}}}")


def test_an_empty_choice_is_refused() -> None:
    """Moodle drops it and keeps what is left."""
    assert "Choice 1 is empty" in refused("Which?{~ =b ~c}")
    assert "needs a backslash before it" in refused("Which sign?{~= ~-> =\\=>}")


def test_choices_of_which_none_is_right_are_refused() -> None:
    """Moodle takes them as a question worth nothing."""
    assert "None of its choices is right" in refused("Pick{~a ~b}")


@pytest.mark.parametrize(("weights", "total"), [((50, 50, 50), "150"), ((50, 25, 0), "75")])
def test_weights_that_do_not_add_up_are_refused(weights: tuple[int, ...], total: str) -> None:
    """Moodle takes them."""
    answers = "".join(f"~%{weight}%{n}" for n, weight in enumerate(weights))
    assert f"add up to {total} %" in refused(f"Pick{{{answers}}}")


@pytest.mark.parametrize("weight", ["150", "-101", "100.00001"])
def test_a_weight_beyond_100_is_refused(weight: str) -> None:
    """Moodle stores it where its list of weights is not enforced."""
    assert f"The weight {weight} % is not between -100 and 100" in refused(f"Name?{{=%{weight}%x =y}}")


def test_a_comment_leaves_no_blank_line() -> None:
    """Moodle puts a line with one space in its place, and that into the text."""
    assert only("Before\n// a comment\nafter?{T}").text.source == "Before\nafter?"


def test_a_backslash_keeps_a_percent_sign_from_being_a_weight() -> None:
    """Moodle keeps the backslash in the text."""
    assert choices(only("Pick{=a ~\\%40%forty}")) == [("a", 1), ("%40%forty", 0)]


def test_a_backslash_before_another_percent_sign_stays() -> None:
    """As in Moodle: it is LaTeX."""
    assert choices(only("Pick{=\\(50\\%\\) ~\\% sign}")) == [("\\(50\\%\\)", 1), ("\\% sign", 0)]


@pytest.mark.parametrize("answers", ["=right ~%100%percent", "=%50%half ~none"])
def test_a_weight_beside_a_right_choice_that_may_be_text_is_refused(answers: str) -> None:
    """Moodle's own exports write a wrong choice %100%percent so, and Moodle then reads it as a right one."""
    assert "begins with a weight beside a choice marked with =" in refused(f"Pick{{{answers}}}")


def test_in_an_exported_question_it_is_text() -> None:
    """There Moodle marks the right choice with = and never with ~%100%."""
    problem = only("// question: 6666  name: Q\n::Q::Pick{\n\t=%50%half\n\t~%100%percent\n\t~%25%quarter\n}")
    assert choices(problem) == [("%50%half", 1), ("%100%percent", 0), ("quarter", 0.25)]


@pytest.mark.parametrize("text", ["5+5 {=10 ~11} and 6+6 {=12 ~13}", "7+7?{=14 {inner} ~15}", "\\frac{1}{2}?{=a ~b}"])
def test_more_than_one_pair_of_braces_is_refused(text: str) -> None:
    """Moodle takes the first pair, or half of a nested one, and leaves the rest in the text."""
    assert "more than one pair of braces" in refused(text)


@pytest.mark.parametrize(("word", "right"), [("true", 0), ("True", 0), ("t", 0), ("false", 1), ("F", 1), ("TRUE", 0)])
def test_true_and_false_are_understood_in_small_letters(word: str, right: int) -> None:
    """Moodle makes a short answer of all but capitals."""
    problem = only(f"Cats are animals.{{{word}}}")
    assert isinstance(problem, OneChoice)
    assert problem.true_false
    assert problem.choices[right].fraction == 1


def test_an_arrow_in_feedback_does_not_make_a_matching_question() -> None:
    """Moodle takes it for one and dies, for there is one pair."""
    problem = only("Which?{=yes#first -> second}")
    assert isinstance(problem, ShortText)
    assert problem.answers[0].feedback.source == "first -> second"


def test_a_text_before_the_first_choice_is_refused() -> None:
    """Moodle makes a wrong choice of it."""
    assert "before the first choice: junk" in refused("Pick{junk ~a =b}")


def test_a_name_ends_before_the_answers() -> None:
    """Moodle looks for the second :: in the answers, too, and takes half of the question for its name."""
    problem = only("::Which?{=a#see::there ~b}")
    assert (problem.name, problem.text.source) == ("Which?", "Which?")


def test_an_id_in_the_comment_that_names_a_question_is_part_of_the_name() -> None:
    """Moodle takes [id:..] and [tag:..] from it."""
    problem = only("// question: 7  name: [id:fake] [tag:fake]\n// [id:real]\n::\\[id\\:fake]::2+2?{=4 ~5}")
    assert (problem.idnumber, problem.tags) == ("real", ())


def test_a_weight_that_is_not_in_moodles_list_is_taken_with_a_caution() -> None:
    """Moodle refuses the question."""
    result = line("Pick{=a ~%37%b ~c}")
    assert result.outcome == "taken"
    assert "37 % of the mark, which Moodle refuses" in str(result.cautions[0])


def test_a_nul_is_refused() -> None:
    """Moodle cuts the text there without a word; see test_broken_files.py."""
    with pytest.raises(ValueError, match="Line 1 holds a NUL"):
        read_gift(b"before\x00after?{T}")
