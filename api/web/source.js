// The panel that shows a document with the cited characters marked.

import { documentText, documentVersion, originalUrl } from "./api.js";
import { copyText } from "./clipboard.js";
import { counted, element } from "./dom.js";
import { mediaTypeInWords, pageWord } from "./media-types.js";
import { lossesNotice, problemNotice } from "./notice.js";
import { utf16Offsets } from "./offsets.js";
import { PageView } from "./page-view.js";
import { placeIn, placeInWords } from "./places.js";
import { addressWith, closeSource, wholeDocument } from "./route.js";
import { TextPane } from "./text-pane.js";

const TEXTS_KEPT = 4;
const SAID_FOR_MS = 2_000;

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
    const reading = [documentVersion(place.id, place.version, signal), cachedText(place, signal)];
    const [version, text] = await Promise.all(reading);
    const parent = version.parent_id && (await parentOf(version, signal));
    if (!signal.aborted) showDocument(panel, { version, parent, text, place });
  } catch (error) {
    if (error.name === "AbortError") return;
    panel.replaceChildren(header("This source cannot be shown", ""), problemNotice(error));
  }
  panel.querySelector("h2").focus({ preventScroll: true });
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

/** The document that a version is inside of; null when it has been removed. */
async function parentOf(version, signal) {
  try {
    return await documentVersion(version.parent_id, null, signal);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return null;
  }
}

function showDocument(panel, { version, parent, text, place }) {
  const quote = spanOf(place);
  const passage = quote && place.passage && spanOf(place.passage);
  const ranges = { quote: utf16Range(text, quote) ?? { start: 0, end: 0 }, passage: utf16Range(text, passage) };
  const words = quote && text.slice(ranges.quote.start, ranges.quote.end);
  const head = [
    header(version.title, describe(version), quote && whereInWords(version, place), parent),
    tools(version, words, place),
    lossesNotice(version.losses),
  ].filter((node) => node !== null);
  if (version.pages) {
    const view = new PageView(version, text, { quote, passage }, ranges);
    panel.replaceChildren(...head, view.node);
    view.open(place.page);
  } else {
    const pane = new TextPane(text, ranges.quote, ranges.passage);
    panel.replaceChildren(...head, pane.node);
    pane.show();
  }
}

const spanOf = ({ start, end }) => (start !== null && end > start ? { start, end } : null);

function utf16Range(text, span) {
  if (!span) return null;
  const [start, end] = utf16Offsets(text, [span.start, span.end]);
  return { start, end };
}

function header(title, description, where = null, parent = null) {
  const close = { type: "button", class: "close", "aria-label": "Close the source", on: { click: closeSource } };
  const words = element(
    "div",
    {},
    element("h2", { tabindex: "-1", dir: "auto" }, title),
    where ? element("p", { class: "where", dir: "auto" }, where) : null,
    element("p", { class: "quiet", dir: "auto" }, description),
    parent ? element("p", { class: "quiet" }, "Inside ", parentLink(parent)) : null,
  );
  return element("header", { class: "source-head" }, words, element("button", close, "✕"));
}

function parentLink(parent) {
  return element("a", { href: addressWith({ source: wholeDocument(parent.id) }), dir: "auto" }, parent.title);
}

function describe(version) {
  const parts = [version.name, mediaTypeInWords(version.media_type)];
  if (version.pages) parts.push(counted(version.pages, pageWord(version.media_type)));
  return parts.filter((part) => part && part !== version.title).join(" · ");
}

/** Where the quote stands: `page 3 · Limits › Rate · characters 120–180`. */
function whereInWords(version, { start, end, cells }) {
  const parts = [placeInWords(placeIn(version, start, end, cells)), `characters ${start}–${end}`];
  return parts.filter(Boolean).join(" · ");
}

function tools(version, quote, place) {
  const original = { class: "button", href: originalUrl(version.id, version.version), download: version.name };
  const said = element("span", { class: "quiet", role: "status" });
  const copy = async () => {
    said.textContent = (await copyText(reference(version, quote, place))) ? "Copied" : "This browser does not allow it";
    setTimeout(() => (said.textContent = ""), SAID_FOR_MS);
  };
  return element(
    "div",
    { class: "source-tools" },
    quote ? element("button", { type: "button", on: { click: copy } }, "Copy quote") : null,
    element("a", original, "Download original"),
    said,
  );
}

/** The quote and where it stands, as one puts it into a text of one's own. */
function reference(version, quote, { start, end, cells }) {
  const where = [version.title, placeInWords(placeIn(version, start, end, cells))].filter(Boolean).join(", ");
  return `“${quote}”\n— ${where} (${version.name}, characters ${start}–${end})\n${location.href}`;
}
