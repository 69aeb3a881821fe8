// Block Kit as elements of the page. What is not known here is named, so that nothing is silently missing.
import { chartBlock, tableBlock } from "./charts.js";
import { make } from "./dom.js";
import { elementNode, inputBlock } from "./inputs.js";
import { link, markdown, richText, textOf } from "./words.js";

/** A picture: from an address, or uploaded. */
function pictureOf(element, _surface) {
  const src = element.image_url ?? `/page/files/${encodeURIComponent(element.slack_file?.id ?? "")}`;
  return make("img", { src, alt: element.alt_text, class: "small-picture" });
}

function section(block, surface) {
  const fields = block.fields?.map((field) => make("div", {}, textOf(field, surface.names)));
  return make(
    "div",
    { class: "section" },
    make(
      "div",
      { class: "section-text" },
      block.text ? make("div", {}, textOf(block.text, surface.names)) : null,
      fields ? make("div", { class: "fields" }, fields) : null,
    ),
    block.accessory ? make("div", { class: "accessory" }, elementNode(block, block.accessory, surface, pictureOf)) : null,
  );
}

function context(block, surface) {
  const parts = block.elements.map((element) =>
    element.type === "image" ? pictureOf(element, surface) : make("span", {}, textOf(element, surface.names)),
  );
  return make("div", { class: "context" }, parts);
}

function image(block, surface) {
  const picture = pictureOf(block, surface);
  picture.className = "picture";
  return make("figure", { class: "picture-block" }, block.title ? make("figcaption", {}, block.title.text) : null, picture);
}

function card(block, surface) {
  return make(
    "div",
    { class: "card" },
    block.hero_image ? pictureOf(block.hero_image, surface) : null,
    block.title ? make("p", { class: "heading" }, textOf(block.title, surface.names)) : null,
    block.subtitle ? make("p", { class: "quiet" }, textOf(block.subtitle, surface.names)) : null,
    block.body ? make("div", {}, textOf(block.body, surface.names)) : null,
    block.actions?.length ? actions({ ...block, elements: block.actions }, surface) : null,
  );
}

function actions(block, surface) {
  return make("div", { class: "row" }, block.elements.map((element) => elementNode(block, element, surface, pictureOf)).flat());
}

function container(block, surface) {
  return make(
    "section",
    { class: "card" },
    make("p", { class: "heading" }, block.title.text),
    block.subtitle ? make("p", { class: "quiet" }, textOf(block.subtitle, surface.names)) : null,
    blocksOf(block.child_blocks.map((child) => ({ block_id: block.block_id, ...child })), surface),
  );
}

const KINDS = {
  actions,
  context_actions: actions,
  alert: (block, surface) => make("div", { class: `alert ${block.level || "default"}` }, textOf(block.text, surface.names)),
  card,
  carousel: (block, surface) =>
    make("div", { class: "carousel", tabindex: "0", role: "group", "aria-label": "Cards" },
      block.elements.map((one) => card({ block_id: block.block_id, ...one }, surface))),
  container,
  context,
  data_table: (block, surface) => tableBlock(block, surface.names),
  data_visualization: (block) => chartBlock(block),
  divider: () => make("hr"),
  header: (block) => make("p", { class: "heading", role: "heading", "aria-level": "2" }, block.text.text),
  image,
  input: inputBlock,
  markdown: (block) => make("div", {}, markdown(block.text)),
  rich_text: (block, surface) => make("div", {}, richText(block, surface.names)),
  section,
  table: (block, surface) => tableBlock(block, surface.names),
  video: (block) => make("p", {}, link(block.video_url, block.title.text)),
};

/** Blocks in their order. */
export function blocksOf(blocks, surface) {
  return blocks.map((block) => {
    const kind = KINDS[block.type];
    return make("div", { class: "block" }, kind ? kind(block, surface) : `A block of the kind ${block.type}.`);
  });
}
