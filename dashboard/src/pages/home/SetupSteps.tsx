import { ActionIcon, Anchor, Text, Tooltip } from "@mantine/core";
import { IconCircle, IconCircleCheckFilled, IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useMembers } from "../../api/projects/members";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { useProjectQuery } from "../../api/cache/useProjectQuery";
import { Panel } from "../../components/page/Panel";
import { t } from "../../texts";
import classes from "./SetupChecklist.module.css";

/** The steps that are left, and those that are done; nothing once all are. */
export function SetupSteps({ project, onDismiss }: { project: Project; onDismiss: () => void }) {
  const members = useMembers(project.id).data;
  const insights = useSavedInsights(project.id).data;
  const users = useProjectQuery(project.id, "users", { limit: 1 }).data;
  if (!members || !insights || !users) return null;
  const address = (path: string) => projectAddress(project.id, path);
  const steps = [
    { ...t.home.setup.firstEvent, isDone: true, to: address("") },
    { ...t.home.setup.identify, isDone: users.items.length > 0, to: address("/install") },
    { ...t.home.setup.invite, isDone: members.length > 1, to: address("/settings/members") },
    { ...t.home.setup.insight, isDone: insights.length > 0, to: address("/explore") },
  ];
  if (steps.every(({ isDone }) => isDone)) return null;
  return (
    <Panel
      title={t.home.setup.title(steps.filter(({ isDone }) => isDone).length, steps.length)}
      actions={
        <Tooltip label={t.home.setup.dismiss}>
          <ActionIcon variant="subtle" color="gray" aria-label={t.home.setup.dismiss} onClick={onDismiss}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <ul className={classes.steps}>
        {steps.map(({ name, note, isDone, to }) => (
          <li key={name} className={classes.step} data-done={isDone}>
            {isDone ? <IconCircleCheckFilled size={18} aria-label={t.home.setup.done} /> : <IconCircle size={18} stroke={1.7} aria-hidden="true" />}
            <div>
              {isDone ? (
                <Text size="sm">{name}</Text>
              ) : (
                <Anchor component={Link} to={to} size="sm">
                  {name}
                </Anchor>
              )}
              <Text size="xs" c="dimmed">
                {note}
              </Text>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
