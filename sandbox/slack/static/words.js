// Texts: mrkdwn, Markdown, plain text and rich text, as elements. Nothing here ever becomes HTML by itself.
import { make } from "./dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
export const decoded = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

const safe = (url) => (/^(https?:|mailto:)/i.test(url) ? url : null);

export function link(url, text) {
  const href = safe(url);
  return href ? make("a", { href, target: "_blank", rel: "noreferrer" }, text || url) : document.createTextNode(text || url);
}

const mention = (names, id, label) => make("span", { class: "mention" }, `@${label || names.person(id)}`);
const channelName = (names, id, label) => make("span", { class: "mention" }, `#${label || names.channel(id)}`);

/** What stands between < and > in mrkdwn. */
function angled(inside, names) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) {
    return mention(names, target.slice(1), label);
  }
  if (target.startsWith("#")) {
    return channelName(names, target.slice(1), label);
  }
  if (target.startsWith("!date^")) {
    return document.createTextNode(date(target.split("^")[1], target.split("^")[2]) || decoded(label || ""));
  }
  if (target.startsWith("!subteam^")) {
    return document.createTextNode(decoded(label || "a group"));
  }
  if (target.startsWith("!")) {
    return make("span", { class: "mention" }, `@${target.slice(1)}`);
  }
  return link(decoded(target), decoded(label || target));
}

function date(seconds, format) {
  const moment = new Date(Number(seconds) * 1000);
  if (Number.isNaN(moment.getTime())) {
    return "";
  }
  const day = moment.toLocaleDateString([], { dateStyle: "long" });
  const time = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return format
    .replace(/\{date[a-z_]*\}/g, day)
    .replace(/\{time_secs\}|\{time\}/g, time)
    .replace(/\{ago\}/g, `${day}, ${time}`);
}

const MRKDWN = /<([^<>\n]+)>|```([^]+?)```|`([^`\n]+)`|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])/;

/** Pieces of a text, marked up by the first thing that `pattern` finds; the rest follows the same way. */
function marked(text, pattern, piece) {
  const parts = [];
  let rest = text;
  for (let found = pattern.exec(rest); found; found = pattern.exec(rest)) {
    parts.push(...lines(decoded(rest.slice(0, found.index))), piece(found));
    rest = rest.slice(found.index + found[0].length);
  }
  parts.push(...lines(decoded(rest)));
  return parts;
}

const lines = (text) => text.split("\n").flatMap((line, place) => (place ? [make("br"), line] : [line]));

function mrkdwnLine(text, names) {
  return marked(text, MRKDWN, ([, angle, pre, code, bold, italic, strike]) => {
    if (angle !== undefined) return angled(angle, names);
    if (pre !== undefined) return make("pre", {}, decoded(pre.replace(/^\n/, "")));
    if (code !== undefined) return make("code", {}, decoded(code));
    if (bold !== undefined) return make("strong", {}, mrkdwnLine(bold, names));
    if (italic !== undefined) return make("em", {}, mrkdwnLine(italic, names));
    return make("s", {}, mrkdwnLine(strike, names));
  });
}

/** Slack's own mark-up. Lines that begin with > are a quotation. */
export function mrkdwn(text, names) {
  const parts = [];
  for (const chunk of text.split(/(^(?:&gt;|>).*(?:\n(?:&gt;|>).*)*\n?)/m)) {
    if (/^(&gt;|>)/.test(chunk)) {
      parts.push(make("blockquote", {}, mrkdwnLine(chunk.trimEnd().replace(/^(?:&gt;|>) ?/gm, ""), names)));
    } else if (chunk) {
      parts.push(...mrkdwnLine(chunk, names));
    }
  }
  return parts;
}

/** A text object: plain text stays as it is. */
export function textOf(object, names) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : lines(object.text);
}

const MARKDOWN = /```([^]+?)```|`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])[*_]([^*_\n]+)[*_](?![\w*])|~~([^~\n]+)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/;

function markdownLine(text) {
  return marked(text, MARKDOWN, ([, pre, code, bold, italic, strike, label, url]) => {
    if (pre !== undefined) return make("pre", {}, pre.replace(/^\w*\n/, ""));
    if (code !== undefined) return make("code", {}, code);
    if (bold !== undefined) return make("strong", {}, markdownLine(bold));
    if (italic !== undefined) return make("em", {}, markdownLine(italic));
    if (strike !== undefined) return make("s", {}, markdownLine(strike));
    return link(url, label);
  });
}

/** Standard Markdown, as far as the markdown block takes it: headings, lists, quotations and what stands in a line. */
export function markdown(text) {
  const parts = [];
  for (const chunk of text.split(/(```[^]+?```)|\n{2,}/)) {
    if (!chunk?.trim()) continue;
    const rows = chunk.trim().split("\n");
    if (rows.every((row) => /^\s*[-*+] /.test(row))) {
      parts.push(make("ul", {}, rows.map((row) => make("li", {}, markdownLine(row.replace(/^\s*[-*+] /, ""))))));
    } else if (rows.every((row) => /^\s*\d+[.)] /.test(row))) {
      parts.push(make("ol", {}, rows.map((row) => make("li", {}, markdownLine(row.replace(/^\s*\d+[.)] /, ""))))));
    } else if (rows.every((row) => row.startsWith(">"))) {
      parts.push(make("blockquote", {}, markdownLine(rows.map((row) => row.replace(/^> ?/, "")).join("\n"))));
    } else if (/^#{1,6} /.test(rows[0])) {
      parts.push(make("p", { class: "heading" }, markdownLine(rows[0].replace(/^#+ /, ""))));
      if (rows.length > 1) parts.push(...markdown(rows.slice(1).join("\n")));
    } else {
      parts.push(make("p", {}, markdownLine(chunk.trim())));
    }
  }
  return parts;
}

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

function inline(element, names) {
  let node;
  switch (element.type) {
    case "text": node = make("span", {}, lines(element.text)); break;
    case "link": node = link(element.url, element.text); break;
    case "user": node = mention(names, element.user_id); break;
    case "channel": node = channelName(names, element.channel_id); break;
    case "broadcast": node = make("span", { class: "mention" }, `@${element.range}`); break;
    case "date": node = make("span", {}, date(element.timestamp, element.format) || element.fallback || ""); break;
    case "emoji": node = make("span", {}, `:${element.name}:`); break;
    default: node = make("span", {}, element.value || "");
  }
  for (const [style, tag] of Object.entries(STYLES)) {
    if (element.style?.[style]) node = make(tag, {}, node);
  }
  return node;
}

/** The rich_text block. */
export function richText(block, names) {
  return block.elements.map((part) => {
    const inside = () => part.elements.map((element) => inline(element, names));
    switch (part.type) {
      case "rich_text_preformatted": return make("pre", {}, inside());
      case "rich_text_quote": return make("blockquote", {}, inside());
      case "rich_text_list": {
        const items = part.elements.map((item) => make("li", {}, item.elements.map((element) => inline(element, names))));
        return make(part.style === "ordered" ? "ol" : "ul", {}, items);
      }
      default: return make("p", {}, inside());
    }
  });
}
