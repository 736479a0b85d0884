import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { authApi, type NewInvitation } from "./client";
import { unwrap } from "./errors";
import { ME } from "./queryClient";

const USERS = ["users"] as const;
const INVITATIONS = ["installation", "invitations"] as const;
const FIRST_PAGE = null as string | null;
const PAGE = 50;

function pageQuery(cursor: string | null) {
  return cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
}

/** Accounts in the order they were made, of those whose name or address holds a text. */
export function useUsers(search: string) {
  return useInfiniteQuery({
    queryKey: [...USERS, search],
    queryFn: ({ pageParam, signal }) =>
      unwrap(authApi.GET("/api/v1/users/", { params: { query: { ...pageQuery(pageParam), search } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What a superuser changes of an account. */
export interface AccountAdminChanges {
  is_active?: boolean;
  is_superuser?: boolean;
}

export function useChangeUser(userId: number) {
  return useApiMutation(
    (changes: AccountAdminChanges) =>
      unwrap(authApi.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body: changes })),
    { invalidates: [USERS, ME] },
  );
}

/** Set somebody's password; all their logins end. */
export function useResetPassword(userId: number) {
  return useApiMutation((password: string) =>
    unwrap(
      authApi.POST("/api/v1/users/{user_id}/password", {
        params: { path: { user_id: userId } },
        body: { password },
      }),
    ),
  );
}

/** Switch off the second factor of somebody who lost it; all their logins end. */
export function useRemoveTwoFactor(userId: number) {
  return useApiMutation(
    () => unwrap(authApi.DELETE("/api/v1/users/{user_id}/two-factor", { params: { path: { user_id: userId } } })),
    { invalidates: [USERS, ME] },
  );
}

export function useDeleteUser(userId: number) {
  return useApiMutation(
    () => unwrap(authApi.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: userId } } })),
    { invalidates: [USERS] },
  );
}

/** Invitations to make an account that were not accepted yet. */
export function useAccountInvitations() {
  return useQuery({
    queryKey: INVITATIONS,
    queryFn: async ({ signal }) => (await unwrap(authApi.GET("/api/v1/invitations/", { signal }))).items,
  });
}

/** Invite somebody to make an account. The answer is the only one that shows the link. */
export function useInviteAccount(done: (made: NewInvitation) => void) {
  return useApiMutation(({ email }: { email: string }) => unwrap(authApi.POST("/api/v1/invitations/", { body: { email } })), {
    invalidates: [INVITATIONS],
    done,
    showsOnce: true,
  });
}

export function useWithdrawAccountInvitation(invitationId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: invitationId } } }),
      ),
    { invalidates: [INVITATIONS] },
  );
}

/** Who changed what, newest first: in a project, or (null) in the installation. */
export function useAuditLog(projectId: number | null) {
  return useInfiniteQuery({
    queryKey: ["audit-log", projectId],
    queryFn: ({ pageParam, signal }) => {
      const query = pageQuery(pageParam);
      return unwrap(
        projectId === null
          ? authApi.GET("/api/v1/audit-log/", { params: { query }, signal })
          : authApi.GET("/api/v1/projects/{project_id}/audit-log/", {
              params: { path: { project_id: projectId }, query },
              signal,
            }),
      );
    },
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });
}
