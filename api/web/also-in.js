// The other places where the same text stands.

import { counted, element } from "./dom.js";
import { placeInWords } from "./places.js";
import { addressWith, placeOf } from "./route.js";

const SHOWN_AT_ONCE = 3;

/** A list that opens, with links to the places; null where there are none. */
export function alsoIn(places) {
  if (!places.length) return null;
  const list = element(
    "details",
    { class: "also-in" },
    element("summary", {}, `Also in ${counted(places.length, "other place")}`),
    element("ul", {}, ...places.map(otherPlace)),
  );
  list.open = places.length <= SHOWN_AT_ONCE;
  return list;
}

function otherPlace(place) {
  const link = element("a", { dir: "auto", href: addressWith({ view: "ask", source: placeOf(place) }) }, place.document_title);
  return element("li", {}, link, element("span", { class: "place", dir: "auto" }, placeInWords(place)));
}
