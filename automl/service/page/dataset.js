// A data set: what the program sees in it, and how a search of it is started.

import { call, get, newKey, path } from "/static/api.js";
import { act, alertBox, field, form, h, show, table } from "/static/dom.js";
import { number, plural, size } from "/static/text.js";

const TIMES = [["1m", "1 minute"], ["5m", "5 minutes"], ["15m", "15 minutes"], ["1h", "1 hour"]];

export async function datasetView(page, { me, name }) {
  const data = await get(path("datasets", name));
  const seen = h("div", { "aria-live": "polite" }, h("p", { class: "hint" }, "Looking at the data …"));
  const start = h("div", {});
  show(
    page,
    h("p", { class: "back" }, h("a", { href: "#/" }, "All searches")),
    h("h1", {}, data.name),
    h("p", { class: "facts" }, `${data.kind}, ${size(data.bytes)}`),
    seen,
    start,
    me.role === "reader" ? null : h("p", { class: "end" }, act("Delete this data", async () => {
      await call("DELETE", path("datasets", name));
      location.hash = "/";
    }, { class: "quiet danger", sure: "Really delete it?" })),
  );
  let target = "";
  const look = async () => {
    const query = target ? `?target=${encodeURIComponent(target)}` : "";
    try {
      const found = await get(path("datasets", name, "inspect") + query);
      show(seen, inspection(found));
      return found;
    } catch (error) {
      show(seen, alertBox(error.message));
      return null;
    }
  };
  look().then((found) => {
    if (!found || me.role === "reader") return;
    show(start, startForm(data, found, (chosen) => {
      target = chosen;
      return look();
    }));
  });
}

function inspection(found) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "What is in it"),
    h("dl", { class: "figures" },
      figure("Rows", number(found.rows)),
      found.columns.length
        ? figure("Columns", number(found.columns.length))
        : figure("Shape of a row", found.shape.join(" × ")),
      found.task && figure("Task", { binary: "two classes", multiclass: "several classes", regression: "a number" }[found.task] || found.task),
      found.split_rows && figure("Kept for the test", number(found.split_rows.test))),
    found.notes.map((note) => h("p", { class: "note" }, note)),
    balance(found),
    Object.entries(found.ranges || {}).map(([name, text]) => h("p", {}, h("strong", {}, name), ` ${text}`)),
    found.columns.length ? columns(found.columns) : null,
  );
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function balance(found) {
  const classes = Object.entries(found.balance || {}).sort((a, b) => b[1] - a[1]);
  if (!classes.length) return null;
  const most = classes[0][1];
  const shown = classes.slice(0, 12);
  return h("div", { class: "bars" },
    h("h3", {}, plural(classes.length, "class", "classes")),
    h("ul", {}, shown.map(([name, count]) =>
      h("li", {}, h("span", { class: "label" }, name), h("meter", { min: 0, max: most, value: count, "aria-label": `${name}: ${count} rows` }), h("span", { class: "value" }, number(count))))),
    classes.length > shown.length ? h("p", { class: "hint" }, `and ${classes.length - shown.length} more`) : null);
}

function columns(all) {
  const rows = all.slice(0, 200).map((one) => [
    one.name, one.kind, number(one.missing), number(one.distinct), one.values,
    one.remarks.length ? h("span", { class: "remark" }, one.remarks.join(", ")) : "",
  ]);
  return table(
    [["Column"], ["Kind"], ["Missing", "right"], ["Distinct", "right"], ["Values"], ["Remarks"]],
    rows, { "aria-label": "Columns" });
}

function startForm(data, found, retarget) {
  const needsTarget = !found.task && found.columns.length > 0;
  const button = h("button", { class: "main" }, "Start the search");
  const select = h("select", { name: "target", required: true },
    h("option", { value: "" }, "Choose a column"),
    found.columns.map((one) => h("option", { value: one.name }, one.name)));
  const chosen = h("p", { class: "hint" });
  select.addEventListener("change", async () => {
    const seen = await retarget(select.value);
    show(chosen, seen && seen.task ? seen.why : null);
  });
  const times = h("fieldset", { class: "choices" }, h("legend", {}, "How long may it search?"),
    TIMES.map(([value, text], i) => h("label", {}, h("input", { type: "radio", name: "time", value, checked: i === 1 }), h("span", {}, text))));
  const start = async (form) => {
    if (needsTarget && !form.get("target")) throw new Error("Choose the column to predict.");
    const options = { time_budget: form.get("other") || form.get("time") };
    if (form.get("target")) options.target = form.get("target");
    if (form.get("metric")) options.metric = form.get("metric");
    if (form.get("trials")) options.trials = Number(form.get("trials"));
    const body = { dataset: data.name, options };
    if (form.get("name")) body.name = form.get("name");
    const made = await call("POST", path("searches"), body, { "Idempotency-Key": newKey() });
    location.hash = `/searches/${made.id}`;
  };
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Search"),
    form(
      {},
      start,
      needsTarget ? [field("What should be predicted?", select), chosen] : null,
      times,
      h("details", {}, h("summary", {}, "More"),
        field("Another time", h("input", { name: "other", placeholder: "90s, 10m, 2h" })),
        field("At most so many trials", h("input", { name: "trials", type: "number", min: 1 })),
        field("Measure", h("input", { name: "metric", placeholder: "accuracy, log_loss, rmse …" }), "By default what fits the task."),
        field("Name of the search", h("input", { name: "name" }))),
      button,
    ),
  );
}
