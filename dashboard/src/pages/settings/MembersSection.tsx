import { Badge, Select, Text } from "@mantine/core";
import { useNavigate } from "react-router";
import type { Invitation, Member, Project } from "../../api/requests/client";
import { useMe } from "../../api/account/login";
import { useChangeRole, useInvitations, useInvite, useMembers, useRemoveMember, useWithdrawInvitation } from "../../api/projects/members";
import { assignableRoles, isAtLeast, missingPermission } from "../../api/projects/roles";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { ROLES } from "../../constants.gen";
import { InvitationItem } from "../../features/invitations/InvitationItem";
import { invitationLink } from "../../features/invitations/invitationLink";
import { InviteDialog } from "../../features/invitations/InviteDialog";
import { t } from "../../texts";

/** Who can see a project, and with which role. */
export function MembersSection({ project }: { project: Project }) {
  const members = useMembers(project.id);
  const readOnlyReason = missingPermission(project.role, "admin");
  const owners = members.data?.filter(({ role }) => role === "owner").length ?? 0;
  const texts = t.settings.members;
  return (
    <>
      <Panel title={texts.title} actions={readOnlyReason === null ? <Invite project={project} /> : null}>
        <ResourceList label={texts.title} list={members} empty={texts.empty}>
          {(member) => <MemberItem key={member.user_id} member={member} project={project} owners={owners} />}
        </ResourceList>
        {readOnlyReason === null ? null : (
          <div style={{ marginTop: 12 }}>
            <PermissionNote reason={readOnlyReason} />
          </div>
        )}
      </Panel>
      {readOnlyReason === null ? <OpenInvitations project={project} /> : null}
      <Panel title={texts.rolesTitle}>
        <DefinitionList items={ROLES.map((role) => [t.roles.names[role], t.roles.descriptions[role]] as const)} />
      </Panel>
    </>
  );
}

interface MemberItemProps {
  member: Member;
  project: Project;
  /** How many owners the project has: the last one cannot leave. */
  owners: number;
}

function MemberItem({ member, project, owners }: MemberItemProps) {
  const me = useMe().data;
  const isMe = me?.id === member.user_id;
  const isLastOwner = member.role === "owner" && owners <= 1;
  const isAdmin = isAtLeast(project.role, "admin");
  const mayChange = isAdmin && (member.role !== "owner" || project.role === "owner");
  const notes = [
    member.email,
    ...(isLastOwner && (mayChange || isMe) ? [t.settings.members.onlyOwner] : []),
    ...(member.role === "owner" && !mayChange && isAdmin ? [t.settings.members.ownersOnly] : []),
  ];
  return (
    <ResourceListItem
      name={member.name}
      badges={
        isMe ? (
          <Badge size="sm" variant="light">
            {t.common.current}
          </Badge>
        ) : null
      }
      note={notes.join(" · ")}
      actions={
        <>
          {mayChange && !isLastOwner ? (
            <RoleSelect member={member} project={project} />
          ) : (
            <Badge variant="default">{t.roles.names[member.role]}</Badge>
          )}
          {isMe && !isLastOwner ? <Leave member={member} project={project} /> : null}
          {!isMe && mayChange && !isLastOwner ? <RemoveMember member={member} project={project} /> : null}
        </>
      }
    />
  );
}

interface MemberProps {
  member: Member;
  project: Project;
}

function RoleSelect({ member, project }: MemberProps) {
  const change = useChangeRole(project.id, member.user_id);
  return (
    <Select
      aria-label={t.settings.members.roleOf(member.name)}
      size="xs"
      w={120}
      allowDeselect={false}
      comboboxProps={{ width: 300, position: "bottom-end" }}
      data={assignableRoles(project.role).map((role) => ({ value: role, label: t.roles.names[role] }))}
      renderOption={({ option }) => (
        <span>
          {option.label}
          <Text span size="xs" c="dimmed" display="block">
            {t.roles.descriptions[option.value]}
          </Text>
        </span>
      )}
      value={change.isPending ? change.variables : member.role}
      error={change.error?.message}
      onChange={(role) => {
        if (role && role !== member.role) change.mutate(role);
      }}
    />
  );
}

function RemoveMember({ member, project }: MemberProps) {
  const remove = useRemoveMember(project.id, member.user_id);
  const texts = t.settings.members;
  return (
    <ConfirmButton
      label={t.common.remove}
      ariaLabel={texts.removeOf(member.name)}
      title={texts.removeTitle(member.name)}
      action={t.common.remove}
      cancelLabel={texts.keep}
      mutation={remove}
      onConfirm={(onDone) => {
        remove.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {texts.removeEffect(member.email, project.name)}
    </ConfirmButton>
  );
}

function Leave({ member, project }: MemberProps) {
  const leave = useRemoveMember(project.id, member.user_id);
  const navigate = useNavigate();
  const texts = t.settings.members;
  return (
    <ConfirmButton
      label={texts.leave}
      ariaLabel={texts.leaveOf(project.name)}
      title={texts.leaveTitle(project.name)}
      action={texts.leave}
      cancelLabel={texts.stay}
      mutation={leave}
      onConfirm={(onDone) => {
        leave.mutate(undefined, {
          onSuccess: () => {
            onDone();
            void navigate("/projects");
          },
        });
      }}
    >
      {texts.leaveEffect}
    </ConfirmButton>
  );
}

function Invite({ project }: { project: Project }) {
  const showOnce = useShowOnce();
  const invite = useInvite(project.id, (invitation) => {
    showOnce(invitationLink(invitation, project.name));
  });
  return <InviteDialog title={t.settings.members.inviteTo(project.name)} roles={assignableRoles(project.role)} invite={invite} />;
}

function OpenInvitations({ project }: { project: Project }) {
  const invitations = useInvitations(project.id);
  return (
    <Panel title={t.invitation.open}>
      <ResourceList label={t.invitation.open} list={invitations} empty={t.invitation.noneOpen}>
        {(invitation) => <OpenInvitation key={invitation.id} invitation={invitation} project={project} />}
      </ResourceList>
    </Panel>
  );
}

function OpenInvitation({ invitation, project }: { invitation: Invitation; project: Project }) {
  const withdraw = useWithdrawInvitation(project.id, invitation.id);
  return <InvitationItem invitation={invitation} zone={project.timezone} withdraw={withdraw} showRole />;
}
