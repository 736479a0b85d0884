import type { NewKey } from "../../api/requests/client";
import type { ShownOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";

/** A new secret key, as it is shown once; null for a public key, which can always be looked up. */
export function secretKeyOnce({ kind, name, key }: NewKey): ShownOnce | null {
  if (kind !== "secret") return null;
  return {
    title: name ? t.settings.keys.newTitle(name) : t.settings.keys.kinds.secret.new,
    warning: t.settings.keys.newWarning,
    values: [{ label: t.settings.keys.secretKey, value: key }],
  };
}
