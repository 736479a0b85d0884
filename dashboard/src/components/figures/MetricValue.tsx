import { Tooltip, VisuallyHidden } from "@mantine/core";
import { exactNumber, shortNumber } from "../../format/numbers";

/** A number shortened to be read at a glance, with every digit on hover and for screen readers. */
export function MetricValue({ value }: { value: number }) {
  const short = shortNumber(value);
  const exact = exactNumber(value);
  if (short === exact) return <span className="tm-figures">{exact}</span>;
  return (
    <Tooltip label={exact}>
      <span className="tm-figures">
        <span aria-hidden="true">{short}</span>
        <VisuallyHidden>{exact}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
