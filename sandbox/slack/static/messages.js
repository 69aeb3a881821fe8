// Messages of a channel or thread: drawn once, and drawn anew only when they have changed.
import { blocksOf } from "./blocks.js";
import { make, timeOf } from "./dom.js";
import { Surface } from "./inputs.js";
import { mrkdwn } from "./words.js";

const OFFERED = ["+1", "white_check_mark", "eyes"];
/** Reactions by their names: not every machine has a picture for each. */
const emoji = (name) => `:${name}:`;

/** A list of messages that follows what the server says. `chat` is the page: names, acts, menus. */
export class MessageList {
  constructor(list, chat, { inThread = false } = {}) {
    Object.assign(this, { list, chat, inThread, shown: new Map() });
  }

  clear() {
    this.shown.clear();
    this.list.replaceChildren();
  }

  /** Shows these messages; gives those that are new since the last time. */
  show(messages, channelId) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const first = this.shown.size === 0;
    const wanted = new Set(messages.map((message) => message.ts));
    for (const [ts, { node }] of this.shown) {
      if (!wanted.has(ts)) {
        node.remove();
        this.shown.delete(ts);
      }
    }
    const fresh = [];
    let before = null;
    for (const message of messages) {
      const text = JSON.stringify(message);
      const known = this.shown.get(message.ts);
      if (!known) fresh.push(message);
      if (known?.text !== text) this.draw(message, text, channelId, known);
      const { node } = this.shown.get(message.ts);
      const place = before ? before.nextSibling : this.list.firstChild;
      if (place !== node) this.list.insertBefore(node, place);
      before = node;
    }
    if (atEnd || first) this.list.scrollTop = this.list.scrollHeight;
    return first ? [] : fresh;
  }

  draw(message, text, channelId, known) {
    const place = { channel: channelId, ts: message.ts };
    const surface = new Surface({ names: this.chat.names, act: (act) => this.chat.act(act), ask: (act) => this.chat.ask(act), place });
    const node = this.item(message, surface, channelId);
    if (known) {
      surface.restore(known.surface.entered());
      replaceKeepingFocus(known.node, node);
    }
    this.shown.set(message.ts, { text, node, surface });
  }

  item(message, surface, channelId) {
    const { names } = this.chat;
    const name = message.username ?? names.person(message.user);
    const notes = [
      message.bot_id ? make("span", { class: "badge" }, "App") : null,
      timeOf(message.ts),
      message.is_ephemeral ? make("span", { class: "quiet" }, "Only visible to you") : null,
      message.edited && !message.bot_id ? make("span", { class: "quiet" }, "(edited)") : null,
    ];
    const content = message.blocks?.length ? blocksOf(message.blocks, surface) : make("div", {}, mrkdwn(message.text ?? "", names));
    return make(
      "li",
      { class: message.is_ephemeral ? "message only-you" : "message", "data-ts": message.ts },
      make("span", { class: "face", "aria-hidden": "true" }, name.slice(0, 1)),
      make(
        "div",
        { class: "message-body" },
        make("p", { class: "message-head" }, make("strong", {}, name), notes),
        content,
        (message.files ?? []).map((file) => make("p", { class: "quiet" }, `File: ${file.title}`)),
        this.reactions(message, channelId),
        this.threadLink(message),
      ),
      this.menu(message, channelId, name),
    );
  }

  reactions(message, channelId) {
    if (!message.reactions?.length) return null;
    return make(
      "p",
      { class: "row" },
      message.reactions.map(({ name, count, users }) => {
        const mine = users.includes(this.chat.me);
        const act = () => this.chat.act({ do: mine ? "unreact" : "react", channel: channelId, ts: message.ts, name });
        return make("button", { type: "button", class: "reaction", "aria-pressed": String(mine), "aria-label": `${name}, ${count}`, onclick: act }, `${emoji(name)} ${count}`);
      }),
    );
  }

  threadLink(message) {
    if (this.inThread || !message.reply_count) return null;
    const text = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
    return make("button", { type: "button", class: "plain", onclick: () => this.chat.openThread(message.ts) }, text);
  }

  menu(message, channelId, name) {
    if (message.is_ephemeral) return null;
    const menu = make("details", { class: "menu" }, make("summary", { "aria-label": `More about the message of ${name}` }, "⋯"));
    const entry = (text, run, attributes = {}) =>
      make("button", { type: "button", ...attributes, onclick: () => { menu.open = false; run(); } }, text);
    const place = { channel: channelId, ts: message.ts };
    const entries = [
      this.inThread ? null : entry("Reply in a thread", () => this.chat.openThread(message.ts)),
      make(
        "div",
        { class: "row" },
        OFFERED.map((reaction) => entry(emoji(reaction), () => this.chat.act({ do: "react", ...place, name: reaction }), { "aria-label": `React with ${reaction}` })),
      ),
      this.chat.shortcuts("message").map(({ app, callback_id, name: label, appName }) =>
        entry(make("span", {}, label, make("span", { class: "quiet below" }, appName)), () => this.chat.act({ do: "message_shortcut", ...place, app, callback_id })),
      ),
    ];
    menu.append(make("div", { class: "menu-list" }, entries.flat()));
    return menu;
  }
}

const FOCUSABLE = "a, button, input, select, textarea, summary";

/** Puts one node in place of another; the same control inside keeps the focus. */
export function replaceKeepingFocus(before, after) {
  const place = [...before.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  before.replaceWith(after);
  if (place >= 0) after.querySelectorAll(FOCUSABLE)[place]?.focus();
}
