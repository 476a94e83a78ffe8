// Builds elements. What comes from documents becomes text nodes and a few harmless attributes, never markup:
// there is no way through here to innerHTML, to event handler attributes or to inline styles.

const ATTRIBUTES = new Set([
  "alt", "class", "colspan", "datetime", "dir", "disabled", "download", "for", "hidden", "href", "id", "inputmode",
  "lang", "max", "min", "multiple", "name", "rel", "role", "src", "tabindex", "target", "title", "type", "value",
]);

/**
 * An element with attributes and children (nodes or text). An attribute that is null or false is left out;
 * `on` maps names of events to listeners.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const { on: listeners = {}, ...others } = attributes;
  for (const [name, value] of Object.entries(others)) setAttribute(node, name, value);
  for (const [name, listener] of Object.entries(listeners)) node.addEventListener(name, listener);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function setAttribute(node, name, value) {
  if (!ATTRIBUTES.has(name) && !/^(aria|data)-/.test(name)) throw new Error(`attribute ${name} is not allowed`);
  if (value === null || value === false) return;
  node.setAttribute(name, value === true ? "" : value);
}

/** `1 document`, `2 documents`. */
export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
