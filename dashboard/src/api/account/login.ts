import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { authApi, type User } from "../requests/client";
import { isUnauthenticated, unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";

/** The account that is signed in; fails with status 401 when there is none. */
export function useMe() {
  return useQuery({
    queryKey: queryKeys.me,
    queryFn: ({ signal }) => unwrap(authApi.GET("/api/v1/auth/me", { signal })),
    staleTime: 60_000,
  });
}

/**
 * Start with an empty cache, which an earlier account may have filled. The same account after its session
 * ended keeps its page, whose requests are sent again.
 */
function useSignedIn() {
  const client = useQueryClient();
  return ({ user }: { user: User }) => {
    const isSame = client.getQueryData<User>(queryKeys.me)?.id === user.id;
    if (!isSame) client.clear();
    client.setQueryData(queryKeys.me, user);
    if (isSame) void client.invalidateQueries();
  };
}

/** Sign in. Refused with the code `second_factor_required` if the account has a second factor. */
export function useLogin() {
  const onSuccess = useSignedIn();
  return useMutation({
    meta: { isSignIn: true },
    mutationFn: (credentials: { email: string; password: string; code: string | null }) =>
      unwrap(authApi.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess,
  });
}

/** Who may create an account. */
export function useRegistration() {
  return useQuery({
    queryKey: queryKeys.registration,
    queryFn: ({ signal }) => unwrap(authApi.GET("/api/v1/auth/registration", { signal })),
    staleTime: 60_000,
  });
}

/** Create an account and sign in to it. */
export function useRegister() {
  const onSuccess = useSignedIn();
  return useMutation({
    meta: { isSignIn: true },
    mutationFn: (account: { email: string; name: string; password: string; invitation: string | null }) =>
      unwrap(authApi.POST("/api/v1/auth/register", { body: account })),
    onSuccess,
  });
}

/** What an invitation's link leads to. */
export function useInvitation(token: string) {
  return useQuery({
    queryKey: queryKeys.invitation(token),
    queryFn: ({ signal }) => unwrap(authApi.POST("/api/v1/auth/invitations/look", { body: { token }, signal })),
    enabled: token !== "",
    staleTime: Infinity,
  });
}

export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => unwrap(authApi.POST("/api/v1/auth/invitations/accept", { body: { token } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: queryKeys.projects.all });
    },
  });
}

/** Sign out. A session that has ended already counts as success. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    meta: { isSignIn: true },
    mutationFn: async () => {
      try {
        await unwrap(authApi.POST("/api/v1/auth/logout"));
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
      }
    },
    onSuccess: () => {
      client.clear();
    },
  });
}
