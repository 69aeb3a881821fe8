"""Reading Moodle XML (docs.moodle.org/405/en/Moodle_XML_format); see moodle_xml_write for writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.problems.collect import Found, add, built, collect, fitted
from core.problems.gift_syntax import category_names
from core.problems.kinds import Category
from core.problems.moodle_xml_types import READERS, UNSUPPORTED, Question, format_of
from core.problems.moodle_xml_write import write_moodle_xml
from core.problems.pictures import Cleaner, Pictures
from core.problems.reports import DEFAULT_LIMITS, Import, Limits, UnreadableFile
from core.problems.texts import NOTHING, Text, line, name_from
from core.problems.xml_tree import Node, parse
from core.words import N_, Sentence

__all__ = ["read_moodle_xml", "write_moodle_xml"]

Path = tuple[str, ...]


def read_moodle_xml(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Import:
    """The problems in a Moodle XML file. A file that is cut off or malformed after its first element is broken.

    Raises UnreadableFile where there is no question bank in it.
    """
    root, broken = parse(data, limits)
    if root.tag != "quiz":
        message = N_("This is XML, but no question bank of Moodle: it begins with <{tag}>. Export it as Moodle XML.")
        raise UnreadableFile(message, tag=root.tag[:60])
    questions = root.all("question")
    levels = _levels(questions)
    cleaner = Cleaner(limits)
    here: tuple[Category, ...] = ()
    found: list[Found] = []
    for node in questions:
        if node.attributes.get("type") == "category":
            path = _path(node)
            here = tuple(levels.get(path[:depth], Category(path[depth - 1])) for depth in range(1, len(path) + 1))
        else:
            add(found, _found(node, here, Pictures(cleaner)), limits)
    return collect(found, limits, broken)


def _path(node: Node) -> Path:
    category = node.first("category")
    return tuple(category_names(category.value("text"))) if category else ()


def _levels(questions: Iterable[Node]) -> Mapping[Path, Category]:
    """Each category of the file by its path, with the first description and idnumber that the file gives for it."""
    levels: dict[Path, Category] = {}
    for node in questions:
        path = _path(node) if node.attributes.get("type") == "category" else ()
        if path:
            known = levels.get(path, Category(path[-1]))
            info = node.first("info")
            text = info.first("text") if info else None
            said = Text(text.content, format_of(info, "html")) if text else NOTHING
            levels[path] = Category(path[-1], known.info or said, known.idnumber or node.value("idnumber"))
    return levels


def _found(node: Node, category: tuple[Category, ...], pictures: Pictures) -> Found:
    kind = node.attributes.get("type", "")
    named, text = node.first("name"), node.first("questiontext")
    name = line(named.value("text")) if named else ""
    name, idnumber, lost = fitted(name, line(node.value("idnumber")))
    shown = name or name_from(Text(text.value("text")) if text else NOTHING)
    if not node.complete:
        return Found(node.line, shown, kind, Sentence(N_("The file ends in the middle of this question.")))
    if kind not in READERS:
        unknown = Sentence(N_("We do not know questions of the type {type}."), {"type": line(kind)[:60] or "?"})
        return Found(node.line, shown, kind, Sentence(UNSUPPORTED[kind]) if kind in UNSUPPORTED else unknown)
    question = Question(node, pictures)
    problem = built(
        lambda: replace(
            READERS[kind](question), name=name, idnumber=idnumber, category=category, images=pictures.images
        )
    )
    cautions = (Sentence(N_("It is hidden in Moodle. Here it is not.")),) if node.value("hidden", "0") == "1" else ()
    return Found(node.line, shown, kind, problem, (*lost, *pictures.lost, *_left_over(question)), cautions)


def _left_over(question: Question) -> list[Sentence]:
    parts = question.left_over()
    message = N_("These parts of it have no place here and were left out: {parts}.")
    return [Sentence(message, {"parts": ", ".join(parts)})] if parts else []
