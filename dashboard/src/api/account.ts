import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { authApi } from "./client";
import { content, isLoggedOut } from "./errors";
import { ME } from "./queryClient";

/** Who is logged in; fails with status 401 when nobody is. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: ({ signal }) => content(authApi.GET("/api/v1/auth/me", { signal })),
    staleTime: 60_000,
  });
}

/** Log in. What an earlier account has seen is forgotten first. */
export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    meta: { isLogin: true },
    mutationFn: (credentials: { email: string; password: string }) =>
      content(authApi.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess: ({ user }) => {
      client.clear();
      client.setQueryData(ME, user);
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
        await content(authApi.POST("/api/v1/auth/logout"));
      } catch (error) {
        if (!isLoggedOut(error)) throw error;
      }
    },
    onSuccess: () => {
      client.clear();
    },
  });
}
