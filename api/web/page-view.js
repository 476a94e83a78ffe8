// A PDF page by page: the image of a page beside its text.

import { pageImageUrl } from "./api.js";
import { element } from "./dom.js";
import { utf16Offsets } from "./offsets.js";
import { pageText, revealMark } from "./text-pane.js";

/** The view of a PDF, opened at `page`; `range` (UTF-16) is marked in its text. */
export function pageView(version, text, range, page) {
  const pages = version.pages;
  const image = element("img", { class: "page-image" });
  const failure = element("p", { class: "quiet", hidden: true }, "There is no image of this page.");
  const enlarge = element("a", { target: "_blank", rel: "noopener", title: "Open the image by itself" }, image);
  const textSide = textOfPages(version, text, range);
  const number = element("input", { type: "number", min: 1, max: pages, "aria-label": "Page", inputmode: "numeric" });
  const previous = element("button", { type: "button" }, "‹ Previous");
  const next = element("button", { type: "button" }, "Next ›");
  let shown = 0;

  const show = (wanted) => {
    shown = Math.min(Math.max(1, wanted || shown), pages);
    number.value = shown;
    previous.disabled = shown === 1;
    next.disabled = shown === pages;
    enlarge.href = pageImageUrl(version.id, version.version, shown);
    image.hidden = false;
    failure.hidden = true;
    image.alt = `Page ${shown} of ${version.title}`;
    image.src = enlarge.href;
    textSide.show(shown);
  };
  image.addEventListener("error", () => {
    image.hidden = true;
    failure.hidden = false;
  });
  previous.addEventListener("click", () => show(shown - 1));
  next.addEventListener("click", () => show(shown + 1));
  number.addEventListener("change", () => show(number.valueAsNumber));

  const imageSide = element("div", { class: "image-pane" }, enlarge, failure);
  const panes = element("div", { class: "page-panes" }, imageSide, textSide.pane);
  const position = element("span", {}, "Page ", number, ` of ${pages}`);
  const steps = element("div", { class: "page-steps" }, previous, position, next);
  const bar = element("div", { class: "page-bar" }, steps, sideSwitch(panes));
  return { node: element("div", { class: "page-view" }, bar, panes), show: () => show(page) };
}

/** The text side: the text of the shown page. */
function textOfPages(version, text, range) {
  const starts = utf16Offsets(text, version.page_starts);
  const { pane, show } = pageText(text, range);
  const showPage = (page) => {
    show(starts[page - 1], starts[page] ?? text.length);
    revealMark(pane);
  };
  return { pane, show: showPage };
}

/** Narrow screens show one side at a time. */
function sideSwitch(panes) {
  const buttons = [["text", "Text"], ["image", "Page image"]].map(([side, label]) => {
    return element("button", { type: "button", "data-side": side, on: { click: () => choose(side) } }, label);
  });
  const choose = (side) => {
    panes.dataset.side = side;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.side === side));
  };
  choose("text");
  return element("div", { class: "side-switch", role: "group", "aria-label": "What is shown" }, ...buttons);
}
