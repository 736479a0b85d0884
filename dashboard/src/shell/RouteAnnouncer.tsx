import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** After a page is changed: move the focus to its content, and read out its title. */
export function RouteAnnouncer({ page, contentId }: { page: string; contentId: string }) {
  const title = useTitle();
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    window.scrollTo(0, 0);
    document.getElementById(contentId)?.focus({ preventScroll: true });
  }, [page, contentId]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {title}
    </VisuallyHidden>
  );
}

/** The title of the browser's tab. A page sets it when it is there, which may take until its script is loaded. */
function useTitle(): string {
  const [title, setTitle] = useState("");
  useEffect(() => {
    const observer = new MutationObserver(() => {
      setTitle(document.title);
    });
    observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
    };
  }, []);
  return title;
}
