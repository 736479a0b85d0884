import { Button, Divider } from "@mantine/core";

/** Why the way to the provider and back failed, by the word that the server comes back with. */
const WHY: Record<string, string> = {
  away: "The provider does not answer at the moment. Try again, or log in by password.",
  closed: "This account is switched off. Ask an owner of the installation.",
  denied: "The provider did not sign you in.",
  expired: "That took too long, or was begun in another window. Begin anew.",
  failed: "What the provider answered is not valid. Tell an owner of the installation; the log of auth has the details.",
  login_first: "There is an account with your address already. Log in to it by password once, then sign in that way.",
  no_account: "You have no account here, and no invitation to make one.",
  unverified: "The provider does not say that your e-mail address is yours. Verify it there first.",
};

/** A sentence for each word; a word that is newer than this page stands for itself. */
export function ssoErrorText(word: string): string {
  return WHY[word] ?? `Signing in failed (${word}).`;
}

/** The way to the installation's provider of logins. */
export function SsoButton({ provider, next }: { provider: string; next: string }) {
  return (
    <>
      <Divider label="or" my="md" />
      <Button component="a" href={`/api/v1/auth/oidc/start?${new URLSearchParams({ next }).toString()}`} variant="default" fullWidth>
        Log in with {provider}
      </Button>
    </>
  );
}
