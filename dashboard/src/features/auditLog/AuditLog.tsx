import { useAuditLog } from "../../api/operations/admin";
import type { AuditEntry } from "../../api/requests/client";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { auditActionLabel, auditDetails } from "./auditDetails";
import classes from "./AuditLog.module.css";

interface AuditLogProps {
  /** null: the log of the server. */
  projectId: number | null;
  /** The time zone that times are shown in. */
  zone: string;
  /** Why the account may not see the log; null: it may. */
  forbiddenReason?: string | null;
}

/** Who changed what, and when; newest first. */
export function AuditLog({ projectId, zone, forbiddenReason = null }: AuditLogProps) {
  return (
    <Panel title={t.auditLog.title}>
      {forbiddenReason === null ? <Entries projectId={projectId} zone={zone} /> : <PermissionNote reason={forbiddenReason} />}
    </Panel>
  );
}

function Entries({ projectId, zone }: { projectId: number | null; zone: string }) {
  const log = useAuditLog(projectId);
  return (
    <>
      <ResourceList
        label={t.auditLog.title}
        list={{ data: log.data?.pages.flatMap((page) => page.items), error: log.error, refetch: log.refetch }}
        empty={t.auditLog.empty}
      >
        {(entry) => <Entry key={entry.id} entry={entry} zone={zone} />}
      </ResourceList>
      <LoadMoreButton label={t.auditLog.showOlder} list={log} />
    </>
  );
}

function Entry({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const details = auditDetails(entry.details);
  const note = [
    exactTime(entry.at, zone),
    entry.actor_id === null ? t.auditLog.byUnknown(entry.actor_email) : entry.actor_email,
    ...(entry.address ? [t.auditLog.from(entry.address)] : []),
  ];
  return (
    <ResourceListItem name={auditActionLabel(entry.action)} note={note.join(" · ")}>
      {details.length > 0 ? (
        <dl className={classes.details}>
          {details.map(([name, value]) => (
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
