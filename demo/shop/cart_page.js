/** What is in the cart. */

import { element } from "../common/panel.js";
import { lines, remove, total } from "./cart.js";
import { money, picture } from "./catalog.js";
import { addressOf, analytics, make, showCount } from "./page.js";

function show() {
  const all = lines();
  element("lines").replaceChildren(
    ...all.map(({ product, quantity }) => {
      const link = make("a", "", product.name);
      link.href = addressOf("product.html", { id: product.id });
      const button = make("button", "plain", "Remove");
      button.type = "button";
      button.setAttribute("aria-label", `Remove ${product.name}`);
      button.addEventListener("click", () => {
        const removed = remove(product);
        analytics.productRemoved(product, removed);
        show();
        element("cart-title").focus();
      });
      return make("li", "line", picture(product), link, make("span", "quiet", `× ${quantity}`), make("span", "price", money(product.price * quantity)), button);
    }),
  );
  element("total").textContent = money(total());
  element("sum").hidden = all.length === 0;
  element("nothing").hidden = all.length > 0;
  showCount();
}

show();
