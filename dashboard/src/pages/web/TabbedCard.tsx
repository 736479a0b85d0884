import { NativeSelect, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useId, type ReactNode } from "react";
import { useWidth } from "../../charts/useWidth";
import { useAddressState } from "../../components/page/useAddressState";
import { t } from "../../texts";
import classes from "./WebPage.module.css";

export interface CardTab {
  /** In the address; the first tab is not. */
  key: string;
  label: string;
  /** What the figures of the tab are. */
  column: string;
  content: ReactNode;
}

interface TabbedCardProps {
  /** The parameter of the address that holds the tab. */
  name: string;
  tabs: readonly [CardTab, ...CardTab[]];
}

/** As in the style sheet of the page's other parts. */
const PHONE = "(max-width: 40em)";
/** More do not fit into one line there. */
const TABS_OF_A_PHONE = 3;
/** What a tab and the name of the column take at most, in pixels. */
const CHARACTER_WIDTH = 7.5;
const GAP = 14;
const MORE_WIDTH = 130;

/**
 * A card with several lists, of which a tab chooses one.
 *
 * Tabs that do not fit into one line are choices of a field behind the others; on a phone all of them are.
 */
export function TabbedCard({ name, tabs }: TabbedCardProps) {
  const id = useId();
  const { ref, width } = useWidth();
  const [chosen, set] = useAddressState(name);
  const isPhone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  const isField = isPhone && tabs.length > TABS_OF_A_PHONE;
  const shown = tabs.find(({ key }) => key === chosen) ?? tabs[0];
  const besides = isField ? 0 : tabsThatFit(tabs, width - textWidth(shown.column));
  const rest = tabs.slice(besides);
  const isInRest = rest.includes(shown);
  const choose = (key: string) => {
    set(key === tabs[0].key ? "" : key);
  };
  return (
    <section className={classes.card} aria-label={tabs[0].label}>
      <div className={classes.head} ref={ref}>
        {besides > 0 ? <TabList id={id} name={tabs[0].label} tabs={tabs.slice(0, besides)} shown={shown} choose={choose} /> : null}
        {rest.length > 0 ? (
          <NativeSelect
            className={isField ? "" : (classes.more ?? "")}
            data-selected={isInRest && !isField}
            size={isField ? "sm" : "xs"}
            aria-label={isField ? tabs[0].label : t.web.moreLists(tabs[0].label)}
            data={[...(isInRest ? [] : [{ value: "", label: t.web.more }]), ...rest.map(({ key, label }) => ({ value: key, label }))]}
            value={isInRest ? shown.key : ""}
            onChange={(event) => {
              if (event.currentTarget.value !== "") choose(event.currentTarget.value);
            }}
          />
        ) : null}
        <span className={classes.column}>{shown.column}</span>
      </div>
      <div id={id} className={classes.body} {...(isInRest ? {} : { role: "tabpanel", "aria-labelledby": `${id}-${shown.key}` })}>
        {shown.content}
      </div>
    </section>
  );
}

function textWidth(text: string): number {
  return text.length * CHARACTER_WIDTH + GAP;
}

/** Return how many tabs fit into a width in pixels, beside a field for the others; of no width all do. */
function tabsThatFit(tabs: readonly CardTab[], width: number): number {
  const ends = tabs.map((_, index) => tabs.slice(0, index + 1).reduce((sum, { label }) => sum + textWidth(label), 0));
  if (width <= 0 || (ends.at(-1) ?? 0) <= width) return tabs.length;
  return Math.max(1, ends.filter((end) => end + MORE_WIDTH <= width).length);
}

interface TabListProps {
  /** Of what the tabs show. */
  id: string;
  name: string;
  tabs: readonly CardTab[];
  shown: CardTab;
  choose: (key: string) => void;
}

function TabList({ id, name, tabs, shown, choose }: TabListProps) {
  // One tab can be reached by the keyboard, also while none of them is chosen.
  const reached = tabs.includes(shown) ? shown : tabs[0];
  return (
    <div className={classes.tabs} role="tablist" aria-label={name}>
      {tabs.map((tab, index) => (
        <UnstyledButton
          key={tab.key}
          role="tab"
          id={`${id}-${tab.key}`}
          aria-controls={id}
          aria-selected={tab === shown}
          tabIndex={tab === reached ? 0 : -1}
          className={classes.tab}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = tabs[(index + step + tabs.length) % tabs.length];
            if (step === 0 || next === undefined) return;
            choose(next.key);
            document.getElementById(`${id}-${next.key}`)?.focus();
          }}
          onClick={() => {
            choose(tab.key);
          }}
        >
          {tab.label}
        </UnstyledButton>
      ))}
    </div>
  );
}
