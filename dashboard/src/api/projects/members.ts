import { useQuery } from "@tanstack/react-query";
import { allPages } from "../cache/allPages";
import { authApi, type NewInvitation, type Role } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const PAGE_SIZE = 200;

/** Who can see a project, and with which role. */
export function useMembers(projectId: number) {
  return useQuery({
    queryKey: queryKeys.projects.members(projectId),
    queryFn: ({ signal }) =>
      allPages(PAGE_SIZE, (query) => {
        const params = { path: { project_id: projectId }, query };
        return unwrap(authApi.GET("/api/v1/projects/{project_id}/members/", { params, signal }));
      }),
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
    { invalidates: [queryKeys.projects.all] },
  );
}

/** Remove a member, or leave the project. */
export function useRemoveMember(projectId: number, userId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/projects/{project_id}/members/{user_id}", {
          params: { path: { project_id: projectId, user_id: userId } },
        }),
      ),
    { invalidates: [queryKeys.projects.all] },
  );
}

/** Invitations that were not accepted yet; for admins. */
export function useInvitations(projectId: number) {
  return useQuery({
    queryKey: queryKeys.projects.invitations(projectId),
    queryFn: async ({ signal }) => {
      const params = { path: { project_id: projectId } };
      return (await unwrap(authApi.GET("/api/v1/projects/{project_id}/invitations/", { params, signal }))).items;
    },
  });
}

/** Invite an e-mail address. Only this response has the link. */
export function useInvite(projectId: number, onInvited: (invitation: NewInvitation) => void) {
  return useApiMutation(
    (fields: { email: string; role: Role }) =>
      unwrap(
        authApi.POST("/api/v1/projects/{project_id}/invitations/", {
          params: { path: { project_id: projectId } },
          body: fields,
        }),
      ),
    { invalidates: [queryKeys.projects.invitations(projectId)], onDone: onInvited, showsOnce: true },
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
    { invalidates: [queryKeys.projects.invitations(projectId)] },
  );
}
