// Which questions are listed.

/** Controls in `parent` for the questions of `data`; `onChange` gets those that fit. */
class Filters {
  constructor(parent, data, onChange) {
    this.data = data;
    this.words = data.questions.map(searchedText);
    this.kind = "";
    this.zero = "";
    this.slices = {};
    this.search = "";
    this.onChange = onChange;
    parent.append(...this.controls());
  }

  controls() {
    const measures = [...new Set(this.data.questions.flatMap(({ results }) => results.flatMap(measureNames)))];
    return [
      this.kindChoices(),
      this.searchField(),
      this.choice("Measure that is 0", measures, (value) => { this.zero = value; }),
      ...Object.entries(this.data.fields).map(([field, values]) =>
        this.choice(field, values, (value) => { this.slices[field] = value; })),
    ];
  }

  kindChoices() {
    const changes = [["better", "Better than the baseline"], ["worse", "Worse"]];
    const kinds = [["", "All"], ...changes, ["any", "With problems"], ...Object.entries(this.data.problems)];
    const choices = kinds
      .map(([kind, words]) => [kind, words, this.data.questions.filter((one) => isOfKind(one, kind)).length])
      .filter(([kind, , count]) => kind === "" || count > 0)
      .map(([kind, words, count]) => this.kindChoice(kind, `${words} ${count.toLocaleString("en")}`));
    return element("fieldset", {}, element("legend", { class: "visually-hidden" }, "Outcome"), ...choices);
  }

  kindChoice(kind, words) {
    const change = () => { this.kind = kind; this.apply(); };
    const input = element("input", {
      type: "radio", name: "kind", value: kind, checked: kind === "", on: { change },
    });
    return element("label", { class: "choice" }, input, element("span", {}, words));
  }

  searchField() {
    const input = (event) => { this.search = event.target.value.trim().toLowerCase(); this.apply(); };
    const field = element("input", { id: "search", type: "search", autocomplete: "off", on: { input } });
    return element("label", { class: "field search" }, "Words in question, id or answers", field);
  }

  choice(name, values, keep) {
    const options = values.map((value) => element("option", { value }, value));
    const change = (event) => { keep(event.target.value); this.apply(); };
    const select = element("select", { on: { change } }, element("option", { value: "" }, "any"), ...options);
    return element("label", { class: "field" }, name, select);
  }

  apply() {
    this.onChange(this.data.questions.filter((question, index) => this.fits(question, index)));
  }

  fits(question, index) {
    return isOfKind(question, this.kind)
      && (!this.zero || question.results.some((result) => result && result.metrics[this.zero] === 0))
      && Object.entries(this.slices).every(([field, value]) => !value || question.slices[field] === value)
      && (!this.search || this.words[index].includes(this.search));
  }
}

function measureNames(result) {
  return result ? Object.keys(result.metrics) : [];
}

function isOfKind(question, kind) {
  if (kind === "") return true;
  if (kind === "better") return (question.changes ?? []).some(({ before, after }) => after > before);
  if (kind === "worse") return (question.changes ?? []).some(({ before, after }) => after < before);
  return question.results.some((one) => one && (kind === "any" ? one.problems.length > 0 : one.problems.includes(kind)));
}

function searchedText(question) {
  const answers = question.results.map((result) => result?.answer ?? "");
  return [question.id, question.text, ...question.goldAnswers, ...answers].join("\n").toLowerCase();
}
