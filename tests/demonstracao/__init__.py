"""Tests of app.demonstracao."""
