/** The entry of tidemark.mjs, for use with `import`. */
import { createTidemark } from "./tidemark.js";

export type { Call, Methods, Options, Persistence, Properties, Stats, Tidemark } from "./tidemark.js";
export { createTidemark };

/** The page's Tidemark. Call its `init` first. */
const tidemark = createTidemark();
export default tidemark;
