/** The checkout. Nothing that is entered here is stored or sent: nobody is shipped anything. */

import { element } from "../common/panel.js";
import { count, empty, total } from "./cart.js";
import { money } from "./catalog.js";
import { addressOf, analytics } from "./page.js";

const form = /** @type {HTMLFormElement} */ (element("checkout"));

if (count() === 0) {
  element("nothing").hidden = false;
  form.hidden = true;
} else {
  element("total").textContent = money(total());
  analytics.checkoutStarted();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const orderId = `order-${Date.now().toString(36)}-${(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0).toString(36)}`;
  const delivery = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=delivery]:checked"));
  analytics.purchased(orderId, delivery?.value ?? "post");
  empty();
  // In place of this page: going back does not order once more.
  location.replace(addressOf("thanks.html", { order: orderId }));
});
