"""What contact data and addresses must look like, whichever way they come in. Values in, normalised values or a refusal out."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from app.brasil.documentos import UFS, cep_valido, normalizar_cep, normalizar_telefone, telefone_valido
from app.clientes.models import Endereco
from app.core.erros import ValorInvalido

_EMAIL = re.compile(r"[^@\s,;<>]+@(?:[^@\s,;<>.]+\.)+[^@\s,;<>.]{2,}")
TELEFONES = ("telefone", "whatsapp")


def conferir_contato(item: Any) -> None:
    """E-mail and telephones of a customer or contact, normalised; blank is nothing. Raises ValorInvalido that names the field.

    A telephone that was imported as it came, and is left alone, does not stop a change of something else.
    """
    item.email = (item.email or "").strip().lower() or None
    if item.email and not _EMAIL.fullmatch(item.email):
        raise ValorInvalido(_("Informe um e-mail válido."), campo="email")
    for campo in TELEFONES:
        valor = getattr(item, campo, None)
        if not valor:
            continue
        if not telefone_valido(valor) and inspect(item).attrs[campo].history.has_changes():
            raise ValorInvalido(_("Telefone inválido. Informe com o DDD."), campo=campo)
        setattr(item, campo, normalizar_telefone(valor))


def conferir_endereco(item: Endereco) -> None:
    """CEP without punctuation and the state's two letters. Raises ValorInvalido that names the field."""
    item.cep = normalizar_cep(item.cep) or None
    if item.cep and not cep_valido(item.cep):
        raise ValorInvalido(_("CEP inválido."), campo="cep")
    item.uf = (item.uf or "").strip().upper()
    if item.uf not in UFS:
        raise ValorInvalido(_("Informe a sigla do estado, como SP."), campo="uf")
