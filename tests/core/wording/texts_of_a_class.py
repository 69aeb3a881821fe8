"""What classes write: ordinary sentences on which no check of words may cry out, in the languages that have a list."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[3]

ORDINARY = {
    "en": """
        Scunthorpe, Penistone, Clitheroe, Cockermouth and Lightwater are towns in England.
        We assess the class by an analysis of the assassin's passage, and embarrass nobody.
        Peacock, Hancock, cocktail, stopcock, weathercock, shuttlecock, cockpit.
        Charles Dickens wrote about Dick Swiveller's friends; Moby Dick is by Melville; Dick Cheney was vice president.
        The great tits and blue tits compete for nests; tit for tat is a strategy in repeated games.
        The wild ass lives in dry grassland. Mass, brass, grass, glass, bass.
        In titration we add base until the titre is reached; the constitution has an institution.
        Sexual reproduction needs meiosis; XX and XY chromosomes decide about sex in mammals.
        The anus is the end of the digestive tract; the penis, vagina, testes and uterus are organs.
        Therapists in Essex and Sussex use snatch blocks; scat singing began in jazz.
        The currency was pegged to gold; snowballing is a way of sampling; a butt joint is weak.
        Rape was made a crime under the statute; the court spoke of sodomy laws and incest.
        Semen analysis shows motility. Masturbation is discussed in Freud. Nude figures in art by Titian.
        Flame retardants retard the reaction and a catalyst speeds it up.
        The double slit of Scheiner. The cumulative sum: summa cum laude.
        f(x) = a s s + b with the product a·s·s of variables.
        Shiitake mushrooms, Matsushita, mishits, Fukushima, Phuket, Fukuyama, Shih Tzu, fucose and fuchsia.
        x = 5h + 17, see figure 4a55 and section B00B1; hash 0xa55 and id 455.
        Romeo dies; Hamlet asks whether to be; suicide is a theme of Durkheim.
        Document 1: Arsenal, Assam, Bastille, cucumber, circumference, title, Titanic, competition.
        """,
    "de": """
        Das Ass im Ärmel ist ein dicker Trumpf; dick ist ein Adjektiv. Massen, Klasse, Kasse, Wasser.
        Die Fichte, der Fichtenzapfen, Fiktion und Zeugnis; der Wichtel verschickt Päckchen.
        Moses teilte das Meer; die Mose-Bücher; Penis und Vagina sind Geschlechtsorgane.
        Der Nippel des Ventils, die Rosette am Fenster, nackte Zahlen, die Kimme und das Korn.
        Der Orgasmus, die Onanie und die Bisexualität sind Themen der Sexualkunde.
        Die Negation, der Negativfilm, Nigeria und der Niger; das Negligee.
        Die Analyse des Assemblers, Archimedes. Marsch, Barsch und Harsch.
        Hurrikan, Huronsee, Hurra! Die Nute, Nutzen und Minuten. Titel, Titan und Institut.
        Ich bringe mich gut ein. Ich will mich umziehen. Ich nehme mir das Buch. Schlamm und Schlappe.
        """,
    "fr": """
        Le retard du train est de dix minutes; la bite d'amarrage; le cul-de-sac est une impasse.
        La folle journée; la chatte de ma voisine; le con est un mot de géométrie ancienne: cône.
        Peter et Pédro pédalent; la pédale du piano; le peltre.
        Députés, réputation, dispute, computer; Salopette et salinité; Encyclopédie, enculturation.
        L'analyse de la classe, l'assassin, le bassin, passer, cassette. La sexualité et le sexe en biologie.
        Le bordeaux, la bordure, la branche et le branchement; la merveille et la mer de glace.
        """,
    "es": """
        El volumen del cono es un tercio del cilindro; dos conos iguales; el cono y el año.
        El martillo, la concha del mar, el infierno de Dante, la verga del barco, las drogas y la heroína.
        La disputa sobre la diputada; computar, reputación, imputado; putativo.
        El asno de Buridán; el culombio; oculto, cultura, calcular; el trío de cuerdas.
        Análisis sexual y asexual; el pecho, los pezones de los mamíferos; la orina y el semen.
        """,
    "it": """
        La regina, il pesce, la vacca e il pisello di Mendel; la sega circolare; il finocchio selvatico.
        La cazzuola del muratore; la mona lisa; le palle da tennis; tirare i dadi; il topo.
        Montare la scena, battere il record, la fava, il fico; cozza e vongola.
        Computer, disputa, reputazione; calcolo, oculista, culla, cultura, ridicolo.
        """,
    "pt": """
        O cálculo da área; o burro e o pinto; comer uma fruta; a cerveja e o pau-brasil; a aranha.
        O inferno de Dante; o amador; a torneira pinga; o saco de arroz; a mama dos mamíferos.
        Disputa, computador, deputado, reputação; cultura, círculo, oculto; porta, portal.
        O cacete é um pão; o veado corre; a lésbica e o homossexual têm os mesmos direitos.
        """,
    "nl": """
        De paal, het gat in de muur, de pot met verf, de poot van de stoel; hol en bol.
        De tante en de nicht; de beurt is aan jou; het matje; de asbak; hoera, we hebben gewonnen!
        Dick en Anita klooien met de motor; de del van de vector; de cuticula.
        De klasse, de massa, passen; de analyse; de hoeveelheid; de vuurtoren.
        Naakt zaad en naaktslakken; de geslachtsorganen: penis en vagina; de reet in het hout.
        """,
    "ar": """
        العنصر الشاذ في المجموعة؛ القضيب الموصل للكهرباء؛ مبادل حراري؛ الفرج بعد الشدة.
        كسر العدد، كسوف الشمس، مكسب، الكسور العشرية؛ يمتص النبات الماء؛ الثدييات.
        زبدة، زبون، نيكل، نيكولا تسلا، خولة بنت الأزور.
        """,
    "fa": """
        هیچ کس نیامد؛ کسر و کسور؛ منی که گفتم؛ تجاوز از حد؛ سوپر مارکت؛ کوسه ماهی.
        کونیک‌ها در هندسه؛ قانون و اکنون؛ حشرات؛ شهود؛ لشکر؛ علف هرز.
        """,
    "tr": """
        Sıkı çalış, sıkma kuvveti, sık sık gelir; fizik, klasik, müzik, plastik, mekanik.
        Götürmek, gösterge; amaç, amca, ambar, tamam; taşınmaz, taşımak.
        Yarasa, yarar, yaratıcı; sikke eski paradır; siklon, siklus.
        """,
    "ru": """
        Сук дерева, сукно, сукцессия; мудрость, мудрец; говорить, говядина; европа, лежа.
        Хулиган, художник, хурма; бляха, блестеть; пиджак, пизанская башня; эбонит.
        Мандарин, мандат, команда; секс и секунда; оскорблять, употреблять, гребля, колебать, потребление.
        Голый проводник, цемент; чушь; хрен и редька; бугор на карте.
        """,
    "pl": """
        Kura, kurs, kurwatura; hufiec; suka i szczeniak; jajko; cykl; syfon.
        Jebel to góra; pizza i Piza; koparka; ciotka; cypel; fiuk.
        Dmuchać balon; lizać lody; debel.
        """,
    "zh": """
        这个函数的性质是连续性；刚度与强度；卵子与精子结合；乳酸；处女作；成人教育；激情。
        今日你们要逼近这个极限；手机八百元；若干你不知道的事；体操你会吗；我妈妈的妈妈；他奶奶的苹果。
        性别、染色体、阴道、阴茎、月经是生理卫生课的内容；白痴是陀思妥耶夫斯基的小说；树幹；柒月。
        妈比爸高；吹箫的人；后庭花；屁股上的肌肉；祖宗；色情产业的法律；强奸罪；卖淫。
        """,
    "ja": """
        二重スリットの実験；カントの哲学；グローバル化；フックの法則；ローターの回転；エッチング。
        斜めの線；なめらかな関数；変態する昆虫；人種問題；奴隷制度；パチンコ；ホモ・サピエンス；ヌードル。
        死ねば終わりだと書いた；必死に勉強する；ミロシェビッチ大統領；射精と受精；挿入ソート；支配方程式。
        デブリ；ラバー；プログラム；ディクショナリ；女の子の名前；殺人事件の小説；性交渉；肛門；膣。
        """,
}

NUMBERS = """
    x = 3.14159265358979
    2 + 3 - 4 * 5 / 6 = 1.6667
    (12 - 3)(4 + 5) = 81
    12/05/2024
    2024-05-12 10:30
    01.02.2024 14:30 Uhr
    room 2.104, building 12
    Room B-1203
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    0 1 2 3 4 5 6 7 8 9
    0101 1010 1111
    192.168.001.001
    y = A@B.transpose()
    @property
    ISBN 978-3-16-148410-0
    1 000 000 000
    6.022 * 10^23
    10 000 - 20 000
    see pages 123-456
    1914-1918 and 1939 - 1945
    https://doi.org/10.1038/s41586-020-2649-2
    f(2345678) = 1
    a = 5551234567
    version 1.2.3.4
    3/4 + 5/6 - 7/8
    x^2+12345678
    299792458 m/s
    1.602176634e-19
    (123) 456
    x = (2 3 4 5 6 7 8)
    https://github.com/explore
    user@localhost
    print("%d" % 1234567890)
    the matrix (1 0 0 1 0 0 1)
    5 3 2 1 2 3 4 5 6
    from 07:30 to 09:15
    0.001 0.002 0.003
    2-3-4
    05 06 07
    https://www.youtube.com/watch?v=dQw4w9WgXcQ
    telephone poles are 12 metres high
    numéro 5, número 12
    1234567890123456
    in 1789, 1848 and 1918
    3.3333333333333333
    7 8 9 10 11 12 13 14
    10:00-11:30, 12:15-13:45
    n! for n = 10 is 3628800
    2 147 483 647
    -273.15 °C
    1/3 = 0.333333333
    the sequence 1 1 2 3 5 8 13 21 34
    SHA 5d41402abc4b2a76b9719d911017c592
    100 000 000 000 neurons
    E = 200 000 000 000 Pa
    @media (max-width: 600px)
    a.b@c in our notation
    https://www.instagram.com/p/CabcDEF123/
    100-200-300
    f(x, y) = (x-1)(y-2)(z-30)
    GDP 21 433 225 000 000
    12,345,678.90
    4.5.6-7
    ratio 16:9
    DE 1234
    1.234.567,89 €
    2001:db8::1
    04 11 12
"""


def ordinary() -> list[tuple[str, str]]:
    """(language, sentence)"""
    return [(language, line.strip()) for language, lines in ORDINARY.items() for line in lines.strip().splitlines()]


def numbers() -> list[str]:
    """Lines with numbers that are nobody's."""
    return [line.strip() for line in NUMBERS.strip().splitlines()]


def of_the_demonstration() -> list[str]:
    """Every text of the demonstration's course."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in sorted((ROOT / "sandbox" / "course").glob("*.json")):
        walk(json.loads(path.read_text(encoding="utf-8")))
    return found


def of_question_banks() -> list[str]:
    """Lines of the question banks that the tests read."""
    folder = ROOT / "tests" / "fixtures" / "question_banks"
    return [
        line
        for path in sorted(folder.glob("*.gift"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
