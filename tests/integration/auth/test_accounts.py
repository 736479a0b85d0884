"""Accounts over the gateway: registering, logins, second factor, members, invitations, users."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import pyotp
import pytest
import requests

from shared.auth.tickets import redeem
from shared.errors import Unauthorized
from shared.runtime.redis_clients import connect
from tests.conftest import PASSWORD, Installation

NEW_PASSWORD = "another pass phrase"


def address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


class Api:
    """A browser that knows where the API is."""

    def __init__(self, installation: Installation, session: requests.Session | None = None) -> None:
        self.url = f"{installation.url}/api/v1"
        self.session = session or requests.Session()

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Call a path of the API."""
        return self.session.request(method, self.url + path, json=body, timeout=20, **more)

    def login(self, email: str, password: str = PASSWORD, **more: Any) -> requests.Response:
        """Log in, and keep the cookies."""
        return self("POST", "/auth/login", {"email": email, "password": password, **more})


@pytest.fixture
def owner(installation: Installation) -> Api:
    return Api(installation, installation.login())


@pytest.fixture
def person(installation: Installation) -> tuple[Api, str]:
    email = address()
    return Api(installation, installation.new_user(email)), email


def test_an_account_is_made_by_invitation_only_and_only_for_the_invited(
    installation: Installation, owner: Api
) -> None:
    stranger, email = Api(installation), address()
    body: dict[str, Any] = {"email": email, "password": PASSWORD}
    assert stranger("GET", "/auth/registration").json() == {
        "registration": "invitation", "sign_in_with": None,
    }  # fmt: skip
    assert stranger("POST", "/auth/register", body).status_code == 403
    link = owner("POST", "/invitations/", {"email": email}).json()["link"]
    token = link.partition("#")[2]
    looked = stranger("POST", "/auth/invitations/look", {"token": token}).json()
    assert (looked["email"], looked["project_name"], looked["has_account"]) == (email, None, False)
    other = {**body, "email": address(), "invitation": token}
    assert stranger("POST", "/auth/register", other).status_code == 422
    made = stranger("POST", "/auth/register", {**body, "invitation": token})
    assert made.status_code == 201
    assert made.json()["user"]["is_superuser"] is False
    assert stranger("GET", "/auth/me").json()["email"] == email
    again = {**body, "invitation": token}
    assert Api(installation)("POST", "/auth/register", again).status_code == 404


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "{email}", "ababababab"])
def test_a_password_that_is_guessed_first_is_refused(
    installation: Installation, owner: Api, weak: str
) -> None:
    email = address()
    link = owner("POST", "/invitations/", {"email": email}).json()["link"]
    body = {
        "email": email, "password": weak.format(email=email), "invitation": link.partition("#")[2],
    }  # fmt: skip
    answer = Api(installation)("POST", "/auth/register", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["password"])


def test_a_form_login_answers_a_token_and_sets_no_cookie(
    installation: Installation, person: tuple[Api, str]
) -> None:
    answer = requests.post(
        f"{installation.url}/api/v1/auth/login/form",
        data={"grant_type": "password", "username": person[1], "password": PASSWORD, "scope": ""},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "bearer"
    assert not answer.cookies
    token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = requests.get(f"{installation.url}/api/v1/auth/me", headers=token, timeout=10)
    assert me.json()["email"] == person[1]


def test_blanks_around_an_address_and_its_case_do_not_matter(
    installation: Installation, person: tuple[Api, str]
) -> None:
    written = f" {person[1].upper()} "
    assert Api(installation).login(written).status_code == 200
    answer = requests.post(
        f"{installation.url}/api/v1/auth/login/form",
        data={"username": written, "password": PASSWORD},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def test_of_many_wrong_passwords_at_once_only_five_are_looked_at(
    installation: Installation, person: tuple[Api, str]
) -> None:
    found: list[int] = []

    def guess() -> None:
        found.append(Api(installation).login(person[1], "wrong password").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [401] * 5 + [429] * 7
    assert Api(installation).login(person[1]).status_code == 429  # even the right one


def test_two_tabs_that_refresh_at_once_stay_logged_in(person: tuple[Api, str]) -> None:
    tab = requests.Session()
    tab.cookies.update(person[0].session.cookies)
    other = Api.__new__(Api)
    other.url, other.session = person[0].url, tab
    assert person[0]("POST", "/auth/refresh").status_code == 200
    assert other("POST", "/auth/refresh").status_code == 200
    # Whichever answer the browser kept, it works, and can be renewed.
    for _ in range(2):
        assert person[0]("GET", "/auth/me").status_code == 200
        assert other("GET", "/auth/me").status_code == 200
    assert person[0]("POST", "/auth/refresh").status_code == 200
    assert person[0]("GET", "/auth/me").status_code == 200


def test_a_changed_password_ends_every_other_login(
    installation: Installation, person: tuple[Api, str]
) -> None:
    here, email = person
    there = Api(installation)
    assert there.login(email).status_code == 200
    path = "/users/me/password"
    wrong = here("POST", path, {"current_password": "no", "password": NEW_PASSWORD})
    assert wrong.status_code == 403
    assert there("GET", "/auth/me").status_code == 200
    body = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert here("POST", path, body).status_code == 200
    assert here("GET", "/auth/me").status_code == 200
    assert there("GET", "/auth/me").status_code == 401
    assert there("POST", "/auth/refresh").status_code == 401
    assert there.login(email).status_code == 401
    assert there.login(email, NEW_PASSWORD).status_code == 200


def test_logins_are_listed_and_ended_one_by_one(
    installation: Installation, person: tuple[Api, str], owner: Api
) -> None:
    here, email = person
    there = Api(installation)
    there.session.headers["User-Agent"] = "Somebody's phone"
    assert there.login(email).status_code == 200
    sessions = here("GET", "/auth/sessions").json()["items"]
    assert {found["is_current"] for found in sessions} == {True, False}
    phone = next(found for found in sessions if found["user_agent"] == "Somebody's phone")
    assert phone["address"] == "127.0.0.1"
    assert owner("DELETE", f"/auth/sessions/{phone['id']}").status_code == 404  # not hers
    assert here("DELETE", f"/auth/sessions/{phone['id']}").status_code == 204
    assert there("GET", "/auth/me").status_code == 401
    assert there.login(email).status_code == 200
    assert here("DELETE", "/auth/sessions").status_code == 204
    assert there("GET", "/auth/me").status_code == 401
    assert len(here("GET", "/auth/sessions").json()["items"]) == 1


def test_a_second_factor_is_asked_for_and_each_code_is_good_once(
    installation: Installation, person: tuple[Api, str]
) -> None:
    me, email = person
    setup = me("POST", "/auth/two-factor/setup", {"current_password": PASSWORD}).json()
    assert "otpauth://totp/Tidemark" in setup["uri"]
    app = pyotp.TOTP(setup["secret"])
    assert me("POST", "/auth/two-factor/enable", {"code": "000000"}).status_code == 422
    code = app.now()
    enabled = me("POST", "/auth/two-factor/enable", {"code": code})
    assert enabled.status_code == 200, enabled.text
    recovery = enabled.json()["recovery_codes"]
    assert len(recovery) == 10
    assert me("GET", "/auth/me").json()["has_second_factor"] is True
    stranger = Api(installation)
    asked = stranger.login(email)
    assert (asked.status_code, list(asked.json()["errors"])) == (401, ["code"])
    assert stranger.login(email, code=code).status_code == 401  # used to switch it on
    assert stranger.login(email, code=recovery[0]).status_code == 200
    assert stranger.login(email, code=recovery[0]).status_code == 401
    assert stranger.login(email, code=recovery[1].upper().replace("-", " ")).status_code == 200
    form = requests.post(
        f"{installation.url}/api/v1/auth/login/form",
        data={"username": email, "password": PASSWORD},
        timeout=10,
    )
    assert form.status_code == 401
    body = {"current_password": PASSWORD, "code": recovery[2]}
    assert me("POST", "/auth/two-factor/disable", {**body, "code": "x"}).status_code == 403
    assert me("POST", "/auth/two-factor/disable", body).status_code == 204
    assert Api(installation).login(email).status_code == 200


def test_codes_are_guessed_no_more_often_than_passwords(
    installation: Installation, person: tuple[Api, str]
) -> None:
    me, email = person
    setup = me("POST", "/auth/two-factor/setup", {"current_password": PASSWORD}).json()
    code = pyotp.TOTP(setup["secret"]).now()
    assert me("POST", "/auth/two-factor/enable", {"code": code}).status_code == 200
    stranger = Api(installation)
    for _ in range(5):
        assert stranger.login(email).status_code == 401  # without a code: not a failure
        assert stranger.login(email, code="123456").status_code == 401
    assert stranger.login(email, code="123456").status_code == 429


def test_a_ticket_is_good_for_one_socket_of_one_project(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    project_id = installation.project_id
    answer = owner("POST", "/auth/ws-ticket", {"project_id": project_id}).json()
    assert answer["expires_in"] == 30
    with connect(installation.environment["REDIS_URL"]) as redis:
        assert 0 < redis.ttl(f"ws-ticket:{answer['ticket']}") <= 30
        redeemed = redeem(redis, answer["ticket"], project_id)
        assert redeemed.project_id == project_id
        with pytest.raises(Unauthorized):
            redeem(redis, answer["ticket"], project_id)
        other = owner("POST", "/auth/ws-ticket", {"project_id": project_id}).json()["ticket"]
        with pytest.raises(Unauthorized):
            redeem(redis, other, project_id + 1)
    stranger = person[0]("POST", "/auth/ws-ticket", {"project_id": project_id})
    assert stranger.status_code == 404


def test_members_are_invited_given_roles_and_removed(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    project = installation.new_project("members")
    member, email = person
    path = f"/projects/{project['id']}"
    assert member("GET", path).status_code == 404
    invited = owner("POST", f"{path}/invitations/", {"email": email.upper(), "role": "viewer"})
    token = {"token": invited.json()["link"].partition("#")[2]}
    assert "token" not in owner("GET", f"{path}/invitations/").text
    assert owner("POST", "/auth/invitations/accept", token).status_code == 403  # not hers
    accepted = member("POST", "/auth/invitations/accept", token)
    assert accepted.json() == {"project_id": project["id"]}
    assert member("POST", "/auth/invitations/accept", token).status_code == 404
    assert member("GET", path).json()["role"] == "viewer"
    assert member("PATCH", f"{path}/settings", {"retention_days": 1}).status_code == 403
    listed = owner("GET", f"{path}/members/").json()["items"]
    first = owner("GET", f"{path}/members/?limit=1").json()
    rest = owner("GET", f"{path}/members/?limit=1&cursor={first['next_cursor']}").json()
    assert [*first["items"], *rest["items"]] == listed
    assert rest["next_cursor"] is None
    me, boss = sorted(listed, key=lambda one: one["role"], reverse=True)
    one = f"{path}/members/{me['user_id']}"
    assert owner("PATCH", one, {"role": "admin"}).status_code == 200
    assert member("PATCH", f"{path}/settings", {"retention_days": 1}).status_code == 200
    # An admin neither makes nor unmakes owners, and the last owner stays.
    assert member("PATCH", one, {"role": "owner"}).status_code == 403
    assert member("DELETE", f"{path}/members/{boss['user_id']}").status_code == 403
    body = {"email": address(), "role": "owner"}
    assert member("POST", f"{path}/invitations/", body).status_code == 403
    assert owner("DELETE", f"{path}/members/{boss['user_id']}").status_code == 409
    assert owner("PATCH", f"{path}/members/{boss['user_id']}", {"role": "admin"}).status_code == 409
    assert member("DELETE", one).status_code == 204  # leaves
    assert member("GET", path).status_code == 404
    log = [entry["action"] for entry in owner("GET", f"{path}/audit-log/").json()["items"]]
    assert log[0] == "member.removed"
    assert {"member.invited", "member.joined", "member.role_changed"} <= set(log)


def test_an_invitation_that_was_withdrawn_or_replaced_is_invalid(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    project, (member, email) = installation.new_project("withdrawn"), person
    path = f"/projects/{project['id']}/invitations/"
    links = [owner("POST", path, {"email": email}).json() for _ in range(2)]
    tokens = [{"token": made["link"].partition("#")[2]} for made in links]
    assert member("POST", "/auth/invitations/accept", tokens[0]).status_code == 404
    assert owner("DELETE", f"{path}{links[1]['id']}").status_code == 204
    assert owner("DELETE", f"{path}{links[1]['id']}").status_code == 404
    assert member("POST", "/auth/invitations/accept", tokens[1]).status_code == 404


def test_accounts_are_looked_after_by_superusers_only(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    me, _ = person
    own = me("GET", "/auth/me").json()["id"]
    boss = owner("GET", "/auth/me").json()["id"]
    for method, path in (
        ("GET", "/users/"), ("DELETE", f"/users/{boss}"), ("GET", "/audit-log/"),
        ("POST", f"/users/{boss}/password"), ("POST", "/invitations/"),
    ):  # fmt: skip
        assert me(method, path, {}).status_code == 403, path
    assert me("GET", f"/users/{boss}").status_code == 404
    assert me("PATCH", f"/users/{boss}", {"name": "x"}).status_code == 404
    assert me("PATCH", f"/users/{own}", {"is_superuser": True}).status_code == 403
    assert me("PATCH", f"/users/{own}", {"name": "Ada"}).json()["name"] == "Ada"
    # One's own address only with the password.
    moved = address()
    assert me("PATCH", f"/users/{own}", {"email": moved}).status_code == 422
    body = {"email": moved, "current_password": PASSWORD}
    assert me("PATCH", f"/users/{own}", body).json()["email"] == moved
    found = owner("GET", "/users/", params={"search": moved}).json()["items"]
    assert [user["id"] for user in found] == [own]
    # The installation keeps an owner; other tests may have made more of them.
    everybody = owner("GET", "/users/", params={"limit": 200}).json()
    assert everybody["next_cursor"] is None
    for user in everybody["items"]:
        if user["is_superuser"] and user["id"] != boss:
            answer = owner("PATCH", f"/users/{user['id']}", {"is_superuser": False})
            assert answer.status_code == 200
    assert owner("PATCH", f"/users/{boss}", {"is_superuser": False}).status_code == 409
    assert owner("DELETE", f"/users/{boss}").status_code == 409


def test_a_closed_reset_or_deleted_account_is_logged_out(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    me, email = person
    own = me("GET", "/auth/me").json()["id"]
    assert owner("PATCH", f"/users/{own}", {"is_active": False}).status_code == 200
    assert me("GET", "/auth/me").status_code == 401
    assert me.login(email).status_code == 401
    assert owner("PATCH", f"/users/{own}", {"is_active": True}).status_code == 200
    assert me("GET", "/auth/me").status_code == 401  # what was ended stays ended
    assert me.login(email).status_code == 200
    reset = owner("POST", f"/users/{own}/password", {"password": NEW_PASSWORD})
    assert reset.status_code == 204
    assert me("GET", "/auth/me").status_code == 401
    assert me.login(email, NEW_PASSWORD).status_code == 200
    project = me("POST", "/projects/", {"name": "alone"}).json()
    refused = owner("DELETE", f"/users/{own}")
    assert (refused.status_code, "alone" in refused.json()["message"]) == (409, True)
    assert me("DELETE", f"/projects/{project['id']}").status_code == 202
    # A deleted project still needs somebody who can restore it.
    assert owner("DELETE", f"/users/{own}").status_code == 409
    body = {"email": installation.credentials["email"], "role": "owner"}
    assert me("POST", f"/projects/{project['id']}/restore").status_code == 200
    link = me("POST", f"/projects/{project['id']}/invitations/", body).json()["link"]
    token = {"token": link.partition("#")[2]}
    assert owner("POST", "/auth/invitations/accept", token).status_code == 200
    taken_over = owner("DELETE", f"/projects/{project['id']}/members/{own}")
    assert taken_over.status_code == 204
    assert owner("DELETE", f"/users/{own}").status_code == 204
    assert me("GET", "/auth/me").status_code == 401
    assert me.login(email, NEW_PASSWORD).status_code == 401


def test_pages_of_other_sites_can_neither_call_nor_log_a_user_in(
    installation: Installation, person: tuple[Api, str]
) -> None:
    me, email = person
    body = {"email": email, "password": PASSWORD}
    for headers in (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Origin": installation.url + ".evil.example"}, {"Sec-Fetch-Site": "same-site"},
    ):  # fmt: skip
        for path in ("/auth/login", "/auth/refresh", "/auth/logout", "/projects/"):
            assert me("POST", path, body, headers=headers).status_code == 403, (path, headers)
    own = {"Origin": installation.url, "Sec-Fetch-Site": "same-origin"}
    assert me("POST", "/auth/login", body, headers=own).status_code == 200


def test_the_audit_log_of_the_installation_records_logins_and_failures(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    Api(installation).login(person[1], "wrong password")
    Api(installation).login(person[1])
    Api(installation).login(address(), "wrong password")  # no such account: not in the log
    entries = owner("GET", "/audit-log/", params={"limit": 20}).json()["items"]
    mine = [entry for entry in entries if entry["actor_email"] == person[1]]
    assert [entry["action"] for entry in mine][:2] == ["login.succeeded", "login.failed"]
    assert {entry["address"] for entry in mine} == {"127.0.0.1"}
    assert mine[1]["actor_id"] is None


def test_a_deleted_project_is_hidden_at_once_and_restored_unchanged(
    installation: Installation, owner: Api
) -> None:
    project = installation.new_project("undo")
    path, event = f"/projects/{project['id']}", {"event": "a"}
    assert installation.ingest(project["public_key"], event).status_code == 202
    planned = owner("DELETE", path)
    assert planned.status_code == 202
    assert planned.json()["started_at"] is None
    assert owner("GET", path).status_code == 404
    secret = {"X-API-Key": project["secret_key"]}
    overview = f"{installation.url}/api/v1/analytics/{project['id']}/overview"
    assert requests.get(overview, headers=secret, timeout=10).status_code in {401, 404}
    listed = owner("GET", "/projects/", params={"limit": 200}).json()["items"]
    assert project["id"] not in {one["id"] for one in listed}
    deleted = owner("GET", "/projects/", params={"deleted": "true"}).json()["items"]
    assert project["id"] in {one["id"] for one in deleted}
    assert owner("GET", f"{path}/deletion").json() == planned.json()
    time.sleep(5.2)  # as long as the edge may take to follow
    assert installation.ingest(project["public_key"], event).status_code == 401
    assert owner("POST", f"{path}/restore").json()["deleted_at"] is None
    assert owner("POST", f"{path}/restore").status_code == 409
    assert owner("GET", path).json()["name"] == "undo"
    time.sleep(5.2)
    assert installation.ingest(project["public_key"], event).status_code == 202
    assert requests.get(overview, headers=secret, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "path", ["/projects", "/users", "/audit-log", "/invitations", "/auth/me", "/auth/sessions"]
)
def test_a_path_is_answered_with_and_without_its_slash(owner: Api, path: str) -> None:
    for form in (path, f"{path}/"):
        answer = owner("GET", form)
        assert (answer.status_code, answer.history) == (200, [])


def test_errors_name_their_cause_by_a_code(
    installation: Installation, owner: Api, person: tuple[Api, str]
) -> None:
    me, email = person
    own = me("GET", "/auth/me").json()["id"]
    foreign = installation.new_project("codes")["id"]
    boss = owner("GET", "/auth/me").json()["email"]
    change = {"current_password": "not the password", "password": NEW_PASSWORD}
    weak = {"current_password": PASSWORD, "password": "aaaaaaaaaaaa"}
    for answer, code in (
        (Api(installation)("GET", "/auth/me"), "unauthorized"),
        (Api(installation).login(email, "wrong"), "invalid_credentials"),
        (me("POST", "/users/me/password", change), "current_password_wrong"),
        (me("POST", "/users/me/password", weak), "weak_password"),
        (me("POST", "/users/me/password", {}), "invalid_fields"),
        (me("GET", f"/projects/{foreign}"), "not_found"),
        (me("GET", "/users"), "forbidden"),
        (me("GET", "/projects?cursor=x"), "invalid_cursor"),
        (me("POST", "/auth/invitations/accept", {"token": "x"}), "invitation_not_valid"),
        (owner("PATCH", f"/users/{own}", {"email": boss}), "email_taken"),
        (me("PUT", "/projects/"), "method_not_allowed"),
    ):
        assert answer.json()["code"] == code, answer.text
