// The first view: drop data, and everything that is there.

import { get, path, upload } from "/static/api.js";
import { alertBox, h, say, show } from "/static/dom.js";
import { duration, nameOf, plural, score, size, when } from "/static/text.js";

const STATES = {
  queued: "waiting", running: "running", pausing: "pausing", paused: "paused",
  cancelling: "ending", cancelled: "cancelled", finished: "finished", failed: "failed",
};

export const badge = (state) => h("span", { class: `badge ${state}` }, STATES[state] || state);

export async function homeView(page, { me }) {
  const searches = h("div", {});
  const data = h("div", {});
  const models = h("div", {});
  show(
    page,
    h("h1", {}, "What would you like to predict?"),
    me.role === "reader" ? null : dropZone(),
    h("section", { class: "list" }, h("h2", {}, "Searches"), searches),
    h("section", { class: "list" }, h("h2", {}, "Models"), models),
    h("section", { class: "list" }, h("h2", {}, "Data"), data),
  );
  const draw = async () => {
    const [s, d, m] = await Promise.all(
      [path("searches"), path("datasets"), path("models")].map(get),
    );
    show(searches, searchList(s));
    show(data, dataList(d));
    show(models, modelList(m));
  };
  await draw();
  const timer = setInterval(() => draw().catch(() => null), 5000);
  return () => clearInterval(timer);
}

function dropZone() {
  const status = h("div", { class: "status" });
  const input = h("input", { type: "file", class: "unseen", id: "file", "aria-describedby": "file-hint",
    accept: ".csv,.tsv,.txt,.parquet,.zip,.npz,.npy,.gz" });
  const zone = h(
    "div",
    { class: "drop" },
    input,
    h("label", { for: "file" }, h("strong", {}, "Drop your data here"), h("span", {}, "or choose a file")),
    h("p", { class: "hint", id: "file-hint" },
      "A table (CSV or Parquet), a ZIP of pictures with a folder for each class, or arrays (NPZ). It stays on this service."),
    status,
  );
  const take = async (file) => {
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    show(status, h("p", {}, `Uploading ${file.name} (${size(file.size)})`), bar);
    say(`Uploading ${file.name}`);
    input.disabled = true;
    try {
      const made = await upload(path("datasets", nameOf(file.name)), file, (share) => (bar.value = share));
      location.hash = `/data/${encodeURIComponent(made.name)}`;
    } catch (error) {
      show(status, alertBox(error.message));
    } finally {
      input.disabled = false;
    }
  };
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  for (const name of ["dragenter", "dragover"])
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  return zone;
}

const nothing = (text) => h("p", { class: "hint" }, text);

function item(to, name, facts, mark) {
  return h("li", {}, h("a", { href: to }, h("span", { class: "name" }, name), mark,
    h("span", { class: "facts" }, facts.filter(Boolean).join(" · "))));
}

function searchList(found) {
  if (!found.length) return nothing("None yet. Drop some data, and start one.");
  return h("ul", { class: "items" }, found.map((one) => {
    const waiting = one.state === "queued" && one.position ? `number ${one.position} in the queue` : null;
    const found = one.score === null ? null : score(one.metric, one.score);
    return item(`#/searches/${one.id}`, one.name,
      [one.dataset, found, waiting, one.compute_seconds >= 1 ? duration(one.compute_seconds) : null, when(one.created)],
      badge(one.state));
  }));
}

function dataList(found) {
  if (!found.length) return nothing("None yet.");
  return h("ul", { class: "items" }, found.map((one) =>
    item(`#/data/${encodeURIComponent(one.name)}`, one.name, [one.kind, size(one.bytes), when(one.created)])));
}

function modelList(found) {
  if (!found.length) return nothing("None yet. A search that has finished can be kept as one.");
  return h("ul", { class: "items" }, found.map((one) => {
    const newest = one.versions[one.versions.length - 1];
    const production = one.aliases.production ? `version ${one.aliases.production} in production` : null;
    return item(`#/models/${encodeURIComponent(one.name)}`, one.name,
      [newest && newest.task, plural(one.versions.length, "version"), production]);
  }));
}
