// Copying text.

import { element } from "./dom.js";

/** Put `text` on the clipboard; whether it worked. */
export async function copyText(text) {
  // Browsers have this only on https and localhost; a server in a private network is often neither.
  if (!navigator.clipboard) return copySelected(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const field = element("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  const focused = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}
