"""The pictures that come with a file of questions: decoded strictly, cleaned, and named so that texts find them.

Moodle keeps a file beside the text that shows it; a problem here has one set of pictures. So two different pictures
of one name in a problem get two names, and the texts are changed to match.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.problems.images import BadImage, CleanImage, clean_image, pixels
from core.problems.kinds import Image
from core.problems.reports import Limits
from core.problems.texts import Format, Text, file_address, files_named, line
from core.words import N_, Sentence

_PREFIX = "@@PLUGINFILE@@/"
_ENDS_HERE = r"(?=[\"'<>)\s?#]|\Z)"
_ENDINGS = {"image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")}
LONGEST_NAME = 200  # characters
MOST_FILES = 100  # beside one text

_NO_NAME = N_("{name}: this is no name for a picture. Give it a plain name, without folders.")
_TOO_MANY = N_("One of its texts has more than {most} files; the others were left out.")
_NOT_SHOWN = N_("{name}: no text shows this file, so it was left out.")


@dataclass(frozen=True, slots=True)
class File:
    """A file as an XML element gives it: all of it is what a stranger wrote."""

    name: str
    path: str
    content: str  # base64

    @property
    def fits(self) -> bool:
        """Whether the name is a plain one, in no folder."""
        plain = self.name == line(self.name) and 0 < len(self.name) <= LONGEST_NAME and not self.name.startswith(".")
        return plain and not re.search(r"[/\\]", self.name) and self.path == "/"


class Cleaner:
    """Cleans the pictures of one upload: equal ones once, and no more pixels in all than the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._known: dict[bytes, CleanImage] = {}
        self._pixels = 0

    def clean(self, file: File) -> CleanImage:
        """The picture in `file`; raises BadImage."""
        name = file.name
        try:
            data = base64.b64decode("".join(file.content.split()), validate=True)
        except ValueError as error:  # binascii.Error is one
            raise BadImage(N_("{name}: its base64 text is damaged. Export the questions again."), name=name) from error
        key = hashlib.sha256(data).digest()
        if key not in self._known:
            self._pixels += pixels(data, name=name)
            if self._pixels > self.limits.file_pixels:
                raise BadImage(
                    N_("{name}: the pictures before it fill what one file may hold. Split the file."), name=name
                )
            self._known[key] = clean_image(data, name=name, most_pixels=self.limits.picture_pixels)
        return self._known[key]


class Pictures:
    """The pictures of one problem, gathered text by text; `lost` says what was not taken."""

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self._images: dict[str, Image] = {}
        self.lost: list[Sentence] = []

    @property
    def images(self) -> tuple[Image, ...]:
        return tuple(self._images.values())

    def text(self, source: str, form: Format, files: Iterable[File]) -> Text:
        """The text of `source`, its pictures taken from `files` and called by their names in this problem.

        Files of a text that is too long to be taken are not looked at.
        """
        if len(source) > self._cleaner.limits.text_characters:
            return Text(source, form)
        for number, file in enumerate(files):
            if number == MOST_FILES:
                self.lost.append(Sentence(_TOO_MANY, {"most": MOST_FILES}))
                break
            if not file.fits:
                self.lost.append(Sentence(_NO_NAME, {"name": line(file.name)[:LONGEST_NAME] or "?"}))
                continue
            # Some programs write the name as it is; ours and Moodle's addresses are percent-encoded.
            source = _renamed(source, _PREFIX + file.name, file_address(file.name))
            if file.name not in files_named(Text(source, form)):
                self.lost.append(Sentence(_NOT_SHOWN, {"name": file.name}))
                continue
            try:
                name = self._name(file.name, self._cleaner.clean(file))
            except BadImage as refusal:
                self.lost.append(refusal.sentence)
                continue
            source = _renamed(source, file_address(file.name), file_address(name))
        return Text(source, form)

    def _name(self, wanted: str, picture: CleanImage) -> str:
        """The name to keep `picture` under: `wanted` with the ending of what it is now, and a number if taken."""
        stem, dot, ending = wanted.rpartition(".")
        endings = _ENDINGS[picture.mime]
        if not dot or f".{ending.lower()}" not in endings:
            stem, ending = (stem or wanted), endings[0][1:]
        name, count = f"{stem}.{ending}", 1
        while name in self._images and self._images[name].data != picture.data:
            count += 1
            name = f"{stem}-{count}.{ending}"
        self._images.setdefault(name, Image(name, picture.mime, picture.width, picture.height, picture.data))
        return name


def _renamed(source: str, old: str, new: str) -> str:
    return source if old == new else re.sub(re.escape(old) + _ENDS_HERE, lambda _: new, source)
