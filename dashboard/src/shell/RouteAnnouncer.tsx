import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** After a page is changed: move the focus to its content, and read out its title. */
export function RouteAnnouncer({ page, contentId }: { page: string; contentId: string }) {
  const [title, setTitle] = useState("");
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return undefined;
    shown.current = page;
    window.scrollTo(0, 0);
    document.getElementById(contentId)?.focus({ preventScroll: true });
    // The page sets its title when it is there, which may take until its script is loaded.
    const timer = setTimeout(() => {
      setTitle(document.title);
    }, 500);
    return () => {
      clearTimeout(timer);
    };
  }, [page, contentId]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {title}
    </VisuallyHidden>
  );
}
