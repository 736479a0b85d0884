import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useChange } from "./changes";
import { authApi } from "./client";
import { content } from "./errors";
import { ME } from "./queryClient";

const LOGINS = ["logins"] as const;

/** Name and address; a new address takes the password. */
export interface AccountChanges {
  name?: string;
  email?: string;
  current_password?: string;
}

export function useChangeAccount(userId: number) {
  return useChange(
    (changes: AccountChanges) =>
      content(authApi.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: userId } }, body: changes })),
    { outdated: [ME, ["users"]] },
  );
}

/** A new password. Every other login ends; this one goes on. */
export function useChangePassword() {
  const client = useQueryClient();
  return useChange(
    (passwords: { current_password: string; password: string }) =>
      content(authApi.POST("/api/v1/users/me/password", { body: passwords })),
    {
      outdated: [LOGINS],
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
    queryFn: async ({ signal }) => (await content(authApi.GET("/api/v1/auth/sessions", { signal }))).items,
  });
}

export function useEndLogin() {
  return useChange(
    (id: string) =>
      content(authApi.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: id } } })),
    { outdated: [LOGINS] },
  );
}

export function useEndOtherLogins() {
  return useChange(() => content(authApi.DELETE("/api/v1/auth/sessions")), { outdated: [LOGINS] });
}

/** A new secret for an authenticator app; it counts once its first code was entered. */
export function useSetUpTwoFactor() {
  return useChange((password: string) =>
    content(authApi.POST("/api/v1/auth/two-factor/setup", { body: { current_password: password } })),
  );
}

/** Ask for codes from now on. The recovery codes are in the answer alone. */
export function useEnableTwoFactor(done: (codes: string[]) => void) {
  return useChange((code: string) => content(authApi.POST("/api/v1/auth/two-factor/enable", { body: { code } })), {
    outdated: [ME, ["users"]],
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
  return useChange(
    (proof: BothFactors) => content(authApi.POST("/api/v1/auth/two-factor/disable", { body: proof })),
    { outdated: [ME, ["users"]] },
  );
}

/** New recovery codes; the old ones are void. */
export function useNewRecoveryCodes(done: (codes: string[]) => void) {
  return useChange(
    (proof: BothFactors) => content(authApi.POST("/api/v1/auth/two-factor/recovery-codes", { body: proof })),
    {
      done: (answer) => {
        done(answer.recovery_codes);
      },
      showsOnce: true,
    },
  );
}
