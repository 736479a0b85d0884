/** One product. */

import { element } from "../common/panel.js";
import { add } from "./cart.js";
import { money, picture, productOf } from "./catalog.js";
import { analytics, showCount } from "./page.js";

const product = productOf(new URLSearchParams(location.search).get("id"));

if (product) {
  document.title = `${product.name} · Slack Water`;
  element("name").textContent = product.name;
  element("category").textContent = product.category;
  element("price").textContent = money(product.price);
  element("text").textContent = product.text;
  element("picture").append(picture(product));
  element("product").hidden = false;
  analytics.productViewed(product);

  element("add").addEventListener("submit", (event) => {
    event.preventDefault();
    const quantity = Number(/** @type {HTMLInputElement} */ (element("quantity")).value);
    add(product, quantity);
    analytics.productAdded(product, quantity);
    showCount();
    element("status").textContent = `${product.name} is in your cart.`;
  });
} else {
  element("missing").hidden = false;
}
