import { Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { waitedFor, type Subject } from "../api/requests/pendingRequests";
import { usePendingRetry } from "../api/cache/usePendingRetry";
import { t } from "../texts";
import { Banner } from "./Banner";

/** After this the page says that the server does not answer. Most answers take less than a second. */
const SLOW_MS = 8_000;
const LOOK_MS = 1_000;

/** Says what the server has not answered for some time, until it has, and offers to ask again. */
export function SlowServerBanner() {
  const [isSlow, setSlow] = useState(false);
  const [subjects, setSubjects] = useState<readonly Subject[]>([]);
  const retry = usePendingRetry();
  useEffect(() => {
    const timer = setInterval(() => {
      const slow = waitedFor(SLOW_MS);
      setSlow(slow.length > 0);
      if (slow.length > 0) setSubjects((before) => (before.join() === slow.join() ? before : slow));
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  // Stays while it is asked again, so that the button keeps the focus.
  if (!isSlow && !retry.isPending) return null;
  return (
    <Banner>
      <Group gap="xs">
        <Text inherit>
          {t.errors.slowServer(SLOW_MS / 1_000, subjects.map((subject) => t.errors.subjects[subject]))}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            retry.mutate();
          }}
        >
          {t.common.tryAgain}
        </Button>
      </Group>
    </Banner>
  );
}
