import { Button, Group, Skeleton, Text } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { useShownResult } from "../../api/cache/useShownResult";
import { t } from "../../texts";
import { FailedState } from "../../notices/FailedState";
import classes from "./ReportContent.module.css";
import { StaleNotice } from "../states/StaleNotice";

/** After this the person is told that the server is still at work, in milliseconds. */
const SLOW_MS = 15_000;

interface ReportResult<Data> {
  data: Data | undefined;
  error: Error | null;
  isFetching: boolean;
  isPlaceholderData: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

interface ReportContentProps<Data> {
  /** What a hook of `api` returned. */
  result: ReportResult<Data>;
  zone: string;
  /** In the shape of what will be there. */
  skeleton?: ReactNode;
  failedTitle?: string;
  /** Ends a request that takes long. */
  cancel?: () => void;
  children: (data: Data) => ReactNode;
}

/**
 * The result of a request in every state it can be in.
 *
 * Before the first result a skeleton; the result of another question dimmed, and gone after two seconds;
 * after a failure the last result, with a note of when it was received.
 */
export function ReportContent<Data>({ result, zone, skeleton, failedTitle, cancel, children }: ReportContentProps<Data>) {
  const { shown, isOutdated, hasFailed } = useShownResult(result);
  const retry = () => void result.refetch();
  const isWaiting = result.isFetching && (shown === undefined || isOutdated);
  if (hasFailed) {
    return <FailedState error={result.error} {...(failedTitle ? { title: failedTitle } : {})} retry={retry} />;
  }
  return (
    <div aria-busy={isWaiting}>
      {isWaiting ? <Slow {...(cancel ? { cancel } : {})} /> : null}
      {shown !== undefined && result.error ? (
        <StaleNotice receivedAt={result.dataUpdatedAt} zone={zone} error={result.error} retry={retry} />
      ) : null}
      {shown === undefined ? (
        <div className={classes.late} aria-label={t.common.loading} role="status">
          {skeleton ?? <Skeleton height={280} radius="lg" />}
        </div>
      ) : (
        <div data-outdated={isOutdated}>{children(shown)}</div>
      )}
    </div>
  );
}

/** Says that a result takes long. */
function Slow({ cancel }: { cancel?: () => void }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSlow(true);
    }, SLOW_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  if (!isSlow) return null;
  return (
    <Group gap="xs" role="status">
      <Text size="sm" c="dimmed">
        {t.states.stillCounting}
      </Text>
      {cancel ? (
        <Button size="compact-xs" variant="default" onClick={cancel}>
          {t.common.cancel}
        </Button>
      ) : null}
    </Group>
  );
}
