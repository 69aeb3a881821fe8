"""Words of somebody who may be thinking of hurting themselves, in English and German.

This is no diagnosis. It finds a few ways to say it in the first person and passes over all else: characters of a play,
what stands in quotes, dying of laughter. Whoever is found is shown a person to turn to, and a teacher reads the text
first; nothing is held back and nobody is punished for it, so that no one learns not to say it.
"""

from __future__ import annotations

import re
import unicodedata

_PHRASES = """
    i want to die | i wanna die | i just want to die | i really want to die | i want to be dead | i wish i was dead
    i wish i were dead | i wish i would die | i want to kill myself | i wanna kill myself | i will kill myself
    im going to kill myself | i am going to kill myself | im gonna kill myself | ill kill myself | i might kill myself
    i tried to kill myself | thinking of killing myself | thinking about killing myself | thoughts of killing myself
    i want to end my life | i want to end it all | im going to end my life | i am going to end my life
    i want to take my own life | i am suicidal | im suicidal | i feel suicidal | im feeling suicidal
    i have suicidal thoughts | i dont want to live | i do not want to live | i dont want to be alive
    i do not want to be alive | i dont want to exist | i dont want to wake up anymore | no reason to live anymore
    i have no reason to live | i cant go on living | i want to hurt myself | i hurt myself on purpose
    i cut myself on purpose | i keep cutting myself | i started cutting myself | i want to cut myself
    i have been cutting myself | ive been cutting myself | i harm myself | i self harm | be better off without me
    is better off without me | be better off if i was dead | be better off if i were dead

    ich will sterben | ich möchte sterben | ich will nur noch sterben | ich wäre lieber tot | ich wünschte ich wäre tot
    ich will tot sein | ich möchte tot sein | ich will nicht mehr leben | ich möchte nicht mehr leben
    ich mag nicht mehr leben | ich will mich umbringen | ich möchte mich umbringen | ich bringe mich um
    ich bring mich um | ich werde mich umbringen | mich selbst umbringen | daran mich umzubringen
    ich will mir das leben nehmen | ich nehme mir das leben | ich werde mir das leben nehmen
    ich habe selbstmordgedanken | ich habe suizidgedanken | ich bin suizidal | ich will meinem leben ein ende
    keinen grund mehr zu leben | mein leben hat keinen sinn mehr | ich verletze mich selbst | ich ritze mich
    ich schneide mich absichtlich | ohne mich besser dran
"""
_KNOWN = tuple(f" {' '.join(phrase.split())} " for phrase in re.split(r"[|\n]", _PHRASES) if phrase.strip())
# What makes something else of it: the sentence goes on with one of these.
_GOES_ON = re.compile(
    r"(?:of |from |vor )?(?:laughing|laughter|embarrassment|boredom|cringe|lachen|scham|langeweile)\b"
    r"|(?:in|to) (?:a|the|this|that|an?other)\b|in (?:einem|einer|der|dieser|diesem)\b"
)
_APOSTROPHES = str.maketrans("", "", "'’`´")
_QUOTED = re.compile(r'"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|^[ ]{0,3}>.*$', re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")


def sounds_like_it(text: str) -> bool:
    """Whether a text has such words of its writer's own. The time grows as the text does."""
    own = _QUOTED.sub(" ", unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES))
    words = f" {' '.join(_WORD.findall(own))} "
    return any(_is_meant(words, phrase) for phrase in _KNOWN if phrase in words)


def _is_meant(words: str, phrase: str) -> bool:
    return any(not _GOES_ON.match(after) for after in words.split(phrase)[1:])
