"""Every key of the two mathematics files, worked out again from the problem itself, by enumeration where it can be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations, permutations, product
from typing import Any

import pytest

F = Fraction
POINTS = [F(n, 7) for n in range(-60, 61)]  # points at which expressions are compared
DIE = range(1, 7)
ROUNDED = F(1, 200)  # half a unit in the second decimal


def value(text: str, **letters: F) -> Any:
    """A formula in LaTeX as a number: fractions, roots, powers, percentages and products without a sign."""
    code = text.replace(r"\(", "").replace(r"\)", "").replace(r"\cdot", "*").replace(" : ", " / ")
    code = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", code)
    code = re.sub(r"\\sqrt\{([^{}]*)\}", r"((\1)**0.5)", code)
    code = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", code).replace("^", "**")
    code = re.sub(" ?%", "/100", code)
    code = re.sub(r"(?<=[0-9A-Za-z)])\s*(?=[A-Za-z(])", "*", code)
    code = re.sub(r"(?<=\))\s*(?=[0-9])", "*", code)
    code = re.sub(r"[0-9]+(?:\.[0-9]+)?", lambda m: f"F('{m[0]}')", code)
    return eval(code, {"F": F, "__builtins__": {}}, letters)  # our own files, numbers and letters only


def equals(expression: Callable[..., F], letters: str) -> Callable[[str], bool]:
    """Whether a text has the value of `expression` wherever both are worked out."""
    points = [dict(zip(letters, (x, x * x - 3, 2 - x), strict=False)) for x in POINTS]
    return lambda text: all(value(text, **at) == expression(**at) for at in points)


def is_value(right: F) -> Callable[[str], bool]:
    return lambda text: value(text) == right


def same_solutions(text: str) -> bool:
    """Whether the inequality `text` says the same as -2x > 6."""
    left, right = re.split("[<>]", text.strip("\\()"))
    signs = [value(left, x=x) - value(right, x=x) for x in POINTS]
    return [(d < 0 if "<" in text else d > 0) for d in signs] == [-2 * x > 6 for x in POINTS]


def says_twelvefold(text: str) -> bool:
    left, right = text.strip("\\()").split("=")
    pairs = [{"S": F(s), "T": F(t)} for s in range(1, 61) for t in range(1, 6)]
    return all((value(left, **at) == value(right, **at)) == (at["S"] == 12 * at["T"]) for at in pairs)


def on_line(text: str) -> bool:
    x, y = (F(number) for number in text.strip("\\()").split(","))
    return y == 2 * x - 3


def solutions_of_bracket_equation(text: str) -> bool:
    solved = [x for x in POINTS if 2 * (x + 3) == 2 * x + 6]
    if only := re.fullmatch(r"Exactly one, \\\(x = (\d)\\\)", text):
        return solved == [int(only[1])]
    return solved == {"Every number is a solution": POINTS, "None": []}[text]


def average_speed(text: str) -> bool:
    speeds = {F(2 * d) / (F(d, 20) + F(d, 30)) for d in range(1, 200)}
    return len(speeds) > 1 if text.startswith("It depends") else speeds == {F(text.removesuffix(" km/h"))}


def better_bag(text: str) -> bool:
    a, b = F(2, 5), F(5, 14)
    return {"Bag A": a > b, "Bag B": b > a, "Both are equally good": a == b}.get(text, False)


def sixth_throw(text: str) -> bool:
    rows = [row for row in product("HT", repeat=6) if row[:5] == ("H",) * 5]
    heads = F(sum(row[5] == "H" for row in rows), len(rows))
    if text.startswith(("Less", "More")):
        return heads < F(1, 2) if text.startswith("Less") else heads > F(1, 2)
    return bool(value(text) == heads)


def ill_if_positive(text: str) -> bool:
    right = F(1, 100) * F(90, 100) / (F(1, 100) * F(90, 100) + F(99, 100) * F(9, 100))
    return abs(value(text.removeprefix("About ")) - right) <= ROUNDED


def three_doors() -> F:
    games = [(prize, choice) for prize in range(3) for choice in range(3)]
    wins = 0
    for prize, choice in games:
        opened = next(door for door in range(3) if door not in (prize, choice))
        wins += prize == next(door for door in range(3) if door not in (choice, opened))
    return F(wins, len(games))


def exclude_each_other(text: str) -> bool:
    events: dict[str, Callable[[int], bool]] = {
        "even number": lambda n: n % 2 == 0,
        "5": lambda n: n == 5,
        "prime number": lambda n: n in (2, 3, 5),
        "less than 3": lambda n: n < 3,
        "more than 4": lambda n: n > 4,
        "at least 4": lambda n: n >= 4,
        "at most 4": lambda n: n <= 4,
    }
    first, second = (events[re.sub("^an? ", "", part.lower())] for part in text.split(", and "))
    return not any(first(n) and second(n) for n in DIE)


def probability(outcomes: Iterable[Any], event: Callable[[Any], bool]) -> F:
    """The share of equally likely `outcomes` in which `event` happens."""
    found = [event(outcome) for outcome in outcomes]
    return F(sum(found), len(found))


CHOICES: Mapping[str, Callable[[str], bool]] = {
    "Collecting like terms": equals(lambda a, b: 4 * a + 3 * b - a + 2 * b, "ab"),
    "Minus in front of a bracket": equals(lambda x: 10 - (x - 4), "x"),
    "Squaring a sum": equals(lambda x: (x + 3) ** 2, "x"),
    "Six x minus twelve": equals(lambda x: 6 * x - 12, "x"),
    "Students and teachers": says_twelvefold,
    "Multiplying powers": is_value(F(2**3 * 2**4)),
    "How many solutions": solutions_of_bracket_equation,
    "Which way does the sign point": same_solutions,
    "There and back": average_speed,
    "Points on a line": on_line,
    "A product that is zero": lambda text: math.isclose(value(text) ** 2, 5 * value(text)),
    "One throw of a die": is_value(probability(DIE, lambda n: n >= 5)),
    "Which bag is better": better_bag,
    "After five heads": sixth_throw,
    "Can this be a probability": lambda text: 0 <= value(text) <= 1,
    "Exactly one head": is_value(probability(product("HT", repeat=2), lambda row: row.count("H") == 1)),
    "Socks in the dark": is_value(probability(permutations("B" * 4 + "W" * 6, 2), lambda two: two[0] == two[1])),
    "A positive test": ill_if_positive,
    "Girls who play an instrument": is_value(probability([True] * 8 + [False] * (18 - 8), lambda plays: plays)),
    "Three doors": is_value(three_doors()),
    "Never both at once": exclude_each_other,
}

CANDIDATES = [*(F(n, 100) for n in range(-2000, 2000)), *(F(n, 2) for n in range(40, 601))]
EXACT: Mapping[str, Callable[[F], bool]] = {  # what the text of the problem demands of the number
    "x on both sides": lambda x: 5 * x - 3 == 2 * x + 12,
    "Equation with a bracket": lambda x: 4 * (x - F("1.5")) == 2 * x + 1,
    "Taxi ride": lambda k: F("3.50") + F("1.20") * k == F("15.50"),
    "Two phone plans": lambda m: 8 + F("0.10") * m == 14 + F("0.04") * m,
    "Mother and daughter": lambda d: 3 * d + 12 == 2 * (d + 12),
    "Fence around a garden": lambda length: 2 * (length + (length - 5)) == 46,
    "Before the sale": lambda p: p - F(25, 100) * p == 60,
    "Thinner juice": lambda w: F(30, 100) * 6 == F(20, 100) * (6 + w),
    "Tickets for the school play": lambda a: 6 * a + 4 * (40 - a) == 190,
    "Ball in the air": lambda t: t > 0 and 20 * t - 5 * t**2 == 0,
    "Spinner with an unknown sector": lambda y: F("0.35") + F("0.20") + 2 * y + y == 1,
    "Squeezing a square root": lambda x: x > 0 and 50 < x * x < 51,
    "Sixes in 300 throws": lambda n: n == int(n) and abs(n - F(300, 6)) <= 15,
}
COMPUTED: Mapping[str, F] = {
    "Two sweets": probability(permutations("M" * 5 + "L" * 3, 2), lambda two: two == ("M", "M")),
    "At least one six": probability(product(DIE, repeat=4), lambda throws: 6 in throws),
    "Two traffic lights": probability(product(range(10), repeat=2), lambda at: (at[0] < 6) != (at[1] < 7)),
    "Handshakes": F(len(list(combinations(range(10), 2)))),
    "Books on a shelf": F(sum(abs(order.index("A") - order.index("B")) == 1 for order in permutations("ABcd"))),
    "Charity raffle": F(sum([100] + [20] * 5 + [0] * 194), 200) - 2,
}
SHORT: Mapping[str, Callable[[str], bool]] = {
    "Factorising a quadratic": equals(lambda x: x * x + 5 * x + 6, "x"),
    "Dividing powers": lambda text: all(value(text.replace("⁶", "^6"), a=a) == a**8 / a**2 for a in POINTS if a),
    "Not picking green": is_value(probability("R" * 4 + "B" * 5 + "G" * 3, lambda pen: pen != "G")),
    "Sum of two dice": is_value(probability(product(DIE, repeat=2), lambda two: sum(two) == 7)),
}


def hearts_are_independent() -> bool:
    pack = [suit == 0 for suit in range(4) for _ in range(13)]
    hearts = [(pack[i], pack[j]) for i, j in permutations(range(52), 2)]
    return probability(hearts, all) == probability(hearts, lambda two: two[0]) * probability(hearts, lambda two: two[1])


def both_never_exceeds_one() -> bool:
    events = [set(e) for size in range(6) for e in combinations(range(5), size)]
    return all(len(a & b) <= len(a) for a in events for b in events)


STATEMENTS: Mapping[str, Callable[[], bool]] = {
    "Up 20, down 20": lambda: all(p * F("1.2") * F("0.8") == p for p in range(1, 100)),
    "Two hearts in a row": hearts_are_independent,
    "Both or just one": both_never_exceeds_one,
}


def test_every_key_is_checked(entries):
    checked = [*CHOICES, *EXACT, *COMPUTED, *SHORT, *STATEMENTS]
    assert sorted(checked) == sorted(e.name for e in entries if e.file.endswith(".gift") and e.kind != "free_text")


@pytest.mark.parametrize("name", CHOICES)
def test_exactly_the_right_choices_are_true(problems, name):
    entry = problems[name]
    assert entry.right_choices() == {text for text, _ in entry.choices if CHOICES[name](text)} != set()


@pytest.mark.parametrize("name", EXACT)
def test_exactly_the_accepted_numbers_solve_the_problem(problems, name):
    low, high = problems[name].interval
    solved = [x for x in CANDIDATES if EXACT[name](x)]
    if name == "Sixes in 300 throws":
        assert [x for x in CANDIDATES if low <= x <= high and x == int(x)] == solved
    else:
        assert [x for x in CANDIDATES if low <= x <= high] == solved


@pytest.mark.parametrize("name", COMPUTED)
def test_the_exact_value_and_its_rounding_are_accepted(problems, name):
    low, high = problems[name].interval
    exact = COMPUTED[name]
    assert low <= exact <= high
    assert low <= round(exact, 2) <= high
    assert high - low <= 2 * ROUNDED


@pytest.mark.parametrize("name", SHORT)
def test_every_accepted_text_has_the_right_value(problems, name):
    assert problems[name].accepted
    assert [text for text in problems[name].accepted if not SHORT[name](text)] == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_what_their_key_says(problems, name):
    assert problems[name].true is STATEMENTS[name]()


def test_the_range_for_sixes_is_where_they_fall_98_times_in_100():
    inside = sum(F(math.comb(300, n)) * F(1, 6) ** n * F(5, 6) ** (300 - n) for n in range(35, 66))
    assert F("0.975") < inside < F("0.985")


@pytest.mark.parametrize("name", SHORT)
def test_typical_wrong_texts_are_wrong(voices, name):
    assert [text for text in voices[name]["typical_wrong"] if SHORT[name](text)] == []


@pytest.mark.parametrize("name", [*EXACT, *COMPUTED])
def test_typical_wrong_numbers_are_wrong(problems, voices, name):
    low, high = problems[name].interval
    assert [number for number in voices[name]["typical_wrong"] if low <= F(number) <= high] == []


def chains(text: str) -> Iterable[tuple[str, list[str]]]:
    """Chains such as 2 + 3 = 5 between the mathematics marks, split at their signs, where they hold no letters."""
    for match in re.finditer(r"\\\((.+?)\\\)", text):
        bare = re.sub(r"\\(?:frac|sqrt|cdot|approx)", "", match[1])
        if "=" in match[1] and "..." not in bare and not re.search(r"[A-Za-z\\<>|,!]", bare):
            yield match[0], re.split(r"=|\\approx", match[1])


def test_arithmetic_in_solutions_and_texts_is_right(problems, voices):
    """Numbers set equal are equal to two digits, save where a text says in the next words that they are not."""
    counted = 0
    for name, voice in voices.items():
        texts = [
            problems[name].solution,
            *voice["worked_examples"],
            *voice["hints"],
            *(e["text"] for e in voice["explanations"] if "flaw" not in e),
        ]
        for text in texts:
            for formula, sides in chains(text):
                counted += 1
                numbers = [float(value(side)) for side in sides]
                same = all(math.isclose(n, numbers[0], rel_tol=0.02) for n in numbers)
                denied = re.search(r"^\W*(?:wrong|false|nonsense)", text.split(formula, 1)[1])
                assert same != bool(denied), (name, formula, numbers)
    assert counted > 150
