import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { authApi, type NewInvitation } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const FIRST_PAGE = null as string | null;
const PAGE_SIZE = 50;

function pageQuery(cursor: string | null) {
  return cursor === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor };
}

/** Accounts, oldest first, whose name or e-mail address contains a text. */
export function useUsers(search: string) {
  return useInfiniteQuery({
    queryKey: queryKeys.users.matching(search),
    queryFn: ({ pageParam, signal }) =>
      unwrap(authApi.GET("/api/v1/users/", { params: { query: { ...pageQuery(pageParam), search } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What a superuser changes of an account. */
export interface UserChanges {
  is_active?: boolean;
  is_superuser?: boolean;
}

export function useChangeUser(userId: number) {
  return useApiMutation(
    (changes: UserChanges) =>
      unwrap(authApi.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body: changes })),
    { invalidates: [queryKeys.users.all, queryKeys.me] },
  );
}

/** Set somebody's password; all their sessions end. */
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

/** Remove the second factor of somebody who lost it; all their sessions end. */
export function useRemoveTwoFactor(userId: number) {
  return useApiMutation(
    () => unwrap(authApi.DELETE("/api/v1/users/{user_id}/two-factor", { params: { path: { user_id: userId } } })),
    { invalidates: [queryKeys.users.all, queryKeys.me] },
  );
}

export function useDeleteUser(userId: number) {
  return useApiMutation(
    () => unwrap(authApi.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: userId } } })),
    { invalidates: [queryKeys.users.all] },
  );
}

/** Invitations to create an account that were not accepted yet. */
export function useAccountInvitations() {
  return useQuery({
    queryKey: queryKeys.accountInvitations,
    queryFn: async ({ signal }) => (await unwrap(authApi.GET("/api/v1/invitations/", { signal }))).items,
  });
}

/** Invite somebody to create an account. Only this response has the link. */
export function useInviteAccount(onInvited: (invitation: NewInvitation) => void) {
  return useApiMutation(({ email }: { email: string }) => unwrap(authApi.POST("/api/v1/invitations/", { body: { email } })), {
    invalidates: [queryKeys.accountInvitations],
    onDone: onInvited,
    showsOnce: true,
  });
}

export function useWithdrawAccountInvitation(invitationId: number) {
  return useApiMutation(
    () =>
      unwrap(
        authApi.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: invitationId } } }),
      ),
    { invalidates: [queryKeys.accountInvitations] },
  );
}

/** Who changed what, newest first: in a project, or (null) on the server. */
export function useAuditLog(projectId: number | null) {
  return useInfiniteQuery({
    queryKey: queryKeys.auditLog(projectId),
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
