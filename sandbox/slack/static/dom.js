// Making elements, and the few things that every part of the page does with them.

/** An element: `make("button", { type: "button", class: "x", onclick: f }, "Text", otherElement)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (typeof value === "boolean") {
      element.toggleAttribute(name, value);
    } else if (value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

let lastId = 0;
/** An id that nothing else on the page has. */
export const freshId = (prefix) => `${prefix}-${(lastId += 1)}`;

/** The time of a timestamp as Slack makes them, in the reader's words. */
export function timeOf(ts) {
  const moment = new Date(Number.parseFloat(ts) * 1000);
  const text = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return make("time", { datetime: moment.toISOString(), title: moment.toLocaleString() }, text);
}

/** Asks the server; throws an Error in plain words. */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The workspace does not answer. Is it still running?");
  }
  if (answer.status === 304) {
    return null;
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(body.error || `The workspace answered with ${answer.status}.`);
  }
  return body;
}
