// A form that captures one event, and says what became of it.
import { startAnalytics } from "./snake/analytics.js";

const answer = document.getElementById("answer");
const ready = startAnalytics("demo");

document.getElementById("capture").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = document.getElementById("name").value.trim();
  if (!name) {
    answer.textContent = "An event needs a name.";
    return;
  }
  let properties;
  try {
    properties = JSON.parse(document.getElementById("properties").value || "{}");
    if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
      throw new SyntaxError("not an object");
    }
  } catch (error) {
    answer.textContent = `The properties are no JSON object: ${error.message}`;
    return;
  }
  if (!(await ready)) {
    answer.textContent = "This page does not know your project's key: add ?key=pk_… to the address.";
    return;
  }
  const before = window.tidemark.delivered();
  window.tidemark.event(name, properties);
  await window.tidemark.flush();
  const after = window.tidemark.delivered();
  answer.textContent =
    after.sent > before.sent
      ? `Captured "${name}".`
      : "Not captured yet; it is sent again in a moment. The browser's console says why.";
});
