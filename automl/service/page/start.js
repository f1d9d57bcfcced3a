// How a search of some data is started: what is predicted, and for how long it may search.

import { call, newKey, path } from "/static/api.js";
import { choices, field, form, h, show } from "/static/dom.js";

const TIMES = [["1m", "1 minute"], ["5m", "5 minutes"], ["15m", "15 minutes"], ["1h", "1 hour"]];

const JOBS = [["column", "One column, from the others"], ["forecast", "What comes next in time"]];

const TIMELY = /date|time|day|week|month|quarter|year/i;

// `look` inspects the data again, with other options.
export function startForm(data, found, look) {
  const isTable = !found.task && found.columns.length > 0;
  const times = found.columns.filter((one) => one.kind === "date" || (one.kind === "number" && TIMELY.test(one.name)));
  const question = h("div", {});
  const said = h("p", { class: "hint", role: "status" });
  let part = isTable ? columnPart(found) : wholePart();
  const ask = async () => {
    const options = part.options();
    if (!options) return show(said);
    show(said, "Looking at the data …");
    const seen = await look(options);
    show(said, seen && part.says(seen));
  };
  const turn = (value) => {
    part = value === "forecast" ? forecastPart(found, times) : columnPart(found);
    show(question, part.fields);
    ask();
  };
  const job = isTable && times.length ? choices("What should be predicted?", "job", JOBS, 0) : null;
  job?.addEventListener("change", (event) => turn(event.target.value));
  question.addEventListener("change", ask);
  show(question, part.fields);

  const begin = async (form) => {
    const options = { time_budget: form.get("other") || form.get("time"), ...part.checked() };
    if (form.get("metric")) options.metric = form.get("metric");
    if (form.get("trials")) options.trials = Number(form.get("trials"));
    const body = { dataset: data.name, options };
    if (form.get("name")) body.name = form.get("name");
    const made = await call("POST", path("searches"), body, { "Idempotency-Key": newKey() });
    location.hash = `/searches/${made.id}`;
  };
  return h("section", { class: "card start" },
    h("h2", {}, "Search"),
    form({}, begin,
      job, question, said,
      choices("How long may it search?", "time", TIMES, 1),
      h("details", {}, h("summary", {}, "More"),
        field("Another time", h("input", { name: "other", placeholder: "90s, 10m, 2h" })),
        field("At most so many trials", h("input", { name: "trials", type: "number", min: 1 }), "A trial is one network that is tried."),
        field("Measure", h("input", { name: "metric", placeholder: "accuracy, log_loss, rmse …" }), "By default what fits the task."),
        field("Name of the search", h("input", { name: "name" }), "By default that of the data.")),
      h("button", { class: "main" }, "Start the search")));
}

const one = (name) => h("option", { value: name }, name);

// Each part has its fields, the options to look at the data with (null while some are missing),
// what is said of what was seen, and the options of the search.
function wholePart() {
  return { fields: [], options: () => null, says: () => null, checked: () => ({}) };
}

function columnPart(found) {
  const select = h("select", { required: true },
    h("option", { value: "" }, "Choose a column"), found.columns.map(({ name }) => one(name)));
  const options = () => (select.value ? { target: select.value } : {});
  const checked = () => {
    if (!select.value) throw new Error("Choose the column to predict.");
    return options();
  };
  return { fields: [field("Which column should be predicted?", select)], options, checked, says: (seen) => seen.why };
}

function forecastPart(found, times) {
  const numbers = found.columns.filter(({ kind }) => kind === "number" || kind === "boolean");
  const names = found.columns.filter(({ kind }) => kind === "category" || kind === "number");
  const target = h("select", { required: true }, h("option", { value: "" }, "Choose a column"), numbers.map(({ name }) => one(name)));
  const time = h("select", {}, times.map(({ name }) => one(name)));
  const series = h("select", {}, h("option", { value: "" }, "No, it is one series"), names.map(({ name }) => one(name)));
  const horizon = h("input", { type: "number", min: 1, value: 12, class: "few" });
  const season = h("input", { type: "number", min: 1, class: "few", placeholder: "found by itself" });
  // Times that come more than once are those of several series.
  const several = times[0].distinct < found.rows && names.find(({ kind }) => kind === "category");
  if (several) series.value = several.name;
  const boxes = () => found.columns.map(({ name }) => h("label", {}, h("input", { type: "checkbox", value: name }), ` ${name}`));
  const known = h("fieldset", { class: "boxes" }, h("legend", {}, "Columns that are known ahead, such as prices and holidays"), boxes());
  const drop = h("fieldset", { class: "boxes" }, h("legend", {}, "Columns that do not count"), boxes());
  const taken = (box) => [...box.querySelectorAll("input:checked")].map((input) => input.value);
  const all = () => {
    const lists = { known: taken(known), drop: taken(drop) };
    const said = { task: "forecast", target: target.value, time: time.value, horizon: horizon.value, sequence: series.value, season: season.value };
    const given = Object.entries({ ...said, ...lists }).filter(([, value]) => value && value.length);
    return Object.fromEntries(given);
  };
  const ready = () => target.value && horizon.value;
  const query = () => Object.entries(all()).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const checked = () => {
    if (!ready()) throw new Error("Choose the column to forecast, and how many steps.");
    const options = all();
    for (const name of ["horizon", "season"]) if (options[name]) options[name] = Number(options[name]);
    return options;
  };
  return {
    fields: [
      field("Which column should be forecast?", target),
      field("Which column has the time?", time),
      field("Are there several series?", series, "Then it is the column that names the series of each row, such as a shop."),
      field("How many steps ahead?", horizon, "A step is what lies between two rows of a series: a day, a month."),
      h("details", {}, h("summary", {}, "More about the series"),
        field("Steps of a season", season, "12 where a year has 12 steps; 1 for none."), known, drop),
    ],
    options: () => (ready() ? query() : {}),
    says: (seen) => (seen.split ? `${seen.split[0].toUpperCase()}${seen.split.slice(1)}.` : null),
    checked,
  };
}
