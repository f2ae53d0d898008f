"""Secrets that the portal draws for programs, and how they are hashed."""

import secrets

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password


class DrawnSecretHasher(PBKDF2PasswordHasher):
    """A quick hash, for secrets of 256 random bits only: nobody can guess one, however fast they try.

    The many rounds of a password's hash would cost every fetch of a token half a second of a processor.
    """

    algorithm = "pbkdf2_sha256_drawn"
    iterations = 1000


def draw_secret() -> str:
    """A new secret of 256 random bits, as text for addresses and headers."""
    return secrets.token_urlsafe(32)


def hash_drawn_secret(secret: str) -> str:
    """What is kept of a secret that `draw_secret` has made; `check_password` compares with it."""
    return make_password(secret, hasher=DrawnSecretHasher.algorithm)
