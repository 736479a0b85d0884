import { Stack } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { SessionTable } from "./SessionTable";

/** The sessions of a period. */
export function SessionsSection({ project }: { project: Project }) {
  const { query } = useReport();
  return (
    <Stack gap="md">
      <ReportBar project={project} hide={["compare", "interval"]} />
      <SessionTable project={project} query={query} />
    </Stack>
  );
}
