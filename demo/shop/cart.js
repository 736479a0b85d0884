/**
 * The cart, kept in the browser. Where storage is blocked it lasts until the page is left.
 *
 * @import { Product } from "./catalog.js"
 * @typedef {{ product: Product, quantity: number }} Line
 */

import { productOf } from "./catalog.js";

const KEY = "tidemark-demo-shop:cart";
const MAX_QUANTITY = 99;

/** @type {Map<string, number>} */
const quantities = new Map(read());

/** @returns {[string, number][]} */
function read() {
  try {
    /** @type {unknown} */
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof stored !== "object" || stored === null) return [];
    return Object.entries(stored).flatMap(([id, quantity]) =>
      productOf(id) && Number.isInteger(quantity) && quantity > 0 ? [[id, Math.min(Number(quantity), MAX_QUANTITY)]] : [],
    );
  } catch {
    return [];
  }
}

function write() {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(quantities)));
  } catch {
    // Blocked or full: the cart lasts until the page is left.
  }
}

/** @returns {Line[]} */
export function lines() {
  return [...quantities].flatMap(([id, quantity]) => {
    const product = productOf(id);
    return product ? [{ product, quantity }] : [];
  });
}

/** Return the price of everything, in cents first: sums of decimals are not exact. */
export function total() {
  return lines().reduce((sum, { product, quantity }) => sum + Math.round(product.price * 100) * quantity, 0) / 100;
}

export function count() {
  return lines().reduce((sum, { quantity }) => sum + quantity, 0);
}

/** @param {Product} product @param {number} quantity */
export function add(product, quantity) {
  quantities.set(product.id, Math.min((quantities.get(product.id) ?? 0) + quantity, MAX_QUANTITY));
  write();
}

/** @param {Product} product  @returns {number} How many there were. */
export function remove(product) {
  const quantity = quantities.get(product.id) ?? 0;
  quantities.delete(product.id);
  write();
  return quantity;
}

export function empty() {
  quantities.clear();
  write();
}
