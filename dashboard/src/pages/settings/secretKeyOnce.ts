import type { NewKey } from "../../api/client";
import type { ShownOnce } from "../../components/showOnce/useShowOnce";

/** A secret key that was just made; a public one can always be looked up. */
export function secretKeyOnce(made: NewKey): ShownOnce | null {
  if (made.kind !== "secret") return null;
  return {
    title: made.name ? `New secret key: ${made.name}` : "New secret key",
    warning: "Tidemark keeps only a fingerprint of it. If it is lost, replace it here.",
    values: [{ label: "Secret key (for your servers only)", value: made.key }],
  };
}
