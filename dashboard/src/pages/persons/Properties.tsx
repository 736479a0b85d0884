import { Button, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { Panel } from "../../components/page/Panel";
import { propertyText } from "../../components/persons/PersonTable";
import { t } from "../../texts";
import classes from "./Properties.module.css";

const MAX_SHOWN = 50;
const MAX_CHARACTERS = 300;
/** From this many on they can be searched. */
const SEARCHED_FROM = 12;

interface PropertiesProps {
  properties: Record<string, unknown>;
  /** Within another part of a page, without a panel of its own. */
  isWithin?: boolean;
  label?: string;
  /** What to say if there are none. */
  noneText?: string;
}

/** Properties by name. There may be hundreds, of any length. */
export function Properties({ properties, isWithin = false, label = t.people.profile.tabs.properties, noneText = t.people.profile.noProperties }: PropertiesProps) {
  const [search, setSearch] = useState("");
  const [showsAll, setShowsAll] = useState(false);
  const texts = t.people.profile;
  const all = Object.entries(properties).sort(([one], [other]) => one.localeCompare(other));
  const wanted = search.trim().toLowerCase();
  const found = all.filter(([name, value]) => `${name} ${propertyText(value) ?? ""}`.toLowerCase().includes(wanted));
  const shown = showsAll ? found : found.slice(0, MAX_SHOWN);
  const content = (
    <>
      {all.length >= SEARCHED_FROM ? (
        <TextInput
          size="xs"
          mb="sm"
          maw={320}
          type="search"
          aria-label={texts.searchProperties}
          placeholder={texts.searchProperties}
          leftSection={<IconSearch size={15} />}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
          }}
        />
      ) : null}
      {found.length === 0 ? (
        <Text size="sm" c="dimmed">
          {all.length === 0 ? noneText : texts.noSuchProperty}
        </Text>
      ) : (
        <div className={classes.list}>
          <DefinitionList isCompact items={shown.map(([name, value]) => [name, <Value key={name} text={propertyText(value) ?? t.common.none} />])} />
        </div>
      )}
      {shown.length < found.length ? (
        <Button
          size="xs"
          variant="default"
          mt="sm"
          onClick={() => {
            setShowsAll(true);
          }}
        >
          {texts.showProperties(found.length)}
        </Button>
      ) : null}
    </>
  );
  return isWithin ? (
    <div role="group" aria-label={label}>
      {content}
    </div>
  ) : (
    <Panel title={label}>{content}</Panel>
  );
}

function Value({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  const isLong = text.length > MAX_CHARACTERS;
  return (
    <bdi className={classes.value}>
      {isLong && !isOpen ? `${text.slice(0, MAX_CHARACTERS)}… ` : text}
      {isLong && !isOpen ? (
        <UnstyledButton
          className={classes.more}
          onClick={() => {
            setOpen(true);
          }}
        >
          {t.people.profile.showValue}
        </UnstyledButton>
      ) : null}
    </bdi>
  );
}
