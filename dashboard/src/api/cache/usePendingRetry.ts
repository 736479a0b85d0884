import { useMutation, useQueryClient, type Query } from "@tanstack/react-query";

/**
 * Ask again for what the page waits for: queries without an answer are given up, and sent anew. What
 * somebody saves is not sent twice.
 */
export function usePendingRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const waiting = new Set(client.getQueryCache().findAll({ type: "active", fetchStatus: "fetching" }));
      const predicate = (query: Query) => waiting.has(query);
      // A query without a first answer would go on waiting for its request instead of sending one.
      await client.cancelQueries({ predicate });
      await client.refetchQueries({ predicate });
    },
  });
}
