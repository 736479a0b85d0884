import { useInViewport, useLocalStorage } from "@mantine/hooks";
import { lazy, Suspense, useState } from "react";
import type { Project } from "../../api/requests/client";
import classes from "./SetupChecklist.module.css";

const SetupSteps = lazy(() => import("./SetupSteps").then(({ SetupSteps }) => ({ default: SetupSteps })));

/** The first steps in a project; gone once all are done, or when dismissed in this browser. */
export function SetupChecklist({ project }: { project: Project }) {
  const [isDismissed, setDismissed] = useLocalStorage({ key: `tm-setup-${project.id}`, defaultValue: false, getInitialValueInEffect: false });
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const [isReached, setReached] = useState(false);
  if (inViewport && !isReached) setReached(true);
  return isDismissed ? null : (
    <div ref={ref} className={classes.place}>
      {/* It stands at the end of the page: what it asks for waits until somebody comes there. */}
      {isReached ? (
        <Suspense>
          <SetupSteps
            project={project}
            onDismiss={() => {
              setDismissed(true);
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
