import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLASS_NAMES } from "../../vite/componentStyles";

test("every component of Mantine is loaded with its styles", () => {
  const core = join(process.cwd(), "node_modules/@mantine/core");
  const modules = readdirSync(join(core, "esm"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".module.mjs"));
  expect(modules).toContain("utils/InlineInput/InlineInput.module.mjs");
  for (const file of modules) {
    const name = CLASS_NAMES.exec(join(core, "esm", file))?.[1];
    expect(name, file).toBeDefined();
    expect(existsSync(join(core, "styles", `${String(name)}.layer.css`)), file).toBe(true);
  }
});
