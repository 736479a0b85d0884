import { UnstyledButton } from "@mantine/core";
import { IconMenu2 } from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "../texts";
import { useOpenProject, usePageAddress } from "./Navigation";
import { GENERAL_PAGES, PROJECT_PAGES, type PageLink } from "./pages";
import classes from "./Shell.module.css";

/** The bar at the bottom of a phone: the main pages, and a button for all of them. */
export function PhoneBar({ isOpen, onMore }: { isOpen: boolean; onMore: () => void }) {
  const pages = useOpenProject() === null ? GENERAL_PAGES : PROJECT_PAGES.flatMap((group) => group.pages);
  return (
    <nav className={classes.phoneBar} aria-label={t.shell.mainPages}>
      {pages.filter(({ isOnPhoneBar }) => isOnPhoneBar).map((page) => <PhoneLink key={page.path} page={page} />)}
      <UnstyledButton className={classes.phoneLink} aria-expanded={isOpen} onClick={onMore}>
        <IconMenu2 size={20} stroke={1.7} />
        {t.shell.more}
      </UnstyledButton>
    </nav>
  );
}

function PhoneLink({ page }: { page: PageLink }) {
  const { label, icon: Icon } = page;
  const { address, isHere } = usePageAddress(page);
  return (
    <Link to={address} className={classes.phoneLink} aria-current={isHere ? "page" : undefined}>
      <Icon size={20} stroke={1.7} />
      {label}
    </Link>
  );
}
