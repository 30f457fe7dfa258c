"""The real workers of tests/jobs, for imports that are killed."""

from __future__ import annotations

from tests.jobs.conftest import caixa, provedor  # noqa: F401 - fixtures
