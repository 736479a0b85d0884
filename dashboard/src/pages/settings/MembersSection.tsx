import { Badge, Select, Text } from "@mantine/core";
import { useNavigate } from "react-router";
import { useMe } from "../../api/login";
import type { Invitation, Member, Project } from "../../api/client";
import { useChangeRole, useInvitations, useInvite, useMembers, useRemoveMember, useWithdrawInvitation } from "../../api/members";
import { givableRoles, isAtLeast, missingPermission, ROLE_DESCRIPTIONS } from "../../api/roles";
import { ConfirmButton } from "../../components/ConfirmButton";
import { invitationLink } from "../../features/invitations/invitationLink";
import { InvitationItem } from "../../features/invitations/InvitationItem";
import { InviteDialog } from "../../features/invitations/InviteDialog";
import { PermissionNote } from "../../components/PermissionNote";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { useShowOnce } from "../../components/showOnce/useShowOnce";

/** Who may see a project, and as what. */
export function MembersSection({ project }: { project: Project }) {
  const members = useMembers(project.id);
  const locked = missingPermission(project.role, "admin");
  const owners = members.data?.filter(({ role }) => role === "owner").length ?? 0;
  return (
    <>
      <Panel title="Members" actions={locked === null ? <Invite project={project} /> : null}>
        <ResourceList label="Members" list={members} empty="There is none.">
          {(member) => <MemberRow key={member.user_id} member={member} project={project} owners={owners} />}
        </ResourceList>
        {locked === null ? null : (
          <div style={{ marginTop: 12 }}>
            <PermissionNote reason={locked} />
          </div>
        )}
      </Panel>
      {locked === null ? <OpenInvitations project={project} /> : null}
      <Panel title="What the roles mean">
        <dl style={{ margin: 0, fontSize: "var(--mantine-font-size-sm)" }}>
          {Object.entries(ROLE_DESCRIPTIONS).map(([role, words]) => (
            <div key={role} style={{ display: "flex", gap: 12, padding: "3px 0" }}>
              <dt style={{ width: 72, flex: "none", fontWeight: 500 }}>{role}</dt>
              <dd style={{ margin: 0 }}>{words}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </>
  );
}

interface MemberRowProps {
  member: Member;
  project: Project;
  /** How many there are: one always stays. */
  owners: number;
}

function MemberRow({ member, project, owners }: MemberRowProps) {
  const me = useMe().data;
  const isMe = me?.id === member.user_id;
  const isLastOwner = member.role === "owner" && owners <= 1;
  const mayChange = isAtLeast(project.role, "admin") && (member.role !== "owner" || project.role === "owner");
  return (
    <ResourceListItem
      name={member.name}
      marks={
        isMe ? (
          <Badge size="sm" variant="light">
            You
          </Badge>
        ) : null
      }
      note={
        <>
          {member.email}
          {isLastOwner && (mayChange || isMe) ? (
            <> · the only owner: make somebody else one before leaving or stepping down</>
          ) : null}
          {member.role === "owner" && !mayChange && isAtLeast(project.role, "admin") ? (
            <> · only owners change that</>
          ) : null}
        </>
      }
      actions={
        <>
          {mayChange && !isLastOwner ? (
            <RoleChoice member={member} project={project} />
          ) : (
            <Badge variant="default">{member.role}</Badge>
          )}
          {isMe && !isLastOwner ? <Leave member={member} project={project} /> : null}
          {!isMe && mayChange && !isLastOwner ? <Remove member={member} project={project} /> : null}
        </>
      }
    />
  );
}

function RoleChoice({ member, project }: { member: Member; project: Project }) {
  const change = useChangeRole(project.id, member.user_id);
  return (
    <Select
      aria-label={`Role of ${member.name}`}
      size="xs"
      w={120}
      allowDeselect={false}
      comboboxProps={{ width: 300, position: "bottom-end" }}
      data={givableRoles(project.role).map((role) => ({ value: role, label: role }))}
      renderOption={({ option }) => (
        <span>
          {option.label}
          <Text span size="xs" c="dimmed" display="block">
            {ROLE_DESCRIPTIONS[option.value]}
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

function Remove({ member, project }: { member: Member; project: Project }) {
  const remove = useRemoveMember(project.id, member.user_id);
  return (
    <ConfirmButton
      label="Remove"
      ariaLabel={`Remove ${member.name}`}
      title={`Remove ${member.name}?`}
      action="Remove"
      keep="Keep"
      change={remove}
      onConfirm={(done) => {
        remove.mutate(undefined, { onSuccess: done });
      }}
    >
      {member.email} no longer sees {project.name}. Keys that they know go on working: replace secret ones.
    </ConfirmButton>
  );
}

function Leave({ member, project }: { member: Member; project: Project }) {
  const leave = useRemoveMember(project.id, member.user_id);
  const navigate = useNavigate();
  return (
    <ConfirmButton
      label="Leave"
      ariaLabel={`Leave ${project.name}`}
      title={`Leave ${project.name}?`}
      action="Leave"
      keep="Stay"
      change={leave}
      onConfirm={(done) => {
        leave.mutate(undefined, {
          onSuccess: () => {
            done();
            void navigate("/projects");
          },
        });
      }}
    >
      You no longer see it. An owner or admin can invite you again.
    </ConfirmButton>
  );
}

function Invite({ project }: { project: Project }) {
  const showOnce = useShowOnce();
  const invite = useInvite(project.id, (made) => {
    showOnce(invitationLink(made, project.name));
  });
  return <InviteDialog title={`Invite to ${project.name}`} roles={givableRoles(project.role)} change={invite} />;
}

function OpenInvitations({ project }: { project: Project }) {
  const invitations = useInvitations(project.id, true);
  return (
    <Panel title="Open invitations">
      <ResourceList label="Open invitations" list={invitations} empty="There is none.">
        {(invitation) => (
          <Withdrawable key={invitation.id} invitation={invitation} projectId={project.id} zone={project.timezone} />
        )}
      </ResourceList>
    </Panel>
  );
}

interface WithdrawableProps {
  invitation: Invitation;
  projectId: number;
  zone: string;
}

function Withdrawable({ invitation, projectId, zone }: WithdrawableProps) {
  const withdraw = useWithdrawInvitation(projectId, invitation.id);
  return <InvitationItem invitation={invitation} zone={zone} withdraw={withdraw} showRole />;
}
