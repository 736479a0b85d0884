import type { ApiKey, KeyKind } from "../../api/requests/client";
import { t } from "../../texts";

/** The document leaves a key's kind open in answers. */
export function keyKind({ kind }: Pick<ApiKey, "kind">): KeyKind {
  return kind === "secret" ? "secret" : "public";
}

/** The name of a key, or its kind if it has none. */
export function keyName(key: Pick<ApiKey, "name" | "kind">): string {
  return key.name || t.settings.keys.kinds[keyKind(key)].name;
}

/** The name of a key and the beginning of its text, to tell it from others. */
export function keyLabel(key: Pick<ApiKey, "name" | "kind" | "prefix">): string {
  return t.settings.keys.labelled(keyName(key), key.prefix);
}
