// Rectangles over the image of a page: the passage faintly, the quote in it strongly. They are placed in shares of the
// image, so that they fit it at any size.

import { boxes } from "./api.js";
import { element } from "./dom.js";

const LONGEST_DESCRIPTION = 300;

/** The marks of one place in a version; `show` draws those of a page. */
export class PageMarks {
  #boxes = { passage: [], quote: [], lines: [] };
  #layers = {
    passage: element("div", { class: "marks passage-marks", "aria-hidden": "true" }),
    quote: element("div", { class: "marks quote-marks", role: "img" }),
    // Colour that leaves letters black cannot be seen on a dark page; lines can.
    lines: element("div", { class: "marks quote-lines", "aria-hidden": "true" }),
  };

  /** What lies over the image. */
  get nodes() {
    return Object.values(this.#layers);
  }

  /** Read where `quote` and the `passage` around it stand; both in code points, null for none. */
  async read(version, { quote, passage }) {
    const wanted = [passage, quote].map((span) => (span ? boxes(version.id, version.version, span) : []));
    const [passageBoxes, quoteBoxes] = await Promise.all(wanted);
    this.#boxes = { passage: passageBoxes, quote: quoteBoxes, lines: quoteBoxes };
  }

  /** Draw what stands on `page`; `words` are the marked ones there, for those who do not see the image. */
  show(page, words) {
    for (const [kind, layer] of Object.entries(this.#layers)) {
      const onPage = this.#boxes[kind].filter((box) => box.page === page);
      layer.replaceChildren(...onPage.map(rectangle));
      layer.hidden = onPage.length === 0;
    }
    this.#layers.quote.setAttribute("aria-label", `Marked on the image: “${shortened(words)}”`);
  }

  /** Draw nothing, as while the image of another page is loading. */
  hide() {
    for (const layer of this.nodes) layer.hidden = true;
  }

  /** The rectangle where the quote begins, if it is drawn. */
  get first() {
    return this.#layers.quote.hidden ? null : this.#layers.quote.firstElementChild;
  }
}

function rectangle({ left, top, right, bottom }) {
  const node = element("div");
  const sides = { left, top, width: right - left, height: bottom - top };
  for (const [property, share] of Object.entries(sides)) node.style.setProperty(property, `${share * 100}%`);
  return node;
}

function shortened(words) {
  const line = words.trim().replace(/\s+/g, " ");
  return line.length > LONGEST_DESCRIPTION ? `${line.slice(0, LONGEST_DESCRIPTION)}…` : line;
}
