"""Words of somebody who may be thinking of hurting themselves, in nine European languages.

This is no diagnosis, and no screening that anything may rest on. It finds a few ways to say it in the first person,
such as services for prevention quote among the signs to be taken seriously, and passes over all else: what is only
hinted at, other languages, slang, characters of a play, what stands in quotes, dying of laughter. Nobody has measured
how many cries for help it misses; that it is silent means nothing. Whoever is found is shown a person to turn to, and a
teacher reads the text first; nothing is held back and nobody is punished for it, so that no one learns not to say it.

Every text is searched in every language, because classes write in more than one. Accents may be left out, except where
one alone tells "I" from "she": Polish "chcę" and "chce".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Language:
    """How it is said, and what makes something else of it: how the sentence goes on, or begins."""

    phrases: str
    goes_on: str
    begins: str = r"(?!)"  # nothing
    as_written: str = ""  # phrases whose accents must stand


_LANGUAGES = (
    _Language(  # English
        """
        i want to die | i wanna die | i just want to die | i really want to die | i want to be dead | i wish i was dead
        i wish i were dead | i wish i would die | i want to kill myself | i wanna kill myself | i will kill myself
        im going to kill myself | i am going to kill myself | im gonna kill myself | ill kill myself
        i might kill myself | i tried to kill myself | thinking of killing myself | thinking about killing myself
        thoughts of killing myself | i want to end my life | i want to end it all | im going to end my life
        i am going to end my life | i want to take my own life | i am suicidal | im suicidal | i feel suicidal
        im feeling suicidal | i have suicidal thoughts | i dont want to live | i do not want to live
        i dont want to be alive | i do not want to be alive | i dont want to exist | i dont want to wake up anymore
        no reason to live anymore | i have no reason to live | i cant go on living | i want to hurt myself
        i hurt myself on purpose | i cut myself on purpose | i keep cutting myself | i started cutting myself
        i want to cut myself | i have been cutting myself | ive been cutting myself | i harm myself | i self harm
        be better off without me | is better off without me | be better off if i was dead | be better off if i were dead
        """,
        r"(?:of |from )?(?:laughing|laughter|embarrassment|boredom|cringe)\b|(?:in|to) (?:a|the|this|that|an?other)\b",
    ),
    _Language(  # German
        """
        ich will sterben | ich möchte sterben | ich moechte sterben | ich will nur noch sterben | ich wäre lieber tot
        ich wünschte ich wäre tot | ich will tot sein | ich möchte tot sein | ich will nicht mehr leben
        ich möchte nicht mehr leben | ich moechte nicht mehr leben | ich mag nicht mehr leben | ich will mich umbringen
        ich möchte mich umbringen | ich bringe mich um | ich bring mich um | ich werde mich umbringen
        mich selbst umbringen | daran mich umzubringen | ich will mir das leben nehmen | ich nehme mir das leben
        ich werde mir das leben nehmen | ich habe selbstmordgedanken | ich habe suizidgedanken | ich bin suizidal
        ich will meinem leben ein ende | keinen grund mehr zu leben | mein leben hat keinen sinn mehr
        ich verletze mich selbst | ich ritze mich | ich schneide mich absichtlich | ohne mich besser dran
        """,
        r"(?:vor )?(?:lachen|scham|langeweile)\b|in (?:einem|einer|der|dieser|diesem)\b",
    ),
    _Language(  # French
        """
        je veux mourir | je voudrais mourir | j'ai envie de mourir | je veux juste mourir | je veux me tuer
        je vais me tuer | j'ai envie de me tuer | je veux me suicider | je vais me suicider | envie de me suicider
        je pense à me suicider | je pense au suicide | j'ai des pensées suicidaires | j'ai des idées suicidaires
        je suis suicidaire | je ne veux plus vivre | je veux plus vivre | je n'ai plus envie de vivre
        j'ai plus envie de vivre | je n'ai plus de raison de vivre | en finir avec ma vie | je veux en finir avec la vie
        mettre fin à mes jours | mettre fin à ma vie | je voudrais être mort | je voudrais être morte
        j'aimerais être mort | j'aimerais être morte | je préférerais être mort | je préférerais être morte
        je me scarifie | je me mutile | serait mieux sans moi | seriez mieux sans moi | seraient mieux sans moi
        """,
        r"de (?:rire|honte|faim|soif|chaud|froid|fatigue)\b|d ?ennui\b|dans\b|chez\b|en ville\b|(?:a|sous) la\b|sans\b",
    ),
    _Language(  # Spanish
        """
        quiero morir | quiero morirme | me quiero morir | quisiera morir | quisiera morirme | quiero estar muerto
        quiero estar muerta | quisiera estar muerto | quisiera estar muerta | me gustaría estar muerto
        me gustaría estar muerta | preferiría estar muerto | preferiría estar muerta | ojalá estuviera muerto
        ojalá estuviera muerta | quiero matarme | quiero suicidarme | me quiero suicidar | voy a suicidarme
        me voy a suicidar | pienso en suicidarme | pensando en suicidarme | tengo pensamientos suicidas
        tengo ideas suicidas | no quiero vivir más | ya no quiero vivir | no quiero seguir viviendo
        no tengo ganas de vivir | no tengo razones para vivir | quiero quitarme la vida | me quiero quitar la vida
        voy a quitarme la vida | quiero acabar con mi vida | quiero terminar con mi vida | me autolesiono
        me corto a propósito | estaría mejor sin mí | estarían mejor sin mí | estaríais mejor sin mí
        """,
        r"del? (?:la |el )?(?:risa|verguenza|aburrimiento|pena ajena|hambre|sueno|calor|frio)\b|en\b|sin\b"
        r"|con (?:mis?|el|la|los|las|ellos|ellas)\b|estudiando\b|trabajando\b",
    ),
    _Language(  # Italian
        """
        voglio morire | vorrei morire | ho voglia di morire | vorrei essere morto | vorrei essere morta
        voglio essere morto | voglio essere morta | voglio uccidermi | mi voglio uccidere | voglio ammazzarmi
        mi voglio ammazzare | voglio suicidarmi | mi voglio suicidare | penso al suicidio | penso di suicidarmi
        ho pensieri suicidi | ho pensieri di suicidio | non voglio più vivere | non ho più voglia di vivere
        non ho voglia di vivere | non ho più motivi per vivere | voglio togliermi la vita | vorrei togliermi la vita
        mettere fine alla mia vita | porre fine alla mia vita | farla finita con la vita | mi taglio apposta
        starebbe meglio senza di me | starebbero meglio senza di me | stareste meglio senza di me
        """,
        r"(?:di|dal|dalla|dalle) (?:ridere|risate|noia|vergogna|fame|sonno|caldo|freddo)\b|in\b|a casa\b|senza\b"
        r"|con (?:il|la|i|le|gli|mi[oae]i?)\b|nell\w*\b",
    ),
    _Language(  # Portuguese
        """
        quero morrer | eu queria morrer | só queria morrer | queria estar morto | queria estar morta
        quero estar morto | quero estar morta | quero me matar | quero matar-me | quero me suicidar | quero suicidar-me
        vou me suicidar | vou suicidar-me | penso em suicídio | penso em me suicidar | pensando em me suicidar
        penso em suicidar-me | tenho pensamentos suicidas | não quero mais viver | não quero viver mais
        já não quero viver | não tenho mais vontade de viver | não tenho vontade de viver
        não tenho razões para viver | quero acabar com a minha vida | quero acabar com minha vida
        quero tirar a minha vida | quero tirar minha própria vida | pôr fim à minha vida | me corto de propósito
        corto-me de propósito | eu me automutilo | estariam melhor sem mim | ficariam melhor sem mim
        estaria melhor sem mim
        """,
        r"de (?:tanto |tanta )?(?:rir|vergonha|tedio|fome|sono|estudar|trabalhar|calor|frio)\b|sem\b"
        r"|(?:em|no|na|nos|nas|num|numa|neste|nesta|nessa|nesse)\b|com (?:o|a|os|as|meus?|minhas?)\b",
    ),
    _Language(  # Dutch
        """
        ik wil dood | ik wil sterven | ik wil gewoon dood | ik wil dood zijn | ik wou dat ik dood was
        ik wilde dat ik dood was | was ik maar dood | ik wil niet meer leven | ik wil niet meer verder leven
        ik wil zelfmoord plegen | ik ga zelfmoord plegen | ik denk aan zelfmoord | ik heb zelfmoordgedachten
        ik heb suïcidale gedachten | ik ben suïcidaal | ik wil mezelf doden | ik ga mezelf doden
        ik wil mezelf van kant maken | ik wil mezelf iets aandoen | een eind aan mijn leven maken
        een einde aan mijn leven maken | een eind maken aan mijn leven | een einde maken aan mijn leven
        ik zie het leven niet meer zitten | ik snij mezelf expres | ik snijd mezelf expres | ik beschadig mezelf
        beter af zonder mij
        """,
        r"van (?:het |de )?(?:lach|lachen|schaamte|verveling|honger|kou)\b|hout\b|materiaal\b|zonder\b|in\b|bij\b",
    ),
    _Language(  # Polish
        """
        chciałbym umrzeć | chciałabym umrzeć | chciałbym nie żyć | chciałabym nie żyć | chciałbym się zabić
        chciałabym się zabić | nie chce mi się żyć | nie mam po co żyć | mam myśli samobójcze | myślę o samobójstwie
        popełnię samobójstwo | okaleczam się | byłoby lepiej beze mnie | będzie lepiej beze mnie
        """,
        r"(?:ze? )?(?:smiechu|wstydu|nudow|glodu)\b|we?\b|bez\b|na\b|o\b",
        as_written="""
        chcę umrzeć | chcę się zabić | chcę nie żyć | nie chcę żyć | nie chcę już żyć | nie chcę dłużej żyć
        chcę popełnić samobójstwo | chcę odebrać sobie życie | chcę skończyć ze swoim życiem | zabiję się
        """,
    ),
    _Language(  # Turkish
        """
        ölmek istiyorum | keşke ölsem | keşke ölseydim | artık yaşamak istemiyorum | kendimi öldürmek istiyorum
        kendimi öldüreceğim | intihar etmek istiyorum | intihar edeceğim | intihar etmeyi düşünüyorum
        intiharı düşünüyorum | hayatıma son vermek istiyorum | canıma kıymak istiyorum | yaşamak için bir nedenim yok
        kendimi bilerek kesiyorum | bilerek kendimi kesiyorum | kendime zarar vermek istiyorum
        bensiz daha iyi olurdu | bensiz daha iyi olacak
        """,
        r"(?!)",
        begins=r"\w+[td][ae]n$",  # of shame, of laughing: utançtan, gülmekten
    ),
)
_APOSTROPHES = str.maketrans("", "", "'’`´")
_QUOTED = re.compile(r'"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|^[ ]{0,3}>.*$', re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
_WITHOUT_ACCENT = str.maketrans("ıłøđ", "ilod")
_LAST_WORDS = 40  # letters before a phrase that are looked at


def sounds_like_it(text: str) -> bool:
    """Whether a text has such words of its writer's own. The time grows as the text does."""
    own = _words(_QUOTED.sub(" ", unicodedata.normalize("NFC", text)))
    bare = _bare(own)
    return any(
        _is_meant(words, phrase, how)
        for how in _KNOWN
        for words, phrases in ((bare, how.bare), (own, how.as_written))
        for phrase in phrases
        if phrase in words
    )


def _words(text: str) -> str:
    """Small letters without punctuation, one space around each word."""
    lower = unicodedata.normalize("NFC", text.lower().replace("i\u0307", "i"))  # of a Turkish capital İ
    return f" {' '.join(_WORD.findall(lower.translate(_APOSTROPHES)))} "


def _bare(words: str) -> str:
    """Without accents, as many type."""
    apart = unicodedata.normalize("NFD", words.translate(_WITHOUT_ACCENT))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@dataclass(frozen=True, slots=True)
class _Known:
    """A language's phrases as they are looked for."""

    bare: tuple[str, ...]
    as_written: tuple[str, ...]
    goes_on: re.Pattern[str]
    begins: re.Pattern[str]


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(_words(phrase) for phrase in re.split(r"[|\n]", listed) if phrase.strip())


_KNOWN = tuple(
    _Known(
        tuple(map(_bare, _phrases(language.phrases))),
        _phrases(language.as_written),
        re.compile(language.goes_on),
        re.compile(language.begins),
    )
    for language in _LANGUAGES
)


def _is_meant(words: str, phrase: str, how: _Known) -> bool:
    before, *rest = words.split(phrase)
    for after in rest:
        if not how.goes_on.match(_bare(after[:_LAST_WORDS])) and not how.begins.search(before[-_LAST_WORDS:]):
            return True
        before = after
    return False
