/** The form and the buttons that send events through the SDK. */

import { connect, sdk } from "../common/connection.js";
import { element, showPanel } from "../common/panel.js";
import { check } from "./validation.js";

const LOG_LENGTH = 20;

const connection = connect("sdk-demo");
const nameField = /** @type {HTMLInputElement} */ (element("event-name"));
const propertiesField = /** @type {HTMLTextAreaElement} */ (element("event-properties"));

/**
 * @param {string} name
 * @param {Record<string, unknown>} properties
 */
function capture(name, properties) {
  connection.report(name, properties);
  void sdk()?.flush();
  const row = document.createElement("li");
  const label = document.createElement("strong");
  label.textContent = name;
  const details = document.createElement("code");
  details.textContent = JSON.stringify(properties);
  row.append(label, " ", details);
  element("event-log").prepend(row);
  element("event-log").children[LOG_LENGTH]?.remove();
  element("status").textContent = `Captured ${name}.`;
}

/**
 * @param {HTMLElement} field
 * @param {string} problem
 */
function showProblem(field, problem) {
  element(`${field.id}-error`).textContent = problem;
  field.setAttribute("aria-invalid", String(problem !== ""));
}

element("capture-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const checked = check(nameField.value, propertiesField.value);
  showProblem(nameField, checked.nameProblem);
  showProblem(propertiesField, checked.propertiesProblem);
  if (checked.nameProblem) nameField.focus();
  else if (checked.propertiesProblem) propertiesField.focus();
  if (checked.nameProblem || checked.propertiesProblem) return;
  capture(checked.name, checked.properties);
  nameField.value = "";
  propertiesField.value = "";
  nameField.focus();
});

element("quick-events").addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  const { name, properties } = check(button.dataset.event ?? "", button.dataset.properties ?? "");
  capture(name, properties);
});

// A key in the address goes along to the games.
for (const link of document.querySelectorAll("a.game-card")) {
  if (link instanceof HTMLAnchorElement) link.search = location.search;
}

showPanel(connection.problem);
