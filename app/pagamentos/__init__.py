"""Payments: gateways and what they bring. The tables of money received are faturamento's (the lower floor)."""
