"""The billing run: due cycles in lots, each lot one transaction that reads plain rows, applies the pure rules and writes by COPY.

Any number of workers may run it at once and be killed at any instruction: a lot's rows are claimed by the very transaction that writes
their invoices and moves their due date, so they are done or they are still due.
"""

from app.faturamento.motor.lote import Lote, Pedido, faturar_lote
from app.faturamento.motor.previa import Previa, prever

__all__ = ["Lote", "Pedido", "Previa", "faturar_lote", "prever"]
