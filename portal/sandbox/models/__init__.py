"""What the sandbox keeps."""

from portal.sandbox.models.accounts import Account, GroupNotice, Label, Notice, Restriction
from portal.sandbox.models.follows import Answer, Block, Follow, Origin, Unfollow
from portal.sandbox.models.posts import Post, Removal

__all__ = [
    "Account",
    "Answer",
    "Block",
    "Follow",
    "GroupNotice",
    "Label",
    "Notice",
    "Origin",
    "Post",
    "Removal",
    "Restriction",
    "Unfollow",
]
