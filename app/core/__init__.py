"""The base layer: money, dates, states, transactions, tasks, audit and the base views. No business noun but the company itself."""
