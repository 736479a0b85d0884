import type { AuditEntry } from "../../api/client";
import { useAuditLog } from "../../api/installation";
import { PermissionNote } from "../../components/PermissionNote";
import { LoadMoreButton } from "../../components/LoadMoreButton";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { auditActionLabel, detailLines } from "./auditDetails";
import { exactTime } from "../../format/time";
import classes from "./AuditLog.module.css";

interface AuditLogProps {
  /** null: of the installation. */
  projectId: number | null;
  /** Whose clock its times are shown by. */
  zone: string;
  /** Why the person may not see it; null: they may. */
  locked?: string | null;
}

/** Who changed what, and when; newest first. */
export function AuditLog({ projectId, zone, locked = null }: AuditLogProps) {
  return <Panel title="Audit log">{locked === null ? <Entries projectId={projectId} zone={zone} /> : <PermissionNote reason={locked} />}</Panel>;
}

function Entries({ projectId, zone }: { projectId: number | null; zone: string }) {
  const log = useAuditLog(projectId);
  return (
    <>
      <ResourceList
        label="Audit log"
        list={{ data: log.data?.pages.flatMap((page) => page.items), error: log.error, refetch: log.refetch }}
        empty="Nothing has happened yet."
      >
        {(entry) => <Entry key={entry.id} entry={entry} zone={zone} />}
      </ResourceList>
      <LoadMoreButton label="Show older entries" list={log} />
    </>
  );
}

function Entry({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const lines = detailLines(entry.details);
  return (
    <ResourceListItem
      name={auditActionLabel(entry.action)}
      note={
        <>
          {exactTime(entry.at, zone)} · {entry.actor_id === null ? "somebody, as " : ""}
          {entry.actor_email}
          {entry.address ? ` · from ${entry.address}` : ""}
        </>
      }
    >
      {lines.length > 0 ? (
        <dl className={classes.details}>
          {lines.map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </ResourceListItem>
  );
}
