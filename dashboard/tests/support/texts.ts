import { loadAllTexts } from "../../src/texts";

// Before any module that reads them when it is loaded.
await loadAllTexts();
