"""XML to a small tree with line numbers, for one format that teachers upload: no DTD, no entities, nothing fetched,
sizes bounded.

A file that is cut off or malformed gives the elements that were complete, so that a report can say what was readable.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from core.problems.decoding import xml_text_of
from core.problems.reports import Limits, UnreadableFile
from core.words import N_, Sentence


@dataclass(slots=True)
class Node:
    """An element: its children, the text directly in it, and the line where it starts."""

    tag: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    complete: bool = False

    @property
    def content(self) -> str:
        return "".join(self.pieces).strip()

    def first(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def value(self, tag: str, default: str = "") -> str:
        """The text of the first child `tag`, or `default` if there is none or it is blank."""
        child = self.first(tag)
        return (child.content if child else "") or default


def parse(data: bytes, limits: Limits) -> tuple[Node, Sentence | None]:
    """The root element of `data`, and how the file is broken, if it is.

    Raises UnreadableFile for what is no XML, has a DTD or entities, or is larger than `limits` allow.
    """
    source = InputSource()
    source.setByteStream(io.BytesIO(xml_text_of(data, limits).encode()))
    source.setEncoding("utf-8")  # what the text is in now, whatever its declaration says
    builder = _Builder(limits)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(builder)
    failure: SAXParseException | None = None
    try:
        parser.parse(source)
    except DefusedXmlException as error:
        message = N_("This file has a document type or entities of its own, which can hide attacks. Export it again.")
        raise UnreadableFile(message) from error
    except SAXParseException as error:
        failure = error
    line = (failure.getLineNumber() if failure else None) or 1
    column = ((failure.getColumnNumber() if failure else None) or 0) + 1
    reason = failure.getMessage() if failure else ""
    if builder.root is None:
        message = N_("Line {line} is no XML ({reason}). Check that you took the right file, and export it again.")
        raise UnreadableFile(message, line=line, reason=reason) from failure
    if failure is None:
        return builder.root, None
    message = N_("The file is cut off or damaged at line {line}, column {column} ({reason}). Export it again.")
    return builder.root, Sentence(message, {"line": line, "column": column, "reason": reason})


class _Builder(ContentHandler):
    """Builds the tree, and stops where it becomes too large or too deep."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.root: Node | None = None
        self.open: list[Node] = []
        self.elements = 0
        self.locator = Locator()

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX's name
        self.locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        self.elements += 1
        line = self.locator.getLineNumber() or 1
        if self.elements > self.limits.elements:
            message = N_("This file has more than {most} XML elements. Split it and try again.")
            raise UnreadableFile(message, most=self.limits.elements)
        if len(self.open) >= self.limits.depth:
            message = N_("The elements at line {line} are nested more than {most} deep, which no question bank does.")
            raise UnreadableFile(message, line=line, most=self.limits.depth)
        node = Node(name, line, dict(attrs))
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - SAX's name and arguments
        self.open.pop().complete = True

    def characters(self, content: str) -> None:
        self.open[-1].pieces.append(content)
