// What can be set beside the question: up to which day documents count, and whether newer ones go first.

/** The options of the form, as the fields of a question; those that are not set are left out. */
export function optionsOf(form) {
  const { as_of: asOf, recency } = form.elements;
  return {
    ...(asOf.value ? { as_of: asOf.value } : {}),
    ...(recency.checked ? { recency: "prefer" } : {}),
  };
}
