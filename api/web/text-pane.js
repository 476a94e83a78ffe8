// Panes that show a part of a document's text with the cited characters marked.
// A text can have millions of characters, so never all of it is put on the page unasked.

import { element } from "./dom.js";
import { markedText, wordStart } from "./text-nodes.js";

const AROUND = 6_000; // UTF-16 units before and after the mark
const STEP = 20_000;

/** A scrolling pane with the text around `range` (UTF-16) and buttons for what comes before and after. */
export function surroundingText(text, range) {
  let from = wordStart(text, range.start - AROUND);
  let to = wordStart(text, range.end + AROUND);
  const body = element("div", { class: "document-text" });
  const earlier = element("button", { type: "button", class: "link" }, "Show earlier text");
  const later = element("button", { type: "button", class: "link" }, "Show later text");
  const pane = textPane(earlier, body, later);
  const show = () => {
    body.replaceChildren(...markedText(text, [range], from, to));
    earlier.hidden = from === 0;
    later.hidden = to === text.length;
  };
  earlier.addEventListener("click", () => {
    from = wordStart(text, from - STEP);
    // What is read now stays where it is while text grows above it.
    const below = pane.scrollHeight - pane.scrollTop;
    show();
    pane.scrollTop = pane.scrollHeight - below;
  });
  later.addEventListener("click", () => {
    to = wordStart(text, to + STEP);
    show();
  });
  show();
  return pane;
}

/** A scrolling pane for the text of one page at a time; `show` puts `text[from:to]` (UTF-16) into it. */
export function pageText(text, range) {
  const body = element("div", { class: "document-text" });
  const pane = textPane(body);
  const show = (from, to) => {
    const nodes = text.slice(from, to).trim() ? markedText(text, [range], from, to) : [nothingOnPage()];
    body.replaceChildren(...nodes);
    pane.scrollTop = 0;
  };
  return { pane, show };
}

/** Scroll the pane so that the mark in it, if there is one, is seen with a few lines before it. */
export function revealMark(pane) {
  const mark = pane.querySelector("mark");
  if (mark) pane.scrollTop = mark.offsetTop - pane.clientHeight / 4;
}

function textPane(...children) {
  const attributes = { class: "text-pane", tabindex: "0", role: "region", "aria-label": "Text of the document" };
  return element("div", attributes, ...children);
}

function nothingOnPage() {
  return element("p", { class: "quiet" }, "There is no text on this page.");
}
