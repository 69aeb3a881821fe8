"""Block Kit's limits: what is just within is taken, one more is refused at its place. Asked over blocks.validate.

Figures: docs.slack.dev/reference/block-kit and /reference/views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.slack.workspace import Workspace, error, refusal, workspace

Json = dict[str, Any]
Maker = Callable[[int], Json]
ALL = pytest.mark.parametrize


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    with workspace() as found:
        yield found


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def x(count: int) -> str:
    return "x" * count


def section(**members: Any) -> Json:
    return {"type": "section", "text": mrkdwn("Hello"), **members}


def button(**members: Any) -> Json:
    return {"type": "button", "text": plain("Vote"), **members}


def option(number: int = 0, **members: Any) -> Json:
    return {"text": plain(f"Option {number}"), "value": f"o{number}", **members}


def options(count: int) -> list[Json]:
    return [option(number) for number in range(count)]


def accessory(element: Json) -> Json:
    return section(accessory=element)


def of_input(element: Json, **members: Any) -> Json:
    return {"type": "input", "label": plain("Answer"), "element": element, **members}


def entry(**members: Any) -> Json:
    return {"type": "plain_text_input", **members}


def select(**members: Any) -> Json:
    return {"type": "static_select", **members}


def confirm(**members: Any) -> Json:
    texts = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
    return accessory(button(confirm={**texts, **members}))


def image(**members: Any) -> Json:
    return {"type": "image", "alt_text": "A cloud", "image_url": "https://example.com/cloud.png", **members}


def table(rows: int, columns: int) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "1"}] * columns] * rows}


def data_table(rows: int, columns: int = 1, **members: Any) -> Json:
    cells = [[{"type": "raw_text", "text": "1"}] * columns] * rows
    return {"type": "data_table", "caption": "Votes", "rows": cells, **members}


def pie(count: int = 1, label: str = "") -> Json:
    segments = [{"label": label or f"S{number}", "value": 1} for number in range(count)]
    return {"type": "data_visualization", "title": "Votes", "chart": {"type": "pie", "segments": segments}}


def bars(series: int = 1, categories: int = 1, kind: str = "bar", name: str = "", **axes: Any) -> Json:
    names = [f"C{number}" for number in range(categories)]
    data = [{"label": label, "value": -1.5} for label in names]
    rows = [{"name": name or f"R{number}", "data": data} for number in range(series)]
    chart = {"type": kind, "series": rows, "axis_config": {"categories": names, **axes}}
    return {"type": "data_visualization", "title": "Votes", "chart": chart}


def card(**members: Any) -> Json:
    return {"type": "card", "title": plain("A card"), **members}


def container(**members: Any) -> Json:
    return {"type": "container", "title": plain("A box"), "child_blocks": [section()], **members}


MOST: list[tuple[str, int, Maker, str]] = [
    ("block_id", 255, lambda n: section(block_id=x(n)), "/block_id"),
    ("action_id", 255, lambda n: accessory(button(action_id=x(n))), "/accessory/action_id"),
    ("header", 150, lambda n: {"type": "header", "text": plain(x(n))}, "/text/text"),
    ("section", 3000, lambda n: section(text=mrkdwn(x(n))), "/text/text"),
    ("section fields", 10, lambda n: section(fields=[plain("a")] * n), "/fields"),
    ("section field", 2000, lambda n: section(fields=[mrkdwn(x(n))]), "/fields/0/text"),
    ("actions", 25, lambda n: {"type": "actions", "elements": [button()] * n}, "/elements"),
    ("context", 10, lambda n: {"type": "context", "elements": [plain("a")] * n}, "/elements"),
    (
        "context actions",
        5,
        lambda n: {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain("Remove")}] * n,
        },
        "/elements",
    ),
    ("image alt text", 2000, lambda n: image(alt_text=x(n)), "/alt_text"),
    ("image address", 3000, lambda n: image(image_url=f"https://example.com/{x(n - 20)}"), "/image_url"),
    ("image title", 2000, lambda n: image(title=plain(x(n))), "/title/text"),
    ("input label", 2000, lambda n: of_input(entry(), label=plain(x(n))), "/label/text"),
    ("input hint", 2000, lambda n: of_input(entry(), hint=plain(x(n))), "/hint/text"),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": x(n)}, "/text"),
    ("table rows", 100, lambda n: table(n, 2), "/rows"),
    ("table columns", 20, lambda n: table(2, n), "/rows/0"),
    ("card title", 150, lambda n: card(title=plain(x(n))), "/title/text"),
    ("card subtitle", 150, lambda n: card(subtitle=mrkdwn(x(n))), "/subtitle/text"),
    ("card body", 200, lambda n: card(body=mrkdwn(x(n))), "/body/text"),
    ("carousel", 10, lambda n: {"type": "carousel", "elements": [card()] * n}, "/elements"),
    ("container", 10, lambda n: container(child_blocks=[section()] * n), "/child_blocks"),
    ("container title", 150, lambda n: container(title=plain(x(n))), "/title/text"),
    ("container subtitle", 150, lambda n: container(subtitle=plain(x(n))), "/subtitle/text"),
    ("data table rows", 101, data_table, "/rows"),
    ("data table columns", 20, lambda n: data_table(2, n), "/rows/0"),
    ("data table page", 100, lambda n: data_table(2, page_size=n), "/page_size"),
    ("chart title", 50, lambda n: {**pie(), "title": x(n)}, "/title"),
    ("pie segments", 6, pie, "/chart/segments"),
    ("pie label", 20, lambda n: pie(label=x(n)), "/chart/segments/0/label"),
    ("bar series", 6, bars, "/chart/series"),
    ("line series", 6, lambda n: bars(n, kind="line"), "/chart/series"),
    ("area series", 6, lambda n: bars(n, kind="area"), "/chart/series"),
    ("series name", 20, lambda n: bars(name=x(n)), "/chart/series/0/name"),
    ("categories", 20, lambda n: bars(1, n), "/chart/axis_config/categories"),
    ("x label", 50, lambda n: bars(x_label=x(n)), "/chart/axis_config/x_label"),
    ("y label", 50, lambda n: bars(y_label=x(n)), "/chart/axis_config/y_label"),
    ("button", 75, lambda n: accessory(button(text=plain(x(n)))), "/accessory/text/text"),
    ("button value", 2000, lambda n: accessory(button(value=x(n))), "/accessory/value"),
    ("button url", 3000, lambda n: accessory(button(url=f"https://a.example/{x(n - 18)}")), "/accessory/url"),
    (
        "button label for screen readers",
        75,
        lambda n: accessory(button(accessibility_label=x(n))),
        "/accessory/accessibility_label",
    ),
    (
        "option text",
        75,
        lambda n: accessory(select(options=[option(text=plain(x(n)))])),
        "/accessory/options/0/text/text",
    ),
    ("option value", 150, lambda n: accessory(select(options=[option(value=x(n))])), "/accessory/options/0/value"),
    (
        "option description",
        75,
        lambda n: accessory(select(options=[option(description=plain(x(n)))])),
        "/accessory/options/0/description/text",
    ),
    ("options", 100, lambda n: accessory(select(options=options(n))), "/accessory/options"),
    (
        "option groups",
        100,
        lambda n: accessory(select(option_groups=[{"label": plain("G"), "options": options(1)}] * n)),
        "/accessory/option_groups",
    ),
    (
        "options of a group",
        100,
        lambda n: accessory(select(option_groups=[{"label": plain("G"), "options": options(n)}])),
        "/accessory/option_groups/0/options",
    ),
    ("radio buttons", 10, lambda n: accessory({"type": "radio_buttons", "options": options(n)}), "/accessory/options"),
    ("checkboxes", 10, lambda n: accessory({"type": "checkboxes", "options": options(n)}), "/accessory/options"),
    ("overflow", 5, lambda n: accessory({"type": "overflow", "options": options(n)}), "/accessory/options"),
    ("placeholder", 150, lambda n: of_input(entry(placeholder=plain(x(n)))), "/element/placeholder/text"),
    ("longest input", 3000, lambda n: of_input(entry(max_length=n)), "/element/max_length"),
    ("files of an input", 10, lambda n: of_input({"type": "file_input", "max_files": n}), "/element/max_files"),
    ("confirm title", 100, lambda n: confirm(title=plain(x(n))), "/accessory/confirm/title/text"),
    ("confirm text", 300, lambda n: confirm(text=mrkdwn(x(n))), "/accessory/confirm/text/text"),
    ("confirm yes", 30, lambda n: confirm(confirm=plain(x(n))), "/accessory/confirm/confirm/text"),
    ("confirm no", 30, lambda n: confirm(deny=plain(x(n))), "/accessory/confirm/deny/text"),
]


def ask(slack: Workspace, *blocks: Json) -> None:
    assert slack.client.api_call("blocks.validate", json={"blocks": list(blocks)})["ok"]


def pointers(slack: Workspace, **asked: Any) -> list[str]:
    """Where something is wrong."""
    return [problem["pointer"] for problem in refusal(slack.client, "blocks.validate", **asked)["errors"]]


@ALL(("most", "make", "where"), [case[1:] for case in MOST], ids=[case[0] for case in MOST])
def test_most(slack: Workspace, most: int, make: Maker, where: str) -> None:
    ask(slack, make(most))
    assert f"/0{where}" in pointers(slack, blocks=[make(most + 1)])


BROKEN: list[tuple[str, Json, str]] = [
    ("empty text", section(text=mrkdwn("")), "/text/text"),
    ("neither text nor fields", {"type": "section"}, ""),
    ("text object of no type", section(text={"text": "a"}), "/text"),
    ("text that is no object", section(text="Hello"), "/text"),
    ("markdown where plain text is wanted", {"type": "header", "text": mrkdwn("*a*")}, "/text/type"),
    ("emoji in mrkdwn", section(text={**mrkdwn("a"), "emoji": True}), "/text"),
    ("unknown member", section(colour="red"), ""),
    ("no type", {"text": plain("a")}, ""),
    ("unknown element", accessory({"type": "slider"}), "/accessory/type"),
    ("button without text", accessory({"type": "button"}), "/accessory"),
    ("button of another style", accessory(button(style="big")), "/accessory/style"),
    ("datetime picker beside a text", accessory({"type": "datetimepicker"}), "/accessory/type"),
    ("text input outside an input block", {"type": "actions", "elements": [entry()]}, "/elements/0/type"),
    ("button in an input block", of_input(button()), "/element/type"),
    ("input without a label", {"type": "input", "element": entry()}, ""),
    ("image without a source", {"type": "image", "alt_text": "A cloud"}, ""),
    ("image of two sources", image(slack_file={"id": "F1"}), ""),
    ("image without alt text", {"type": "image", "image_url": "https://example.com/a.png"}, ""),
    ("image on this machine", image(image_url="http://localhost:8000/a.png"), "/image_url"),
    ("image in a local network", image(image_url="http://192.168.1.4/a.png"), "/image_url"),
    ("image of no such file", {"type": "image", "alt_text": "a", "slack_file": {"id": "F0"}}, "/slack_file"),
    ("select without options", accessory(select()), "/accessory"),
    ("select without a single option", accessory(select(options=[])), "/accessory/options"),
    (
        "select of options and groups",
        accessory(select(options=options(1), option_groups=[{"label": plain("G"), "options": options(1)}])),
        "/accessory",
    ),
    (
        "initial option that is not offered",
        accessory(select(options=options(2), initial_option=option(7))),
        "/accessory/initial_option",
    ),
    (
        "initial options that are not offered",
        accessory({"type": "checkboxes", "options": options(2), "initial_options": [option(7)]}),
        "/accessory/initial_options/0",
    ),
    ("overflow of nothing", accessory({"type": "overflow", "options": []}), "/accessory/options"),
    ("actions of nothing", {"type": "actions", "elements": []}, "/elements"),
    ("no such date", accessory({"type": "datepicker", "initial_date": "today"}), "/accessory/initial_date"),
    ("no such time", accessory({"type": "timepicker", "initial_time": "25:00"}), "/accessory/initial_time"),
    ("shortest above longest", of_input(entry(min_length=9, max_length=5)), "/element/min_length"),
    ("longest of none", of_input(entry(max_length=0)), "/element/max_length"),
    ("number input of no kind", of_input({"type": "number_input"}), "/element"),
    ("data table of a header only", data_table(1), "/rows"),
    ("data table without a caption", {"type": "data_table", "rows": data_table(2)["rows"]}, ""),
    (
        "data table of uneven rows",
        {**data_table(2), "rows": [[{"type": "raw_text", "text": "1"}], [{"type": "raw_number", "value": 1}] * 2]},
        "/rows",
    ),
    (
        "rich text in a header row",
        {**data_table(2), "rows": [[{"type": "rich_text", "elements": []}], [{"type": "raw_text", "text": "1"}]]},
        "/rows/0/0/type",
    ),
    (
        "negative slice",
        {**pie(), "chart": {"type": "pie", "segments": [{"label": "a", "value": -1}]}},
        "/chart/segments/0/value",
    ),
    ("pie of nothing", pie(0), "/chart/segments"),
    ("chart of another kind", {**pie(), "chart": {"type": "radar"}}, "/chart/type"),
    ("two series of one name", bars(2, name="R"), "/chart/series"),
    (
        "series with a point too few",
        {**bars(), "chart": {**bars()["chart"], "axis_config": {"categories": ["C0", "C1"]}}},
        "/chart/series/0/data",
    ),
    ("carousel of nothing", {"type": "carousel", "elements": []}, "/elements"),
    ("carousel of sections", {"type": "carousel", "elements": [section()]}, "/elements/0/type"),
    ("empty card", {"type": "card"}, ""),
    ("box in a box", container(child_blocks=[container()]), "/child_blocks/0/type"),
    ("alert in a message", {"type": "alert", "text": plain("Careful")}, "/type"),
    (
        "rich text of another kind",
        {"type": "rich_text", "elements": [{"type": "rich_text_song", "elements": []}]},
        "/elements/0/type",
    ),
]


@ALL(("block", "where"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken(slack: Workspace, block: Json, where: str) -> None:
    assert f"/0{where}" in pointers(slack, blocks=[block])


GOOD: list[Json] = [
    {"type": "divider"},
    section(fields=[plain("a"), mrkdwn("b")]),
    {"type": "section", "fields": [plain("a")]},
    section(accessory=image()),
    {
        "type": "actions",
        "elements": [
            button(style="primary", value="17:2"),
            {"type": "datepicker", "initial_date": "2026-11-22"},
            {"type": "timepicker", "initial_time": "23:59"},
            {"type": "datetimepicker", "initial_date_time": 1795337410},
            {"type": "users_select"},
            {"type": "conversations_select", "filter": {"include": ["public"]}},
            {"type": "external_select", "min_query_length": 0},
        ],
    },
    {"type": "context", "elements": [image(), mrkdwn("*a*")]},
    of_input({"type": "checkboxes", "options": [option(text=mrkdwn("*a*"))]}, optional=True),
    of_input({"type": "multi_static_select", "options": options(3), "initial_options": options(2)}),
    of_input({"type": "number_input", "is_decimal_allowed": True, "min_value": "0"}, dispatch_action=True),
    of_input(entry(min_length=1, max_length=3000, multiline=True, dispatch_action_config={})),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "a", "style": {"bold": True}},
                    {"type": "emoji", "name": "wave"},
                    {"type": "user", "user_id": "U1"},
                    {"type": "link", "url": "https://example.com"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": []}],
            },
            {"type": "rich_text_quote", "elements": []},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]},
        ],
    },
    {"type": "carousel", "elements": [card(hero_image=image(), actions=[button()])]},
    container(child_blocks=[section(), data_table(2)], is_collapsible=True, width="wide"),
    {"type": "markdown", "text": "**a**"},
    data_table(2, page_size=1, row_header_column_index=0),
    bars(2, 3, kind="line", x_label="Week"),
    {"type": "task_card", "task_id": "t1", "title": "Counting", "status": "in_progress"},
    {"type": "plan", "title": "Plan", "tasks": [{"type": "task_card", "task_id": "t1", "title": "Counting"}]},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": {"text": plain("Good"), "value": "1"},
                "negative_button": {"text": plain("Bad"), "value": "0"},
            }
        ],
    },
]


@ALL("block", GOOD, ids=lambda block: block["type"])
def test_good(slack: Workspace, block: Json) -> None:
    ask(slack, block)


def test_a_message_has_50_blocks(slack: Workspace) -> None:
    ask(slack, *[{"type": "divider"}] * 50)
    assert pointers(slack, blocks=[{"type": "divider"}] * 51) == [""]


def test_markdown_counts_together(slack: Workspace) -> None:
    half = {"type": "markdown", "text": x(6000)}
    ask(slack, half, half)
    assert pointers(slack, blocks=[half, half, {"type": "markdown", "text": "a"}]) == [""]


def test_two_charts_and_one_table_a_message(slack: Workspace) -> None:
    ask(slack, pie(), bars(), table(1, 1))
    assert pointers(slack, blocks=[pie()] * 3) == [""]
    assert pointers(slack, blocks=[table(1, 1)] * 2) == [""]


def test_block_ids_are_unique_in_a_message(slack: Workspace) -> None:
    assert pointers(slack, blocks=[section(block_id="a"), section(block_id="a")]) == ["/1/block_id"]


def test_action_ids_are_unique_in_a_block(slack: Workspace) -> None:
    twice = {"type": "actions", "elements": [button(action_id="vote")] * 2}
    assert pointers(slack, blocks=[twice]) == ["/0/elements/1/action_id"]
    ask(slack, accessory(button(action_id="vote")), accessory(button(action_id="vote")))


def test_several_problems_are_all_told(slack: Workspace) -> None:
    broken = [section(text=mrkdwn(x(3001))), {"type": "image", "alt_text": "a"}]
    assert pointers(slack, blocks=broken) == ["/0/text/text", "/1"]


def test_a_problem_in_a_message_is_told_with_pointer_and_limit(slack: Workspace) -> None:
    """`errors` and `response_metadata.messages` as Slack gives them."""
    answer = refusal(slack.client, "chat.postMessage", channel=slack.course, blocks=[section(text=mrkdwn(x(3001)))])
    line = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [line]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {line}"]


def test_validate_tells_code_and_constraint(slack: Workspace) -> None:
    (problem,) = refusal(slack.client, "blocks.validate", message={"blocks": [section(text=mrkdwn(x(3001)))]})["errors"]
    assert problem == {
        "pointer": "/blocks/0/text/text",
        "code": "failed_constraint",
        "message": "must be less than 3001 characters",
        "constraint": {"type": "max_length", "expected": 3000, "got": 3001},
    }


def test_validate_takes_exactly_one_thing(slack: Workspace) -> None:
    assert error(slack.client, "blocks.validate") == "invalid_arguments"
    assert error(slack.client, "blocks.validate", blocks="[]", view="{}") == "invalid_arguments"
    assert error(slack.client, "blocks.validate", blocks="no json") == "invalid_blocks"


# -- views --


def modal(*blocks: Json, **members: Any) -> Json:
    return {"type": "modal", "title": plain("Poll"), "blocks": list(blocks), **members}


def home(*blocks: Json, **members: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **members}


VIEWS: list[tuple[str, int, Maker, str]] = [
    ("title", 24, lambda n: modal(title=plain(x(n))), "/title/text"),
    ("submit", 24, lambda n: modal(submit=plain(x(n))), "/submit/text"),
    ("close", 24, lambda n: modal(close=plain(x(n))), "/close/text"),
    ("private_metadata", 3000, lambda n: modal(private_metadata=x(n)), "/private_metadata"),
    ("callback_id", 255, lambda n: modal(callback_id=x(n)), "/callback_id"),
    ("external_id", 255, lambda n: home(external_id=x(n)), "/external_id"),
    ("blocks of a modal", 100, lambda n: modal(*[{"type": "divider"}] * n), "/blocks"),
    ("blocks of a Home tab", 100, lambda n: home(*[{"type": "divider"}] * n), "/blocks"),
]


@ALL(("most", "make", "where"), [case[1:] for case in VIEWS], ids=[case[0] for case in VIEWS])
def test_most_of_a_view(slack: Workspace, most: int, make: Maker, where: str) -> None:
    assert slack.client.api_call("blocks.validate", json={"view": make(most)})["ok"]
    assert where in pointers(slack, view=make(most + 1))


BROKEN_VIEWS: list[tuple[str, Json, str]] = [
    ("input without submit", modal(of_input(entry())), ""),
    ("modal without title", {"type": "modal", "blocks": []}, ""),
    ("Home tab with a title", home(title=plain("a")), ""),
    ("no blocks", {"type": "home"}, ""),
    ("another type", {"type": "window", "blocks": []}, "/type"),
    ("chart in a modal", modal(pie()), "/blocks/0/type"),
    ("markdown in a Home tab", home({"type": "markdown", "text": "a"}), "/blocks/0/type"),
    ("alert in a Home tab", home({"type": "alert", "text": plain("a")}), "/blocks/0/type"),
    ("long alert", modal({"type": "alert", "text": plain(x(201))}), "/blocks/0/text/text"),
    (
        "two elements with the focus",
        modal(of_input(entry(focus_on_load=True)), of_input(entry(focus_on_load=True)), submit=plain("Send")),
        "/blocks/1",
    ),
]


@ALL(("view", "where"), [case[1:] for case in BROKEN_VIEWS], ids=[case[0] for case in BROKEN_VIEWS])
def test_broken_view(slack: Workspace, view: Json, where: str) -> None:
    assert where in pointers(slack, view=view)


def test_good_views(slack: Workspace) -> None:
    for view in (
        modal(of_input(entry()), {"type": "alert", "text": plain("Careful"), "level": "warning"}, submit=plain("Send")),
        home(of_input(entry())),
        home(),
    ):
        assert slack.client.api_call("blocks.validate", json={"view": view})["ok"]
