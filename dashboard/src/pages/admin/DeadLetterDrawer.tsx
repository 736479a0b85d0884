import { Drawer, ScrollArea, Skeleton, Stack, Text } from "@mantine/core";
import type { DeadLetter } from "../../api/requests/client";
import { useDeadLetter } from "../../api/operations/deadLetters";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { ReportContent } from "../../components/figures/ReportContent";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { projectName } from "./DeadLetterTable";

const texts = t.deadLetters;

/** One dead letter with what was received. All of it is untrusted, and shown as text. */
export function DeadLetterDrawer({ deadLetter, onClose }: { deadLetter: DeadLetter | null; onClose: () => void }) {
  return (
    <Drawer
      opened={deadLetter !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<span style={{ overflowWrap: "anywhere" }}>{deadLetter?.event_name ?? texts.noName}</span>}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      {deadLetter ? <Content deadLetter={deadLetter} /> : null}
    </Drawer>
  );
}

function Content({ deadLetter }: { deadLetter: DeadLetter }) {
  const received = useDeadLetter(deadLetter);
  const zone = browserZone();
  return (
    <Stack gap="md">
      <DefinitionList
        items={[
          [texts.project, projectName(deadLetter)],
          [texts.reason, texts.reasons[deadLetter.reason] ?? deadLetter.reason],
          [texts.detail, <span style={{ overflowWrap: "anywhere" }}>{deadLetter.detail}</span>],
          [texts.died, exactTime(deadLetter.created_at, zone)],
          [texts.eventId, deadLetter.event_id ?? t.common.none],
        ]}
      />
      <ReportContent result={received} zone={zone} failedTitle={texts.notLoaded} skeleton={<Skeleton height={200} />}>
        {({ event, envelope, received_at: receivedAt, protocol }) => (
          <Stack gap="md">
            {event === null || receivedAt === null ? (
              <Text size="sm">{texts.unreadable}</Text>
            ) : (
              <DefinitionList
                items={[
                  [texts.received, exactTime(receivedAt, zone)],
                  [texts.protocol, protocol],
                ]}
              />
            )}
            <ScrollArea.Autosize mah={480} type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": texts.event }}>
              <pre style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: 13 }}>
                {event === null ? envelope : JSON.stringify(event, null, 2)}
              </pre>
            </ScrollArea.Autosize>
          </Stack>
        )}
      </ReportContent>
    </Stack>
  );
}
