import eslint from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export default defineConfig(
  // Run from the repository's root (npm run lint does), because the demos lie outside this folder.
  globalIgnores(["**/dist/", "**/node_modules/"]),
  {
    files: ["sdk/javascript/**/*.{ts,js,mjs}", "demo/**/*.js"],
    extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: "sdk/javascript/tsconfig.json",
        tsconfigRootDir: repository,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-undef": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["sdk/javascript/tests/**"],
    // Tests look at what was said on the console.
    rules: { "no-console": "off", "max-lines": "off" },
  },
);
