import { useQuery, useQueryClient } from "@tanstack/react-query";
import { authApi } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";
import { useApiMutation } from "../cache/useApiMutation";

const ACCOUNT_KEYS = [queryKeys.me, queryKeys.users.all];

/** Name and e-mail address; a new address requires the password. */
export interface AccountChanges {
  name?: string;
  email?: string;
  current_password?: string;
}

export function useChangeAccount(userId: number) {
  return useApiMutation(
    (changes: AccountChanges) =>
      unwrap(authApi.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body: changes })),
    { invalidates: ACCOUNT_KEYS },
  );
}

/** Set a new password. Every other session ends; this one continues. */
export function useChangePassword() {
  const client = useQueryClient();
  return useApiMutation(
    (passwords: { current_password: string; password: string }) =>
      unwrap(authApi.POST("/api/v1/users/me/password", { body: passwords })),
    {
      invalidates: [queryKeys.sessions],
      onDone: ({ user }) => {
        client.setQueryData(queryKeys.me, user);
      },
    },
  );
}

/** The devices on which this account is signed in. */
export function useSessions() {
  return useQuery({
    queryKey: queryKeys.sessions,
    queryFn: async ({ signal }) => (await unwrap(authApi.GET("/api/v1/auth/sessions", { signal }))).items,
  });
}

export function useEndSession() {
  return useApiMutation(
    (id: string) =>
      unwrap(authApi.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: id } } })),
    { invalidates: [queryKeys.sessions] },
  );
}

export function useEndOtherSessions() {
  return useApiMutation(() => unwrap(authApi.DELETE("/api/v1/auth/sessions")), { invalidates: [queryKeys.sessions] });
}

/** Create a secret for an authenticator app; it takes effect once its first code was entered. */
export function useSetUpTwoFactor() {
  return useApiMutation((password: string) =>
    unwrap(authApi.POST("/api/v1/auth/two-factor/setup", { body: { current_password: password } })),
  );
}

/** Require codes from now on. Only this response has the recovery codes. */
export function useEnableTwoFactor(onCodes: (codes: string[]) => void) {
  return useApiMutation((code: string) => unwrap(authApi.POST("/api/v1/auth/two-factor/enable", { body: { code } })), {
    invalidates: ACCOUNT_KEYS,
    onDone: ({ recovery_codes: codes }) => {
      onCodes(codes);
    },
    showsOnce: true,
  });
}

export interface BothFactors {
  current_password: string;
  code: string;
}

export function useDisableTwoFactor() {
  return useApiMutation(
    (factors: BothFactors) => unwrap(authApi.POST("/api/v1/auth/two-factor/disable", { body: factors })),
    { invalidates: ACCOUNT_KEYS },
  );
}

/** Create new recovery codes; the old ones stop working. */
export function useNewRecoveryCodes(onCodes: (codes: string[]) => void) {
  return useApiMutation(
    (factors: BothFactors) => unwrap(authApi.POST("/api/v1/auth/two-factor/recovery-codes", { body: factors })),
    {
      onDone: ({ recovery_codes: codes }) => {
        onCodes(codes);
      },
      showsOnce: true,
    },
  );
}
