import { Button, Group } from "@mantine/core";
import { IconFlag } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useDeleteAnnotation, type Annotation } from "../../api/insights/annotations";
import { isAtLeast } from "../../api/projects/roles";
import type { Project } from "../../api/requests/client";
import { pinsOf, type Pin, type TimePoint } from "../../charts/timeChartData";
import { dayName } from "../../format/time";
import { t } from "../../texts";
import classes from "./AnnotationList.module.css";

const AnnotationDialog = lazy(() => import("./AnnotationDialog").then(({ AnnotationDialog }) => ({ default: AnnotationDialog })));

interface AnnotationListProps {
  project: Project;
  annotations: readonly Annotation[];
  /** The intervals of the chart above: notes of other times are not listed. */
  points: readonly TimePoint[];
}

/** The notes of a chart by the numbers of its pins. Members add, change and delete them here. */
export function AnnotationList({ project, annotations, points }: AnnotationListProps) {
  const mayEdit = isAtLeast(project.role, "member");
  const [editing, setEditing] = useState<Annotation | "new" | null>(null);
  const pins = pinsOf({ points, annotations: [...annotations] });
  return (
    <div className={classes.notes}>
      {pins.length > 0 ? (
        <ol className={classes.list} aria-label={t.annotations.title}>
          {pins.map((pin) => (
            <Entry
              key={pin.id}
              pin={pin}
              project={project}
              onEdit={
                mayEdit
                  ? () => {
                      setEditing(annotations.find(({ id }) => id === pin.id) ?? null);
                    }
                  : undefined
              }
            />
          ))}
        </ol>
      ) : null}
      {mayEdit ? (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconFlag size={14} />}
          data-not-pictured
          onClick={() => {
            setEditing("new");
          }}
        >
          {t.annotations.add}
        </Button>
      ) : null}
      {editing ? (
        <Suspense>
          <AnnotationDialog
            key={editing === "new" ? "new" : editing.id}
            project={project}
            annotation={editing === "new" ? null : editing}
            onClose={() => {
              setEditing(null);
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

function Entry({ pin, project, onEdit }: { pin: Pin; project: Project; onEdit: (() => void) | undefined }) {
  const remove = useDeleteAnnotation(project.id);
  return (
    <li className={classes.entry} value={pin.number}>
      <span className={classes.number} aria-hidden="true">
        {pin.number}
      </span>
      <span className={classes.text}>
        {pin.text} <span className={classes.day}>{dayName(pin.at, project.timezone)}</span>
      </span>
      {onEdit ? (
        <Group gap={4} wrap="nowrap" className={classes.actions ?? ""}>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={onEdit} aria-label={t.annotations.editOf(pin.text)}>
            {t.common.edit}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            aria-label={t.annotations.deleteOf(pin.text)}
            onClick={() => {
              remove(pin);
            }}
          >
            {t.common.delete}
          </Button>
        </Group>
      ) : null}
    </li>
  );
}
