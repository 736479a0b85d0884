import { NativeSelect, Stack, Text } from "@mantine/core";
import { Panel } from "../../components/page/Panel";
import { t } from "../../texts";
import { chooseLanguage, chosenLanguage, LANGUAGES, offeredLanguage, type Language } from "../../texts/language";

/** How the dashboard looks in this browser: its language. */
export function DisplayPanel() {
  return (
    <Panel title={t.account.display}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t.account.displayNote}
        </Text>
        <LanguageChoice />
      </Stack>
    </Panel>
  );
}

function LanguageChoice() {
  const names = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));
  const browser = LANGUAGES[offeredLanguage(navigator.languages)];
  return (
    <NativeSelect
      label={t.account.language}
      description={t.account.languageNote}
      data={[{ value: "", label: t.account.browserLanguage(browser) }, ...names]}
      value={chosenLanguage() ?? ""}
      onChange={({ currentTarget: { value } }) => {
        chooseLanguage(value === "" ? null : (value as Language));
      }}
    />
  );
}
