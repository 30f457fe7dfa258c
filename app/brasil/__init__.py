"""The country's standards as pure functions: no database, no Flask, no clock."""
