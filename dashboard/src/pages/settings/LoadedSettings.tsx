import type { ReactNode } from "react";
import type { ProjectSettings } from "../../api/requests/client";
import { useSettings } from "../../api/projects/projects";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";

interface LoadedSettingsProps {
  projectId: number;
  children: (settings: ProjectSettings) => ReactNode;
}

/** Loads a project's settings for its children. */
export function LoadedSettings({ projectId, children }: LoadedSettingsProps) {
  const settings = useSettings(projectId);
  if (settings.data) return children(settings.data);
  if (settings.error) return <ErrorAlert error={settings.error} retry={() => void settings.refetch()} />;
  return <LoadingSkeleton height={220} radius="lg" aria-busy="true" />;
}
