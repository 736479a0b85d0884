import { useQuery } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { authApi, type NewInvitation, type Role } from "./client";
import { unwrap } from "./errors";
import { PROJECTS } from "./projects";

function membersOf(projectId: number) {
  return [...PROJECTS, projectId, "members"] as const;
}

function invitationsTo(projectId: number) {
  return [...PROJECTS, projectId, "invitations"] as const;
}

/** Who may see a project, and as what. */
export function useMembers(projectId: number) {
  return useQuery({
    queryKey: membersOf(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/members/", { params, signal }))).items;
    },
  });
}

export function useChangeRole(projectId: number, userId: number) {
  return useApiMutation(
    (role: Role) =>
      unwrap(
        authApi.PATCH("/api/v1/projects/{project_id}/members/{user_id}", {
          params: { path: { project_id: projectId, user_id: userId } },
          body: { role },
        }),
      ),
    { invalidates: [PROJECTS] },
  );
}

/** Take somebody out of a project, or leave it. */
export function useRemoveMember(projectId: number, userId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/members/{user_id}", {
          params: { path: { project_id: projectId, user_id: userId } },
        }),
      ),
    { invalidates: [PROJECTS] },
  );
}

/** Invitations that were not accepted yet; for admins. */
export function useInvitations(projectId: number, enabled: boolean) {
  return useQuery({
    queryKey: invitationsTo(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/invitations/", { params, signal }))).items;
    },
    enabled,
  });
}

/** Invite an address. The answer is the only one that shows the link. */
export function useInvite(projectId: number, done: (made: NewInvitation) => void) {
  return useApiMutation(
    (wanted: { email: string; role: Role }) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/invitations/", {
          params: { path: { project_id: projectId } },
          body: wanted,
        }),
      ),
    { invalidates: [invitationsTo(projectId)], done, showsOnce: true },
  );
}

export function useWithdrawInvitation(projectId: number, invitationId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/invitations/{invitation_id}", {
          params: { path: { project_id: projectId, invitation_id: invitationId } },
        }),
      ),
    { invalidates: [invitationsTo(projectId)] },
  );
}
