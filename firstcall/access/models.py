"""People who use the product, their teams and profiles, the tokens that programs use in their name, and the answers kept
for repeated requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from firstcall.access.auditing.models import AuditEntry
from firstcall.access.profiles import STANDARD, Standard
from firstcall.access.rights import Grant, Right
from firstcall.access.scopes import RIGHTS, Scope
from firstcall.moments import MomentField

__all__ = [
    "AuditEntry",
    "FailedSignIn",
    "FormerAddress",
    "KeptAnswer",
    "Profile",
    "Team",
    "Token",
    "User",
]


class Team(models.Model):
    """People whose records are seen together. What lies below a team belongs to it."""

    name = models.CharField(max_length=100, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Profiles(models.Manager["Profile"]):
    def standard(self, which: Standard) -> Profile:
        """One of those that come with the product; made where it is missing."""
        given = STANDARD[which]
        rights = sorted(right.value for right in given.rights)
        grants = {module: grant.to_json() for module, grant in given.grants.items()}
        made = {"name": given.name, "rights": rights, "grants": grants}
        return self.get_or_create(key=which.value, defaults=made)[0]


class Profile(models.Model):
    """What several people may do.

    key     of those that come with the product, which stay; the administrator's gives everything and is not changed
    rights  `rights.Right`
    grants  by the name of a module, or `rights.EVERY_OTHER`: `rights.Grant` as JSON
    """

    key = models.CharField(max_length=30, null=True, unique=True)
    name = models.CharField(max_length=100, unique=True)
    rights = models.JSONField(default=list)
    grants = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    objects = Profiles()

    def __str__(self) -> str:
        return self.name

    @property
    def is_administrator(self) -> bool:
        return self.key == Standard.ADMINISTRATOR

    def all_rights(self) -> frozenset[Right]:
        return (
            STANDARD[Standard.ADMINISTRATOR].rights
            if self.is_administrator
            else frozenset(map(Right, self.rights))
        )

    def all_grants(self) -> dict[str, Grant]:
        if self.is_administrator:
            return dict(STANDARD[Standard.ADMINISTRATOR].grants)
        return {module: Grant.from_json(told) for module, told in self.grants.items()}


class Users(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Without a `profile` a representative."""
        fields.setdefault("profile", Profile.objects.standard(Standard.REPRESENTATIVE))
        user = self.model(email=self.normalize_email(email).casefold(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_administrator(self, email: str, password: str, **fields: object) -> User:
        """One who may do everything."""
        profile = Profile.objects.standard(Standard.ADMINISTRATOR)
        return self.create_user(email, password, profile=profile, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").casefold())


class User(AbstractBaseUser):
    """Signs in with an e-mail address, kept in small letters."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="users")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="members")
    version = models.PositiveIntegerField(default=1)
    session_salt = models.CharField(max_length=40, blank=True)  # another one ends the sessions
    language = models.CharField(max_length=10, blank=True)  # of the pages; as the browser asks, where empty
    time_zone = models.CharField(max_length=64, blank=True)  # the same
    first_steps_left = models.BooleanField(default=False)  # the list of first steps was put away

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = Users()

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions carry: another password or salt ends them. Django's own, with the salt."""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(
            salt, self.password + self.session_salt, secret=secret, algorithm="sha256"
        ).hexdigest()

    def may(self, scope: Scope) -> bool:
        """Whether the user's rights cover what a token of this scope may do."""
        return self.is_active and (scope not in RIGHTS or RIGHTS[scope] in self.profile.all_rights())

    # --- what Django's administration pages ask
    @property
    def is_staff(self) -> bool:
        return self.profile.is_administrator

    @property
    def is_superuser(self) -> bool:
        return self.profile.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class FormerAddress(models.Model):
    """An address that was a user's until then; a trigger on the users' table keeps it, whoever changes the address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    until = MomentField()


class Token(models.Model):
    """Lets a program act in its user's name, within its scopes and the user's rights. The secret itself is not kept.

    digest  SHA-256 of the secret, in hexadecimal: the secret is random, so nothing slower is needed
    start   the first characters of the secret, to tell tokens apart
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = MomentField()
    expires_at = MomentField(null=True)
    revoked_at = MomentField(null=True)
    used_at = MomentField(null=True)  # to the hour

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "name"], name="token_name"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def granted(self) -> frozenset[Scope]:
        """The scopes that this version of the product knows."""
        return frozenset(scope for scope in Scope if scope in self._stored_scopes())

    def _stored_scopes(self) -> Iterable[str]:
        return [str(scope) for scope in self.scopes]


class FailedSignIn(models.Model):
    """That somebody gave a wrong password; too many and the next are refused unheard.

    whom  a digest of the e-mail address that was given, or of the network address it came from
    """

    whom = models.CharField(max_length=64)
    at = MomentField()

    class Meta:
        indexes = (models.Index(fields=["whom", "at"], name="failed_sign_in"),)


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered, so that its repetition is answered the same.

    caller   a digest of the credential
    request  a digest of method, path and body
    """

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    at = MomentField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["caller", "key"], name="kept_answer"),)
        indexes = (models.Index(fields=["at"], name="kept_answer_at"),)
