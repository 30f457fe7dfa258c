"""Jobs: the handlers of tasks, what runs when, and which fact starts which task. Importing the package registers them all."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from app.core.agenda import definir

PROGRAMAS = frozenset({"worker", "relogio"})      # `python -m jobs.<name>`; they import the application, which imports this package

for _modulo in iter_modules(__path__):
    if _modulo.name not in PROGRAMAS:
        import_module(f"jobs.{_modulo.name}")

definir(import_module("jobs.agenda").JOBS)
