import { Badge, VisuallyHidden } from "@mantine/core";
import { useHealthProblems } from "../api/operations/health";
import { t } from "../texts";

/** How many things about a project's data need attention; nothing when there are none. */
export function HealthBadge({ projectId }: { projectId: number }) {
  const problems = useHealthProblems(projectId);
  if (problems === 0) return null;
  return (
    <Badge size="sm" circle color="coral">
      <span aria-hidden="true">{problems}</span>
      <VisuallyHidden>{t.health.problemsTitle(problems)}</VisuallyHidden>
    </Badge>
  );
}
