import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { toCsv } from "../../format/csv";
import { t } from "../../texts";
import { saveFile } from "./saveFile";

interface DownloadCsvProps {
  /** The name of the file, without its ending. */
  name: string;
  /** The first row is the header. */
  rows: () => (string | number | null)[][];
}

/** Saves what is on the screen as a CSV file. */
export function DownloadCsv({ name, rows }: DownloadCsvProps) {
  const save = () => {
    saveFile(new Blob([toCsv(rows())], { type: "text/csv;charset=utf-8" }), `${name.slice(0, 80)}.csv`);
  };
  return (
    <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconDownload size={14} />} onClick={save} data-not-pictured>
      {t.common.csv}
    </Button>
  );
}
