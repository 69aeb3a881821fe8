// The page: who one is, where one is, what is seen there. The server knows everything; the page asks it again and again.
import { ask, make } from "./dom.js";
import { MessageList } from "./messages.js";
import { Home, Modal } from "./surfaces.js";
import { decoded } from "./words.js";

const SECONDS = 0.7;
const byId = (id) => document.getElementById(id);

class Chat {
  constructor() {
    this.me = "";
    this.channel = "";
    this.app = "";
    this.thread = "";
    this.start = { people: {}, apps: [] };
    this.seen = { channels: [], modals: [], homes: {} };
    this.last = "";
    this.read = new Map();
    this.names = {
      me: () => this.me,
      person: (id) => this.start.people[id]?.name ?? "somebody",
      people: () => Object.entries(this.start.people).filter(([, one]) => !one.is_bot).map(([id, one]) => [id, one.name]),
      channel: (id) => this.seen.channels.find((one) => one.id === id)?.name ?? "a channel",
      channels: () => this.seen.channels.filter((one) => one.joined).map((one) => [one.id, one.name]),
    };
    this.messages = new MessageList(byId("messages"), this);
    this.home = new Home(byId("home"), this);
    this.modal = new Modal(byId("modal"), this);
    this.replies = null;
  }

  async begin() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const me = byId("me");
    if ([...me.options].some((option) => option.value === wanted.get("as"))) me.value = wanted.get("as");
    me.addEventListener("change", () => this.become(me.value));
    byId("show-places").addEventListener("click", () => this.togglePlaces());
    document.addEventListener("click", (event) => closeMenusBut(event.target.closest?.("details.menu")));
    document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenusBut(null, true));
    await this.become(me.value, wanted.get("in") ?? "");
    this.follow();
  }

  /** Look again, for as long as the page is open. */
  async follow() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
      if (!document.hidden) await this.look();
    }
  }

  async become(me, channel = "") {
    Object.assign(this, { me, channel, app: "", last: "" });
    byId("told").textContent = "";
    this.read.clear();
    this.closeThread();
    this.messages.clear();
    this.modal.show(null);
    await this.learn();
    await this.look();
    if (!this.channel) {
      const first = this.seen.channels.find((one) => one.joined && !one.app && one.kind === "public");
      if (first) await this.openChannel(first.id);
    }
  }

  async learn() {
    try {
      this.start = await ask(`/page/start?as=${encodeURIComponent(this.me)}`);
      byId("team").textContent = this.start.team;
    } catch (problem) {
      this.trouble(problem.message);
    }
  }

  async look() {
    const query = new URLSearchParams({ as: this.me, channel: this.channel });
    const asked = String(query);
    try {
      const seen = await ask(`/page/see?${query}`);
      if (asked !== String(new URLSearchParams({ as: this.me, channel: this.channel }))) return;
      const text = JSON.stringify(seen);
      if (text === this.last) return;
      if (seen.people !== Object.keys(this.start.people).length || seen.apps !== this.start.apps.length) await this.learn();
      this.last = text;
      this.seen = seen;
      this.draw();
    } catch (problem) {
      this.trouble(problem.message);
    }
  }

  // What the person does.

  /** Sends an act; `dialog` is where trouble is told, if one is open. Gives the outcome, or null. */
  async act(act, dialog = null) {
    this.trouble("", dialog);
    const outcome = await this.ask(act, dialog);
    if (outcome?.problem) this.trouble(outcome.told || outcome.problem, dialog);
    await this.look();
    return outcome;
  }

  async ask(act, dialog = null) {
    const body = JSON.stringify({ as: this.me, ...act });
    try {
      return await ask("/page/act", { method: "POST", body, headers: { "Content-Type": "application/json" } });
    } catch (problem) {
      this.trouble(problem.message, dialog);
      return null;
    }
  }

  trouble(text, dialog = null) {
    const open = dialog ?? (byId("modal").open ? byId("modal") : null);
    const box = open?.querySelector("[role=alert]") ?? byId("trouble");
    box.textContent = text;
    box.hidden = !text;
  }

  async openChannel(id) {
    Object.assign(this, { channel: id, app: "", last: "" });
    history.replaceState(null, "", `#as=${this.me}&in=${id}`);
    this.messages.clear();
    this.closeThread();
    this.togglePlaces(false);
    this.trouble("");
    await this.look();
  }

  /** An app: its Home tab, which the app is told of, or what it has written. */
  async openApp(id, tab) {
    const app = this.start.apps.find((one) => one.id === id);
    const direct = () => this.seen.channels.find((one) => one.app === id)?.id ?? "";
    Object.assign(this, { app: id, tab, channel: tab === "messages" ? direct() : "", last: "" });
    this.messages.clear();
    this.closeThread();
    this.togglePlaces(false);
    await this.act({ do: "home", app: app.id, tab });
    if (tab === "messages" && !this.channel) {
      this.channel = direct();
      await this.look();
    }
  }

  openThread(ts) {
    this.thread = ts;
    this.last = "";
    const list = make("ol", { class: "messages", "aria-label": "Thread" });
    this.replies = new MessageList(list, this, { inThread: true });
    byId("thread").replaceChildren(
      make(
        "div",
        { class: "row place-head" },
        make("h2", { id: "thread-name", tabindex: "-1" }, "Thread"),
        make("button", { type: "button", class: "small", onclick: () => this.closeThread() }, "Close the thread"),
      ),
      list,
      this.composer("Reply", (text) => this.act({ do: "say", channel: this.channel, text, thread_ts: ts })),
    );
    byId("thread").hidden = false;
    document.body.classList.add("in-thread");
    this.drawThread();
    byId("thread-name").focus();
  }

  closeThread() {
    this.thread = "";
    this.replies = null;
    byId("thread").hidden = true;
    byId("thread").replaceChildren();
    document.body.classList.remove("in-thread");
  }

  togglePlaces(open = !document.body.classList.contains("places-open")) {
    document.body.classList.toggle("places-open", open);
    byId("show-places").setAttribute("aria-expanded", String(open));
  }

  /** Entries that apps have in the shortcuts menus. */
  shortcuts(kind) {
    return this.start.apps.flatMap((app) =>
      app.shortcuts.filter((one) => one.kind === kind).map((one) => ({ ...one, app: app.id, appName: app.name })),
    );
  }

  // What is seen.

  draw() {
    this.drawPlaces();
    this.drawPlace();
    this.modal.show(this.seen.modals.at(-1));
  }

  drawPlaces() {
    const entry = (name, current, open, note) =>
      make("li", {}, make("button", { type: "button", class: "place-link", "aria-current": current ? "page" : null, onclick: open }, name, note ? [" ", note] : null));
    const here = (one) => !this.app && one.id === this.channel;
    const news = (one) => {
      if (here(one) || !this.read.has(one.id)) this.read.set(one.id, one.last_ts);
      return one.last_ts > this.read.get(one.id) ? make("span", { class: "badge" }, "new") : null;
    };
    const channels = this.seen.channels.filter((one) => one.kind === "public" || one.kind === "private");
    const direct = this.seen.channels.filter((one) => (one.kind === "im" || one.kind === "mpim") && !one.app);
    const section = (title, entries) => (entries.length ? [make("h2", {}, title), make("ul", {}, entries)] : []);
    const drawn = [
      ...section("Channels", channels.map((one) =>
        entry(`# ${one.name}`, here(one), () => this.openChannel(one.id), one.joined ? news(one) : make("span", { class: "quiet" }, "not joined")))),
      ...section("Direct messages", direct.map((one) => entry(one.name, here(one), () => this.openChannel(one.id), news(one)))),
      ...section("Apps", this.start.apps.map((one) => {
        const direct = this.seen.channels.find((channel) => channel.app === one.id);
        return entry(one.name, this.app === one.id, () => this.openApp(one.id, one.home_tab ? "home" : "messages"), direct ? news(direct) : null);
      })),
    ];
    const text = JSON.stringify([drawn.map((node) => node.outerHTML)]);
    if (text === this.placesText) return;
    this.placesText = text;
    const place = [...byId("places").querySelectorAll("button")].indexOf(document.activeElement);
    byId("places").replaceChildren(...drawn);
    if (place >= 0) byId("places").querySelectorAll("button")[place]?.focus();
  }

  drawPlace() {
    const app = this.start.apps.find((one) => one.id === this.app);
    const channel = this.seen.channel;
    const atHome = Boolean(app) && this.tab === "home";
    byId("messages").hidden = atHome;
    const name = app ? app.name : channel ? (channel.kind === "im" || channel.kind === "mpim" ? channel.name : `# ${channel.name}`) : "Welcome";
    if (byId("place-name").textContent !== name) byId("place-name").textContent = name;
    const note = app || !channel ? "" : `${channel.members} members${channel.topic ? ` · ${channel.topic}` : ""}`;
    byId("place-note").textContent = note;
    this.drawTabs(app);
    if (atHome) {
      byId("empty").hidden = true;
      this.home.show(this.seen.homes[app.id], app.name);
    } else {
      this.home.hide();
      const top = (this.seen.messages ?? []).filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.subtype === "thread_broadcast");
      byId("empty").hidden = top.length > 0 || !(channel || app);
      const fresh = this.messages.show(top, this.channel);
      this.say(fresh);
      this.drawThread();
    }
    this.drawFoot(atHome ? null : channel);
  }

  drawTabs(app) {
    const key = app ? `${app.id} ${this.tab}` : "";
    if (byId("tabs").dataset.key === key) return;
    byId("tabs").dataset.key = key;
    const tab = (name, text) =>
      make("button", { type: "button", class: "small", "aria-pressed": String(this.tab === name), onclick: () => this.openApp(app.id, name) }, text);
    byId("tabs").replaceChildren(
      ...(app ? [app.home_tab ? tab("home", "Home") : "", app.messages_tab ? tab("messages", "Messages") : ""] : []),
    );
  }

  drawThread() {
    if (!this.replies) return;
    const messages = (this.seen.messages ?? []).filter((one) => one.ts === this.thread || one.thread_ts === this.thread);
    this.replies.show(messages, this.channel);
  }

  /** New messages are said once. */
  say(fresh) {
    const others = fresh.filter((message) => message.user !== this.me);
    if (others.length) {
      const { user, text } = others.at(-1);
      byId("told").textContent = `${this.names.person(user)}: ${decoded(text ?? "").slice(0, 200)}`;
    }
  }

  drawFoot(channel) {
    const key = channel ? `${this.me} ${channel.id} ${channel.joined} ${this.start.apps.length}` : "";
    if (byId("foot").dataset.key === key) return;
    byId("foot").dataset.key = key;
    if (!channel) {
      byId("foot").replaceChildren();
    } else if (!channel.joined) {
      const join = () => this.act({ do: "join", channel: channel.id });
      byId("foot").replaceChildren(make("p", { class: "row" }, make("button", { type: "button", class: "primary", onclick: join }, `Join # ${channel.name}`)));
    } else {
      const label = channel.kind === "im" ? `Message ${channel.name}` : `Message # ${channel.name}`;
      byId("foot").replaceChildren(this.composer(label, (text) => this.act({ do: "say", channel: channel.id, text }), true));
    }
  }

  /** Where one types. Enter sends, Shift and Enter begin a new line. */
  composer(label, send, withShortcuts = false) {
    const input = make("textarea", { rows: 1, "aria-label": label, placeholder: label });
    const offers = make("ul", { class: "offers", "aria-label": "Commands that fit" });
    const submit = async () => {
      const text = input.value;
      if (!text.trim()) return;
      input.value = "";
      offers.replaceChildren();
      const outcome = await send(text);
      if (!outcome) input.value ||= text;
    };
    const offer = () => offers.replaceChildren(...this.commands(input.value).map((one) =>
      make("li", {}, make("button", { type: "button", class: "plain", onclick: () => { input.value = `${one.command} `; offers.replaceChildren(); input.focus(); } },
        make("strong", {}, one.command), ` ${one.hint ?? ""} `, make("span", { class: "quiet" }, one.description)))));
    input.addEventListener("input", offer);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        submit();
      }
    });
    return make(
      "form",
      { class: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } },
      offers,
      make("div", { class: "row" }, withShortcuts ? this.shortcutsMenu() : null, input, make("button", { type: "submit", class: "primary" }, "Send")),
    );
  }

  commands(text) {
    if (!text.startsWith("/") || text.includes(" ")) return [];
    return this.start.apps.flatMap((app) => app.commands).filter((one) => one.command.startsWith(text));
  }

  shortcutsMenu() {
    const entries = this.shortcuts("global");
    if (!entries.length) return null;
    const menu = make("details", { class: "menu upwards" }, make("summary", { "aria-label": "Shortcuts" }, "+"));
    menu.append(make("div", { class: "menu-list" }, entries.map(({ app, callback_id, name, appName }) =>
      make("button", { type: "button", onclick: () => { menu.open = false; this.act({ do: "shortcut", app, callback_id }); } },
        name, make("span", { class: "quiet below" }, appName)))));
    return menu;
  }
}

function closeMenusBut(kept, refocus = false) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === kept) continue;
    if (refocus && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

new Chat().begin();
