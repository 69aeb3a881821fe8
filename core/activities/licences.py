"""Under which licence somebody gives their own words and work to the public: a short list, by SPDX's names."""

from __future__ import annotations

from dataclasses import dataclass

from core.words import N_


@dataclass(frozen=True, slots=True)
class Licence:
    """`label` as it is known; `meaning` in everyday words; `url` of its text, where there is one."""

    name: str
    label: str
    meaning: str
    url: str = ""


LICENCES = {
    licence.name: licence
    for licence in (
        Licence(
            "CC-BY-4.0",
            N_("Creative Commons BY 4.0"),
            N_("Everybody may use and change it, if they say where it comes from."),
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        Licence(
            "CC-BY-SA-4.0",
            N_("Creative Commons BY-SA 4.0"),
            N_("The same, if they share what they make of it in the same way."),
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        Licence(
            "CC-BY-NC-4.0",
            N_("Creative Commons BY-NC 4.0"),
            N_("Everybody may use and change it, but not to earn money with it."),
            "https://creativecommons.org/licenses/by-nc/4.0/",
        ),
        Licence(
            "CC0-1.0",
            N_("Creative Commons Zero"),
            N_("Everybody may do with it what they like."),
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        Licence(
            "shown-here",
            N_("Shown here only"),
            N_("It may be read in this archive; all other rights stay with its author."),
        ),
    )
}
DEFAULT = "CC-BY-4.0"
