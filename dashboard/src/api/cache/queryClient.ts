import { MutationCache, QueryCache, QueryClient, type Query } from "@tanstack/react-query";
import { isRefused, isTimeout, isUnauthenticated } from "../requests/errors";
import { queryKeys } from "./queryKeys";

/** After a failure that is not the request's own it is sent again after this time, in milliseconds. */
const AGAIN_MS = 10_000;

/**
 * Create a client that retries where that can help (not when the server refused), and that asks who is
 * signed in when any request says that nobody is: the shell then shows the sign-in page.
 */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown, isAboutSignIn: boolean) => {
    if (isUnauthenticated(error) && !isAboutSignIn) void client.invalidateQueries({ queryKey: queryKeys.me });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        onError(error, query.queryKey[0] === queryKeys.me[0]);
      },
    }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        onError(error, mutation.meta?.["isSignIn"] === true);
      },
    }),
    defaultOptions: {
      // A Tidemark on this machine or in this network needs no internet.
      queries: {
        networkMode: "always",
        staleTime: 30_000,
        retry,
        // A page recovers by itself once the server answers again.
        refetchInterval: ({ state }) => (state.status === "error" && !isRefused(state.error) ? AGAIN_MS : false),
      },
      mutations: { networkMode: "always" },
    },
  });
  keepFailures(client);
  // What somebody has typed and not saved stays until the tab is closed or they sign out.
  client.setQueryDefaults(queryKeys.draft("").slice(0, 1), { gcTime: Infinity });
  return client;
}

/**
 * Keep the failure of a query that has no data until it is answered: otherwise it would count as never
 * asked while it is asked again, and pages would go back to what they show before the first answer.
 */
function keepFailures(client: QueryClient) {
  const failures = new WeakMap<Query, Error>();
  client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated") return;
    const { action } = event;
    const query = event.query as Query;
    if (action.type === "error") failures.set(query, action.error as Error);
    const error = failures.get(query);
    // Who has signed in meanwhile is not sent back to the sign-in page.
    if (action.type === "fetch" && error && query.state.data === undefined && !isUnauthenticated(error)) {
      query.setState({ error, status: "error" });
    }
  });
}

function retry(failures: number, error: unknown): boolean {
  return failures < 2 && !isRefused(error) && !isTimeout(error);
}
