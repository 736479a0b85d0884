import { account } from "./account";
import { admin } from "./admin";
import { channels } from "./channels";
import { imports } from "./imports";
import { settings } from "./settings";

/** The texts of pages where things are set up: the first report does without them. */
export const setup = {
  account,
  admin,
  channels,
  imports,
  settings,
};
