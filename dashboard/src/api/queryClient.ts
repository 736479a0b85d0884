import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isUnauthenticated } from "./errors";

export const ME = ["me"] as const;

/**
 * A client that tries again where that can help (not when the server said no), and that asks who is
 * logged in when any request says nobody is: the shell then shows the login.
 */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown, isMe = false) => {
    if (isUnauthenticated(error) && !isMe) void client.invalidateQueries({ queryKey: ME });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        onError(error, query.queryKey[0] === ME[0]);
      },
    }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        onError(error, mutation.meta?.["isLogin"] === true);
      },
    }),
    defaultOptions: {
      // A Tidemark on this machine or in this network needs no internet.
      queries: { networkMode: "always", staleTime: 30_000, retry },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}

function retry(failures: number, error: unknown): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return failures < 2 && !refused;
}
