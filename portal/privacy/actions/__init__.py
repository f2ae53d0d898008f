"""Copies of one's own data: asked for, put together by a job, deleted after a week."""
