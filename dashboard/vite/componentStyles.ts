import type { Plugin } from "vite";

/** The module with the class names of a component of Mantine; its styles have the same name. */
export const CLASS_NAMES = /node_modules\/@mantine\/core\/esm\/.*\/(\w+)\.module\.mjs$/;

/**
 * Load the styles of each component of Mantine with its script, instead of those of all components with the first page.
 *
 * The styles are a layer, so that they may come later than our own and still give way to them. A component is loaded
 * after those that it is made of, and so are its styles. The server of `npm run dev` bundles packages by itself: there
 * all styles come with the app.
 */
export function componentStyles(): Plugin {
  let isBuild = false;
  return {
    name: "component-styles",
    configResolved({ command }) {
      isBuild = command === "build";
    },
    transform(code, id) {
      const name = CLASS_NAMES.exec(id)?.[1];
      if (isBuild && name !== undefined) return { code: `import "@mantine/core/styles/${name}.layer.css";\n${code}`, map: null };
      if (!isBuild && id.endsWith("/src/main.tsx")) return { code: `import "@mantine/core/styles.layer.css";\n${code}`, map: null };
      return null;
    },
  };
}
