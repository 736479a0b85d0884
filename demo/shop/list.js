/** The list of products, and the search in it. */

import { element } from "../common/panel.js";
import { money, picture, search } from "./catalog.js";
import { addressOf, analytics, make } from "./page.js";

const parameters = new URLSearchParams(location.search);
const query = (parameters.get("q") ?? "").trim();
const found = search(query);

const field = /** @type {HTMLInputElement} */ (element("search-field"));
field.value = query;
const key = parameters.get("key");
if (key !== null) {
  const kept = make("input", "");
  kept.type = "hidden";
  kept.name = "key";
  kept.value = key;
  element("search").append(kept);
}

element("products").append(
  ...found.map((product) => {
    const link = make(
      "a",
      "card",
      picture(product),
      make("span", "category", product.category),
      make("strong", "", product.name),
      make("span", "price", money(product.price)),
    );
    link.href = addressOf("product.html", { id: product.id });
    return make("li", "", link);
  }),
);

if (query) {
  element("found").textContent =
    found.length === 0 ? `Nothing matches “${query}”. Try “light” or “wool”.` : `${found.length} of our products match “${query}”.`;
  analytics.productSearched(query, found.length);
}
