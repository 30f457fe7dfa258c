"""The modules of the application, lowest floor first."""

from __future__ import annotations

COM_TABELAS = (
    "core", "notificacoes", "usuarios", "clientes", "planos", "contratos", "rede", "bloqueio", "faturamento", "pagamentos", "integracoes", "privacidade",
)
TODOS = (*COM_TABELAS, "demonstracao", "dashboard", "portal")
