// The panel that shows a document with the cited characters marked: its text, and for PDFs the image of the page.

import { documentText, documentVersion, originalUrl, pageImageUrl } from "./api.js";
import { copyText } from "./clipboard.js";
import { counted, element } from "./dom.js";
import { problemNotice } from "./notice.js";
import { utf16Offsets } from "./offsets.js";
import { closeSource } from "./route.js";
import { pageText, surroundingText } from "./text_pane.js";

const PDF = "application/pdf";
const TEXTS_KEPT = 4;

const texts = new Map();
let opening = null;

/** Show a place in `panel`; resolves when it is there. */
export async function openSource(panel, place) {
  opening?.abort();
  opening = new AbortController();
  const { signal } = opening;
  panel.replaceChildren(header("Opening…", ""));
  panel.hidden = false;
  try {
    const [version, text] = await Promise.all([
      documentVersion(place.id, place.version, signal),
      cachedText(place, signal),
    ]);
    if (!signal.aborted) showDocument(panel, version, text, place);
  } catch (error) {
    if (error.name === "AbortError") return;
    panel.replaceChildren(header("This source cannot be shown", ""), problemNotice(error));
  }
}

/** Empty the panel and stop what is being loaded for it. */
export function hideSource(panel) {
  opening?.abort();
  panel.hidden = true;
  panel.replaceChildren();
}

/** Versions never change, so a text that was read once need not be asked for again. */
async function cachedText({ id, version }, signal) {
  const key = `${id} ${version}`;
  const text = texts.get(key) ?? (await documentText(id, version, signal));
  texts.delete(key);
  if (version) texts.set(key, text);
  if (texts.size > TEXTS_KEPT) texts.delete(texts.keys().next().value);
  return text;
}

function showDocument(panel, version, text, place) {
  const range = rangeOf(text, place);
  const views = version.media_type === PDF
    ? pagedViews(version, text, place, range)
    : [surroundingText(text, range)];
  panel.replaceChildren(header(version.title, describe(version)), tools(version, text, range, place), ...views);
  panel.querySelector("h2").focus();
  revealMark(panel);
}

function rangeOf(text, { start, end }) {
  const [from, to] = utf16Offsets(text, [start ?? 0, Math.max(start ?? 0, end ?? 0)]);
  return { start: from, end: to };
}

function header(title, description) {
  return element(
    "header",
    { class: "source-head" },
    element("div", {}, element("h2", { tabindex: "-1", dir: "auto" }, title), element("p", { class: "quiet", dir: "auto" }, description)),
    element("button", { type: "button", class: "close", "aria-label": "Close the source", on: { click: closeSource } }, "✕"),
  );
}
