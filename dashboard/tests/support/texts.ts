import { loadSetupTexts, loadTexts } from "../../src/texts";

// Before any module that reads them when it is loaded.
await Promise.all([loadTexts(), loadSetupTexts()]);
