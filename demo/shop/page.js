/** What all pages of the shop share: the connection with Tidemark, the panel, and the number in the cart. */

import { connect } from "../common/connection.js";
import { element, showPanel } from "../common/panel.js";
import { createAnalytics } from "./analytics.js";
import { count } from "./cart.js";

const connection = connect("demo-shop", ["links", "forms", "engagement", "vitals"]);
showPanel(connection.problem);
showCount();

export const analytics = createAnalytics(connection.report);

export function showCount() {
  const items = count();
  const link = element("cart-link");
  link.textContent = `Cart (${items})`;
  link.setAttribute("aria-label", `Cart, ${items === 1 ? "1 item" : `${items} items`}`);
}

/**
 * Return an address within the shop; a key in the address goes along.
 *
 * @param {string} page
 * @param {Record<string, string>} [parameters]
 */
export function addressOf(page, parameters = {}) {
  const key = new URLSearchParams(location.search).get("key");
  const query = new URLSearchParams(key === null ? parameters : { ...parameters, key });
  return query.size > 0 ? `${page}?${query.toString()}` : page;
}

for (const link of document.querySelectorAll("a[data-page]")) {
  link.setAttribute("href", addressOf(link.getAttribute("data-page") ?? ""));
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
