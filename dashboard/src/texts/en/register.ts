import type { RegistrationMode, Role } from "../../api/requests/client";
import { rich } from "../rich";

/** The pages on which an account is created or an invitation is accepted, and how people are invited. */

export const register = {
  tab: "Create an account",
  create: "Create account",
  failed: "Account not created",
  firstOwner: "The first account becomes the owner of this server.",
  nameHint: "Shown to other members. If empty, the first part of your e-mail address is used.",
  passwordHint: "At least 10 characters. A few words beat symbols.",
  signInInstead: "Sign in with an existing account",
  unavailable: {
    invitation: "Sign-up is by invitation. Ask an admin for a link.",
    closed: "This server does not accept new accounts.",
  } satisfies Record<Exclude<RegistrationMode, "first" | "open">, string>,
};

export const invitation = {
  tab: "Invitation",
  incomplete: "This invitation link is incomplete. Copy the whole link and try again.",
  invalid: "This invitation link is not valid",
  notJoined: "You have not joined",
  accept: "Accept",
  join: (project: string) => `Join ${project}`,
  toAccount: "You are invited to create an account.",
  toProject: rich("You are invited to {project} as {role}. {description}."),
  asRole: { viewer: "a viewer", analyst: "an analyst", member: "a member", admin: "an admin", owner: "an owner" } satisfies Record<Role, string>,
  signInToJoin: "Sign in to join.",
  otherAccount: (invited: string, own: string) => `This invitation is for ${invited}, but you are signed in as ${own}.`,
  signOutFailed: "Couldn't sign you out",
  signOutFirst: "Sign out and continue",
  staySignedIn: "Stay signed in",

  invite: "Invite",
  notInvited: "Not invited",
  emailHint: "Only this address can accept the invitation",
  role: "Role",
  note: "You get a link to pass on. It is shown once and is valid for 7 days.",
  createLink: "Create link",
  linkTitle: (email: string) => `Invitation for ${email}`,
  linkWarning: (email: string) =>
    `Send this link to ${email}: Tidemark does not mail invitations. It is valid for 7 days and only for this address. If it is lost, invite the address again.`,
  linkTo: (target: string) => `Link to ${target}`,
  open: "Open invitations",
  noneOpen: "No open invitations.",
  validUntil: (time: string) => `Valid until ${time}`,
  withdraw: "Withdraw",
  withdrawOf: (email: string) => `Withdraw the invitation for ${email}`,
  withdrawTitle: "Withdraw this invitation?",
  withdrawAction: "Withdraw invitation",
  keep: "Keep",
  withdrawEffect: (email: string) => `The link that ${email} has will no longer work.`,
};
