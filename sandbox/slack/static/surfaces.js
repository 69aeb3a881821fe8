// Views: the Home tab of an app, and modals, of which the uppermost is shown.
import { blocksOf } from "./blocks.js";
import { make } from "./dom.js";
import { Surface } from "./inputs.js";
import { replaceKeepingFocus } from "./messages.js";

const surfaceOf = (view, chat) =>
  new Surface({
    names: chat.names,
    act: (act) => chat.act(act),
    ask: (act) => chat.ask(act),
    place: { view: view.id },
    values: view.state.values,
  });

/** The Home tab. */
export class Home {
  constructor(box, chat) {
    Object.assign(this, { box, chat, hash: null, surface: null });
  }

  show(view, appName) {
    this.box.hidden = false;
    const hash = view ? view.hash : "";
    if (hash === this.hash) return;
    const entered = this.surface?.entered() ?? {};
    this.surface = view ? surfaceOf(view, this.chat) : null;
    const inside = view
      ? make("div", {}, blocksOf(view.blocks, this.surface))
      : make("div", {}, make("p", { class: "empty" }, `${appName} shows nothing here yet.`));
    this.surface?.restore(entered);
    if (this.box.firstElementChild) {
      replaceKeepingFocus(this.box.firstElementChild, inside);
    } else {
      this.box.append(inside);
    }
    this.hash = hash;
  }

  hide() {
    this.box.hidden = true;
    this.box.replaceChildren();
    this.hash = null;
    this.surface = null;
  }
}

/** The uppermost modal, in a dialog. */
export class Modal {
  constructor(dialog, chat) {
    Object.assign(this, { dialog, chat, view: null, surface: null });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  show(view) {
    if (!view) {
      if (this.view) {
        this.view = this.surface = null;
        this.dialog.close();
        this.dialog.replaceChildren();
      }
      return;
    }
    if (this.view?.id === view.id && this.view.hash === view.hash) return;
    const entered = this.view?.id === view.id ? this.surface.entered() : {};
    const isNew = this.view?.id !== view.id;
    this.view = view;
    this.surface = surfaceOf(view, this.chat);
    const form = this.form(view);
    this.surface.restore(entered);
    if (!isNew && this.dialog.firstElementChild) {
      replaceKeepingFocus(this.dialog.firstElementChild, form);
    } else {
      this.dialog.replaceChildren(form);
    }
    if (!this.dialog.open) this.dialog.showModal();
    if (isNew) (form.querySelector(".block input, .block textarea, .block select") ?? form.querySelector("h2")).focus();
  }

  form(view) {
    const buttons = [make("button", { type: "button", onclick: () => this.close() }, view.close?.text ?? "Close")];
    if (view.submit) {
      buttons.push(make("button", { type: "submit", class: "primary" }, view.submit.text));
    }
    return make(
      "form",
      { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      make("h2", { id: "modal-title", tabindex: "-1" }, view.title.text),
      make("p", { class: "trouble", role: "alert", hidden: true }),
      make("div", { class: "modal-blocks" }, blocksOf(view.blocks, this.surface)),
      make("div", { class: "row end" }, buttons),
    );
  }

  async submit() {
    const button = this.dialog.querySelector("[type=submit]");
    button.disabled = true;
    const outcome = await this.chat.act({ do: "submit", view: this.view.id, values: this.surface.entered() }, this.dialog);
    button.disabled = false;
    if (outcome && this.view) this.mark(outcome.errors);
  }

  /** Says under each input what is wrong with it, and goes to the first. */
  mark(errors) {
    let first = null;
    for (const field of this.dialog.querySelectorAll(".field")) {
      const wrong = errors[field.dataset.block] ?? "";
      field.querySelector(".wrong").textContent = wrong;
      for (const control of field.querySelectorAll("input, textarea, select")) {
        control.setAttribute("aria-invalid", String(Boolean(wrong)));
        if (wrong) first ??= control;
      }
    }
    first?.focus();
  }

  close() {
    if (this.view) this.chat.act({ do: "close", view: this.view.id }, this.dialog);
  }
}
