"""Reading a table of questions (CSV), one a row, such as a teacher makes in a spreadsheet in two minutes.

The first row names the columns, in any order; only `text` must be there, and the rest may be left out or empty:

- `text`: the question.
- `choice_1`, `choice_2` ... (or `choice_a` ...): the choices, up to 20.
- `correct`: the right choices as letters or numbers ("B", "A C", "1;3") or word for word; or the accepted numbers or
  texts with a bar between them ("2|3", "color|colour", where * stands for any text); or true / false.
- `kind`: one, several, number, short, free or true/false; may be empty where the choices and `correct` tell.
- `tolerance`, `unit`: of a number: 0.5, or 2% of it; a unit that may be written behind it.
- `feedback`: the explanation, shown with the right answer.
- `name`, `tags`, `category`, `idnumber`: a title; tags with commas between them; a path such as Algebra/Lines; a key.
- `source`, `licence`, `url`: whom to credit.
- `case`: yes if capital and small letters of a short text differ.
- `format`: plain (if empty), markdown or html, of all texts in the row.

Several right choices earn equal parts of the mark, and a wrong one takes as much away. Columns are separated by
commas, semicolons or tabs; the encoding is UTF-8 (or UTF-16 with its mark). Where semicolons separate, a comma in a
number is a decimal comma, as in the spreadsheets that write so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from core.problems.collect import Found, add, built, collect, fitted
from core.problems.csv_rows import Row, common, is_used, place_of, problem_of
from core.problems.decoding import text_of
from core.problems.kinds import (
    Problem,
)
from core.problems.reports import DEFAULT_LIMITS, Import, Limits, NotTaken, UnreadableFile
from core.problems.texts import Text, line, name_from
from core.words import N_, Sentence

MOST_COLUMNS = 200
_DELIMITERS = (",", ";", "\t")


def read_csv(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Import:
    """The problems in a table. A quotation mark that is never closed breaks the file.

    Raises UnreadableFile where there is no column `text` or no row.
    """
    text = text_of(data, limits)
    delimiter = delimiter_of(text)
    if delimiter is None:
        message = N_("The first row names no column “text”. Begin with a row such as: text,choice_1,choice_2,correct")
        raise UnreadableFile(message)
    broken: Sentence | None = None
    found: list[Found] = []
    columns: list[str] = []
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in rows:
            if columns and any(cell.strip() for cell in cells):
                add(found, _found(start, columns, cells, delimiter), limits)
            elif not columns:
                columns = _columns(cells)
            start = rows.line_num + 1
    except csv.Error as error:
        message = N_("The row of line {line} is damaged ({reason}). Check its quotation marks; nothing was imported.")
        broken = Sentence(message, {"line": start, "reason": str(error)})
    return collect(found, limits, broken)


def _columns(cells: Sequence[str]) -> list[str]:
    if len(cells) > MOST_COLUMNS:
        raise UnreadableFile(N_("The table has {count} columns, which is too many."), count=len(cells))
    columns = [_column(name) for name in cells]
    for at, column in enumerate(columns):
        place = place_of(column)
        same_place = place is not None and place in map(place_of, columns[:at])
        if column and (column in columns[:at] or same_place):
            raise UnreadableFile(N_("Two columns are called {column}. Give each its own name."), column=column[:60])
    return columns


def delimiter_of(text: str) -> str | None:
    """What separates the columns of a table of questions; None if `text` does not begin with their names."""
    first = text.lstrip("\n")[:20_000].split("\n", 1)[0]
    named = {delimiter: [_column(name) for name in first.split(delimiter)] for delimiter in _DELIMITERS}
    known = {delimiter: names for delimiter, names in named.items() if "text" in names}
    return max(known, key=lambda delimiter: len(known[delimiter]), default=None)


def _column(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().strip('"').lower())


def _found(start: int, columns: Sequence[str], cells: Sequence[str], delimiter: str) -> Found:
    by_column = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    choices = {place: cell for column, cell in by_column.items() if (place := place_of(column)) is not None and cell}
    row = Row(by_column, choices, delimiter == ";")
    name, idnumber, lost = fitted(line(row.cell("name")), line(row.cell("idnumber")))

    def make() -> Problem:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise NotTaken(N_("The row has more cells than columns. Put a text with commas into quotation marks."))
        return problem_of(row, {**common(row), "name": name, "idnumber": idnumber})

    shown = name or name_from(Text(row.cell("text"), "plain"))
    problem = built(make)
    unused = [c for c, cell in by_column.items() if cell and not is_used(c, problem)]
    if unused:
        message = N_("These columns say nothing here and were left out: {columns}.")
        lost = (*lost, Sentence(message, {"columns": ", ".join(line(column)[:40] or "?" for column in unused)}))
    return Found(start, shown, row.cell("kind"), problem, lost)


def csv_template() -> bytes:
    """A table to fill in: the columns, and one row of each kind (with the mark by which spreadsheets know UTF-8)."""
    columns = ["kind", "text", "choice_1", "choice_2", "choice_3", "choice_4", "correct"]
    columns += ["tolerance", "unit", "feedback", "tags"]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(columns)
    table.writerows(_examples())
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _examples() -> Iterator[list[str]]:
    yield ["one", "What is 2 + 3?", "4", "5", "6", "", "B", "", "", "Count on from 2: 3, 4, 5.", "adding"]
    yield ["several", "Which are even?", "2", "3", "4", "5", "A C", "", "", "Even numbers are multiples of 2.", ""]
    yield ["number", "How fast is 150 km in 2.5 hours?", "", "", "", "", "60", "0.5", "km/h", "Divide 150 by 2.5.", ""]
    yield ["short", "What is the capital of France?", "", "", "", "", "Paris|paree", "", "", "", "places"]
    yield ["true/false", "A square is a rectangle.", "", "", "", "", "true", "", "", "It has four right angles.", ""]
    yield ["free", "Why may we not divide by zero?", "", "", "", "", "", "", "", "", ""]
