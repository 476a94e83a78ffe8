// What one can do with the image of a page: make it larger, and on narrow screens see it instead of the text.

import { element } from "./dom.js";

const SIDES = [["text", "Text"], ["image", "Page image"]];

/** Controls for `panes`, which hold the text and `image`. */
export function imageControls(panes, image) {
  const enlarge = enlargeButton(image);
  const buttons = SIDES.map(([side, label]) => {
    return element("button", { type: "button", "data-side": side, on: { click: () => choose(side) } }, label);
  });
  const choose = (side) => {
    panes.dataset.side = side;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.side === side));
    image.reveal(); // what was not shown could not be scrolled
  };
  choose("text");
  const switches = element("div", { class: "side-switch", role: "group", "aria-label": "What is shown" }, ...buttons);
  return [element("div", { class: "image-controls" }, enlarge, switches)];
}

function enlargeButton(image) {
  const attributes = { type: "button", class: "enlarge", "aria-pressed": "false", "aria-label": "Enlarge the image" };
  const button = element("button", attributes, "Enlarge");
  button.addEventListener("click", () => image.enlarge(!image.isLarge));
  image.node.addEventListener("enlarged", () => button.setAttribute("aria-pressed", String(image.isLarge)));
  return button;
}
