// A data set: what the program sees in it, and how a search of it is started.

import { call, get, path } from "/static/api.js";
import { act, alertBox, h, show, table } from "/static/dom.js";
import { figure } from "/static/progress.js";
import { startForm } from "/static/start.js";
import { KINDS, TASKS, number, plural, size } from "/static/text.js";

export async function datasetView(page, { me, name }) {
  const data = await get(path("datasets", name));
  const seen = h("div", { "aria-live": "polite" }, h("p", { class: "hint" }, "Looking at the data …"));
  const start = h("div", {});
  show(
    page,
    h("p", { class: "back" }, h("a", { href: "#/" }, "All searches")),
    h("h1", {}, data.name),
    h("p", { class: "facts" }, `${KINDS[data.kind]}, ${size(data.bytes)}`),
    seen,
    start,
    me.role === "reader" ? null : h("p", { class: "end" }, act("Delete this data", async () => {
      await call("DELETE", path("datasets", name));
      location.hash = "/";
    }, { class: "quiet danger", sure: "Really delete it?" })),
  );
  let turn = 0;
  // `options` say what is asked of the data; what is shown is the answer to the last of them.
  const look = async (options) => {
    const mine = ++turn;
    seen.setAttribute("aria-busy", "true");
    try {
      const found = await get(`${path("datasets", name, "inspect")}?${new URLSearchParams(options)}`);
      if (mine === turn) show(seen, inspection(found));
      return found;
    } catch (error) {
      if (mine === turn) show(seen, alertBox(error.message));
      return null;
    } finally {
      if (mine === turn) seen.removeAttribute("aria-busy");
    }
  };
  look({}).then((found) => {
    if (found && me.role !== "reader") show(start, startForm(data, found, look));
  });
}

const SHAPES = { forecast: "Steps and numbers of a window", image: "Channels, height, width" };

function inspection(found) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "What is in it"),
    h("dl", { class: "figures" },
      figure(found.task === "forecast" ? "Windows" : found.kind === "image" ? "Pictures" : "Rows", number(found.rows)),
      found.columns.length
        ? figure("Columns", number(found.columns.length))
        : figure(SHAPES[found.task] || SHAPES[found.kind] || "Shape of a row", found.shape.join(" × ")),
      found.task && figure("Task", TASKS[found.task] || found.task),
      found.split_rows && figure("Kept for the test", number(found.split_rows.test))),
    found.notes.map((note) => h("p", { class: "note" }, note)),
    balance(found),
    Object.entries(found.ranges || {}).map(([name, text]) => h("p", {}, h("strong", {}, name), ` ${text}`)),
    found.columns.length ? columns(found.columns) : null,
  );
}

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
