import { Button, Group, VisuallyHidden } from "@mantine/core";
import { IconChartDots3, IconFilter, IconLink, IconStack2 } from "@tabler/icons-react";
import { useRef } from "react";
import { Link, useLocation, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { isAtLeast } from "../../api/projects/roles";
import { FIGURE_PARAMETER, figureAddress, type ShownFigure } from "../../components/figures/figureAddress";
import { useCopy } from "../../components/text/useCopy";
import type { Condition } from "../../report/filters";
import { readReport, writeReport } from "../../report/reportState";
import { withCondition } from "../../report/useReport";
import { t } from "../../texts";
import { AddToDashboard } from "../dashboards/AddToDashboard";
import { ownInsight, type OwnInsight } from "./ownInsight";

const ICON = { size: 15, stroke: 1.7 } as const;
const MAX_NAME_LENGTH = 200;

/** The ways on from a figure, beside its users: a breakdown, a filter, Explore, a dashboard, a link. */
export function FigureActions({ project, figure }: { project: Project; figure: ShownFigure }) {
  const insight = ownInsight(figure.question);
  const name = figure.title.slice(0, MAX_NAME_LENGTH);
  return (
    <Group gap="xs" role="group" aria-label={t.door.ways}>
      {insight?.canBreakDown ? (
        <Button
          {...BUTTON}
          leftSection={<IconStack2 {...ICON} />}
          component={Link}
          to={exploreAddress(project.id, { ...insight, query: { ...insight.query, breakdown: { property: "country" } } })}
        >
          {t.door.breakDown}
        </Button>
      ) : null}
      {figure.condition ? <FilterButton condition={figure.condition} /> : null}
      {insight ? (
        <Button {...BUTTON} leftSection={<IconChartDots3 {...ICON} />} component={Link} to={exploreAddress(project.id, insight)}>
          {t.door.explore}
        </Button>
      ) : null}
      {insight && isAtLeast(project.role, "member") ? (
        <AddToDashboard project={project} insight={{ name, description: "", view: {}, kind: insight.kind, query: insight.query }} />
      ) : null}
      <CopyLink figure={figure} />
    </Group>
  );
}

const BUTTON = { size: "xs", variant: "default" } as const;

/** Shows only what the figure stands for, and closes the list of its users. */
function FilterButton({ condition }: { condition: Condition }) {
  const [, setParameters] = useSearchParams();
  return (
    <Button
      {...BUTTON}
      leftSection={<IconFilter {...ICON} />}
      onClick={() => {
        setParameters((before) => {
          const { state } = readReport(before);
          const next = writeReport(before, { ...state, filters: withCondition(state.filters, condition) });
          next.delete(FIGURE_PARAMETER);
          return next;
        });
      }}
    >
      {t.door.filter}
    </Button>
  );
}

function CopyLink({ figure }: { figure: ShownFigure }) {
  const text = useRef<HTMLSpanElement>(null);
  const [state, copy] = useCopy(text);
  const { pathname, search } = useLocation();
  return (
    <>
      <Button {...BUTTON} leftSection={<IconLink {...ICON} />} onClick={() => void copy()}>
        <span aria-live="polite">{{ idle: t.door.copyLink, copied: t.door.copied, failed: t.door.notCopied }[state]}</span>
      </Button>
      <VisuallyHidden aria-hidden="true">
        <span ref={text}>{figureAddress(window.location.origin + pathname + search, figure)}</span>
      </VisuallyHidden>
    </>
  );
}

function exploreAddress(projectId: number, { kind, query }: Pick<OwnInsight, "kind" | "query">): string {
  const parameters = new URLSearchParams({ q: JSON.stringify(query) });
  return `${projectAddress(projectId, `/explore/${kind}`)}?${parameters.toString()}`;
}
