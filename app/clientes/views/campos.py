"""Form fields of customers: typed with or without punctuation, refused at the field with a sentence."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import select
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp, ValidationError

from app.brasil.documentos import (
    cep_valido,
    cnpj_valido,
    cpf_valido,
    formatar_cep,
    formatar_documento,
    formatar_telefone,
    normalizar_cep,
    normalizar_documento,
    normalizar_telefone,
    telefone_valido,
)
from app.clientes.models import Cliente
from app.core import sigilo
from app.core.telas.empresa import UFS, CampoMascarado, conferir
from app.extensions import db

EMAIL = [Optional(), Email(_l("Informe um e-mail válido.")), Length(max=255)]


def documento_valido(_form: Any, campo: Any) -> None:
    """CPF or CNPJ with right check digits."""
    texto = campo.data or ""
    if not (cpf_valido(texto) or cnpj_valido(texto)):
        raise ValidationError(_("CPF ou CNPJ inválido: confira os números."))


def documento_livre(form: Any, campo: Any) -> None:
    """No other customer has it; the sentence links to who does."""
    outro = db.session.scalar(select(Cliente).where(Cliente.cpf_cnpj == campo.data, Cliente.id != (getattr(form, "_id", None) or 0)))
    if outro is not None and not sigilo.pode("documento"):
        raise ValidationError(_("Este CPF ou CNPJ já está cadastrado."))      # whose it is would be the answer to a question
    if outro is not None:
        sigilo.viu(outro.cpf_cnpj)
        ligacao = Markup('<a href="{}">{}</a>').format(url_for("ClienteView.show", pk=outro.id), outro.nome)
        frase = escape(_("Este CPF ou CNPJ já está cadastrado: %(cliente)s", cliente="\0"))
        raise ValidationError(Markup("<span>{}</span>").format(frase.replace("\0", ligacao)))


def documento() -> CampoMascarado:
    """CPF or CNPJ, mandatory, of nobody else."""
    validadores = [DataRequired(_l("Informe o CPF ou CNPJ.")), documento_valido, documento_livre]
    return CampoMascarado(_l("CPF/CNPJ"), validadores, normalizar_documento, formatar_documento)


def telefone(rotulo: Any) -> CampoMascarado:
    """Telephone with its DDD, optional."""
    return CampoMascarado(rotulo, [conferir(telefone_valido, _l("Telefone inválido. Informe com o DDD."))], normalizar_telefone, formatar_telefone)


def cep() -> CampoMascarado:
    """CEP, optional."""
    return CampoMascarado(_l("CEP"), [conferir(cep_valido, _l("CEP inválido."))], normalizar_cep, formatar_cep)


UF = [DataRequired(_l("Informe o estado.")), Regexp(f"(?i:{UFS.replace(' ', '|')})$", message=_l("Informe a sigla do estado, como SP."))]
