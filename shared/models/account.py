"""People who log in to Tidemark (not the persons whose events it stores)."""

from __future__ import annotations

from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamps


class User(Base, Timestamps):
    """An account. The first one owns the installation (``is_superuser``)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, doc="Lower case; unique.")
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(doc="Argon2id, in PHC string form.")
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default="false")
