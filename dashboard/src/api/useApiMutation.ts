import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";

interface ApiMutationOptions<Answer> {
  /** What is asked for again afterwards. */
  invalidates?: readonly QueryKey[];
  /** Runs even when the person has left the page in the meantime. */
  done?: (answer: Answer) => void;
  /** The answer is the only one that shows a secret: leaving while it is on its way is warned of. */
  showsOnce?: boolean;
}

/** Mutations whose answer must reach the person. */
export const SHOWS_ONCE = ["shows-once"] as const;

/** A change on the server, after which some lists are asked for again. */
export function useApiMutation<Variables = void, Answer = unknown>(
  change: (variables: Variables) => Promise<Answer>,
  { invalidates = [], done, showsOnce = false }: ApiMutationOptions<Answer> = {},
) {
  const client = useQueryClient();
  const refresh = () => {
    for (const queryKey of invalidates) void client.invalidateQueries({ queryKey });
  };
  return useMutation({
    mutationFn: change,
    ...(showsOnce ? { mutationKey: SHOWS_ONCE, gcTime: 0 } : {}),
    onSuccess: (answer: Answer) => {
      done?.(answer);
      refresh();
    },
    // The answer may be lost where the change was made; the lists tell.
    onError: refresh,
  });
}

/** What a form or dialog needs to know of a change. */
export interface MutationState {
  isPending: boolean;
  error: Error | null;
}
