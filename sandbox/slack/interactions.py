"""Acting as a member: everything that somebody does in Slack which an app may hear of.

An act that Slack's own program would not allow raises CannotAct. An act that the app did not take gives an Outcome with
a problem, in the words that Slack shows then; the app is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import entering, modals, payloads, posting, responses, seeing, uploading, wording
from sandbox.slack.delivery import TIMEOUT, Answer, Courier, Destination, Parcel
from sandbox.slack.elements import ONLY_CLICKED, STATE, Found, Values, find, values_of
from sandbox.slack.payloads import Actor
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.seeing import CannotAct
from sandbox.slack.state import App, Failure, Message, Slack, Told, User, View
from sandbox.slack.triggers import Triggers

TIMED_OUT, FAILED = "operation_timeout", "dispatch_failed"
TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act ended for the person: `problem` is Slack's word, `told` what they read, `errors` what stands under the
    inputs of a view (by block_id), `options` what a select offers.
    """

    problem: str = ""
    told: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[Mapping[str, Any]] = ()

    @property
    def ok(self) -> bool:
        return not self.problem and not self.errors


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """An element in a message."""

    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class ViewPlace:
    """An element in an open modal or a Home tab."""

    view_id: str


Place = MessagePlace | ViewPlace


@dataclass
class Interactions:
    """Acts of members. What somebody has entered in a message is theirs alone, so it is kept here and not with it."""

    slack: Slack
    courier: Courier
    triggers: Triggers
    urls: ResponseUrls
    _entered: dict[tuple[str, str, str], Values] = field(default_factory=dict)
    _loaded: dict[tuple[str, str, str], list[Mapping[str, Any]]] = field(default_factory=dict)

    # -- in channels --

    def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Outcome:
        """Send what was typed: a slash command if it begins like one, else a message."""
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            return self.command(user_id, channel_id, command, rest.strip())
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            channel = seeing.find_joined(self.slack, user, channel_id)
            if not text.strip():
                raise CannotAct("There is nothing to send.")
            if thread_ts is not None and thread_ts not in channel.messages:
                raise CannotAct("That thread does not exist.")
            marked, elements = wording.typed(self.slack, user.team_id, text)
            message = Message(self.slack.new_ts(), channel.id, user.team_id, user.id, marked, thread_ts=thread_ts)
            message.blocks = wording.rich_text(elements)
            posting.post(self.slack, message)
        return Outcome()

    def command(self, user_id: str, channel_id: str, command: str, text: str) -> Outcome:
        """A slash command. What the app answers is shown in the channel."""
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            channel = seeing.find_joined(self.slack, user, channel_id)
            app, known = seeing.find_command(self.slack, user, command)
            actor = Actor(app, user)
            if known.should_escape:
                text = wording.command_text(self.slack, user.team_id, text)
            origin = payloads.origin(actor, channel)
            payload = payloads.slash_command(
                self.slack,
                actor,
                channel,
                command,
                text,
                trigger_id=self._trigger(actor),
                response_url=self.urls.issue("commands", origin),
            )
        answer = self._deliver(app, "commands", payload, known.url)
        if problem := problem_of(answer):
            return Outcome(problem, f'{command} failed with the error "{problem}"')
        body = answer.as_json()
        if not isinstance(body, dict):
            body = {"text": answer.body.decode(errors="replace")}
        if not (body.get("text") or body.get("blocks") or body.get("attachments")):
            return Outcome()
        try:
            with self.slack.lock:
                responses.apply(self.slack, origin, body)
        except Failure:
            return Outcome(FAILED, f'{command} failed with the error "{FAILED}"')
        return Outcome()

    def react(self, user_id: str, channel_id: str, ts: str, name: str, *, add: bool = True) -> Outcome:
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            message = seeing.find_message(self.slack, user, channel_id, ts)
            seeing.find_joined(self.slack, user, channel_id)
            change = posting.react if add else posting.unreact
            if message.ephemeral_for is not None or not change(self.slack, message, user.id, name):
                raise CannotAct("That reaction cannot be given or taken back here.")
        return Outcome()

    def join(self, user_id: str, channel_id: str) -> Outcome:
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            channel = seeing.find_channel(self.slack, user, channel_id)
            if channel.kind != "public" or not posting.join(self.slack, channel, user.id):
                raise CannotAct("That channel cannot be joined.")
        return Outcome()

    def invite(self, user_id: str, channel_id: str, invited_id: str) -> Outcome:
        """Add somebody, or an app's bot, to a channel: what `/invite @bot` does."""
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            channel = seeing.find_joined(self.slack, user, channel_id)
            invited = seeing.find_user(self.slack, invited_id)
            if channel.is_direct or not posting.join(self.slack, channel, invited.id, inviter=user.id):
                raise CannotAct("That person cannot be added here.")
        return Outcome()

    def leave(self, user_id: str, channel_id: str) -> Outcome:
        with self.slack.lock:
            channel = seeing.find_joined(self.slack, seeing.find_user(self.slack, user_id), channel_id)
            posting.leave(self.slack, channel, user_id)
        return Outcome()

    # -- shortcuts and Home --

    def global_shortcut(self, user_id: str, app_id: str, callback_id: str) -> Outcome:
        with self.slack.lock:
            actor = seeing.find_shortcut(self.slack, user_id, app_id, "global", callback_id)
            payload = payloads.global_shortcut(self.slack, actor, callback_id, self._trigger(actor))
        return self._simply(actor.app, payload)

    def message_shortcut(self, user_id: str, app_id: str, callback_id: str, channel_id: str, ts: str) -> Outcome:
        with self.slack.lock:
            actor = seeing.find_shortcut(self.slack, user_id, app_id, "message", callback_id)
            message = seeing.find_message(self.slack, actor.user, channel_id, ts)
            origin = payloads.origin(actor, self.slack.channels[channel_id], message)
            payload = payloads.message_shortcut(
                self.slack,
                actor,
                message,
                callback_id,
                trigger_id=self._trigger(actor),
                response_url=self.urls.issue("app", origin),
            )
        return self._simply(actor.app, payload)

    def open_home(self, user_id: str, app_id: str, tab: str = "home") -> Outcome:
        """Look at an app's Home (or its messages): the app hears of it each time."""
        with self.slack.lock:
            actor = seeing.find_actor(self.slack, user_id, app_id)
            if not (actor.app.home_tab if tab == "home" else actor.app.messages_tab):
                raise CannotAct(f"This app has no {tab} tab.")
            bot = self.slack.bot_user(app_id, actor.user.team_id)
            assert bot is not None
            direct = self.slack.direct_message(actor.user.team_id, user_id, bot.id)
            event: dict[str, Any] = {"type": "app_home_opened", "user": user_id, "channel": direct.id, "tab": tab}
            view_id = self.slack.homes.get((app_id, actor.user.team_id, user_id))
            if tab == "home" and view_id is not None:
                event["view"] = payloads.shown(self.slack, self.slack.views[view_id])
            self.slack.tell(Told(actor.user.team_id, event | {"event_ts": self.slack.new_ts()}, app_id=app_id))
        return Outcome()

    # -- elements --

    def use(self, user_id: str, place: Place, block_id: str, action_id: str, given: Any = None) -> Outcome:
        """Click a button, or enter something: an option's value, an id, a text, a list of these; None empties it. The
        app hears of it at once unless the element is an input's.
        """
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            where, blocks, app, values = self._place(user, place)
            found = self._element(blocks, block_id, action_id)
            chosen, state = self._taken(user, found, given)
            if state is not None:
                values.setdefault(found.block_id, {})[found.action_id] = state
            if not found.dispatches:
                return Outcome()
            uploading.give(self.slack, app, values)
            actor = Actor(app, user)
            modal_id = where.id if isinstance(where, View) and where.kind == "modal" else ""
            payload = payloads.block_actions(
                self.slack,
                actor,
                where,
                [payloads.action(found, self.slack.new_ts(), chosen=chosen, state=state)],
                values=values,
                trigger_id=self._trigger(actor, modal_id),
                response_url="" if isinstance(where, View) else self._answer_to(actor, where),
            )
        return self._simply(app, payload)

    def upload(self, user_id: str, name: str, data: bytes) -> str:
        """Bring a file along, to choose it by its id in a form."""
        with self.slack.lock:
            return uploading.keep(self.slack, seeing.find_user(self.slack, user_id), name, data).id

    def fill(self, user_id: str, place: Place, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Enter something in several elements, by block_id and action_id. The app hears of it with what comes next."""
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            _, blocks, _, values = self._place(user, place)
            for block_id, entered in entries.items():
                for action_id, given in entered.items():
                    found = self._element(blocks, block_id, action_id)
                    _, state = self._taken(user, found, given)
                    if state is not None:
                        values.setdefault(found.block_id, {})[found.action_id] = state

    def options(self, user_id: str, place: Place, block_id: str, action_id: str, typed: str = "") -> Outcome:
        """Open an external select and type: the app says what there is."""
        with self.slack.lock:
            user = seeing.find_user(self.slack, user_id)
            where, blocks, app, _ = self._place(user, place)
            found = self._element(blocks, block_id, action_id)
            if found.kind not in ("external_select", "multi_external_select"):
                raise CannotAct("Only an external select asks the app for its options.")
            if len(typed) < found.element.get("min_query_length", 3):
                return Outcome()
            payload = payloads.block_suggestion(self.slack, Actor(app, user), where, found, typed)
        answer = self._deliver(app, "options", payload, app.options_url)
        body = answer.as_json()
        if problem_of(answer) or not isinstance(body, dict):
            return Outcome(problem_of(answer) or FAILED, TROUBLE)
        grouped = [option for group in body.get("option_groups") or () for option in group["options"]]
        offered = [*(body.get("options") or ()), *grouped]
        self._loaded.setdefault((user_id, found.block_id, found.action_id), []).extend(offered)
        return Outcome(options=offered)

    # -- views --

    def submit(self, user_id: str, view_id: str) -> Outcome:
        """Submit the modal on top. Inputs are checked first; then the app says what becomes of the view."""
        with self.slack.lock:
            user, view, app = seeing.find_modal(self.slack, user_id, view_id)
            if not view.content.get("submit"):
                raise CannotAct("This view has nothing to submit.")
            view.values = values_of(view.content["blocks"], view.values)
            errors = entering.problems(view.content["blocks"], view.values)
            if errors:
                return Outcome(errors=errors)
            uploading.give(self.slack, app, view.values)
            actor = Actor(app, user)
            payload = payloads.view_submission(
                self.slack,
                actor,
                view,
                trigger_id=self._trigger(actor, view.id),
                response_urls=self._response_urls(actor, view),
            )
        answer = self._deliver(app, "interactive", payload, app.interactivity_url)
        if problem := problem_of(answer):
            return Outcome(problem, TROUBLE)
        with self.slack.lock:
            try:
                closed, errors = modals.respond(self.slack, view, answer.as_json())
            except Failure as failure:
                return Outcome(failure.error, TROUBLE)
        self._tell_closed(actor, closed, is_cleared=True)
        return Outcome(errors=errors)

    def close(self, user_id: str, view_id: str, *, whole_stack: bool = False) -> Outcome:
        """Close the modal on top; with `whole_stack`, or if it clears on close, all of them."""
        with self.slack.lock:
            user, view, app = seeing.find_modal(self.slack, user_id, view_id)
            all_of_them = whole_stack or bool(view.content.get("clear_on_close"))
            closed = modals.close(self.slack, view, whole_stack=all_of_them)
        self._tell_closed(Actor(app, user), closed, is_cleared=all_of_them)
        return Outcome()

    # -- what the acts share --

    def _tell_closed(self, actor: Actor, closed: Sequence[View], *, is_cleared: bool) -> None:
        """view_closed, for the views that asked for it. Nobody waits for the answer."""
        for view in closed:
            if view.content.get("notify_on_close"):
                with self.slack.lock:
                    payload = payloads.view_closed(self.slack, actor, view, is_cleared=is_cleared)
                self._deliver(actor.app, "interactive", payload, actor.app.interactivity_url)

    def _deliver(self, app: App, target: str, payload: Mapping[str, Any], url: str) -> Answer:
        if not url and not app.socket_mode:
            raise CannotAct("This app has no address for that.")
        return self.courier.send(Destination(app.id, app.signing_secret, url, app.socket_mode), Parcel(target, payload))

    def _simply(self, app: App, payload: Mapping[str, Any]) -> Outcome:
        """Deliver what has no answer but that it was taken."""
        problem = problem_of(self._deliver(app, "interactive", payload, app.interactivity_url))
        return Outcome(problem, TROUBLE) if problem else Outcome()

    def _trigger(self, actor: Actor, view_id: str = "") -> str:
        return self.triggers.issue(actor.user.team_id, actor.app.id, actor.user.id, view_id)

    def _answer_to(self, actor: Actor, message: Message) -> str:
        channel = self.slack.channels[message.channel_id]
        return self.urls.issue("actions", payloads.origin(actor, channel, message))

    def _response_urls(self, actor: Actor, view: View) -> list[dict[str, Any]]:
        """An address for each chosen conversation whose select has response_url_enabled."""
        issued = []
        for block in view.content["blocks"]:
            element = block.get("element") or {}
            if element.get("response_url_enabled"):
                state = view.values[block["block_id"]][element["action_id"]]
                channel = self.slack.channels.get(state[STATE[element["type"]][0]] or "")
                if channel is not None:
                    url = self.urls.issue("app", payloads.origin(actor, channel))
                    told = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel.id}
                    issued.append(told | {"response_url": url})
        return issued

    def _taken(self, user: User, found: Found, given: Any) -> tuple[Any, dict[str, Any] | None]:
        """What was clicked, and what the element keeps from now on."""
        try:
            if found.kind == "overflow":
                return entering.option(found.element, given), None
            if found.kind == "feedback_buttons":
                values = [found.element[name]["value"] for name in ("positive_button", "negative_button")]
                if given not in values:
                    raise CannotAct(f"There is no button with the value {given!r}.")
                return given, None
            if found.kind in ONLY_CLICKED:
                return None, None
            if found.kind == "file_input":
                return None, uploading.taken(self.slack, user, found, given)
            loaded = self._loaded.get((user.id, found.block_id, found.action_id), [])
            return None, entering.entered(found, given, loaded)
        except entering.CannotEnter as problem:
            raise CannotAct(str(problem)) from problem

    def _element(self, blocks: Sequence[Mapping[str, Any]], block_id: str, action_id: str) -> Found:
        found = find(blocks, block_id, action_id)
        if found is None:
            raise CannotAct(f"There is no element {action_id!r} here, or more than one.")
        return found

    def _place(self, user: User, place: Place) -> tuple[Message | View, Sequence[Mapping[str, Any]], App, Values]:
        """What the element is in, its blocks, the app that put it there, and what this person has entered in it."""
        if isinstance(place, ViewPlace):
            view = seeing.find_view(self.slack, user, place.view_id)
            view.values = values_of(view.content["blocks"], view.values)
            return view, view.content["blocks"], self.slack.apps[view.app_id], view.values
        message = seeing.find_message(self.slack, user, place.channel_id, place.ts)
        if message.app_id is None or self.slack.installation(message.app_id, user.team_id) is None:
            raise CannotAct("This message is not an app's, or the app is gone.")
        key = (user.id, place.channel_id, place.ts)
        values = self._entered[key] = values_of(message.blocks, self._entered.get(key, {}))
        return message, message.blocks, self.slack.apps[message.app_id], values


def problem_of(answer: Answer) -> str:
    """What a person is told of an answer: nothing if the app took it. Only 200 counts here."""
    if answer.problem == TIMEOUT:
        return TIMED_OUT
    return "" if answer.status == 200 and not answer.problem else FAILED
