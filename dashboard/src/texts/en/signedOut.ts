import { common, errors, notFound, time, values } from "./common";
import { login } from "./signIn";

/** The texts of the sign-in page, and those that are on every page. */
export const signedOut = {
  product: "Tidemark",
  common,
  errors,
  notFound,
  login,
  values,
  time,
};
