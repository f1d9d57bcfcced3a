// The ways in: a name and a password, or a link that works once.

import { call } from "/static/api.js";
import { field, form, h } from "/static/dom.js";

const input = (name, type, complete) =>
  h("input", { name, type, autocomplete: complete, required: true, spellcheck: "false" });

export function loginView(entered) {
  const enter = async (data) => {
    await call("POST", "/v1/login", { name: data.get("name"), password: data.get("password") });
    entered();
  };
  return h(
    "section",
    { class: "card narrow" },
    h("h1", {}, "Log in"),
    form(
      {},
      enter,
      field("Name", input("name", "text", "username")),
      field("Password", input("password", "password", "current-password")),
      h("button", { class: "main" }, "Log in"),
    ),
    h("p", { class: "hint foot" }, "New here? A link lets you in: whoever started this service finds the first one where it was started, and an administrator makes others."),
  );
}

export function invitationView(invitation, entered) {
  const accept = async (data) => {
    if (data.get("password") !== data.get("again"))
      throw new Error("The two passwords differ; type them again.");
    const name = data.get("name").trim() || null;
    await call("POST", "/v1/invitations/accept", { invitation, name, password: data.get("password") });
    entered();
  };
  return h(
    "section",
    { class: "card narrow" },
    h("h1", {}, "Welcome"),
    h("p", {}, "This link lets you in once. Choose how you log in from now on."),
    form(
      {},
      accept,
      field("Name", input("name", "text", "username"), "If an administrator has invited you, your name is known already: leave this empty."),
      field("Password", input("password", "password", "new-password"), "At least 12 characters. A few words are easy to remember."),
      field("The same again", input("again", "password", "new-password")),
      h("button", { class: "main" }, "Go in"),
    ),
  );
}
