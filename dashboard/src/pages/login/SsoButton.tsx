import { Button, Divider } from "@mantine/core";
import { t } from "../../texts";

/** Why signing in at the provider failed, by the code that the server redirects back with. */
export function ssoErrorText(code: string): string {
  const texts: Record<string, string> = t.login.sso.errors;
  return texts[code] ?? t.login.sso.unknown(code);
}

/** The link to the server's single sign-on provider. */
export function SsoButton({ provider, next }: { provider: string; next: string }) {
  return (
    <>
      <Divider label={t.login.or} my="md" />
      <Button component="a" href={`/api/v1/auth/oidc/start?${new URLSearchParams({ next }).toString()}`} variant="default" fullWidth>
        {t.login.sso.signInWith(provider)}
      </Button>
    </>
  );
}
