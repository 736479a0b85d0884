import { Select } from "@mantine/core";
import { fieldError } from "../../api/requests/errors";
import { useGroupTypes } from "../../api/persons/groups";
import { t } from "../../texts";
import type { FieldProps } from "./fieldProps";

interface GroupTypeFieldProps extends FieldProps {
  projectId: number;
}

/** Whom a flag is for: users, or the groups of a type; not shown in projects without groups. */
export function GroupTypeField({ projectId, draft, error, change }: GroupTypeFieldProps) {
  const { data } = useGroupTypes(projectId);
  const types = new Set([...(data?.items ?? []).map(({ group_type: type }) => type), ...(draft.groupType === null ? [] : [draft.groupType])]);
  if (types.size === 0) return null;
  return (
    <Select
      label={t.flags.target}
      description={t.flags.targetHint}
      allowDeselect={false}
      data={[{ value: "", label: t.flags.users }, ...[...types].filter((type) => !type.includes(".")).map((type) => ({ value: type, label: t.flags.groupsOf(type) }))]}
      value={draft.groupType ?? ""}
      error={fieldError(error, "group_type")}
      onChange={(type) => {
        change({ groupType: type || null });
      }}
    />
  );
}
