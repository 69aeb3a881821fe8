"""The words that questions are built of, whatever they ask about: articles, prepositions, "what", "difference"."""

from __future__ import annotations

import unicodedata

_BY_LANGUAGE = {
    "en": """a an the of to in on at for from by with and or not no is are was were be been do does did has have had
        can could will would shall should may might must need i we you he she it they me us my our your its their
        this that these those there what which who whom whose when where why how if then than so as about between
        into out up please explain tell say know understand mean means meaning difference differences different
        differ vs versus example work works get gets got make use used question s t""",
    "de": """der die das den dem des ein eine einen einem einer eines und oder nicht ist sind war wird werden kann
        können muss ich wir man es sie er uns mir mich im in am an auf für von vom zu zum zur mit bei was wer wie
        wo wann warum wieso weshalb wozu welche welcher welches gibt unterschied unterschiede zwischen bitte
        heißt bedeutet""",
    "fr": """le la les l un une des du de d et ou ne pas est sont a au aux en dans sur pour par avec ce cette ces c il
        elle on nous vous je que qu qui quoi quel quelle quels quelles quand où comment pourquoi différence
        différences entre se""",
    "es": """el la los las un una unos unas y o de del al es son en por para con se su que qué quién cuál cuáles
        cuándo cuánto cómo dónde diferencia diferencias entre hay lo""",
    "it": """il lo la gli le un una di dei della delle da e o è sono che chi quale quando dove come perché cosa
        differenza tra""",
    "pt": """o os a as um uma de do da dos das em no na nos nas por para com e ou é são que quem qual quais quando
        onde como porque diferença entre""",
    "nl": """de het een van en of niet is zijn wordt worden kan ik we wij je dat deze die wat wie welke waar wanneer
        waarom hoe verschil tussen""",
    "sv": "en ett den det och eller inte är var hur vad vem vilken vilka när varför skillnad skillnaden mellan",
    "fi": "mikä mitä kuka missä milloin miksi miten on ja tai ei ero",
    "ru": """и или не в на с по за к из от для как что кто где когда почему какой какая какие чем это ли разница между
""",
    "ar": "ما ماذا من متى أين كيف لماذا هل هو هي في على عن إلى و أو الفرق بين",
    "he": "מה מי מתי איפה איך למה האם של את על זה ההבדל בין",
    "hi": "क्या कौन कब कहाँ कैसे क्यों है हैं में का की के को से और तथा अंतर",
    # pairs of letters, as `similar` compares these
    "zh": "什么 为什 怎么 么样 如何 是什 的是 有什 哪里 哪个 区别 可以 请问",
    "ko": "이란 무엇 엇인 인가 가요 어떻 떻게 언제 어디 하나 나요 는지 방법 차이",
}


def bare(word: str) -> str:
    """The word without accents, which are often left out."""
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(sign for sign in letters if not "\u0300" <= sign <= "\u036f"))


SCAFFOLDS = frozenset(bare(word) for words in _BY_LANGUAGE.values() for word in words.casefold().split())
