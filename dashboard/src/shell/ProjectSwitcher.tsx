import { Combobox, UnstyledButton, useCombobox } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useState } from "react";
import { useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { projectAddress, splitProjectAddress } from "../addresses";
import type { Project } from "../api/requests/client";
import { useProject, useProjects } from "../api/projects/projects";
import { Logo } from "../components/page/Logo";
import { Name } from "../components/text/Name";
import { reportParameters } from "../report/reportState";
import { t } from "../texts";
import classes from "./Shell.module.css";

const ALL = "all";
/** With more projects than this, the list has a field to search it. */
const MAX_UNSEARCHED = 8;

/** The open project, and the choice of the same page of another one. */
export function ProjectSwitcher({ isNarrow = false }: { isNarrow?: boolean }) {
  const { projectId } = useParams();
  const projects = useProjects().data;
  // One that an owner of the server opens is in no list of theirs.
  const opened = useProject(Number(projectId)).data;
  const current = projects?.find(({ id }) => String(id) === projectId) ?? opened;
  return projects && current ? <Switcher projects={projects} current={current} isNarrow={isNarrow} /> : null;
}

function Switcher({ projects, current, isNarrow }: { projects: readonly Project[]; current: Project; isNarrow: boolean }) {
  const navigate = useNavigate();
  const addressIn = useAddressIn();
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    onDropdownOpen: () => {
      combobox.focusSearchInput();
      combobox.selectActiveOption();
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch("");
    },
  });
  const found = projects.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <Combobox
      store={combobox}
      width={260}
      position="bottom-start"
      onOptionSubmit={(value) => {
        combobox.closeDropdown();
        void navigate(value === ALL ? "/projects" : addressIn(value));
      }}
    >
      <Combobox.Target targetType="button">
        <UnstyledButton
          className={classes.switcher}
          aria-label={t.shell.projectOf(current.name)}
          onClick={() => {
            combobox.toggleDropdown();
          }}
        >
          <Logo size={26} />
          {isNarrow ? null : <span className={classes.projectName}><Name>{current.name}</Name></span>}
          {isNarrow ? null : <IconSelector size={15} stroke={1.7} />}
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        {projects.length > MAX_UNSEARCHED ? (
          <Combobox.Search
            aria-label={t.shell.searchProjects}
            placeholder={t.shell.searchProjects}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.selectFirstOption();
            }}
          />
        ) : null}
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label={t.shell.project}>
          {found.map(({ id, name }) => (
            <Combobox.Option key={id} value={String(id)} active={id === current.id}>
              <Name>{name}</Name>
            </Combobox.Option>
          ))}
          {found.length === 0 ? <Combobox.Empty>{t.shell.noSuchProject}</Combobox.Empty> : null}
          <Combobox.Option value={ALL} className={classes.allProjects ?? ""}>
            {t.shell.allProjects}
          </Combobox.Option>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/**
 * The address of the open page in another project, with the filters and dates of the report.
 *
 * What only this project has stays behind: saved insights, and pages of one person or one event.
 */
function useAddressIn() {
  const { pathname } = useLocation();
  const [parameters] = useSearchParams();
  return (projectId: string) => {
    const [page = ""] = /^\/[^/]+/.exec(splitProjectAddress(pathname)?.[1] ?? "") ?? [];
    const kept = reportParameters(parameters);
    // Another project has segments of its own.
    kept.delete("segment");
    kept.delete("segments");
    return [projectAddress(projectId, page), kept.toString()].filter(Boolean).join("?");
  };
}
