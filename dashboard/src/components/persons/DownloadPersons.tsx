import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useApiMutation } from "../../api/cache/useApiMutation";
import { t } from "../../texts";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { saveFile } from "../download/saveFile";

interface DownloadPersonsProps {
  /** Asks the server for the file. */
  fetchFile: () => Promise<Blob>;
  fileName: string;
}

/** The button that saves a list of persons as a file. */
export function DownloadPersons({ fetchFile, fileName }: DownloadPersonsProps) {
  const download = useApiMutation(fetchFile, {
    onDone: (file) => {
      saveFile(file, fileName);
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={15} stroke={1.7} />}
        loading={download.isPending}
        onClick={() => {
          download.mutate();
        }}
      >
        {t.persons.download}
      </Button>
      {download.error ? <ErrorAlert title={t.persons.notDownloaded} error={download.error} /> : null}
    </>
  );
}
