import { createContext, useContext, useEffect } from "react";

/** Whether somebody loses what was typed by leaving the page; the shell asks before. */
export interface UnsavedChanges {
  /** Say that there are changes until the returned function is called. */
  hold: () => () => void;
}

export const UnsavedChangesContext = createContext<UnsavedChanges>({ hold: () => () => undefined });

/** The state of a navigation that saves or drops the changes itself, so that nobody is asked. */
export const KEEPS_CHANGES = { keepsChanges: true };

/** Ask before the page is left, by a link, by Back or by closing the tab, while there are changes. */
export function useUnsavedChanges(isChanged: boolean) {
  const { hold } = useContext(UnsavedChangesContext);
  useEffect(() => (isChanged ? hold() : undefined), [isChanged, hold]);
}
