// Oneself: tokens for programs, the password; and for administrators, users.

import { call, get, path } from "/static/api.js";
import { act, field, form, h, show, table } from "/static/dom.js";
import { when } from "/static/text.js";

export async function accountView(page, { me }) {
  const tokens = h("div", {});
  const users = h("div", {});
  const fresh = h("div", { "aria-live": "polite" });
  const drawTokens = async () => {
    const found = await get(path("tokens"));
    const rows = found.map((one) => [one.name, one.role, when(one.expires), act("Revoke", async () => {
      await call("DELETE", path("tokens", String(one.id)));
      await drawTokens();
    }, { class: "quiet", "aria-label": `Revoke ${one.name}` })]);
    show(tokens, rows.length ? table([["Name"], ["Role"], ["Until"], ["Action"]], rows, { "aria-label": "Tokens" }) : h("p", { class: "hint" }, "None yet."));
  };
  const drawUsers = async () => {
    const found = await get(path("users"));
    const rows = found.map((one) => [one.name, one.role, one.accepted ? "yes" : "not yet"]);
    show(users, table([["Name"], ["Role"], ["Has logged in"]], rows, { "aria-label": "Users" }));
  };
  const make = async (data) => {
    const made = await call("POST", path("tokens"), { name: data.get("name") });
    show(fresh, secret("It is shown this once:", made.token));
    await drawTokens();
  };
  const invited = h("div", { "aria-live": "polite" });
  const invite = async (data) => {
    const made = await call("POST", path("users"), { name: data.get("name"), role: data.get("role") });
    const link = `${location.origin}/#invitation=${made.invitation}`;
    show(invited, secret(`Hand this link to ${data.get("name")}; it works once:`, link));
    await drawUsers();
  };
  show(
    page,
    h("p", { class: "back" }, h("a", { href: "#/" }, "All searches")),
    h("h1", {}, me.name),
    h("section", { class: "card" }, h("h2", {}, "Tokens"),
      h("p", { class: "hint" }, "A program logs in by a token: automl remote, automl.Client, curl."),
      tokens,
      form({ class: "inline" }, make, field("Name of a new token", h("input", { name: "name", required: true, maxlength: 64 })), h("button", {}, "Make it")),
      fresh),
    h("section", { class: "card" }, h("h2", {}, "Password"),
      form({}, async (data) => {
        await call("PUT", path("me", "password"), { old: data.get("old"), new: data.get("new") });
        location.hash = "/";
      },
      field("The old one", h("input", { type: "password", name: "old", autocomplete: "current-password" })),
      field("The new one", h("input", { type: "password", name: "new", autocomplete: "new-password" })),
      h("button", {}, "Change it"))),
    me.role === "admin" ? h("section", { class: "card" }, h("h2", {}, "Users"), users,
      form({ class: "inline" }, invite,
        field("Name of a new user", h("input", { name: "name", required: true, maxlength: 64, autocomplete: "off" })),
        field("Role", h("select", { name: "role" }, ["user", "reader", "admin"].map((one) => h("option", { value: one }, one)))),
        h("button", {}, "Invite")),
      invited) : null,
  );
  await drawTokens();
  if (me.role === "admin") await drawUsers();
}

function secret(text, value) {
  const box = h("input", { readonly: "", value, class: "secret", "aria-label": text, onfocus: (event) => event.target.select() });
  return h("div", { class: "made" }, h("p", {}, text), box);
}
