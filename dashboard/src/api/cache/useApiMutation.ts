import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";

interface ApiMutationOptions<Result> {
  /** Keys of the queries that are fetched again afterwards. */
  invalidates?: readonly QueryKey[];
  /** Runs even when the person has left the page in the meantime. */
  onDone?: (result: Result) => void;
  /** The response shows a secret that cannot be fetched again: the browser warns before the page is left. */
  showsOnce?: boolean;
}

/** The key of mutations whose response must reach the person. */
export const SHOWS_ONCE = ["shows-once"] as const;

/** Change something on the server, and fetch again what depends on it. */
export function useApiMutation<Variables = void, Result = unknown>(
  mutate: (variables: Variables) => Promise<Result>,
  { invalidates = [], onDone, showsOnce = false }: ApiMutationOptions<Result> = {},
) {
  const client = useQueryClient();
  const refresh = () => {
    for (const queryKey of invalidates) void client.invalidateQueries({ queryKey });
  };
  return useMutation({
    mutationFn: mutate,
    ...(showsOnce ? { mutationKey: SHOWS_ONCE, gcTime: 0 } : {}),
    onSuccess: (result: Result) => {
      onDone?.(result);
      refresh();
    },
    // The response may be lost although the change was made.
    onError: refresh,
  });
}

/** What a form or dialog needs to know about a mutation. */
export interface MutationState {
  isPending: boolean;
  error: Error | null;
}
