import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useApiMutation } from "./useApiMutation";
import { authApi } from "./client";
import { unwrap } from "./errors";
import { ME } from "./queryClient";

const LOGINS = ["logins"] as const;

/** Name and address; a new address takes the password. */
export interface AccountChanges {
  name?: string;
  email?: string;
  current_password?: string;
}

export function useChangeAccount(userId: number) {
  return useApiMutation(
    (changes: AccountChanges) =>
      unwrap(authApi.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body: changes })),
    { invalidates: [ME, ["users"]] },
  );
}

/** A new password. Every other login ends; this one goes on. */
export function useChangePassword() {
  const client = useQueryClient();
  return useApiMutation(
    (passwords: { current_password: string; password: string }) =>
      unwrap(authApi.POST("/api/v1/users/me/password", { body: passwords })),
    {
      invalidates: [LOGINS],
      done: ({ user }) => {
        client.setQueryData(ME, user);
      },
    },
  );
}

/** Where this account is logged in. */
export function useLogins() {
  return useQuery({
    queryKey: LOGINS,
    queryFn: async ({ signal }) => (await unwrap(authApi.GET("/api/v1/auth/sessions", { signal }))).items,
  });
}

export function useEndLogin() {
  return useApiMutation(
    (id: string) =>
      unwrap(authApi.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: id } } })),
    { invalidates: [LOGINS] },
  );
}

export function useEndOtherLogins() {
  return useApiMutation(() => unwrap(authApi.DELETE("/api/v1/auth/sessions")), { invalidates: [LOGINS] });
}

/** A new secret for an authenticator app; it counts once its first code was entered. */
export function useSetUpTwoFactor() {
  return useApiMutation((password: string) =>
    unwrap(authApi.POST("/api/v1/auth/two-factor/setup", { body: { current_password: password } })),
  );
}

/** Ask for codes from now on. The recovery codes are in the answer alone. */
export function useEnableTwoFactor(done: (codes: string[]) => void) {
  return useApiMutation((code: string) => unwrap(authApi.POST("/api/v1/auth/two-factor/enable", { body: { code } })), {
    invalidates: [ME, ["users"]],
    done: (answer) => {
      done(answer.recovery_codes);
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
    (proof: BothFactors) => unwrap(authApi.POST("/api/v1/auth/two-factor/disable", { body: proof })),
    { invalidates: [ME, ["users"]] },
  );
}

/** New recovery codes; the old ones are void. */
export function useNewRecoveryCodes(done: (codes: string[]) => void) {
  return useApiMutation(
    (proof: BothFactors) => unwrap(authApi.POST("/api/v1/auth/two-factor/recovery-codes", { body: proof })),
    {
      done: (answer) => {
        done(answer.recovery_codes);
      },
      showsOnce: true,
    },
  );
}
