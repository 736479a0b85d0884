import { Alert, List } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { t } from "../../texts";
import type { Health } from "./health";

/** What needs somebody's attention, or that nothing does. */
export function Status({ health }: { health: Health }) {
  if (health.problems.length === 0) {
    return (
      <Alert color="tide" icon={<IconCircleCheck size={18} />} title={t.health.good} role="status">
        {t.health.goodNote(health.received)}
      </Alert>
    );
  }
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={t.health.problemsTitle(health.problems.length)} role="status">
      <List size="sm">
        {health.problems.map((problem) => (
          <List.Item key={problem}>{t.health.problems[problem]}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
