/**
 * What the shop sells. Prices are in euros, taxes included.
 *
 * @typedef {object} Product
 * @property {string} id
 * @property {string} name
 * @property {string} category
 * @property {number} price
 * @property {string} text
 * @property {string} shape  Path of the picture, in a box of 120 by 90.
 */

export const CURRENCY = "EUR";

/** @type {Product[]} */
export const PRODUCTS = [
  {
    id: "tide-clock",
    name: "Tide clock",
    category: "Instruments",
    price: 89,
    text: "Shows the hours until high water. Oak, with a movement that runs a year on one battery.",
    shape: "M60 12a33 33 0 1 0 .1 0zM60 24v21l14 9M60 16v3M60 71v3M31 45h3M86 45h3",
  },
  {
    id: "deck-lantern",
    name: "Deck lantern",
    category: "Light",
    price: 54.5,
    text: "A candle in the wind: glass on four sides, a brass roof, and a ring to hang it by.",
    shape: "M44 34h32l6 38H38zM40 34l20-18 20 18zM60 16V8M60 46c-6 8-4 14 0 14s6-6 0-14zM34 78h52",
  },
  {
    id: "enamel-mug",
    name: "Enamel mug",
    category: "Galley",
    price: 14.9,
    text: "Half a litre, for tea on watch. It may fall overboard once.",
    shape: "M36 26h42v38a8 8 0 0 1-8 8H44a8 8 0 0 1-8-8zM78 36h8a8 8 0 0 1 8 8v6a8 8 0 0 1-8 8h-8M36 36h42",
  },
  {
    id: "wool-blanket",
    name: "Wool blanket",
    category: "Cabin",
    price: 119,
    text: "New wool from coastal flocks, 140 by 200 cm, with a stripe that points to the bow.",
    shape: "M28 30h52a10 10 0 0 1 10 10v32H38a10 10 0 0 1-10-10zM28 42h62M28 50h62M80 30c-6 0-10 4-10 10M38 72v6M50 72v6M62 72v6M74 72v6",
  },
  {
    id: "rope-bag",
    name: "Rope bag",
    category: "Luggage",
    price: 72,
    text: "Canvas from retired sails, handles of three-strand rope. Holds a weekend.",
    shape: "M32 38h56l-6 38H38zM44 38c0-30 32-30 32 0M32 48h56M60 38v38",
  },
  {
    id: "log-book",
    name: "Log book",
    category: "Paper",
    price: 22,
    text: "192 numbered pages, paper that takes ink when it is damp, and two ribbons.",
    shape: "M36 16h44a6 6 0 0 1 6 6v50H42a6 6 0 0 1-6-6zM36 66a6 6 0 0 1 6-6h44M52 30h20M52 40h20M74 60v18l-5-4-5 4V60",
  },
];

/** @param {string | null} id */
export function productOf(id) {
  return PRODUCTS.find((product) => product.id === id);
}

/** @param {string} query  Words that all have to occur; none finds everything. */
export function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return PRODUCTS.filter(({ name, category, text }) => {
    const all = `${name} ${category} ${text}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** @param {number} amount */
export function money(amount) {
  return amount.toLocaleString("en", { style: "currency", currency: CURRENCY });
}

/** @param {Product} product  @returns {SVGSVGElement} */
export function picture(product) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 120 90");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", product.shape);
  svg.append(path);
  return svg;
}
