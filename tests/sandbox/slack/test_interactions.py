"""Acting as a member: what an app is sent, and what becomes of its answers."""

from __future__ import annotations

import pytest

from sandbox.slack.interactions import MessagePlace, ViewPlace
from sandbox.slack.seeing import CannotAct
from tests.sandbox.slack.bolt_app import Stand, eventually


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(f"Choice {value}"), "value": value}


def modal(*blocks, **more):
    return {
        "type": "modal",
        "callback_id": "answer",
        "title": plain("Answer"),
        "submit": plain("Send"),
        "blocks": [*blocks],
        **more,
    }


def text_input(block_id="why", **element):
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Why?"),
        "element": {"type": "plain_text_input", "action_id": "text", **element},
    }


@pytest.fixture
def got(slack: Stand):
    """A Bolt app that opens `got["view"]` on /ballot, answers a submission with `got["answer"]`, and keeps payloads."""
    state = {"view": modal(text_input()), "answer": {}, "payloads": []}
    app = slack.make_app()

    @app.command("/ballot")
    def ballot(ack, command, client):
        client.views_open(trigger_id=command["trigger_id"], view=state["view"])
        ack()  # last, so that a test knows that everything has happened

    @app.view("answer")
    def answer(ack, body):
        state["payloads"].append(body)
        ack(**state["answer"])

    @app.view_closed("answer")
    def closed(ack, body):
        state["payloads"].append(body)
        ack()

    @app.action({"type": "block_actions", "action_id": "act"})
    def act(ack, body):
        state["payloads"].append(body)
        ack()

    @app.shortcut("keep")
    @app.shortcut("ask")
    def shortcut(ack, body):
        state["payloads"].append(body)
        ack()

    return state


def open_modal(slack):
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "").ok
    return slack.modal_place(slack.learner)


def test_a_slash_command_opens_a_modal_and_its_submission_carries_every_input(slack: Stand, got):
    got["view"] = modal(
        text_input(),
        {
            "type": "input",
            "block_id": "which",
            "optional": True,
            "label": plain("Which?"),
            "element": {"type": "radio_buttons", "action_id": "one", "options": [option("a"), option("b")]},
        },
        {
            "type": "input",
            "block_id": "several",
            "optional": True,
            "label": plain("Several?"),
            "element": {"type": "checkboxes", "action_id": "some", "options": [option("a"), option("b")]},
        },
        private_metadata='{"poll": 7}',
    )
    place = open_modal(slack)
    slack.acting.fill(slack.learner, place, {"why": {"text": "Because"}, "several": {"some": ["b"]}})
    assert slack.acting.submit(slack.learner, place.view_id).ok
    (payload,) = got["payloads"]
    assert payload["view"]["state"]["values"] == {
        "why": {"text": {"type": "plain_text_input", "value": "Because"}},
        "which": {"one": {"type": "radio_buttons", "selected_option": None}},
        "several": {
            "some": {
                "type": "checkboxes",
                "selected_options": [option("b") | {"text": plain("Choice b") | {"emoji": True}}],
            }
        },
    }
    assert payload["view"]["private_metadata"] == '{"poll": 7}'
    assert payload["user"]["id"] == slack.learner
    assert payload["response_urls"] == []
    assert slack.modal(slack.learner) is None


def test_what_is_missing_or_too_short_never_reaches_the_app(slack: Stand, got):
    got["view"] = modal(text_input(min_length=5), text_input("more"))
    place = open_modal(slack)
    slack.acting.use(slack.learner, place, "why", "text", "abc")
    outcome = slack.acting.submit(slack.learner, place.view_id)
    assert set(outcome.errors) == {"why", "more"}
    assert got["payloads"] == []
    assert slack.modal(slack.learner) is not None


@pytest.mark.parametrize(
    ("element", "given", "fits"),
    [
        ({"type": "number_input", "is_decimal_allowed": False}, "3.5", False),
        ({"type": "number_input", "is_decimal_allowed": False}, "3", True),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "10"}, "10.1", False),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1"}, "-1", True),
        ({"type": "number_input", "is_decimal_allowed": True}, "NaN", False),
        ({"type": "email_text_input"}, "nobody", False),
        ({"type": "email_text_input"}, "a@campus.invalid", True),
        ({"type": "url_text_input"}, "campus", False),
        ({"type": "url_text_input"}, "https://campus.example/x", True),
    ],
)
def test_the_program_checks_numbers_addresses_and_mail(slack: Stand, got, element, given, fits):
    got["view"] = modal(
        {"type": "input", "block_id": "b", "label": plain("?"), "element": {"action_id": "e", **element}}
    )
    place = open_modal(slack)
    slack.acting.use(slack.learner, place, "b", "e", given)
    assert slack.acting.submit(slack.learner, place.view_id).ok is fits
    assert len(got["payloads"]) == fits


def test_errors_of_the_app_stand_under_their_inputs_and_the_view_stays(slack: Stand, got):
    place = open_modal(slack)
    got["answer"] = {"response_action": "errors", "errors": {"why": "Say a little more."}}
    outcome = slack.acting.submit(slack.learner, place.view_id)
    assert outcome.errors == {"why": "Please complete this required field."}
    slack.acting.use(slack.learner, place, "why", "text", "So")
    outcome = slack.acting.submit(slack.learner, place.view_id)
    assert (outcome.ok, outcome.errors) == (False, {"why": "Say a little more."})
    assert slack.modal(slack.learner).id == place.view_id
    got["answer"] = {"response_action": "update", "view": modal(text_input(), title=plain("Thanks"))}
    assert slack.acting.submit(slack.learner, place.view_id).ok
    shown = slack.modal(slack.learner)
    assert (shown.id, shown.content["title"]["text"]) == (place.view_id, "Thanks")
    assert shown.values["why"]["text"]["value"] == "So", "an update with the same ids keeps what was entered"


def test_views_lie_on_each_other_up_to_three_and_clear_closes_all(slack: Stand, got):
    place = open_modal(slack)
    got["answer"] = {"response_action": "push", "view": modal({"type": "divider"})}
    slack.acting.use(slack.learner, place, "why", "text", "So")
    for _ in range(2):
        assert slack.acting.submit(slack.learner, slack.modal(slack.learner).id).ok
    top = slack.modal(slack.learner)
    assert (top.root_view_id, top.previous_view_id != place.view_id) == (place.view_id, True)
    fourth = slack.acting.submit(slack.learner, top.id)
    assert fourth.problem == "push_limit_reached"
    with pytest.raises(CannotAct, match="another one lies on it"):
        slack.acting.submit(slack.learner, place.view_id)
    got["answer"] = {}
    assert slack.acting.submit(slack.learner, top.id).ok
    assert slack.modal(slack.learner).id != place.view_id, "only the uppermost was closed"
    got["answer"] = {"response_action": "clear"}
    assert slack.acting.submit(slack.learner, slack.modal(slack.learner).id).ok
    assert slack.modal(slack.learner) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "There is no such input."}},
        {"response_action": "update", "view": {"type": "modal", "title": plain("x" * 25), "blocks": []}},
    ],
)
def test_an_answer_that_makes_no_sense_is_trouble_and_keeps_the_view(slack: Stand, got, answer):
    place = open_modal(slack)
    slack.acting.use(slack.learner, place, "why", "text", "So")
    got["answer"] = answer
    outcome = slack.acting.submit(slack.learner, place.view_id)
    assert outcome.told == "We had some trouble connecting. Try again?"
    assert slack.modal(slack.learner).id == place.view_id


def test_closing_is_told_to_the_app_that_wants_to_know(slack: Stand, got):
    place = open_modal(slack)
    slack.acting.close(slack.learner, place.view_id)
    assert got["payloads"] == []
    got["view"] = modal(text_input(), notify_on_close=True)
    place = open_modal(slack)
    slack.acting.close(slack.learner, place.view_id, whole_stack=True)
    (payload,) = got["payloads"]
    assert (payload["type"], payload["is_cleared"], payload["view"]["id"]) == ("view_closed", True, place.view_id)


ELEMENTS = [
    ({"type": "button", "text": plain("Yes"), "value": "7"}, None, {"value": "7"}),
    ({"type": "static_select", "options": [option("a"), option("b")]}, "b", "selected_option"),
    ({"type": "radio_buttons", "options": [option("a"), option("b")]}, "b", "selected_option"),
    ({"type": "checkboxes", "options": [option("a"), option("b")]}, ["a", "b"], "selected_options"),
    ({"type": "overflow", "options": [option("a"), option("b")]}, "b", "selected_option"),
    ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
    ({"type": "channels_select"}, "C1", {"selected_channel": "C1"}),
    ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
    ({"type": "datepicker"}, "2026-11-22", {"selected_date": "2026-11-22"}),
    ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
]


@pytest.mark.parametrize(("element", "given", "member"), ELEMENTS, ids=[element["type"] for element, _, _ in ELEMENTS])
def test_using_an_element_of_a_message_tells_the_app_what_was_chosen(slack: Stand, got, element, given, member):
    blocks = [{"type": "actions", "block_id": "b", "elements": [{**element, "action_id": "act"}]}]
    place = slack.post(blocks=blocks)
    assert slack.acting.use(slack.learner, place, "b", "act", given).ok
    (payload,) = got["payloads"]
    (action,) = payload["actions"]
    assert (action["type"], action["action_id"], action["block_id"]) == (element["type"], "act", "b")
    if isinstance(member, dict):
        assert member.items() <= action.items()
    else:
        chosen = action[member] if isinstance(action[member], list) else [action[member]]
        assert [one["value"] for one in chosen] == (given if isinstance(given, list) else [given])
    assert payload["container"] == {
        "type": "message",
        "message_ts": place.ts,
        "channel_id": slack.course,
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": slack.course, "name": "course"}
    assert payload["message"]["ts"] == place.ts
    assert payload["response_url"].startswith(slack.running.base_url)
    assert payload["trigger_id"]
    kept = payload["state"]["values"].get("b", {})
    assert (kept != {}) is (element["type"] not in ("button", "overflow"))


def test_what_is_entered_in_a_message_is_each_persons_own(slack: Stand, got):
    select = {"type": "static_select", "action_id": "act", "options": [option("a"), option("b")]}
    button = {"type": "button", "action_id": "act", "text": plain("Go")}
    place = slack.post(
        blocks=[
            {"type": "actions", "block_id": "s", "elements": [select]},
            {"type": "actions", "block_id": "go", "elements": [button]},
        ]
    )
    assert slack.acting.use(slack.learner, place, "s", "act", "b").ok
    assert slack.acting.use(slack.teacher, place, "go", "act").ok
    assert got["payloads"][0]["state"]["values"]["s"]["act"]["selected_option"]["value"] == "b"
    assert got["payloads"][1]["state"]["values"]["s"]["act"]["selected_option"] is None


def test_an_ephemeral_message_comes_without_its_content(slack: Stand, got):
    blocks = [
        {"type": "actions", "block_id": "b", "elements": [{"type": "button", "action_id": "act", "text": plain("Go")}]}
    ]
    slack.client.chat_postEphemeral(channel=slack.course, user=slack.learner, text="For you", blocks=blocks)
    (own,) = [message for message in slack.history(slack.learner) if message.ephemeral_for]
    place = MessagePlace(slack.course, own.ts)
    with pytest.raises(CannotAct, match="sees no message"):
        slack.acting.use(slack.teacher, place, "b", "act")
    assert slack.acting.use(slack.learner, place, "b", "act").ok
    (payload,) = got["payloads"]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload


def test_an_input_is_not_told_to_the_app_until_it_asks_for_it(slack: Stand, got):
    quiet = text_input("quiet")
    loud = {**text_input("loud", action_id="act"), "dispatch_action": True}
    got["view"] = modal(quiet, loud)
    place = open_modal(slack)
    slack.acting.use(slack.learner, place, "quiet", "text", "first")
    assert got["payloads"] == []
    slack.acting.use(slack.learner, place, "loud", "act", "second")
    (payload,) = got["payloads"]
    assert payload["container"] == {"type": "view", "view_id": place.view_id}
    assert payload["view"]["state"]["values"]["quiet"]["text"]["value"] == "first"
    assert payload["actions"][0]["value"] == "second"
    assert "response_url" not in payload


def test_shortcuts_say_where_they_were_used(slack: Stand, got):
    place = slack.post(text="A fine link")
    assert slack.acting.global_shortcut(slack.learner, slack.running.app.id, "ask").ok
    assert slack.acting.message_shortcut(slack.learner, slack.running.app.id, "keep", slack.course, place.ts).ok
    globally, of_message = got["payloads"]
    assert (globally["type"], "channel" in globally, bool(globally["trigger_id"])) == ("shortcut", False, True)
    assert of_message["type"] == "message_action"
    assert of_message["message"]["text"] == "A fine link"
    assert (of_message["message_ts"], of_message["channel"]["id"]) == (place.ts, slack.course)
    assert of_message["response_url"]
    with pytest.raises(CannotAct, match="There is no global shortcut 'keep'"):
        slack.acting.global_shortcut(slack.learner, slack.running.app.id, "keep")


def test_options_of_an_external_select_come_from_the_app(slack: Stand, got):
    asked = []

    @slack.site.app.options("find")
    def find(ack, payload):
        asked.append(payload["value"])
        ack(options=[option("x1"), option("x2")])

    element = {"type": "external_select", "action_id": "find", "min_query_length": 2}
    got["view"] = modal({"type": "input", "block_id": "b", "label": plain("?"), "element": element})
    place = open_modal(slack)
    assert slack.acting.options(slack.learner, place, "b", "find", "x").options == ()
    outcome = slack.acting.options(slack.learner, place, "b", "find", "xy")
    assert [one["value"] for one in outcome.options] == ["x1", "x2"]
    assert asked == ["xy"]
    with pytest.raises(CannotAct):
        slack.acting.use(slack.learner, place, "b", "find", "x9")
    slack.acting.use(slack.learner, place, "b", "find", "x2")
    assert slack.acting.submit(slack.learner, place.view_id).ok
    assert got["payloads"][0]["view"]["state"]["values"]["b"]["find"]["selected_option"]["value"] == "x2"


def test_what_was_chosen_of_an_earlier_search_stays_possible(slack: Stand, got):
    slack.site.app.options("find")(lambda ack, payload: ack(options=[option(payload["value"])]))
    element = {
        "type": "multi_external_select",
        "action_id": "find",
        "min_query_length": 1,
        "initial_options": [option("first")],
    }
    got["view"] = modal({"type": "input", "block_id": "b", "label": plain("?"), "element": element})
    place = open_modal(slack)
    for typed in ("one", "two"):
        slack.acting.options(slack.learner, place, "b", "find", typed)
    slack.acting.use(slack.learner, place, "b", "find", ["first", "one", "two"])
    assert slack.acting.submit(slack.learner, place.view_id).ok
    chosen = got["payloads"][0]["view"]["state"]["values"]["b"]["find"]["selected_options"]
    assert [one["value"] for one in chosen] == ["first", "one", "two"]


def test_a_commands_answer_is_shown_to_the_person_or_to_all(slack: Stand):
    app = slack.make_app()
    answers = iter([{"text": "Only for you"}, {"text": "For all", "response_type": "in_channel"}])
    app.command("/ballot")(lambda ack: ack(**next(answers)))
    for _ in range(2):
        assert slack.acting.say(slack.learner, slack.course, "/ballot now").ok
    assert "Only for you" in [message.text for message in slack.history(slack.learner)]
    assert [message.text for message in slack.history()] == ["For all"]


def test_names_in_a_command_and_in_a_message_are_marked_up(slack: Stand):
    heard = []
    app = slack.make_app()
    app.command("/ballot")(lambda ack, command: heard.append(command["text"]) or ack())
    app.event("app_mention")(lambda event: heard.append(event))
    slack.acting.say(slack.learner, slack.course, "/ballot for @teacher in #course")
    assert heard == [f"for <@{slack.teacher}|teacher> in <#{slack.course}|course>"]
    heard.clear()
    slack.acting.say(slack.learner, slack.course, "@ballot is 1 < 2 & https://campus.example/a?b=1&c=2 ?")
    eventually(lambda: heard)
    (mention,) = heard
    bot = slack.running.slack.bot_user(slack.running.app.id, slack.running.seeded.team.id)
    assert mention["text"] == f"<@{bot.id}> is 1 &lt; 2 &amp; <https://campus.example/a?b=1&amp;c=2> ?"
    assert (mention["user"], mention["channel"]) == (slack.learner, slack.course)


def test_an_app_hears_only_of_channels_that_it_is_in(slack: Stand):
    general = slack.running.seeded.general.id
    slack.acting.say(slack.learner, general, "@ballot are you here?")
    slack.settle()
    assert slack.deliveries == []
    bot = slack.running.slack.bot_user(slack.running.app.id, slack.running.seeded.team.id)
    slack.acting.invite(slack.learner, general, bot.id)
    slack.acting.say(slack.learner, general, "@ballot and now?")
    slack.settle()
    assert len(slack.deliveries) == 3, "the bot joined, a message, a mention"


def test_without_the_scope_there_is_no_event(slack: Stand):
    place = slack.post()
    slack.settle()
    slack.running.outside.courier.log.clear()
    installation = slack.running.slack.installations[0]
    slack.acting.react(slack.learner, slack.course, place.ts, "eyes")
    installation.scopes = tuple(scope for scope in installation.scopes if scope != "reactions:read")
    slack.acting.react(slack.teacher, slack.course, place.ts, "eyes")
    slack.settle()
    assert len(slack.deliveries) == 1


def test_home_is_opened_with_what_the_app_had_published(slack: Stand):
    opened = []
    app = slack.make_app()

    @app.event("app_home_opened")
    def home(event, client):
        opened.append(event)
        blocks = [
            {
                "type": "section",
                "block_id": "b",
                "text": plain("Welcome"),
                "accessory": {"type": "button", "action_id": "go", "text": plain("Go")},
            }
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    for _ in range(2):
        assert slack.acting.open_home(slack.learner, slack.running.app.id).ok
        eventually(lambda: slack.running.slack.homes)
    eventually(lambda: len(opened) == 2)
    assert ["view" in event for event in opened] == [False, True]
    assert {event["tab"] for event in opened} == {"home"}
    clicked = []
    app.action("go")(lambda ack, body: clicked.append(body) or ack())
    assert slack.acting.use(slack.learner, ViewPlace(opened[1]["view"]["id"]), "b", "go").ok
    assert clicked[0]["view"]["type"] == "home"
    assert "hash" in clicked[0]["view"]


def test_what_nobody_could_do_is_refused(slack: Stand, got):
    place = slack.post(
        blocks=[{"type": "actions", "elements": [{"type": "button", "action_id": "act", "text": plain("Go")}]}]
    )
    acting, course = slack.acting, slack.course
    staff = slack.running.seeded.staff.id
    for impossible in (
        lambda: acting.use(slack.learner, place, "", "other"),
        lambda: acting.use("U404", place, "", "act"),
        lambda: acting.use(slack.learner, MessagePlace(course, "1.000001"), "", "act"),
        lambda: acting.say(slack.learner, staff, "Let me in"),
        lambda: acting.say(slack.learner, course, " "),
        lambda: acting.say(slack.learner, course, "/unknown"),
        lambda: acting.say(slack.learner, course, "Hello", "1.000001"),
        lambda: acting.join(slack.learner, staff),
        lambda: acting.open_home(slack.learner, "A404"),
        lambda: acting.submit(slack.learner, "V404"),
    ):
        with pytest.raises(CannotAct):
            impossible()
    view = open_modal(slack)
    with pytest.raises(CannotAct, match="has no view"):
        acting.submit(slack.teacher, view.view_id)
    with pytest.raises(CannotAct, match="at most"):
        acting.use(slack.learner, view, "why", "text", "x" * 3001)
