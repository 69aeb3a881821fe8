"""What simulated learners write: complete, of believable length and quality, and about the problem it belongs to."""

from __future__ import annotations

import re
from itertools import combinations

PER_PROBLEM = {"difficulty", "typical_wrong", "explanations", "worked_examples", "hints"}
EXPLANATION = {"text", "helpfulness", "flaw"}
WORDS = re.compile(r"\w+|\\[a-z]+|[-+=*]")


def is_mathematics(entry) -> bool:
    return entry.file.endswith(".gift") and entry.kind != "free_text"


def explanations(voices):
    return [(name, explanation) for name, voice in voices.items() for explanation in voice["explanations"]]


def all_texts(voices):
    return [
        (name, text)
        for name, voice in voices.items()
        for text in (*(e["text"] for e in voice["explanations"]), *voice["worked_examples"], *voice["hints"])
    ]


def test_every_problem_has_its_voices_and_no_other(entries, voices):
    assert list(voices) == [entry.name for entry in entries]


def test_the_shape_is_as_described(entries, voices):
    for entry in entries:
        voice = voices[entry.name]
        typed = entry.kind in {"number", "short_text"}
        assert set(voice) == (PER_PROBLEM if typed else PER_PROBLEM - {"typical_wrong"}), entry.name
        assert 0.3 <= voice["difficulty"] <= 0.95
        for explanation in voice["explanations"]:
            assert set(explanation) in (EXPLANATION, EXPLANATION - {"flaw"})
            assert 0.15 <= explanation["helpfulness"] <= 0.92
            assert explanation.get("flaw", "said") != ""


def test_there_are_as_many_texts_as_a_problem_needs(entries, voices):
    for entry in entries:
        voice = voices[entry.name]
        low, high = (5, 7) if is_mathematics(entry) else (3, 4)
        assert low <= len(voice["explanations"]) <= high, entry.name
        assert len(voice["worked_examples"]) == (2 if is_mathematics(entry) else 0), entry.name
        assert len(voice["hints"]) == (1 if is_mathematics(entry) else 0), entry.name
        if "typical_wrong" in voice:
            assert 2 <= len(set(voice["typical_wrong"])) <= 3, entry.name


def test_typical_wrong_answers_are_not_accepted(entries, voices):
    for entry in entries:
        assert not set(entry.accepted) & set(voices[entry.name].get("typical_wrong", [])), entry.name


def test_explanations_are_mostly_of_60_to_500_characters(voices):
    lengths = [len(explanation["text"]) for _, explanation in explanations(voices)]
    assert max(lengths) <= 500
    assert 0.05 < sum(length < 60 for length in lengths) / len(lengths) < 0.2


def test_wrong_and_short_explanations_help_little(voices):
    for name, explanation in explanations(voices):
        if "flaw" in explanation or len(explanation["text"]) < 40:
            assert explanation["helpfulness"] <= 0.4, (name, explanation["text"])


def test_each_pool_has_a_very_good_text_a_weak_one_and_a_clear_best(voices):
    for name, voice in voices.items():
        means = sorted((explanation["helpfulness"] for explanation in voice["explanations"]), reverse=True)
        assert means[0] >= 0.7, name
        assert means[-1] <= 0.4, name
        assert means[0] - means[1] >= 0.05, name


def test_most_pools_hold_a_wrong_explanation(voices):
    flawed = [name for name, voice in voices.items() if any("flaw" in e for e in voice["explanations"])]
    assert len(flawed) > 0.9 * len(voices)


def test_no_text_is_there_twice(voices):
    texts = [text for _, text in all_texts(voices)]
    assert len(set(texts)) == len(texts)


def test_no_text_is_a_template_that_fits_another_problem(voices):
    """Texts of two problems share hardly any run of five words."""
    runs = {}
    for name, text in all_texts(voices):
        words = WORDS.findall(text.lower())
        runs[name, text] = {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
    for (one, many), (other, more) in combinations(runs.items(), 2):
        if one[0] != other[0] and many and more:
            assert len(many & more) / min(len(many), len(more)) < 0.4, (one, other)


def test_hints_do_not_give_the_answer_away(entries, voices):
    for entry in filter(is_mathematics, entries):
        [hint] = voices[entry.name]["hints"]
        if entry.interval:
            low, high = entry.interval
            assert not [n for n in re.findall(r"-?\d+(?:\.\d+)?", hint) if low <= float(n) <= high], entry.name
        secret = entry.accepted if entry.accepted else entry.right_choices() if entry.kind == "one_choice" else ()
        assert not [text for text in secret if text in hint], entry.name


def test_worked_examples_reach_the_answer(entries, voices):
    for entry in entries:
        for text in voices[entry.name]["worked_examples"]:
            assert 60 <= len(text) <= 500, (entry.name, len(text))
            if entry.interval:
                low, high = entry.interval
                numbers = re.findall(r"-?\d+(?:\.\d+)?", text)
                assert [n for n in numbers if low <= float(n) <= high], (entry.name, text)
            if entry.kind == "one_choice":
                [right] = entry.right_choices()
                assert right.removeprefix("About ").strip("\\()") in text or entry.name in IN_WORDS, (entry.name, text)


IN_WORDS = {"How many solutions", "Which bag is better", "Three doors"}  # their choices are said in other words


def test_formulas_open_and_close(voices):
    for name, text in all_texts(voices):
        marks = re.findall(r"\\[()]", text)
        assert marks == [r"\(", r"\)"] * (len(marks) // 2), (name, text)
