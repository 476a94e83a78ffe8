// Puts the page together.

offerThemes();
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const list = new QuestionList(data);
  const filters = new Filters(document.getElementById("filters"), data, (questions) => list.show(questions));
  filters.apply();
  performance.mark("ready");
}
