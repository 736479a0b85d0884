import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useAddressState } from "../page/useAddressState";

const TYPING_MS = 250;
const MAX_LENGTH = 200;

interface SearchFieldProps {
  label: string;
  placeholder: string;
  size?: "xs" | "sm";
}

/** The text that the address says to search for, and the function that replaces it without a new entry in the history. */
export function useSearch(): [string, (text: string) => void] {
  const [search, setSearch] = useAddressState("search");
  return [
    search.slice(0, MAX_LENGTH),
    (text) => {
      setSearch(text, true);
    },
  ];
}

/** A field for the search of a page. It keeps the focus while somebody types, and follows the address after Back. */
export function SearchField({ label, placeholder, size = "sm" }: SearchFieldProps) {
  const [search, setSearch] = useSearch();
  const [typed, setTyped] = useState(search);
  const [sent, setSent] = useState(search);
  const [seen, setSeen] = useState(search);
  if (seen !== search) {
    setSeen(search);
    // Not what was typed here: the address has changed by Back, or the search was cleared.
    if (search !== sent) {
      setSent(search);
      setTyped(search);
    }
  }
  const searchLater = useDebouncedCallback((text: string, path: string) => {
    // A link was followed meanwhile, whose page is being loaded: the address is that page's.
    if (window.location.pathname !== path) return;
    setSent(text);
    setSearch(text);
  }, TYPING_MS);
  return (
    <TextInput
      size={size}
      // As wide as there is room. In a column a basis would be a height.
      style={{ flex: "1 1 auto", minWidth: "min(240px, 100%)" }}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={15} aria-hidden="true" />}
      maxLength={MAX_LENGTH}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        searchLater(event.currentTarget.value.trim(), window.location.pathname);
      }}
    />
  );
}
