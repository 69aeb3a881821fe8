// Charts and tables: each chart is a picture with a sentence and with a table that carries the same numbers.
import { freshId, make } from "./dom.js";
import { richText } from "./words.js";

const COLOURS = 6;
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 340;
const LABELS = 138;
const LONGEST = 120;
const ROW = 28;

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const number = (value) => value.toLocaleString();

/** Bars, one under the other: the label, the bar, the number at its end. Also what a pie becomes: shares are compared
 * by length more easily than by angle. */
function bars(rows) {
  const most = Math.max(...rows.map((row) => row.value), 0) || 1;
  return {
    height: rows.length * ROW + 4,
    marks: rows.flatMap((row, place) => {
      const y = place * ROW;
      const length = Math.max(0, (row.value / most) * LONGEST);
      return [
        draw("text", { x: 0, y: y + 19, class: "chart-label" }, row.label),
        draw("rect", { x: LABELS, y: y + 5, width: Math.max(length, 1), height: ROW - 10, class: `colour-${row.colour}` }),
        draw("text", { x: LABELS + 6 + length, y: y + 19, class: "chart-number" }, row.shown || number(row.value)),
      ];
    }),
  };
}

/** Lines over categories, each named at its end. */
function curves(series, categories, filled) {
  const values = series.flatMap((one) => one.data.map((point) => point.value));
  const most = Math.max(...values, 0) || 1;
  const least = Math.min(...values, 0);
  const height = 200;
  const x = (place) => 8 + (categories.length > 1 ? (place / (categories.length - 1)) * (WIDTH - LABELS - 8) : 0);
  const y = (value) => 12 + (1 - (value - least) / (most - least)) * (height - 48);
  const marks = [draw("line", { x1: 8, x2: WIDTH - LABELS, y1: y(0), y2: y(0), class: "axis" })];
  series.forEach((one, place) => {
    const byLabel = new Map(one.data.map((point) => [point.label, point.value]));
    const points = categories.map((category, at) => [x(at), y(byLabel.get(category) ?? 0)]);
    const path = points.map(([px, py], at) => `${at ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const colour = place % COLOURS;
    if (filled) {
      const ground = `${path}L${points.at(-1)[0]} ${y(0)}L${points[0][0]} ${y(0)}Z`;
      marks.push(draw("path", { d: ground, class: `area colour-${colour}` }));
    }
    marks.push(draw("path", { d: path, class: `curve stroke-${colour}` }));
    const [endX, endY] = points.at(-1);
    marks.push(draw("text", { x: endX + 6, y: endY + 4, class: "chart-label" }, one.name));
  });
  const every = Math.ceil(categories.length / 4);
  categories.forEach((category, at) => {
    if (at % every === 0) {
      marks.push(draw("text", { x: x(at), y: height - 12, class: "chart-label" }, category));
    }
  });
  return { height, marks };
}

function picture(chart) {
  if (chart.type === "pie") {
    const total = chart.segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
    const shown = (value) => `${number(value)} (${Math.round((value / total) * 100)} %)`;
    return bars(chart.segments.map((one, at) => ({ ...one, colour: at % COLOURS, shown: shown(one.value) })));
  }
  const { categories } = chart.axis_config;
  if (chart.type === "bar") {
    return bars(
      categories.flatMap((category) =>
        chart.series.map((one, at) => ({
          label: chart.series.length > 1 ? `${category}, ${one.name}` : category,
          value: one.data.find((point) => point.label === category)?.value ?? 0,
          colour: at % COLOURS,
        })),
      ),
    );
  }
  return curves(chart.series, categories, chart.type === "area");
}

function numbers(chart) {
  if (chart.type === "pie") {
    return [["", "Value"], ...chart.segments.map((segment) => [segment.label, number(segment.value)])];
  }
  const head = ["", ...chart.series.map((one) => one.name)];
  const rows = chart.axis_config.categories.map((category) => [
    category,
    ...chart.series.map((one) => number(one.data.find((point) => point.label === category)?.value ?? 0)),
  ]);
  return [head, ...rows];
}

function grid(rows, { caption, head = true } = {}) {
  const [first, ...others] = head ? rows : [null, ...rows];
  const cell = (tag, content, attributes = {}) => make(tag, attributes, content);
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": caption || "Table" },
    make(
      "table",
      {},
      caption ? make("caption", {}, caption) : null,
      first ? make("thead", {}, make("tr", {}, first.map((content) => cell("th", content, { scope: "col" })))) : null,
      make("tbody", {}, others.map((row) => make("tr", {}, row.map((content) => cell("td", content))))),
    ),
  );
}

export function chartBlock(block) {
  const { height, marks } = picture(block.chart);
  const [title, description] = [freshId("chart"), freshId("chart")];
  const rows = numbers(block.chart);
  const said = rows.slice(1).map((row) => row.filter(Boolean).join(" ")).join(", ");
  const svg = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-labelledby": title, "aria-describedby": description, class: "chart" },
    draw("title", { id: title }, block.title),
    draw("desc", { id: description }, said),
    ...marks,
  );
  return make(
    "figure",
    { class: "chart-block" },
    make("figcaption", {}, block.title),
    svg,
    make("details", {}, make("summary", {}, "The numbers"), grid(rows, { caption: block.title })),
  );
}

const cellOf = (cell, names) => {
  if (cell.type === "rich_text") return richText(cell, names);
  return cell.type === "raw_number" ? (cell.text ?? number(cell.value)) : cell.text;
};

export function tableBlock(block, names) {
  const rows = block.rows.map((row) => row.map((cell) => cellOf(cell, names)));
  return grid(rows, { caption: block.caption });
}
