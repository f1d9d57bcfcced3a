// Elements of the page, and what is said to whoever does not see them.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Text is never read as HTML here: children are elements or text.
export const h = (tag, attributes, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const s = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

export function show(container, ...children) {
  container.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

export function say(text) {
  document.getElementById("said").textContent = text;
}

export function alertBox(text) {
  return h("p", { class: "alert", role: "alert" }, text);
}

let made = 0;

export function field(label, input, hint) {
  const id = `field-${++made}`;
  input.id = id;
  const note = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), input, note);
}

// A form whose button waits for what it does, and shows in one line what went wrong.
export function form(attributes, action, ...children) {
  const errors = h("div", { class: "errors" });
  const made = h("form", { ...attributes, novalidate: true }, ...children, errors);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...made.querySelectorAll("button")];
    show(errors);
    buttons.forEach((button) => (button.disabled = true));
    try {
      await action(new FormData(made));
    } catch (error) {
      show(errors, alertBox(error.message));
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  });
  return made;
}

// A button that does something, and says in one line beside it what went wrong. Where `sure` is
// given, it is asked a second time, on the button itself.
export function act(label, action, { sure, ...attributes } = {}) {
  const button = h("button", { type: "button", ...attributes }, label);
  let asked = 0;
  button.addEventListener("click", async () => {
    if (sure && Date.now() - asked > 5000) {
      asked = Date.now();
      button.textContent = sure;
      setTimeout(() => (button.textContent = label), 5000);
      return;
    }
    button.disabled = true;
    button.parentElement?.querySelectorAll(".alert").forEach((old) => old.remove());
    try {
      await action();
    } catch (error) {
      button.after(alertBox(error.message));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

export function table(heads, rows, attributes) {
  const head = h("tr", {}, heads.map(([text, kind]) => h("th", { scope: "col", class: kind }, text)));
  const body = rows.map((row) =>
    h("tr", {}, row.map((cell, i) => h("td", { class: heads[i][1] }, cell))));
  const inner = h("table", {}, h("thead", {}, head), h("tbody", {}, body));
  return h("div", { class: "scroll", tabindex: "0", role: "region", ...attributes }, inner);
}
