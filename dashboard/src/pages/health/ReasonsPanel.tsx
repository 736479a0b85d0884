import { Badge, Text } from "@mantine/core";
import { Panel } from "../../components/page/Panel";
import { POLICY_REASONS } from "../../constants.gen";
import { reasonText } from "../../features/outcomes";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import type { Health } from "./health";
import classes from "./HealthPage.module.css";

interface ReasonsPanelProps {
  title: string;
  /** What to say when there is no reason. */
  empty: string;
  reasons: Health["reasons"];
}

const BY_SETTING: readonly string[] = POLICY_REASONS;

/** Why events were refused or changed: how many, the latest of them, and what to do. */
export function ReasonsPanel({ title, empty, reasons }: ReasonsPanelProps) {
  const most = Math.max(1, ...reasons.map(({ events }) => events));
  return (
    <Panel title={title}>
      {reasons.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : (
        <ul className={classes.reasons} aria-label={title}>
          {reasons.map((reason) => (
            <Reason key={reason.reason} reason={reason} share={reason.events / most} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Reason({ reason, share }: { reason: Health["reasons"][number]; share: number }) {
  const { label, fix } = reasonText(reason.reason);
  return (
    <li className={classes.reason}>
      <div className={classes.reasonHead}>
        <span className={classes.reasonBar} style={{ width: `${share * 100}%` }} aria-hidden="true" />
        <span className={classes.reasonName}>
          {label}
          {BY_SETTING.includes(reason.reason) ? (
            <Badge size="xs" variant="light" color="gray" ml={8}>
              {t.health.bySetting}
            </Badge>
          ) : null}
        </span>
        <span className="tm-figures">{exactNumber(reason.events)}</span>
      </div>
      {reason.detail ? (
        <Text size="sm" className={classes.sample}>
          <Text span c="dimmed" inherit>
            {t.health.sample}:{" "}
          </Text>
          {reason.event_name ? <code>{reason.event_name}</code> : null} {reason.detail}
        </Text>
      ) : null}
      {fix ? (
        <Text size="sm" className={classes.sample}>
          <Text span c="dimmed" inherit>
            {t.health.fix}:{" "}
          </Text>
          {fix}
        </Text>
      ) : null}
    </li>
  );
}
