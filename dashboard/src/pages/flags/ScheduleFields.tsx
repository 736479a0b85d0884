import { SimpleGrid, TextInput } from "@mantine/core";
import { t } from "../../texts";
import { errorsIn } from "./errorsIn";
import type { FieldProps } from "./fieldProps";

/** When a flag begins and ends, as local times of the project's zone. */
export function ScheduleFields({ draft, problems, error, change, zone }: FieldProps & { zone: string }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <TextInput
        type="datetime-local"
        label={t.flags.startsAt(zone)}
        value={draft.startsAt}
        error={errorsIn(error, "starts_at") ?? (problems.has("starts_at") ? t.annotations.noTime : undefined)}
        onChange={(event) => {
          change({ startsAt: event.currentTarget.value });
        }}
      />
      <TextInput
        type="datetime-local"
        label={t.flags.endsAt(zone)}
        value={draft.endsAt}
        error={errorsIn(error, "ends_at") ?? (problems.has("ends_at") ? t.annotations.noTime : undefined)}
        onChange={(event) => {
          change({ endsAt: event.currentTarget.value });
        }}
      />
    </SimpleGrid>
  );
}
