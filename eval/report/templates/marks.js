// Text of passages with the gold evidence and the citations marked in it.

const KINDS = { 1: "gold", 2: "cited", 3: "gold cited" };

/** Nodes for a text in which `marks` ([start, end, kind], ascending and apart, UTF-16) are marked. */
function markedText(text, marks) {
  const breaks = printBreaks(text);
  const nodes = [];
  let position = 0;
  for (const [start, end, kind] of marks) {
    nodes.push(...lines(text, position, start, breaks));
    nodes.push(element("mark", { class: KINDS[kind] }, ...lines(text, start, end, breaks)));
    position = end;
  }
  return [...nodes, ...lines(text, position, text.length, breaks)];
}

/** Where a line break only ends a line of print: a full one, and the next goes on in lower case. */
function printBreaks(text) {
  return [...text.matchAll(/(?<=[^\n]{30})\n(?=\p{Ll})/gu)].map(({ index }) => index);
}

/** Nodes whose text is exactly `text[from:to]`; breaks of print get a class that shows them as spaces. */
function lines(text, from, to, breaks) {
  const nodes = [];
  let position = from;
  for (const at of breaks.filter((index) => index >= from && index < to)) {
    nodes.push(text.slice(position, at), element("span", { class: "wrapped" }, "\n"));
    position = at + 1;
  }
  return [...nodes, text.slice(position, to)];
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
