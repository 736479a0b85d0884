import { Combobox, Modal, ScrollArea, useCombobox } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { t } from "../texts";
import { useCommands, type Command } from "./useCommands";
import classes from "./Shell.module.css";

/** As many as can be read; typing finds the others. */
const MAX_SHOWN = 50;

/** Finds pages, projects, saved insights, events and actions by their names. */
export default function CommandPalette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const groups = found(useCommands(search, onShortcuts), search);
  const combobox = useCombobox({ opened: true });
  const run = (id: string) => {
    const command = groups.flatMap(({ commands }) => commands).find((one) => one.id === id);
    if (!command) return;
    onClose();
    // After closing: an action may open another dialog in its place.
    if (command.address === undefined) command.run();
    else void navigate(command.address);
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} size={560} yOffset="12vh" aria-label={t.shell.palette.title}>
      <Combobox store={combobox} onOptionSubmit={run} withinPortal={false}>
        <Combobox.EventsTarget>
          <input
            className={classes.paletteSearch}
            data-autofocus
            aria-label={t.shell.palette.placeholder}
            placeholder={t.shell.palette.placeholder}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
              combobox.selectFirstOption();
            }}
            onKeyDown={(event) => {
              // The list would take it for itself.
              if (event.key === "Escape") onClose();
            }}
            onFocus={() => {
              combobox.selectFirstOption();
            }}
          />
        </Combobox.EventsTarget>
        <Combobox.Options className={classes.paletteOptions ?? ""} aria-label={t.shell.palette.title}>
          <ScrollArea.Autosize mah={380} type="auto">
            {groups.map(({ group, commands }) => (
              <Combobox.Group key={group} label={group}>
                {commands.map(({ id, label, icon: Icon }) => (
                  <Combobox.Option key={id} value={id} className={classes.paletteOption ?? ""}>
                    <Icon size={16} stroke={1.7} aria-hidden />
                    {label}
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
            {groups.length === 0 ? <Combobox.Empty>{t.shell.palette.nothing}</Combobox.Empty> : null}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox>
    </Modal>
  );
}

/** The commands whose names have every word that was typed, in their groups. */
function found(commands: readonly Command[], search: string): { group: string; commands: Command[] }[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = commands.filter(({ label, group, isSearchedOnly, isFound }) =>
    isFound || (words.length === 0 ? !isSearchedOnly : words.every((word) => `${label} ${group}`.toLowerCase().includes(word))),
  );
  const groups = new Map<string, Command[]>();
  // The last one, which finds users, is among them whatever else matches.
  const shown = matching.length > MAX_SHOWN ? [...matching.slice(0, MAX_SHOWN - 1), ...matching.slice(-1)] : matching;
  for (const command of shown) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups].map(([group, inGroup]) => ({ group, commands: inGroup }));
}
