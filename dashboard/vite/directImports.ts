import type { Plugin } from "vite";

/** A file that only passes on what another one exports: the names there and here, and the other file. */
const FACADE = /^export\s*\{([^{}]*)\}\s*from\s*["'`]\.\/([^"'`]+)["'`];?\s*$/;
const MAX_FACADE_LENGTH = 2_000;

/** A built script. */
export interface Script {
  fileName: string;
  code: string;
}

/**
 * Import the parts of the dashboard that are loaded later from the files that hold them.
 *
 * Where such a part shares its file with others, Rolldown writes a file of one line between them, which would be a
 * request of its own (https://github.com/rolldown/rolldown/issues/9729). The names of files stay true to their content: that of a file
 * contains the hashes of those that it imports, also of the one that is left out.
 */
export function directImports(): Plugin {
  return {
    name: "direct-imports",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const scripts = Object.values(bundle).filter((one) => one.type === "chunk");
        for (const fileName of importDirectly(scripts)) delete bundle[fileName];
      },
    },
  };
}

/** Change imports of files that only pass on; returns the names of these files. */
export function importDirectly(scripts: readonly Script[]): string[] {
  const facades = scripts.flatMap(({ fileName, code }) => {
    const [, names, target] = code.length > MAX_FACADE_LENGTH ? [] : (FACADE.exec(code.trim()) ?? []);
    return names === undefined || target === undefined ? [] : [{ fileName, base: baseName(fileName), target, picked: pick(names) }];
  });
  const isImportedOtherwise = (base: string) => scripts.some(({ code }) => new RegExp(`(?:from|import)\\s*["'\`]\\./${escaped(base)}`).test(code));
  const direct = facades.filter(({ base }) => !isImportedOtherwise(base));
  for (const script of scripts) {
    for (const { fileName, base, target, picked } of direct) {
      script.code = script.code
        .replaceAll(new RegExp(`import\\(\\s*(["'\`])\\./${escaped(base)}\\1\\s*\\)`, "g"), `import("./${target}").then(e=>(${picked}))`)
        // The list of files to load together; one that stands there twice is loaded once.
        .replaceAll(`"${fileName}"`, `"${fileName.slice(0, -base.length)}${target}"`);
    }
  }
  return direct.map(({ fileName }) => fileName);
}

/** Turn `v as HomePage, c` into `{HomePage:e.v,c:e.c}`. */
function pick(names: string): string {
  const fields = names.split(",").map((one) => {
    const [inside = "", outside = inside] = one.trim().split(/\s+as\s+/);
    return `${outside}:e.${inside}`;
  });
  return `{${fields.join(",")}}`;
}

function baseName(fileName: string): string {
  return fileName.slice(fileName.lastIndexOf("/") + 1);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
