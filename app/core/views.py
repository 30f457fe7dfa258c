"""Screens of the base layer, where app/menu.py looks for them."""

from __future__ import annotations

from app.core.telas import registrar

__all__ = ["registrar"]
