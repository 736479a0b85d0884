import { common, errors, notFound, time, values } from "./en/common";
import { roles } from "./en/roles";
import { invitation, login, register } from "./en/signIn";

/** The texts of the pages before a sign-in, and those that are on every page. */
export const signedOut = {
  product: "Tidemark",
  common,
  errors,
  notFound,
  roles,
  login,
  register,
  invitation,
  values,
  time,
};
