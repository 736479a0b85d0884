import { Menu, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconChartDots3, IconFilter, IconLink, IconStack2, IconUsers } from "@tabler/icons-react";
import { useRef, type ReactNode } from "react";
import { Link, useLocation, useParams } from "react-router";
import { projectAddress } from "../addresses";
import { hasInsightPage, type FigureQuestion } from "../api/figures";
import { t } from "../texts";
import classes from "./Door.module.css";
import { figureAddress, useShownFigure } from "./figureAddress";
import { useCopy } from "./useCopy";

interface DoorProps {
  /** What the figure is, as the heading of the list of its users: "Unique users · 3 Nov". */
  figure: string;
  /** The insight that the figure stands in, and the point of it. */
  question: FigureQuestion;
  /** Filters the page by what the figure stands for. */
  onFilter?: (() => void) | undefined;
  /** The figure as it is shown. */
  children: ReactNode;
}

const ICON = { size: 16, stroke: 1.7 } as const;

/** A figure that leads on: to its users, to its insight, to a link. */
export function Door({ figure, question, onFilter, children }: DoorProps) {
  const { projectId } = useParams();
  const [, show] = useShownFigure();
  // Readers of a public link see figures, and nothing that is behind them.
  if (projectId === undefined) return <>{children}</>;
  const { kind, query } = question;
  return (
    <Menu position="bottom-start" withinPortal shadow="md" trapFocus returnFocus>
      <Menu.Target>
        <UnstyledButton className={classes.door} onClick={stop}>
          {children}
          <VisuallyHidden>, {t.door.open(figure)}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown onClick={stop}>
        <Menu.Label className={classes.figure}>{figure}</Menu.Label>
        <Menu.Item
          leftSection={<IconUsers {...ICON} />}
          onClick={() => {
            show({ title: figure, question });
          }}
        >
          {t.door.users}
        </Menu.Item>
        {kind === "trends" ? (
          <Menu.Item
            leftSection={<IconStack2 {...ICON} />}
            component={Link}
            to={exploreAddress(projectId, kind, { ...query, breakdown: { property: "country" } })}
          >
            {t.door.breakDown}
          </Menu.Item>
        ) : null}
        {onFilter ? (
          <Menu.Item leftSection={<IconFilter {...ICON} />} onClick={onFilter}>
            {t.door.filter}
          </Menu.Item>
        ) : null}
        {hasInsightPage(kind) ? (
          <Menu.Item leftSection={<IconChartDots3 {...ICON} />} component={Link} to={exploreAddress(projectId, kind, query)}>
            {t.door.explore}
          </Menu.Item>
        ) : null}
        <CopyLink figure={figure} question={question} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** A figure within a row or card that does something else when it is clicked. */
function stop(event: { stopPropagation: () => void }) {
  event.stopPropagation();
}

function CopyLink({ figure, question }: Pick<DoorProps, "figure" | "question">) {
  const text = useRef<HTMLSpanElement>(null);
  const [state, copy] = useCopy(text);
  const { pathname, search } = useLocation();
  const label = { idle: t.door.copyLink, copied: t.door.copied, failed: t.door.notCopied }[state];
  return (
    <>
      <Menu.Item leftSection={<IconLink {...ICON} />} closeMenuOnClick={false} onClick={() => void copy()}>
        {label}
      </Menu.Item>
      <VisuallyHidden aria-hidden="true">
        <span ref={text}>{figureAddress(window.location.origin + pathname + search, { title: figure, question })}</span>
      </VisuallyHidden>
    </>
  );
}

function exploreAddress(projectId: string, kind: string, query: object): string {
  const parameters = new URLSearchParams({ q: JSON.stringify(query) });
  return `${projectAddress(projectId, `/explore/${kind}`)}?${parameters.toString()}`;
}
