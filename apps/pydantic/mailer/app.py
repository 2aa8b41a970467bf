"""Reads its settings from the environment; BaseSettings left pydantic with version 2."""

from pydantic import BaseSettings


class Settings(BaseSettings):
    mailer_retries: int = 1


print("retries", Settings().mailer_retries)
