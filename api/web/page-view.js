// A document page by page: the image of a page beside its text, or the text alone where there are no images.

import { element } from "./dom.js";
import { hasPageImages } from "./media-types.js";
import { utf16Offsets } from "./offsets.js";
import { PageBar } from "./page-bar.js";
import { imageControls } from "./page-controls.js";
import { PageImage } from "./page-image.js";
import { pageAt } from "./places.js";
import { TextPane } from "./text-pane.js";

/**
 * The view of a version. `spans` holds the `quote` and the `passage` around it in code points, or null for either;
 * `ranges` the same in UTF-16.
 */
export class PageView {
  #version;
  #text;
  #ranges;
  #starts;
  #marked;
  #page = 1;
  #bar;
  #textPane;
  #image = null;

  constructor(version, text, spans, ranges) {
    this.#version = version;
    this.#text = text;
    this.#ranges = ranges;
    this.#starts = utf16Offsets(text, version.page_starts);
    this.#marked = spans.quote && [spans.quote.start, spans.quote.end - 1].map((at) => pageAt(version.page_starts, at));
    this.#bar = new PageBar(version, (page) => this.show(page));
    this.#textPane = new TextPane(text, ranges.quote, ranges.passage);
    if (hasPageImages(version)) this.#image = new PageImage(version, spans, (page) => this.#wordsOn(page));
    const panes = element("div", { class: "page-panes" }, this.#image?.node ?? null, this.#textPane.node);
    const controls = this.#image ? imageControls(panes, this.#image) : [];
    const bar = element("div", { class: "page-bar" }, ...this.#bar.nodes, ...controls);
    this.node = element("div", { class: "page-view" }, bar, panes);
  }

  /** Open at `page`, or where the quote is; only what is in the document can be scrolled. */
  open(page) {
    this.show(this.#marked?.[0] ?? page ?? 1);
    this.#image?.mark();
  }

  show(page) {
    this.#page = Math.min(Math.max(1, page || this.#page), this.#version.pages);
    this.#bar.show(this.#page, this.#marked);
    this.#textPane.show(...this.#bounds(this.#page));
    this.#image?.show(this.#page);
  }

  /** Where a page begins and ends in the text. */
  #bounds(page) {
    return [this.#starts[page - 1], this.#starts[page] ?? this.#text.length];
  }

  /** What of the quote stands on a page. */
  #wordsOn(page) {
    const [first, last] = this.#bounds(page);
    return this.#text.slice(Math.max(first, this.#ranges.quote.start), Math.min(last, this.#ranges.quote.end));
  }
}
