import { expect, test } from "vitest";
import { importDirectly } from "../../vite/directImports";

test("a file that only passes on is left out, and what it passes on is imported from where it is", () => {
  const main = {
    fileName: "assets/main-1.js",
    code: 'const files=["assets/report-2.js","assets/shell-3.js"];load(()=>import(`./report-2.js`));load(()=>import("./other-4.js"));',
  };
  const facade = { fileName: "assets/report-2.js", code: 'export{v as Home,c as Shell}from"./shell-3.js";' };
  const shell = { fileName: "assets/shell-3.js", code: "export{a as v,b as c,d as n};" };
  const other = { fileName: "assets/other-4.js", code: 'import{n}from"./shell-3.js";export{n as Other};' };
  expect(importDirectly([main, facade, shell, other])).toEqual(["assets/report-2.js"]);
  expect(main.code).toBe(
    'const files=["assets/shell-3.js","assets/shell-3.js"];load(()=>import("./shell-3.js").then(e=>({Home:e.v,Shell:e.c})));load(()=>import("./other-4.js"));',
  );
});

test("a file that another one imports at once stays", () => {
  const main = { fileName: "assets/main-1.js", code: 'import{a}from"./passes-2.js";import("./passes-2.js");' };
  const facade = { fileName: "assets/passes-2.js", code: 'export{x as a}from"./shell-3.js";' };
  const before = main.code;
  expect(importDirectly([main, facade])).toEqual([]);
  expect(main.code).toBe(before);
});
