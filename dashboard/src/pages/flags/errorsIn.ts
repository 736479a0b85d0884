import { fieldErrors } from "../../api/requests/errors";

/**
 * What the server refused of a field and of everything inside it, such as `conditions.0.filters.1`; undefined: nothing.
 *
 * `isAlone`: of the field itself, without what is inside it.
 */
export function errorsIn(error: unknown, field: string, isAlone = false): string | undefined {
  const found = Object.entries(fieldErrors(error))
    .filter(([name]) => name === field || (!isAlone && name.startsWith(`${field}.`)))
    .flatMap(([, messages]) => messages);
  return found.length > 0 ? found.join(" ") : undefined;
}
