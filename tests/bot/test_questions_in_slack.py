"""Questions and found things in the strict workspace of the sandbox: by clicks alone, from the form to the thread."""

from __future__ import annotations

from typing import Any

from sandbox.slack.interactions import MessagePlace, ViewPlace
from tests.bot.test_polls_in_slack import Class, done, klass, until

__all__ = ["klass"]
DATABASES = ("sqlite",)
WHY = "Why is the sum of two odd numbers even?"
HOW = "It offers three sizes so that the middle one looks sensible: a decoy, which shifts what we compare."


def view(klass: Class, user: str, callback_id: str) -> Any:
    """The view before this person, once it is this one."""

    def found() -> Any:
        shown = klass.modal(user)
        return shown if shown is not None and shown.content["callback_id"] == callback_id else None

    return until(found)


def fill(klass: Class, user: str, callback_id: str, **texts: str) -> None:
    """Fill a form in and send it."""
    shown = view(klass, user, callback_id)
    named = {block["block_id"].partition(":")[0]: block["block_id"] for block in shown.content["blocks"]}
    for name, text in texts.items():
        done(klass.slack.outside.acting.use(user, ViewPlace(shown.id), named[name], "typed", text))
    done(klass.slack.outside.acting.submit(user, shown.id))
    klass.slack.outside.acting.close(user, klass.modal(user).id, whole_stack=True)


def newest(klass: Class, words: str) -> MessagePlace:
    """The newest message of the channel in which this is said."""
    klass.show()

    def found() -> str | None:
        klass.show()
        messages = klass.slack.slack.channels[klass.channel].messages
        return next((ts for ts in reversed(list(messages)) if words in messages[ts].text), None)

    return MessagePlace(klass.channel, str(until(found)))


def test_a_question_is_asked_voted_for_and_answered(klass: Class) -> None:
    one, two, three = klass.students[:3]
    done(klass.slack.outside.acting.command(one, klass.channel, "/heirloom", f"ask {WHY}"))
    fill(klass, one, "question_ask", text="I tried 3 and 5.")
    asked = newest(klass, WHY)
    klass.use(two, asked, "question_vote")
    klass.use(three, asked, "question_vote")
    newest(klass, "Votes: 2")
    klass.use(two, asked, "question_answer")
    fill(klass, two, "question_answer", text="Two ones make a pair.")
    answer = newest(klass, "Two ones make a pair.")
    messages = klass.slack.slack.channels[klass.channel].messages
    assert messages[answer.ts].thread_ts == asked.ts
    klass.use(one, asked, "question_see")
    page = view(klass, one, "question_page")
    names = [element["action_id"] for block in page.content["blocks"] for element in block.get("elements", ())
             if str(element.get("action_id", "")).startswith("question_settle:")]  # fmt: skip
    klass.use(one, ViewPlace(page.id), names[0])
    newest(klass, "Answered.")
    klass.use(klass.teacher, asked, "question_see")
    page = view(klass, klass.teacher, "question_page")
    klass.use(klass.teacher, ViewPlace(page.id), "question_endorse")
    newest(klass, "Endorsed by your teacher.")


def test_a_shortcut_and_a_message_lead_to_the_forms(klass: Class) -> None:
    acting, (one, two) = klass.slack.outside.acting, klass.students[:2]
    done(acting.global_shortcut(one, klass.slack.app.id, "ask_question"))
    fill(klass, one, "question_ask", title="What is a prime number?")
    newest(klass, "What is a prime number?")
    said = acting.say(two, klass.channel, "Look at https://example.org/popcorn & laugh")
    done(said)
    ts = next(
        ts for ts, message in klass.slack.slack.channels[klass.channel].messages.items() if "popcorn" in message.text
    )
    done(acting.message_shortcut(one, klass.slack.app.id, "save_found_content", klass.channel, ts))
    fill(klass, one, "item_bring", title="Popcorn prices", text=HOW)
    item = newest(klass, "Popcorn prices")
    klass.use(two, item, "item_rate")
    fill(klass, two, "item_rate", side_clear="4")
    klass.use(two, item, "item_comment")
    fill(klass, two, "item_comment", text="Seen that, too.")
    klass.use(one, item, "item_see")
    shown = view(klass, one, "item_page")
    assert "Seen that, too." in str(shown.content)
