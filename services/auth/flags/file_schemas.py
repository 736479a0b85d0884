"""Request and response schemas of what replaces several flags: files, and copies from projects."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import StorableText, TrueOrFalse, WholeNumber


class FlagFileQuery(Schema):
    """How a file of flags is applied."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Change nothing; say what would change."}
    )
    delete_missing = fields.Boolean(
        load_default=False,
        metadata={"description": "Delete flags that are not in the file. Default: they stay."},
    )


class FlagCopyRequest(Schema):
    """Which flags of another project are copied, and how."""

    from_project_id = WholeNumber(
        required=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "A project of which the user is a member, too."},
    )
    keys = fields.List(
        StorableText(validate=validate.Length(1, 200)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 500),
        metadata={"description": "Of the flags. Null: all of them.", "example": ["new-checkout"]},
    )
    keep_rollout = TrueOrFalse(
        load_default=True,
        metadata={
            "description": "Flags that the project has stay on or off, and keep their own share "
            "and schedule; conditions are copied with their shares. New flags are off. False: all "
            "are as in the other project."
        },
    )
    dry_run = TrueOrFalse(
        load_default=False, metadata={"description": "Change nothing; say what would change."}
    )


class FlagChangesResponse(Schema):
    """What was changed of a project's flags, or would be changed."""

    dry_run = fields.Boolean(required=True)
    created = fields.List(fields.String(), required=True, metadata={"description": "Keys."})
    changed = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "By key and field: its value before (`from`) and after (`to`)."},
    )
    deleted = fields.List(fields.String(), required=True, metadata={"description": "Keys."})
    waiting = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Keys of created and changed flags that wait for a second person. A "
            "created one is off until then."
        },
    )
    unchanged = fields.Integer(required=True, metadata={"description": "Number of flags."})


class FlagFileResponse(FlagChangesResponse):
    """What a file of flags changed, or would change."""

    delete_missing = fields.Boolean(required=True)
