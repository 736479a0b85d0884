/**
 * Reports texts for people that are written in a component instead of `src/texts`.
 *
 * In JSX every letter is a text. In other strings a capitalised word or two words in a row look like
 * one, except where the string cannot reach a person: imports, types, and the attributes below.
 */
const CODE_ATTRIBUTES = new Set([
  "aria-keyshortcuts", "autoComplete", "c", "className", "d", "fill", "ff", "fz", "href", "path", "points", "preserveAspectRatio", "rel",
  "stroke", "strokeDasharray", "strokeLinecap", "style", "target", "to", "type", "variant", "vectorEffect", "viewBox",
]);
const LOOKS_LIKE_TEXT = /^\s*\p{Lu}\p{Ll}|\p{L}{2,} \p{L}{2,}/u;
const SAMPLES = /^https?:\/\/|\.json$/;

/** @type {import("eslint").Rule.RuleModule} */
export const noLiteralText = {
  meta: {
    type: "problem",
    docs: { description: "require texts for people to be in src/texts" },
    messages: { literal: "Move this text to src/texts/en, so that it can be translated." },
    schema: [],
  },
  create(context) {
    const check = (node, text) => {
      if (LOOKS_LIKE_TEXT.test(text) && !isCode(node)) context.report({ node, messageId: "literal" });
    };
    return {
      JSXText: (node) => {
        if (/\p{L}/u.test(node.value) && !SAMPLES.test(node.value) && !isInCode(node)) {
          context.report({ node, messageId: "literal" });
        }
      },
      Literal: (node) => {
        if (typeof node.value === "string") check(node, node.value);
      },
      TemplateElement: (node) => {
        check(node, node.value.cooked ?? "");
      },
    };
  },
};

/** Whether an element shows code, such as the name of a file. */
function isInCode({ parent }) {
  return parent.type === "JSXElement" && parent.openingElement.name.name === "code" && parent.children.length === 1;
}

/** Whether a string cannot reach a person. */
function isCode(node) {
  for (let at = node.parent, child = node; at; child = at, at = at.parent) {
    switch (at.type) {
      case "ImportDeclaration":
      case "ImportExpression":
      case "ExportNamedDeclaration":
      case "TSLiteralType":
        return at.type !== "ExportNamedDeclaration" || at.source === child;
      case "JSXAttribute":
        return CODE_ATTRIBUTES.has(at.name.name);
      case "Property":
        if (at.key === child) return true;
        break;
      case "BinaryExpression":
        // A comparison.
        return ["===", "!=="].includes(at.operator);
      case "ThrowStatement":
        // Errors of the code itself, for the browser's console.
        return true;
      case "ArrowFunctionExpression":
      case "FunctionDeclaration":
      case "Program":
        return false;
      default:
    }
  }
  return false;
}
