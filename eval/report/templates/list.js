// The list of questions: only one page of rows exists at a time, and one question is open.

const ROWS = 50;

class QuestionList {
  constructor(data) {
    this.data = data;
    this.questions = [];
    this.first = 0;
    this.open = -1;
    this.browser = document.getElementById("browser");
    this.list = document.getElementById("list");
    this.detail = document.getElementById("detail");
    this.beside = matchMedia("(min-width: 64.01rem)");
    this.listen();
  }

  /** List other questions; beside the list the first of them is opened, below a row none is. */
  show(questions) {
    this.questions = questions;
    this.browser.hidden = questions.length === 0;
    document.getElementById("found").textContent = questions.length
      ? `${counted(questions.length, "question")} listed`
      : "No question fits these filters.";
    this.turn(0);
    this.openRow(this.beside.matches && questions.length > 0 ? 0 : -1);
  }

  listen() {
    document.getElementById("previous").addEventListener("click", () => this.step(-ROWS));
    document.getElementById("next").addEventListener("click", () => this.step(ROWS));
    this.beside.addEventListener("change", () => this.openRow(this.open));
    this.list.addEventListener("keydown", (event) => this.onListKey(event));
    this.detail.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.row(this.open)?.focus();
    });
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest("input, select")) return;
      event.preventDefault();
      document.getElementById("search").focus();
    });
  }

  step(by) {
    this.turn(this.first + by);
    this.openRow(this.beside.matches ? this.first : -1);
    this.list.scrollTop = 0;
    this.row(this.first)?.focus({ preventScroll: this.beside.matches });
  }

  /** Make the rows of the page on which the question at `index` stands. */
  turn(index) {
    this.first = Math.max(0, Math.floor(index / ROWS) * ROWS);
    this.open = -1;
    this.browser.append(this.detail); // or it would go away with its row
    this.detail.hidden = true;
    const shown = this.questions.slice(this.first, this.first + ROWS);
    this.list.replaceChildren(...shown.map((question, offset) => this.rowItem(question, this.first + offset)));
    const last = this.first + shown.length;
    document.getElementById("shown").textContent =
      `${this.first + 1} to ${last} of ${this.questions.length.toLocaleString("en")}`;
    document.getElementById("previous").disabled = this.first === 0;
    document.getElementById("next").disabled = last >= this.questions.length;
  }

  rowItem(question, index) {
    const attributes = {
      class: "row",
      type: "button",
      tabindex: index === this.first ? "0" : "-1",
      "aria-expanded": this.beside.matches ? null : "false",
      "data-index": index,
      on: { click: () => this.onClick(index) },
    };
    return element("li", {}, element("button", attributes, ...rowNodes(question, this.data)));
  }

  onClick(index) {
    const isOpen = index === this.open;
    // Beside the list the question of the row with the focus is open already: Enter goes on to it.
    if (isOpen && this.beside.matches) this.detail.focus({ preventScroll: true });
    else this.openRow(isOpen ? -1 : index);
  }

  onListKey(event) {
    const row = event.target.closest(".row");
    if (event.key === "Escape" && this.open !== -1) this.row(this.open).focus();
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(row.dataset.index);
    const last = this.questions.length - 1;
    const targets = {
      ArrowDown: index + 1, j: index + 1, ArrowUp: index - 1, k: index - 1, Home: this.first, End: this.first + ROWS - 1,
    };
    const wanted = targets[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    this.move(Math.min(Math.max(wanted, 0), last));
  }

  move(index) {
    if (index < this.first || index >= this.first + ROWS) this.turn(index);
    if (this.beside.matches) this.openRow(index);
    this.reachable(index);
    this.row(index).focus();
  }

  /** One row is reached by the tab key, the others by the arrows. */
  reachable(index) {
    for (const row of this.list.querySelectorAll(".row")) row.tabIndex = Number(row.dataset.index) === index ? 0 : -1;
  }

  row(index) {
    return this.list.querySelector(`[data-index="${index}"]`);
  }

  openRow(index) {
    this.open = index;
    for (const row of this.list.querySelectorAll(".row")) this.markOpen(row, Number(row.dataset.index) === index);
    this.detail.hidden = index === -1;
    if (index === -1) return;
    this.reachable(index);
    const parent = this.beside.matches ? this.browser : this.row(index).parentNode;
    parent.append(this.detail);
    this.detail.replaceChildren(...questionNodes(this.questions[index], this.data));
    this.detail.scrollTop = 0;
    // What was open above the row is gone: the row may have moved out of sight.
    if (!this.beside.matches) this.row(index).scrollIntoView({ block: "nearest" });
  }

  markOpen(row, isOpen) {
    if (isOpen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (this.beside.matches) row.removeAttribute("aria-expanded");
    else row.setAttribute("aria-expanded", String(isOpen));
  }
}

function rowNodes(question, data) {
  const about = question.changes ? changeNodes(question, data) : outcomeNodes(question, data);
  return [
    element("span", { class: "question", dir: "auto" }, question.text),
    element("span", { class: "score" }, question.changes ? "" : scoreText(question.results[0])),
    element("span", { class: "about" }, ...about),
  ];
}

function scoreText(result) {
  return result?.main ? result.main[1].toFixed(2) : "";
}

function outcomeNodes(question, data) {
  const [result] = question.results;
  const measure = result.main ? element("span", { class: "quiet" }, result.main[0]) : null;
  return [...outcomeBadges(result.problems, data.problems), measure];
}

function changeNodes(question, data) {
  return question.changes.map(({ metric, system, before, after }) =>
    badge(
      `${data.systems.length > 2 ? `${system}: ` : ""}${metric} ${before.toFixed(2)} → ${after.toFixed(2)}`,
      after > before ? "fine" : "problem",
    ));
}
