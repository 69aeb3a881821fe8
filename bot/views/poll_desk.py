"""What a teacher does with a poll from Slack, and the list of an activity's polls."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.blocks import Block, Element, Say, actions, button, clip, confirm, isolate, modal, one_line, plain, section
from bot.views import paging
from core.activities.polls import Poll
from core.words import N_

MOST_LISTED = 40
_STATES = {"draft": N_("draft"), "scheduled": N_("scheduled"), "open": N_("open"), "closed": N_("closed")}


def buttons(poll: Poll, say: Say, *, has_last: bool) -> list[Element]:
    """What a teacher can do with this poll now. `has_last`: it was asked again already."""
    value = f"{poll.id}"
    found = []
    if poll.state == "open":
        found.append(button(say(N_("Close it now")), "poll_close", value, confirm=_closing(poll, say)))
    elif not (poll.state == "closed" and poll.is_anonymous):
        label = N_("Open again") if poll.state == "closed" else N_("Open it now")
        found.append(button(say(label), "poll_open", value))
    if poll.state in {"open", "closed"}:
        found.append(button(say(N_("Post it here")), "poll_post", value))
    if poll.state == "open" and not poll.is_anonymous:
        found.append(button(say(N_("Remind those who have not answered")), "poll_remind", value))
    if poll.state != "closed":
        label = N_("Change the times") if poll.voted else N_("Change it")
        found.append(button(say(label), "poll_edit", value))
    found.append(button(say(N_("Copy")), "poll_copy", value))
    if not (poll.first_id or has_last):
        found.append(button(say(N_("Ask it again later")), "poll_last", value))
    if poll.voted:
        found.append(button(say(N_("Export (CSV)")), "poll_export", value))
    found.append(button(say(N_("All polls")), "poll_list", value))
    return found


def waiting(poll: Poll, say: Say) -> list[Block]:
    """Options that members added and that wait for the teacher."""
    blocks: list[Block] = []
    for option in poll.options:
        if option.status == "pending":
            text = one_line(option.text)
            blocks.append(section(plain(say(N_("Somebody would like to add: {option}"), option=isolate(text)))))
            value, label = f"{poll.id}:{option.id}", {"option": text}
            fates = [
                button(
                    say(N_("Let it in")),
                    f"poll_option:{option.id}",
                    f"{value}:1",
                    label=say(N_("Let in: {option}"), **label),
                ),
                button(
                    say(N_("Take it out")),
                    f"poll_option:{option.id}:0",
                    f"{value}:0",
                    label=say(N_("Take out: {option}"), **label),
                ),
            ]
            blocks += actions(fates, f"poll_option:{option.id}")
    return blocks


def _closing(poll: Poll, say: Say) -> Element | None:
    """An anonymous poll cannot be opened again, so its close is asked about."""
    if not poll.is_anonymous:
        return None
    return confirm(
        say(N_("Close this poll?")),
        say(N_("An anonymous poll stays closed, so that nobody's answer can be told from the totals.")),
        say(N_("Close it now")),
        say(N_("Not yet")),
    )


def listed(
    found: Sequence[Poll], answered: Collection[int], say: Say, *, teaches: bool, metadata: str, page: int = 0
) -> Block:  # fmt: skip
    """A page of the activity's polls, each with a way to it: what is open first, what is closed last, newest first."""
    later = [poll for poll in reversed(found) if poll.state == "closed"]
    ordered = [poll for state in ("open", "scheduled", "draft") for poll in found if poll.state == state] + later
    shown = paging.page(ordered, page, MOST_LISTED)
    blocks: list[Block] = []
    for poll in shown.lines:
        state = say(_STATES[poll.state])
        values = {"question": clip(one_line(poll.prompt), 300), "state": state, "count": poll.voted}
        if teaches:
            text = say(N_("{question} ({state}; answers: {count})"), **values)
        elif poll.id in answered:
            text = say(N_("{question} ({state}; you have answered)"), **values)
        else:
            text = say(N_("{question} ({state})"), **values)
        label = say(N_("Look at: {question}"), question=one_line(poll.prompt))
        way = button(say(N_("Look")), f"poll_see:{poll.id}", f"{poll.id}", label=label)
        blocks.append(section(plain(text), way))
    if not blocks and teaches:
        blocks.append(section(plain(say(N_("There is no poll yet. Nobody sees a new one before you open it.")))))
    elif not blocks:
        blocks.append(section(plain(say(N_("No poll is open right now.")))))
    else:
        blocks += paging.turning(shown, say, "poll_page", f":{ordered[0].id}")
    if teaches:
        blocks += actions([button(say(N_("New poll")), "poll_new", style="primary")], "poll_list")
    return modal(say(N_("Polls")), blocks, say, callback_id="poll_listed", metadata=metadata)
