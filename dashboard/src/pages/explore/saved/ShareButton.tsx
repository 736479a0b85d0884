import { Button, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";
import { useRef } from "react";
import { useCopy } from "../../../components/text/useCopy";
import { t } from "../../../texts";

/** Copies the link of the page, which holds the query and how it is shown. */
export function ShareButton() {
  const link = useRef<HTMLSpanElement>(null);
  const [state, copy] = useCopy(link);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={state === "copied" ? <IconCheck size={14} /> : <IconLink size={14} />}
        onClick={() => {
          if (link.current) link.current.textContent = window.location.href;
          void copy();
        }}
      >
        {state === "copied" ? t.explore.linkCopied : state === "failed" ? t.common.copyFailed : t.explore.copyLink}
      </Button>
      <VisuallyHidden>
        <span ref={link} aria-hidden="true" />
      </VisuallyHidden>
    </>
  );
}
