"""Protections of accounts, logins and keys."""

from __future__ import annotations

from tests.negative_controls.control import Control

_INGEST = "tests/integration/ingest"
_LOGINS = "tests/integration/auth/test_login_sessions.py"
_LOCKOUT = "tests/integration/auth/test_lockout.py"
_ELSEWHERE = "tests/integration/auth/test_sso.py"
CONTROLS = (
    Control(
        "no code of a second factor is good after the clock was set back",
        "services/auth/accounts/two_factor.py",
        "    if last > now + 1:\n",
        "    if False:\n",
        "tests/integration/auth/test_lockout.py -k good_once_after",
    ),
    Control(
        "a clock that is set back locks accounts for as long",
        "shared/auth/attempts.py",
        "if redis.call('PTTL', KEYS[1]) > 1000 * ARGV[2] then",
        "if false then",
        "tests/integration/auth/test_lockout.py -k five_failures_lock",
    ),
    Control(
        "an account may create any number of projects in an hour",
        "services/auth/projects/projects.py",
        "        limit_new_projects(get_login_redis(), owner.existing_user_id, per_hour)\n",
        "",
        "tests/integration/auth/test_project_limits.py -k an_hour",
    ),
    Control(
        "an account that asks for projects at once may own more than it may",
        "services/auth/projects/ownership.py",
        "    user = account_store.get_locked_user(session, user_id)\n",
        "    user = session.get(account_store.User, user_id)\n",
        "tests/integration/auth/test_project_limits.py -k however_fast",
    ),
    Control(
        "the right password clears the count of wrong codes",
        "services/auth/lockout.py",
        "                    pipeline.delete(self._key)\n",
        "                    pipeline.delete(self._key, self._codes)\n",
        "tests/integration/auth/test_lockout.py -k 'clear_wrong_codes'",
    ),
    Control(
        "a prolonged retention forgets which days were removed",
        "services/auth/projects/publication.py",
        "expired_until=expired_until.timestamp() if expired_until else 0.0",
        "expired_until=0.0",
        f"{_INGEST}/test_retention.py",
    ),
    Control(
        "a changed password leaves logins as they are",
        "services/auth/accounts/accounts.py",
        "    user.password_hash = hash_password(new)\n    end_logins(user)\n",
        "    user.password_hash = hash_password(new)\n",
        f"{_LOGINS} -k unlisted_logins",
    ),
    Control(
        "a wrong password is counted after it was looked at",
        "services/auth/accounts/accounts.py",
        "    lockout.begin()\n    user = account_store.get_user_by_email",
        "    user = account_store.get_user_by_email",
        f"{_LOCKOUT} -k five_failures",
    ),
    Control(
        "an unknown account is refused without work",
        "shared/auth/passwords.py",
        "        _hasher.verify(password_hash or _hash_of_nobody(), password)\n",
        "        _hasher.verify(password_hash or 'none', password)\n",
        f"{_LOCKOUT} -k same_work",
    ),
    Control(
        "an address that nobody verified opens its account",
        "services/auth/accounts/oidc.py",
        'is_verified = claims.get("email_verified") in (True, "true")',
        "is_verified = True",
        f"{_ELSEWHERE} -k not_verified",
    ),
    Control(
        "the provider opens accounts that have a password",
        "services/auth/accounts/sso.py",
        "        raise LinkRequiresLogin(identity)\n",
        "        pass\n",
        f"{_ELSEWHERE} -k 'same_browser or got_round'",
    ),
    Control(
        "an account goes to whoever has its address now",
        "services/auth/accounts/sso.py",
        "if user is not None and account_store.has_identity_of(session, identity.issuer, user.id):",
        "if False:",
        f"{_ELSEWHERE} -k new_holder",
    ),
    Control(
        "the nonce of a sign-in is not looked at",
        "services/auth/accounts/oidc.py",
        '                    "nonce": nonce,\n',
        "",
        f"{_ELSEWHERE} -k lies",
    ),
    Control(
        "any browser may bring a sign-in's answer",
        "services/auth/routes/oidc.py",
        'if not hmac.compare_digest(state_cookie.encode(), answer.get("state", "").encode()):',
        "if False:",
        f"{_ELSEWHERE} -k from_the_browser",
    ),
    Control(
        "an account takes over any number of projects",
        "services/auth/members/members.py",
        "        check_may_be_first_owner(session, owners[1])\n",
        "        pass\n",
        "tests/integration/auth/test_project_limits.py -k takes_over_no_more",
    ),
    Control(
        "others use up the projects that may count for an account",
        "services/auth/project_store.py",
        'Membership.role == "owner", first_owner == user_id\n',
        'Membership.role == "owner"\n',
        "tests/integration/auth/test_project_limits.py -k made_an_owner",
    ),
    Control(
        "an account that is deleted leaves its projects to owners who are not asked",
        "services/auth/accounts/users.py",
        "    if left:\n",
        "    if False:\n",
        "tests/integration/auth/test_project_limits.py -k unasked",
    ),
    Control(
        "a project is left to an owner who has not taken it over",
        "services/auth/members/members.py",
        "if owners[0] == user_id and actor.user_id in owners and actor.user_id != owners[1]:",
        "if False:",
        "tests/integration/auth/test_project_limits.py -k did_not_take_over",
    ),
    Control(
        "policies name the owner who was removed",
        "services/auth/members/members.py",
        '    if member.role == "owner":\n        invalidate_policies',
        "    if False:\n        invalidate_policies",
        "tests/integration/auth/test_project_limits.py -k has_taken_over",
    ),
    Control(
        "one answer lists every member of a project",
        "services/auth/account_store.py",
        "Membership.project_id == project_id, User.id > after_id)\n        .order_by(User.id)\n"
        "        .limit(limit)\n",
        "Membership.project_id == project_id)\n        .order_by(User.id)\n",
        "tests/integration/auth/test_accounts.py -k test_members_are_invited",
    ),
    Control(
        "a project has any number of keys by replacing them",
        "services/auth/projects/keys.py",
        "    if grace and len(valid) >= MAX_KEYS:\n",
        "    if False:\n",
        "tests/integration/auth/test_project_settings_http.py -k replaced_keys_count",
    ),
    Control(
        "every key that a project ever had stays in Redis",
        "services/auth/projects/keys.py",
        "(redis, (), [key.key_hash for key in keys if key.revoked_at is not None])",
        "(redis, ())",
        "tests/integration/auth/test_project_settings_http.py -k ended_is_forgotten",
    ),
    Control(
        "a user has any number of login sessions",
        "shared/auth/login_sessions.py",
        "        if count > MAX_OPEN:\n",
        "        if False:\n",
        "tests/integration/auth/test_login_sessions.py -k bounded_number",
    ),
)
