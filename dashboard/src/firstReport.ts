/**
 * The frame of all pages and the first report, in one script: nearly everybody who signs in sees both.
 * A module of its own for each would be two more requests before the figures are there.
 */
export { NotFound } from "./components/states/NotFound";
export { HomePage } from "./pages/home/HomePage";
export { Shell } from "./shell/Shell";
