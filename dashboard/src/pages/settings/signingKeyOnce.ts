import type { ShownOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";

/** The key of a webhook, as it is shown once. */
export function signingKeyOnce(name: string, key: string): ShownOnce {
  return {
    title: t.channels.keyTitle(name),
    warning: t.channels.keyWarning,
    values: [{ label: t.channels.signingKey, value: key }],
  };
}
