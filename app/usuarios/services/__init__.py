"""People who sign in: accounts, entry, sessions, the second factor, keys of programs."""

from __future__ import annotations

from app.usuarios.services.chaves import ChaveApiService
from app.usuarios.services.entrada import POR_CODIGO, POR_CONTA, POR_ENDERECO, Conta, EntradaService
from app.usuarios.services.fatores import FatorService
from app.usuarios.services.sessoes import SessaoService
from app.usuarios.services.usuarios import NOME_DE_USUARIO, UsuarioService, garantir_perfil

__all__ = [
    "NOME_DE_USUARIO", "POR_CODIGO", "POR_CONTA", "POR_ENDERECO", "ChaveApiService", "Conta", "EntradaService", "FatorService", "SessaoService",
    "UsuarioService", "garantir_perfil",
]
