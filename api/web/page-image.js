// The image of a page with the cited place drawn on it.

import { pageImageUrl } from "./api.js";
import { element } from "./dom.js";
import { pageWord } from "./media-types.js";
import { PageMarks } from "./page-marks.js";

/** A scrolling pane with the image of one page at a time. */
export class PageImage {
  #version;
  #place;
  #wordsOn;
  #page = 0;
  #isLoaded = false;
  #marks = new PageMarks();
  #image = element("img", { class: "page-image" });
  #note = element("p", { class: "quiet", hidden: true });
  #sheet = element("div", { class: "page-sheet" }, this.#image, ...this.#marks.nodes);

  /** `place` holds `quote` and `passage` (code points or null); `wordsOn(page)` is what of the quote a page holds. */
  constructor(version, place, wordsOn) {
    this.#version = version;
    this.#place = place;
    this.#wordsOn = wordsOn;
    const attributes = { class: "image-pane", tabindex: "0", role: "region", "aria-label": "Image of the page" };
    this.node = element("div", attributes, this.#note, this.#sheet);
    this.#image.addEventListener("load", () => this.#loaded());
    this.#image.addEventListener("error", () => this.#failed());
    this.#sheet.addEventListener("click", () => this.enlarge(!this.isLarge));
  }

  show(page) {
    this.#page = page;
    this.#isLoaded = false;
    this.#sheet.setAttribute("aria-busy", "true");
    this.#sheet.hidden = false;
    this.#note.hidden = true;
    this.#marks.hide(); // until the image under them is that of this page
    this.#image.alt = `The image of ${pageWord(this.#version.media_type)} ${page} of ${this.#version.title}`;
    this.#image.src = pageImageUrl(this.#version.id, this.#version.version, page);
  }

  /** Read where the place stands on its pages and draw it. */
  async mark() {
    if (!this.#version.has_boxes || !this.#place.quote) return;
    try {
      await this.#marks.read(this.#version, this.#place);
    } catch (error) {
      this.#say(`The place cannot be marked on the image: ${error.message}`);
    }
    if (this.#isLoaded) this.#loaded();
  }

  get isLarge() {
    return this.node.classList.contains("large");
  }

  /** Show the image larger than the pane, or as wide as the pane. */
  enlarge(isLarge) {
    this.node.classList.toggle("large", isLarge);
    this.node.dispatchEvent(new Event("enlarged"));
    this.reveal();
  }

  /** Scroll so that what is marked is seen with something before it. */
  reveal() {
    const mark = this.#marks.first?.getBoundingClientRect();
    const pane = this.node.getBoundingClientRect();
    this.node.scrollTo(0, 0);
    if (!mark) return;
    const sheet = this.#sheet.getBoundingClientRect();
    const top = mark.top - sheet.top;
    const left = mark.left - sheet.left;
    this.node.scrollTo({
      top: top + mark.height > pane.height * 0.8 ? top - pane.height / 4 : 0,
      left: left + Math.min(mark.width, pane.width / 2) > pane.width ? left - pane.width / 6 : 0,
    });
  }

  #loaded() {
    this.#isLoaded = true;
    this.#image.dataset.loaded = "";
    this.#sheet.removeAttribute("aria-busy");
    this.#marks.show(this.#page, this.#wordsOn(this.#page));
    this.reveal();
  }

  #failed() {
    this.#sheet.hidden = true;
    this.#say(`There is no image of this ${pageWord(this.#version.media_type)}.`);
  }

  #say(words) {
    this.#note.textContent = words;
    this.#note.hidden = false;
  }
}
