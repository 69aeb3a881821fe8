// Elements that people use: what they look like, what is entered in them, and when the app hears of it.
import { ask, freshId, make } from "./dom.js";
import { textOf } from "./words.js";

/** What a message or view needs to know about itself: who is named how, what was entered, and how to tell the app. */
export class Surface {
  /** `act(act)` sends an act of the person; `place` is { view } or { channel, ts }; `values` is state.values. */
  constructor({ names, act, place, values = {}, ask = null }) {
    Object.assign(this, { names, act, place, values, ask });
    this.readers = new Map();
  }

  /** What is entered now, by block_id and action_id. */
  entered() {
    const result = {};
    for (const { block_id, action_id, read } of this.readers.values()) {
      (result[block_id] ??= {})[action_id] = read();
    }
    return result;
  }

  keep(block, element, { read, write }) {
    const { block_id } = block;
    this.readers.set(`${block_id} ${element.action_id}`, { block_id, action_id: element.action_id, read, write });
  }

  /** Put back what was entered before the surface was drawn anew. */
  restore(entered) {
    for (const { block_id, action_id, write } of this.readers.values()) {
      const before = entered[block_id]?.[action_id];
      if (before !== undefined) write(before);
    }
  }

  /** Tell the app what was clicked or chosen, with everything that is entered around it. */
  async use(block, element, value) {
    if (element.confirm && !(await confirmed(element.confirm, this.names))) return;
    const where = { block_id: block.block_id, action_id: element.action_id };
    await this.act({ do: "use", ...this.place, ...where, value, values: this.entered() });
  }
}

/** Asks before something is done, as `confirm` of an element says. */
function confirmed(question, names) {
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    const answer = (said) => () => { dialog.close(); resolve(said); };
    dialog.replaceChildren(
      make("h2", { id: "confirm-title" }, question.title.text),
      make("p", {}, textOf(question.text, names)),
      make(
        "div",
        { class: "row" },
        make("button", { type: "button", onclick: answer(false) }, question.deny.text),
        make("button", { type: "button", class: question.style || "primary", onclick: answer(true) }, question.confirm.text),
      ),
    );
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
  });
}

const optionsOf = (element) => [
  ...(element.options ?? []),
  ...(element.option_groups ?? []).flatMap((group) => group.options),
];

const chosenIn = (state, element) =>
  state?.selected_option?.value ??
  state?.selected_user ??
  state?.selected_channel ??
  state?.selected_conversation ??
  element.initial_option?.value ??
  element.initial_user ??
  element.initial_channel ??
  element.initial_conversation ??
  "";

const allChosenIn = (state, element) =>
  (state?.selected_options ?? element.initial_options)?.map((option) => option.value) ??
  state?.selected_users ?? state?.selected_channels ?? state?.selected_conversations ??
  element.initial_users ?? element.initial_channels ?? element.initial_conversations ?? [];

/** People or channels as options. */
function listed(element, names) {
  if (element.type.includes("users")) {
    return names.people().map(([value, text]) => ({ value, text: { text } }));
  }
  return names.channels().map(([value, text]) => ({ value, text: { text } }));
}

const isList = (element) => /users_select|channels_select|conversations_select/.test(element.type);

function plainSelect(block, element, surface, label) {
  const options = isList(element) ? listed(element, surface.names) : element.options;
  const option = (one) => make("option", { value: one.value }, one.text.text);
  const select = make(
    "select",
    { ...label, class: "small" },
    make("option", { value: "" }, element.placeholder?.text || "Choose"),
    element.option_groups
      ? element.option_groups.map((group) => make("optgroup", { label: group.label.text }, group.options.map(option)))
      : options.map(option),
  );
  select.value = chosenIn(surface.values[block.block_id]?.[element.action_id], element);
  return { node: select, read: () => select.value || null, write: (given) => { select.value = given ?? ""; } };
}

/** A select whose options come from the app while one types; what is chosen stays in it. */
function externalSelect(block, element, surface, label) {
  const state = surface.values[block.block_id]?.[element.action_id];
  const several = element.type === "multi_external_select";
  const option = (one) => make("option", { value: one.value }, one.text.text);
  const select = make("select", { ...label, class: "small", multiple: several });
  const empty = several ? [] : [make("option", { value: "" }, element.placeholder?.text || "Choose")];
  const begin = several
    ? (state?.selected_options ?? element.initial_options ?? [])
    : [state?.selected_option ?? element.initial_option].filter(Boolean);
  const chosen = begin.map(option);
  select.append(...empty, ...chosen);
  for (const one of chosen) one.selected = true;
  const load = async (event) => {
    const where = { block_id: block.block_id, action_id: element.action_id, typed: event.target.value };
    const outcome = await surface.ask({ do: "options", ...surface.place, ...where });
    const kept = [...select.selectedOptions].filter((one) => one.value);
    const values = kept.map((one) => one.value);
    const offered = (outcome?.options ?? []).filter((one) => !values.includes(one.value));
    select.replaceChildren(...empty, ...kept, ...offered.map(option));
  };
  const search = make("input", { type: "search", class: "small", "aria-label": "Search for options", placeholder: "Search", oninput: load });
  const read = () => {
    const values = [...select.selectedOptions].map((one) => one.value).filter(Boolean);
    return several ? values : (values[0] ?? null);
  };
  const write = (given) => {
    for (const one of select.options) one.selected = [given ?? ""].flat().includes(one.value);
  };
  return { node: make("span", { class: "row" }, search, select), read, write, source: select };
}

/** Checkboxes or radio buttons; also every select of which one may choose several. */
function choices(block, element, surface, label, kind) {
  const state = surface.values[block.block_id]?.[element.action_id];
  const chosen = kind === "radio" ? [chosenIn(state, element)] : allChosenIn(state, element);
  const name = freshId("choice");
  const options = isList(element) ? listed(element, surface.names) : optionsOf(element);
  const rows = options.map((option) =>
    make(
      "label",
      { class: "choice" },
      make("input", { type: kind, name, value: option.value, checked: chosen.includes(option.value) }),
      make(
        "span",
        {},
        textOf(option.text, surface.names),
        option.description ? make("span", { class: "quiet below" }, textOf(option.description, surface.names)) : null,
      ),
    ),
  );
  const group = make("div", { role: kind === "radio" ? "radiogroup" : "group", class: "choices", ...label }, rows);
  const ticked = () => [...group.querySelectorAll("input:checked")].map((input) => input.value);
  const write = (given) => {
    for (const input of group.querySelectorAll("input")) input.checked = [given].flat().includes(input.value);
  };
  return { node: group, read: () => (kind === "radio" ? (ticked()[0] ?? null) : ticked()), write };
}

const TYPES = { email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function written(block, element, surface, label) {
  const state = surface.values[block.block_id]?.[element.action_id] ?? {};
  const long = element.multiline || element.type === "rich_text_input";
  const attributes = { ...label, placeholder: element.placeholder?.text, maxlength: element.max_length };
  const input = long
    ? make("textarea", { ...attributes, rows: 4 })
    : make("input", { ...attributes, type: TYPES[element.type] || "text", inputmode: element.type === "number_input" ? "decimal" : null });
  const moment = state.selected_date_time ?? element.initial_date_time;
  const begin = state.value ?? state.selected_date ?? state.selected_time ?? element.initial_value ?? element.initial_date ?? element.initial_time;
  input.value = moment ? localMoment(moment) : typeof begin === "string" ? begin : "";
  const read = () => {
    if (!input.value) return null;
    return element.type === "datetimepicker" ? Math.round(new Date(input.value).getTime() / 1000) : input.value;
  };
  const write = (given) => { input.value = typeof given === "number" ? localMoment(given) : (given ?? ""); };
  return { node: input, read, write };
}

function localMoment(seconds) {
  const moment = new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60_000);
  return moment.toISOString().slice(0, 16);
}

function button(block, element, surface) {
  const text = element.text?.text ?? "";
  const attributes = { class: `small ${element.style || ""}`, "aria-label": element.accessibility_label || null };
  const click = () => surface.use(block, element, null);
  if (element.url) {
    return make("a", { ...attributes, class: `button ${attributes.class}`, href: element.url, target: "_blank", rel: "noreferrer", onclick: click }, text);
  }
  return make("button", { type: "button", ...attributes, onclick: click }, text);
}

function overflow(block, element, surface) {
  const menu = make(
    "details",
    { class: "menu" },
    make("summary", { "aria-label": "More" }, "⋯"),
    make(
      "div",
      { class: "menu-list" },
      element.options.map((option) =>
        make("button", { type: "button", onclick: () => { menu.open = false; surface.use(block, element, option.value); } }, option.text.text),
      ),
    ),
  );
  return menu;
}

function feedback(block, element, surface) {
  return ["positive_button", "negative_button"].map((name) => {
    const { text, value, accessibility_label: label } = element[name];
    return make("button", { type: "button", class: "small", "aria-label": label || null, onclick: () => surface.use(block, element, value) }, text.text);
  });
}

const brought = new Map(); // files that were chosen on this page, by id

/** Files: each is brought to the workspace when it is chosen, and goes to the app by its id. */
function files(block, element, surface, label) {
  let chosen = surface.values[block.block_id]?.[element.action_id]?.files ?? [];
  const names = make("span", { class: "quiet" });
  const tell = () => { names.textContent = chosen.map((file) => file.name).join(", "); };
  const bring = async () => {
    const send = input.closest("form")?.querySelector("[type=submit]");
    if (send) send.disabled = true;
    chosen = [];
    for (const file of input.files) {
      const query = new URLSearchParams({ as: surface.names.me(), name: file.name });
      const kept = await ask(`/page/upload?${query}`, { method: "POST", body: file }).catch(() => null);
      if (kept) {
        brought.set(kept.id, kept);
        chosen.push(kept);
      }
    }
    tell();
    if (send) send.disabled = false;
  };
  const accept = (element.filetypes ?? []).map((end) => `.${end}`).join(",");
  const input = make("input", { ...label, type: "file", accept, multiple: (element.max_files ?? 10) > 1, onchange: bring });
  tell();
  const write = (given) => {
    chosen = given.map((id) => brought.get(id)).filter(Boolean);
    tell();
  };
  return { node: make("span", { class: "row" }, input, names), read: () => chosen.map((file) => file.id), write };
}

function controlOf(block, element, surface, label) {
  if (element.type === "file_input") return files(block, element, surface, label);
  if (element.type.endsWith("external_select")) return externalSelect(block, element, surface, label);
  if (element.type === "radio_buttons") return choices(block, element, surface, label, "radio");
  if (element.type === "checkboxes" || element.type.startsWith("multi_")) return choices(block, element, surface, label, "checkbox");
  if (element.type.endsWith("_select")) return plainSelect(block, element, surface, label);
  return written(block, element, surface, label);
}

/** An element outside an input block: the app hears of it as soon as it is used. */
export function elementNode(block, element, surface, pictureOf) {
  switch (element.type) {
    case "image": return pictureOf(element, surface);
    case "button": return button(block, element, surface);
    case "icon_button": return button(block, element, surface);
    case "overflow": return overflow(block, element, surface);
    case "feedback_buttons": return feedback(block, element, surface);
    case "workflow_button": return make("button", { type: "button", class: "small", disabled: true }, element.text.text);
  }
  const control = controlOf(block, element, surface, { "aria-label": element.placeholder?.text || "Choose" });
  surface.keep(block, element, control);
  (control.source ?? control.node).addEventListener("change", () => surface.use(block, element, control.read()));
  return control.node;
}

/** An input block: label, control, hint, and room for what is wrong with it. */
export function inputBlock(block, surface) {
  const { element } = block;
  const [id, hint, error] = [freshId("input"), freshId("hint"), freshId("error")];
  const grouped = /^(radio_buttons|checkboxes|multi_)/.test(element.type);
  const described = { "aria-describedby": `${hint} ${error}` };
  const label = grouped ? { "aria-labelledby": id, ...described } : { id, ...described };
  const control = controlOf(block, element, surface, label);
  surface.keep(block, element, control);
  if (block.dispatch_action) {
    (control.source ?? control.node).addEventListener("change", () => surface.use(block, element, control.read()));
  }
  const words = [block.label.text, block.optional ? make("span", { class: "quiet" }, " (optional)") : null];
  return make(
    "div",
    { class: "field", "data-block": block.block_id },
    grouped ? make("span", { class: "label", id }, words) : make("label", { for: id }, words),
    control.node,
    make("p", { class: "quiet hint", id: hint }, block.hint?.text),
    make("p", { class: "wrong", id: error }),
  );
}
