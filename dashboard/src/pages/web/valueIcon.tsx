import type { ReactNode } from "react";
import type { WebDimension } from "../../api/reports/web";
import { Flag } from "../../components/text/Flag";
import { SiteIcon } from "../../components/text/SiteIcon";

/** The icon before a value of a list; null: none. */
export function valueIcon(dimension: WebDimension, value: string | null): ReactNode {
  if (dimension === "source" && value !== null) return <SiteIcon site={value} />;
  if (dimension === "country" && value !== null) return <Flag country={value} />;
  return null;
}
