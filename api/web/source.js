// The panel that shows a document with the cited characters marked.

import { documentText, documentVersion, originalUrl } from "./api.js";
import { copyText } from "./clipboard.js";
import { counted, element } from "./dom.js";
import { mediaTypeInWords, problemNotice } from "./notice.js";
import { utf16Offsets } from "./offsets.js";
import { pageView } from "./page-view.js";
import { closeSource } from "./route.js";
import { revealMark, surroundingText } from "./text-pane.js";

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
    if (!signal.aborted) showDocument(panel, version, text, place);
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

function showDocument(panel, version, text, place) {
  const [start, end] = utf16Offsets(text, [place.start ?? 0, Math.max(place.start ?? 0, place.end ?? 0)]);
  const range = { start, end };
  const head = [header(version.title, describe(version, place)), tools(version, text.slice(start, end), place)];
  if (version.pages) {
    const view = pageView(version, text, range, place.page ?? 1);
    panel.replaceChildren(...head, view.node);
    view.show(); // only in the document can a pane be scrolled
  } else {
    const pane = surroundingText(text, range);
    panel.replaceChildren(...head, pane);
    revealMark(pane);
  }
}

function header(title, description) {
  const close = { type: "button", class: "close", "aria-label": "Close the source", on: { click: closeSource } };
  const words = element(
    "div",
    {},
    element("h2", { tabindex: "-1", dir: "auto" }, title),
    element("p", { class: "quiet", dir: "auto" }, description),
  );
  return element("header", { class: "source-head" }, words, element("button", close, "✕"));
}

function describe(version, place) {
  const parts = [version.name, mediaTypeInWords(version.media_type)];
  if (version.pages) parts.push(counted(version.pages, "page"));
  if (place.end > place.start) parts.push(`characters ${place.start}–${place.end}`);
  return parts.filter((part) => part && part !== version.title).join(" · ");
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
function reference(version, quote, place) {
  const section = sectionAt(version.sections, place.start);
  const names = [version.title, place.page ? `page ${place.page}` : "", section.join(" › ")];
  const where = names.filter((name) => name !== "").join(", ");
  return `“${quote}”\n— ${where} (${version.name}, characters ${place.start}–${place.end})\n${location.href}`;
}

function sectionAt(sections, offset) {
  return sections.findLast((section) => section.start <= offset)?.path ?? [];
}
