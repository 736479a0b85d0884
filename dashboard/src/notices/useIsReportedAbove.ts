import { createContext, useContext } from "react";
import { isUnavailable } from "../api/requests/errors";

/** Whether a banner above the page says what its requests have failed of, where the server is unavailable. */
export const HasUnavailableBanner = createContext(false);

/** Whether the cause of a failed query stands above the page already. */
export function useIsReportedAbove(error: unknown): boolean {
  return useContext(HasUnavailableBanner) && isUnavailable(error);
}
