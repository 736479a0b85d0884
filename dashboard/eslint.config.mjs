import eslint from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import { noLiteralText } from "./eslint/noLiteralText.mjs";

/** Folders of src, lowest first: a module imports from its own layer and from lower ones only. */
const LAYERS = [["texts", "format"], ["api"], ["charts"], ["notices"], ["report"], ["components"], ["features"], ["shell"], ["pages"]];

const layers = LAYERS.flatMap((folders, index) =>
  folders.map((folder) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${[...LAYERS.slice(index + 1).flat(), ...(folder === "charts" ? ["api"] : []), "App"].join("|")})(/|$)`,
              message: `${folder}/ must not depend on this folder; see dashboard/README.md.`,
              // Tables of texts have the keys of types of the API.
              allowTypeImports: folder === "texts",
            },
          ],
        },
      ],
    },
  })),
);

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  // Not ignored: ESLint warns of an ignored file that its command names, as a check of what has changed does.
  { files: ["src/**/*.gen.ts"], processor: { meta: { name: "generated" }, preprocess: () => [], postprocess: () => [] } },
  eslint.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "tests/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [
      ...tseslint.configs.strictTypeChecked,
      a11y.flatConfigs.recommended,
      hooks.configs.flat["recommended-latest"],
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Event handlers may start work whose failure React Query shows.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      // A cast through these turns the type checker off.
      "no-restricted-syntax": [
        "error",
        { selector: "TSAsExpression > TSNeverKeyword", message: "Give the value its type instead of casting it to never." },
        { selector: "TSAsExpression > TSAsExpression", message: "Give the value its type instead of casting it twice." },
      ],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/texts/**", "src/theme.ts"],
    plugins: { local: { rules: { "no-literal-text": noLiteralText } } },
    rules: { "local/no-literal-text": "error" },
  },
  ...layers,
);
