import { isRefused } from "../api/requests/errors";
import { ErrorAlert } from "./ErrorAlert";

interface FailedStateProps {
  error: unknown;
  title?: string;
  retry: () => void;
}

/** What to show in the place of a result that could not be fetched; a request that was refused is not tried again. */
export function FailedState({ error, title, retry }: FailedStateProps) {
  return <ErrorAlert error={error} {...(title === undefined ? {} : { title })} {...(isRefused(error) ? {} : { retry })} />;
}
