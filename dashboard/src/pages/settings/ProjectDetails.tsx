import type { Project } from "../../api/requests/client";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { exactTime, zoneName } from "../../format/time";
import { t } from "../../texts";

/** What cannot be changed about a project. */
export function ProjectDetails({ project }: { project: Project }) {
  const { id, slug, role, timezone, created_at: createdAt } = project;
  const texts = t.settings.details;
  return (
    <DefinitionList
      items={[
        [texts.id, String(id)],
        [texts.slug, slug],
        [texts.created, exactTime(createdAt, timezone)],
        [texts.timeZone, zoneName(timezone, new Date())],
        [texts.role, t.settings.roleDetail(t.roles.names[role], t.roles.alone(role))],
      ]}
    />
  );
}
