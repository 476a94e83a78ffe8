// Text of passages with the gold evidence and the citations marked in it.

const KINDS = { 1: "gold", 2: "cited", 3: "gold cited" };

/** Nodes for a text in which `marks` ([start, end, kind], ascending and apart, UTF-16) are marked. */
function markedText(text, marks) {
  const nodes = [];
  let position = 0;
  for (const [start, end, kind] of marks) {
    nodes.push(text.slice(position, start), element("mark", { class: KINDS[kind] }, text.slice(start, end)));
    position = end;
  }
  return [...nodes, text.slice(position)];
}

function legend() {
  return element(
    "p",
    { class: "legend" },
    element("span", {}, element("mark", { class: "gold" }, "gold evidence")),
    element("span", {}, element("mark", { class: "cited" }, "cited")),
    element("span", {}, element("mark", { class: "gold cited" }, "both")),
  );
}

/** Where something stands, as far as it is known: `page 3 · 120 to 340`. */
function placeText({ first, last, start, end }) {
  const pages = first === null ? "" : last !== null && last !== first ? `pages ${first} to ${last}` : `page ${first}`;
  const characters = start === null ? "" : `characters ${start.toLocaleString("en")} to ${end.toLocaleString("en")}`;
  return [pages, characters].filter(Boolean).join(" · ");
}
