import type { SIGN_IN_FAILURES } from "../../constants.gen";
import { rich } from "../rich";

/** The sign-in page. */

export const login = {
  tagline: "Product analytics that counts every event once.",
  tab: "Sign in",
  signIn: "Sign in",
  password: "Password",
  failed: "Sign-in failed",
  secondStep: (email: string) => `The password of ${email} is correct. Now enter your code.`,
  code: "Code",
  codeHint: "From your authenticator app, or a recovery code",
  otherAccount: "Use another account",
  or: "or",
  noAccount: "No account yet?",
  createOne: "Create one",
  firstStart: rich("New installation? The first start printed the owner's password and saved it in {file} in the data folder."),
  sso: {
    signInWith: (provider: string) => `Sign in with ${provider}`,
    errors: {
      another_identity: "Your e-mail address is linked to another login at the provider. Ask an owner of this server.",
      away: "The provider is not responding. Try again, or sign in with your password.",
      closed: "This account is deactivated. Ask an owner of this server.",
      denied: "The provider did not sign you in.",
      expired: "That took too long, or was started in another window. Start again.",
      failed: "The provider's response is not valid. Tell an owner of this server; the log of the auth service has the details.",
      login_first: "There is already an account with your e-mail address. Sign in to it with your password once, then sign in this way.",
      no_account: "You have no account here and no invitation to create one.",
      unverified: "The provider has not verified your e-mail address. Verify it there first.",
    } satisfies Record<(typeof SIGN_IN_FAILURES)[number], string>,
    unknown: (code: string) => `Sign-in failed (${code}).`,
  },
  welcome: {
    tab: "Welcome",
    note: "This server has no accounts yet. The first account becomes its owner.",
    create: "Create the first account",
  },
};
