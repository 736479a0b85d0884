import { configuration, sdk } from "./connection.js";

/**
 * Keeps the panel with the numbers of events up to date.
 *
 * @param {Promise<string>} problem  Shown in the panel when it is not empty.
 */
export function showPanel(problem) {
  const sent = element("events-sent");
  const note = element("events-note");

  const update = () => {
    const { sent: arrived = 0, waiting = 0, refused = 0 } = sdk()?.stats() ?? {};
    sent.textContent = arrived.toLocaleString("en");
    sent.dataset.waiting = String(waiting);
    if (refused > 0) note.textContent = `${refused} refused; the browser's console says why.`;
  };
  update();
  setInterval(update, 250);

  // A game on a port of its own is not where the dashboard is.
  void configuration().then(({ dashboard }) => {
    if (/^https?:/.test(dashboard)) element("dashboard-link").setAttribute("href", dashboard);
  });
  void problem.then((text) => {
    note.textContent = text;
    element("events-panel").dataset.connected = String(!text);
  });
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page lacks the element #${id}.`);
  return found;
}
