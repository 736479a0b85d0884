import { Button, Group, Text } from "@mantine/core";
import { useIsFetching, useQueryClient, type Query } from "@tanstack/react-query";
import { isUnavailable } from "../api/requests/errors";
import { t } from "../texts";
import { Banner } from "./Banner";

const isFailed = ({ state }: Query) => isUnavailable(state.error);

/** The causes of failed requests, and that they are sent again: by itself, or at once. */
export default function UnavailableNotice({ causes }: { causes: string }) {
  const client = useQueryClient();
  const isAskedAgain = useIsFetching({ predicate: isFailed }) > 0;
  return (
    <Banner>
      <Group gap="xs">
        <Text inherit>
          {causes} {t.errors.goesOn}
        </Text>
        <Button size="compact-sm" variant="default" onClick={() => void client.refetchQueries({ type: "active", predicate: isFailed })}>
          {isAskedAgain ? t.common.tryingAgain : t.common.tryAgain}
        </Button>
      </Group>
    </Banner>
  );
}
