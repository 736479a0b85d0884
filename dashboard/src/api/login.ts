import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { authApi, type User } from "./client";
import { unwrap, isUnauthenticated } from "./errors";
import { ME } from "./queryClient";

/** Who is logged in; fails with status 401 when nobody is. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: ({ signal }) => unwrap(authApi.GET("/api/v1/auth/me", { signal })),
    staleTime: 60_000,
  });
}

/** Somebody has logged in: what an earlier account has seen is forgotten first. */
function useEntering() {
  const client = useQueryClient();
  return (user: User) => {
    client.clear();
    client.setQueryData(ME, user);
  };
}

/** Log in. Refused with an error of the field `code` where the account has a second factor. */
export function useLogin() {
  const enter = useEntering();
  return useMutation({
    meta: { isLogin: true },
    mutationFn: (credentials: { email: string; password: string; code: string | null }) =>
      unwrap(authApi.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess: ({ user }) => {
      enter(user);
    },
  });
}

/** Who may make an account here. */
export function useRegistration() {
  return useQuery({
    queryKey: ["registration"],
    queryFn: ({ signal }) => unwrap(authApi.GET("/api/v1/auth/registration", { signal })),
    staleTime: 60_000,
  });
}

/** Make an account, and be logged in. */
export function useRegister() {
  const enter = useEntering();
  return useMutation({
    meta: { isLogin: true },
    mutationFn: (account: { email: string; name: string; password: string; invitation: string | null }) =>
      unwrap(authApi.POST("/api/v1/auth/register", { body: account })),
    onSuccess: ({ user }) => {
      enter(user);
    },
  });
}

/** What an invitation's link is good for. */
export function useInvitation(token: string) {
  return useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => unwrap(authApi.POST("/api/v1/auth/invitations/look", { body: { token }, signal })),
    enabled: token !== "",
    staleTime: Infinity,
  });
}

/** Join what a link invites to. */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => unwrap(authApi.POST("/api/v1/auth/invitations/accept", { body: { token } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["projects"] });
    },
  });
}

/** End this login; that it has ended already is as good. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    meta: { isLogin: true },
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
