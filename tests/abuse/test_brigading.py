"""Brigades and harassment: reports in numbers hide and never delete, their target is heard, and the last word is the
teacher's. What one person does not want to see they need not see.
"""

from __future__ import annotations

from core.store.tables import Contribution, Decision
from tests.abuse.spoiled import Spoiled
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True


def test_ten_reports_hold_a_text_back_and_its_author_is_heard(tool: Tool) -> None:
    at = Spoiled(tool, "questions")
    author = at.join()
    brigade = [at.join() for _ in range(10)]
    bystander = at.join()
    text = at.ask(author, "An honest question?")
    told = [at.report(one, text, "We do not like it.") for one in brigade]
    assert {page.status_code for page in told} == {200, 404}  # once it is held back there is nothing left to report
    assert sum(page.status_code == 200 for page in told) == 3
    row = tool.one(Contribution)
    assert (row.status, row.retired_at) == ("held", None)
    assert "An honest question?" not in at.get(at.home, bystander).text
    queue = at.get(f"{at.teach}/review", at.teacher).text
    assert "held back after reports" in queue
    assert "We do not like it." in queue

    mine = f"/p/p1/texts/{at.public_id}"
    assert "Ask your teacher to look again" in at.get(mine, author).text
    assert at.post(f"{mine}/{text}/appeal", author, words="It is about chapter 2.").status_code == 200
    assert "It is about chapter 2." in at.get(f"{at.teach}/review", at.teacher).text
    at.decide(text, "keep")
    assert "An honest question?" in at.get(at.home, bystander).text
    for one in brigade[3:]:
        assert at.report(one, text, "Again.").status_code == 200
    assert tool.one(Contribution).status == "live"  # the teacher has read it
    assert [row.action for row in tool.all(Decision)] == ["hold", "restore"]


def test_who_reported_is_nowhere_to_be_read(tool: Tool) -> None:
    at = Spoiled(tool, "questions", anonymity="named", hold_at="1")
    author, reporter = at.join(), at.join("NAMEREPORTER")
    text = at.ask(author, "An honest question?")
    at.report(reporter, text, "REASONWORDS")
    for token, start in ((author, f"/p/p1/texts/{at.public_id}"), (at.teacher, f"{at.teach}/review")):
        pages = at.crawl(token, start)
        assert not [path for path, page in pages.items() if "NAMEREPORTER" in page.text and "credit" not in path]
    assert not [page for page in at.crawl(author).values() if "REASONWORDS" in page.text]


def test_a_brigade_cannot_report_more_than_its_day_allows(tool: Tool) -> None:
    at = Spoiled(tool, "questions", hold_at="50", daily="500")
    author, one = at.join(), at.join()
    texts = [at.ask(author, f"Question {place}?") for place in range(22)]
    answers = [at.report(one, text).status_code for text in texts]
    assert answers == [200] * 20 + [422] * 2


def test_whom_one_blocked_stays_away_on_every_page(tool: Tool) -> None:
    at = Spoiled(tool, "questions", anonymity="named")
    bully, target = at.join("Bully"), at.join()
    mine = at.ask(target, "My question?")
    first = at.ask(bully, "BULLYWORDS one?")
    at.post(f"{at.home}/{mine}/answer", bully, text="BULLYWORDS two.")
    at.post(f"{at.home}/{mine}/comment/{mine}", bully, text="BULLYWORDS three.")
    assert at.post(f"/p/p1/texts/{at.public_id}/{first}/block", target).status_code == 200
    at.ask(bully, "BULLYWORDS four?")
    pages = at.crawl(target, guesses=(f"{at.home}/{first}",))
    assert not [path for path, page in pages.items() if "BULLYWORDS" in page.text]
    assert [path for path, page in at.crawl(bully).items() if "BULLYWORDS" in page.text]
