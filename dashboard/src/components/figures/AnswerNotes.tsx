import { Alert, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { exactTime, intervalName, type Interval } from "../../format/time";
import { t } from "../../texts";

interface Answer {
  timezone: string;
  /** What the answer lacks, because retention has removed it. */
  expired?: readonly { from: string; to: string }[];
  /** Indexes of the intervals that the range has only a part of. */
  partial?: readonly number[];
}

interface AnswerNotesProps {
  answers: readonly (Answer | undefined)[];
  /** Of an answer by intervals: their starts. */
  intervals?: { interval: Interval; starts: readonly string[] } | undefined;
}

/** What answers lack, and which of their intervals are not whole. Nothing, when they are complete. */
export function AnswerNotes({ answers, intervals }: AnswerNotesProps) {
  const known = answers.filter((answer) => answer !== undefined);
  const lacking = known.flatMap(({ expired = [], timezone }) =>
    expired.map(({ from, to }) => t.answers.span(exactTime(from, timezone), exactTime(to, timezone))),
  );
  const cut = known.flatMap(({ partial = [], timezone }) =>
    partial.flatMap((index) => {
      const start = intervals?.starts[index];
      return intervals && start !== undefined ? [intervalName(start, intervals.interval, timezone)] : [];
    }),
  );
  return (
    <>
      {lacking.length > 0 ? (
        <Alert color="yellow" icon={<IconInfoCircle size={18} />} title={t.answers.expiredTitle} role="note">
          <Text size="sm">{t.answers.expired([...new Set(lacking)])}</Text>
        </Alert>
      ) : null}
      {cut.length > 0 ? (
        <Text size="xs" c="dimmed" role="note">
          {t.answers.partial(cut)}
        </Text>
      ) : null}
    </>
  );
}
