/**
 * Checks the form before it is sent, by the rules of the ingest service.
 *
 * @typedef {object} Checked
 * @property {string} name
 * @property {Record<string, unknown>} properties
 * @property {string} nameProblem  Empty when the name is fine.
 * @property {string} propertiesProblem  Empty when the properties are fine.
 */

const MAX_NAME_CHARACTERS = 100;
const MAX_PROPERTY_BYTES = 32 * 1024;

/**
 * @param {string} typedName
 * @param {string} typedProperties
 * @returns {Checked}
 */
export function check(typedName, typedProperties) {
  const name = typedName.trim();
  const { properties, problem } = parse(typedProperties.trim());
  return { name, properties, nameProblem: problemOfName(name), propertiesProblem: problem };
}

/** @param {string} name */
function problemOfName(name) {
  if (!name) return "Give the event a name, such as video_watched.";
  if (name.length > MAX_NAME_CHARACTERS) {
    return `A name has at most ${MAX_NAME_CHARACTERS} characters; this one has ${name.length}.`;
  }
  return "";
}

/**
 * @param {string} text
 * @returns {{ properties: Record<string, unknown>, problem: string }}
 */
function parse(text) {
  if (!text) return { properties: {}, problem: "" };
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    return { properties: {}, problem: `This is not JSON: ${reason}. Keys and texts need double quotes.` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { properties: {}, problem: 'Properties are one object in braces, such as {"seconds": 42}.' };
  }
  if (new TextEncoder().encode(text).length > MAX_PROPERTY_BYTES) {
    return { properties: {}, problem: "The properties of one event have at most 32 KiB." };
  }
  return { properties: /** @type {Record<string, unknown>} */ (value), problem: "" };
}
