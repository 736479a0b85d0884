import { t } from "../texts";
import { exactNumber } from "./numbers";

const GIGABYTE = 1_024;

/** Format an amount of memory or disk, given in MB: "300 MB", "12.5 GB". */
export function megabytes(value: number): string {
  return value < GIGABYTE
    ? t.system.megabytes(exactNumber(Number(value.toFixed(1))))
    : t.system.gigabytes(exactNumber(Number((value / GIGABYTE).toFixed(1))));
}
