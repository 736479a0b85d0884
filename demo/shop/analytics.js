/**
 * What the shop tells Tidemark: one function per event, so that names and properties stand in one place.
 * Page views, outbound links, downloads, forms, scroll depth and Web Vitals come from the SDK's modules.
 *
 * @import { Report } from "../common/connection.js"
 * @import { Product } from "./catalog.js"
 */

import { count, lines, total } from "./cart.js";
import { CURRENCY } from "./catalog.js";

/** @param {Report} report */
export function createAnalytics(report) {
  /** @param {Product} product */
  const described = ({ id, name, category, price }) => ({ product: id, name, category, price, currency: CURRENCY });

  return {
    /** @param {string} query @param {number} results */
    productSearched(query, results) {
      report("product_searched", { query, results });
    },

    /** @param {Product} product */
    productViewed(product) {
      report("product_viewed", described(product));
    },

    /** @param {Product} product @param {number} quantity */
    productAdded(product, quantity) {
      report("product_added", { ...described(product), quantity, cart_value: total() });
    },

    /** @param {Product} product @param {number} quantity */
    productRemoved(product, quantity) {
      report("product_removed", { ...described(product), quantity, cart_value: total() });
    },

    checkoutStarted() {
      report("checkout_started", { cart_value: total(), currency: CURRENCY, items: count() });
    },

    /** @param {string} orderId @param {string} delivery */
    purchased(orderId, delivery) {
      const products = lines().map(({ product }) => product.id);
      report("purchase", { revenue: total(), currency: CURRENCY, order_id: orderId, items: count(), products, delivery });
    },
  };
}
