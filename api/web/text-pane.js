// A pane that shows a part of a document's text with the cited characters marked.
// A text can have millions of characters, so never all of it is put on the page unasked.

import { element } from "./dom.js";
import { markedText, wordStart } from "./text-nodes.js";

const AROUND = 6_000; // UTF-16 units before and after the mark
const STEP = 20_000;

/**
 * A scrolling pane for `text`, in which `quote` is marked and the `passage` around it faintly (both UTF-16 ranges).
 * `show` puts the part from `first` to `last` into it, or what of that is near the quote, with buttons for the rest.
 */
export class TextPane {
  #text;
  #quote;
  #passage;
  #bounds = { first: 0, last: 0 };
  #shown = { from: 0, to: 0 };
  #body = element("div", { class: "document-text" });
  #earlier = moreButton("Show earlier text", () => this.#growUp());
  #later = moreButton("Show later text", () => this.#growDown());

  constructor(text, quote, passage) {
    this.#text = text;
    this.#quote = quote;
    this.#passage = passage ?? quote;
    const attributes = { class: "text-pane", tabindex: "0", role: "region", "aria-label": "Text of the document" };
    this.node = element("div", attributes, this.#earlier, this.#body, this.#later);
  }

  show(first = 0, last = this.#text.length) {
    this.#bounds = { first, last };
    const isQuoteHere = this.#quote.end > first && this.#quote.start < last;
    const centre = isQuoteHere ? this.#quote : { start: first, end: first };
    this.#shown = {
      from: Math.max(first, wordStart(this.#text, centre.start - AROUND)),
      to: Math.min(last, wordStart(this.#text, centre.end + AROUND)),
    };
    this.#render();
    this.#revealMark();
  }

  #growUp() {
    this.#shown.from = Math.max(this.#bounds.first, wordStart(this.#text, this.#shown.from - STEP));
    // What is read now stays where it is while text grows above it.
    const below = this.node.scrollHeight - this.node.scrollTop;
    this.#render();
    this.node.scrollTop = this.node.scrollHeight - below;
  }

  #growDown() {
    this.#shown.to = Math.min(this.#bounds.last, wordStart(this.#text, this.#shown.to + STEP));
    this.#render();
  }

  #render() {
    const { from, to } = this.#shown;
    const isEmpty = !this.#text.slice(from, to).trim();
    this.#body.replaceChildren(...(isEmpty ? [nothingHere()] : this.#nodes(from, to)));
    this.#earlier.hidden = from === this.#bounds.first;
    this.#later.hidden = to === this.#bounds.last;
  }

  #nodes(from, to) {
    const start = Math.min(Math.max(from, this.#passage.start), to);
    const end = Math.max(start, Math.min(to, this.#passage.end));
    const part = (first, last) => markedText(this.#text, [this.#quote], first, last);
    return [...part(from, start), element("span", { class: "cited-passage" }, ...part(start, end)), ...part(end, to)];
  }

  /** Scroll so that the mark, if there is one, is seen with a few lines before it. */
  #revealMark() {
    const mark = this.#body.querySelector("mark");
    this.node.scrollTop = mark ? mark.offsetTop - this.node.clientHeight / 4 : 0;
  }
}

function moreButton(label, onClick) {
  return element("button", { type: "button", class: "link", on: { click: onClick } }, label);
}

function nothingHere() {
  return element("p", { class: "quiet" }, "There is no text here.");
}
