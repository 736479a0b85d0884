import { NativeSelect, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useId, type ReactNode } from "react";
import { useAddressState } from "../../components/page/useAddressState";
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

/** A card with several lists, of which a tab chooses one; on a phone, many tabs are one field. */
export function TabbedCard({ name, tabs }: TabbedCardProps) {
  const id = useId();
  const [chosen, set] = useAddressState(name);
  const isPhone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  const isField = isPhone && tabs.length > TABS_OF_A_PHONE;
  const shown = tabs.find(({ key }) => key === chosen) ?? tabs[0];
  const choose = (key: string) => {
    set(key === tabs[0].key ? "" : key);
  };
  return (
    <section className={classes.card} aria-label={tabs[0].label}>
      <div className={classes.head}>
        {isField ? (
          <NativeSelect
            aria-label={tabs[0].label}
            data={tabs.map(({ key, label }) => ({ value: key, label }))}
            value={shown.key}
            onChange={(event) => {
              choose(event.currentTarget.value);
            }}
          />
        ) : (
          <TabList id={id} tabs={tabs} shown={shown} choose={choose} />
        )}
        <span className={classes.column}>{shown.column}</span>
      </div>
      <div id={id} className={classes.body} {...(isField ? {} : { role: "tabpanel", "aria-labelledby": `${id}-${shown.key}` })}>
        {shown.content}
      </div>
    </section>
  );
}

interface TabListProps {
  /** Of what the tabs show. */
  id: string;
  tabs: TabbedCardProps["tabs"];
  shown: CardTab;
  choose: (key: string) => void;
}

function TabList({ id, tabs, shown, choose }: TabListProps) {
  return (
    <div className={classes.tabs} role="tablist" aria-label={tabs[0].label}>
      {tabs.map((tab, index) => (
        <UnstyledButton
          key={tab.key}
          role="tab"
          id={`${id}-${tab.key}`}
          aria-controls={id}
          aria-selected={tab === shown}
          tabIndex={tab === shown ? 0 : -1}
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
