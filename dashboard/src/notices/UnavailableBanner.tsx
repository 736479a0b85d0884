import { Button, Group, Text } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { isUnavailable } from "../api/requests/errors";
import { t } from "../texts";
import { Banner } from "./Banner";

/** Says once for the page which part of the server does not answer its requests, and that they are sent again. */
export function UnavailableBanner() {
  const client = useQueryClient();
  const subscribe = useCallback((onChange: () => void) => client.getQueryCache().subscribe(onChange), [client]);
  const failed = () => client.getQueryCache().findAll({ type: "active", predicate: ({ state }) => isUnavailable(state.error) });
  const causes = useSyncExternalStore(subscribe, () => [...new Set(failed().map(({ state }) => state.error?.message))].sort().join(" "));
  const isAskedAgain = useIsFetching({ predicate: ({ state }) => isUnavailable(state.error) }) > 0;
  if (causes === "") return null;
  return (
    <Banner>
      <Group gap="xs">
        <Text inherit>
          {causes} {t.errors.goesOn}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            for (const query of failed()) void client.refetchQueries({ queryKey: query.queryKey, exact: true });
          }}
        >
          {isAskedAgain ? t.common.tryingAgain : t.common.tryAgain}
        </Button>
      </Group>
    </Banner>
  );
}
