"use strict";

/**
 * An element with attributes and children (nodes or text). Text of documents becomes text nodes: there is no way
 * through here to markup, to event handler attributes or to inline styles. Null children and attributes are left out.
 */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  const { on: listeners = {}, ...others } = attributes;
  for (const [name, value] of Object.entries(others)) {
    if (/^(on|style$|href$|src)/.test(name)) throw new Error(`attribute ${name} is not allowed`);
    if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const [name, listener] of Object.entries(listeners)) node.addEventListener(name, listener);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** `1 question`, `2,000 questions`. */
function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
