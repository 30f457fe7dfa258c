"""Personal data on screens: who may see documents, telephones and e-mails in full, and how they look to everybody else (LGPD, Lei 13.709/2018, art. 6).

A column says what it keeps: ``mapped_column(info={"sigilo": "documento"})``. Base views, the API, the exports, filters, order and searches heed it by
themselves; texts of any other column lose what looks like a document, an e-mail or a telephone, unless the column is declared ``aberto``.
Outside a request (jobs, commands, PDFs of jobs) everything is shown: there nobody is looking.

What passes here in full is remembered for the request (``viu``), and who saw it is written down before the answer leaves (``anotar_vistos``).
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context
from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from app.brasil.documentos import (
    cnpj_valido,
    cpf_valido,
    formatar_documento,
    formatar_telefone,
    normalizar_documento,
    normalizar_telefone,
    telefone_valido,
    tipo_telefone,
)
from app.brasil.documentos import mascarar_documento as mascarar_com_asteriscos
from app.core import paginas_erro
from app.core.ator import Ator, ator, request_id
from app.extensions import db

log = logging.getLogger(__name__)

VISAO = "DadosPessoaisView"
VER, VER_TELEFONE, REVELAR = "can_ver_dados", "can_ver_telefone", "can_revelar"
ABERTO = "aberto"      # a column whose texts are needed as they are, such as a PPPoE login
PONTO = "•"
POUCOS = 3      # documents of one answer that are noted customer by customer; with more of them it was a list
_FORA = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"
_ENTRE = "[ ./\u2013-]?"      # what people write between the digits
_CPF = rf"(?<!\d)\d{{3}}{_ENTRE}\d{{3}}{_ENTRE}\d{{3}}{_ENTRE}\d{{2}}(?!\d)"
_SO_DIGITOS = rf"(?<!\d)\d{{2}}{_ENTRE}\d{{3}}{_ENTRE}\d{{3}}{_ENTRE}\d{{4}}{_ENTRE}\d{{2}}(?!\d)"
_CNPJ = _FORA.format(r"[0-9A-Za-z]{2}\.?[0-9A-Za-z]{3}\.?[0-9A-Za-z]{3}/?[0-9A-Za-z]{4}-?\d{2}")
_DOCUMENTO, _SO_CPF = re.compile(f"{_CPF}|{_SO_DIGITOS}|{_CNPJ}"), re.compile(_CPF)
_TALVEZ = re.compile(r"\d\d(?!\d)")      # how every document ends: most texts are done with here
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TELEFONE = re.compile(_FORA.format(r"(?:\+?55[ .-]*)?(?:\(0?\d{2}\)|0?\d{2}\)?)[ .-]*(?:9[ .-]*)?\d{4}[ .-]*\d{4}"))


# ---- masks

def mascarar_documento(texto: str | None) -> str:
    """``•••.982.247-••`` or ``••.727.230/••••-••``; anything else becomes points of a fixed length; empty for nothing."""
    return mascarar_com_asteriscos(texto).replace("*", PONTO)


def mascarar_telefone(texto: str | None) -> str:
    """``(19) •••••-4321``; what is no Brazilian number becomes points of a fixed length; empty for nothing."""
    numero = normalizar_telefone(texto)
    if not tipo_telefone(numero):
        return PONTO * 3 if texto else ""
    return f"({numero[:2]}) {PONTO * (len(numero) - 6)}-{numero[-4:]}"


def mascarar_email(texto: str | None) -> str:
    """``a•••@exemplo.com.br``; what is no address becomes points of a fixed length; empty for nothing."""
    nome, arroba, dominio = (texto or "").partition("@")
    return f"{nome[:1]}{PONTO * 3}@{dominio}" if arroba else PONTO * 3 if texto else ""


def mascarar_data(valor: dt.date | str | None) -> str:
    """``••/••/••••``, whatever the day; empty for none."""
    return f"{PONTO * 2}/{PONTO * 2}/{PONTO * 4}" if valor else ""


def _contato(texto: str | None) -> str:
    """An address of any channel; the user name of somebody of the house stays."""
    return _sem_dados(texto or "", documento=True, telefone=True)


_MASCARAS: Mapping[str, Callable[[Any], str]] = {
    "documento": mascarar_documento, "telefone": mascarar_telefone, "email": mascarar_email, "nascimento": mascarar_data, "contato": _contato,
}


# ---- who may

def pode(tipo: str) -> bool:
    """Whether the present person may see data of that kind in full; always true outside a request."""
    if not has_request_context():
        return True
    if "sigilo" not in g:
        fixar()
    return g.sigilo["telefone" if tipo == "telefone" else "dados"]


def fixar() -> None:
    """Read the person's rights now: an answer that is sent in pieces outlives the session that knows the person."""
    tem = current_app.appbuilder.sm.has_access
    dados = tem(VER, VISAO)
    g.sigilo = {"dados": dados, "telefone": dados or tem(VER_TELEFONE, VISAO)}
    g.sigilo_ator = ator()


def pode_revelar() -> bool:
    """Whether the present person may ask for one customer's data, which is written in the audit trail."""
    return current_app.appbuilder.sm.has_access(REVELAR, VISAO)


# ---- columns

@lru_cache(maxsize=4096)
def tipo_da(modelo: type, caminho: str) -> str | None:
    """What kind of personal data a column keeps (``cliente.telefone`` through relations too), ``aberto``, or None."""
    relacao, _ponto, folha = caminho.partition(".")
    mapa = inspect(modelo)
    if folha:
        return tipo_da(mapa.relationships[relacao].mapper.class_, folha) if relacao in mapa.relationships else None
    return mapa.columns[relacao].info.get("sigilo") if relacao in mapa.columns else None


def escondida(modelo: type, caminho: str) -> bool:
    """Whether the present person may not see that column: neither its values nor, by filters and order, what they would tell."""
    tipo = tipo_da(modelo, caminho)
    return tipo in _MASCARAS and not pode(tipo)


def mostrar(modelo: type, caminho: str, valor: Any) -> Any:
    """A column's value as the present person may see it."""
    if valor is None or not isinstance(valor, (str, dt.date, dict, list)):
        return valor
    tipo = tipo_da(modelo, caminho)
    if tipo in _MASCARAS:
        if not pode(tipo):
            return _MASCARAS[tipo](valor)
        if tipo == "documento":
            viu(valor)
        return valor
    return valor if tipo == ABERTO else no_valor(valor)


def parcial(modelo: type, caminho: str, valor: Any) -> bool:
    """Whether the present person sees that column's value, or would see any of its values, other than it is: then it is not his to write."""
    return escondida(modelo, caminho) or mostrar(modelo, caminho, valor) != valor


# ---- texts

def no_valor(valor: Any) -> Any:
    """``no_texto`` for texts, also those inside lists and dictionaries; anything else as it is."""
    if isinstance(valor, dict):
        return {k: no_valor(v) for k, v in valor.items()}
    if isinstance(valor, list):
        return [no_valor(v) for v in valor]
    return no_texto(valor) if isinstance(valor, str) else valor


def no_texto(texto: str) -> str:
    """A text without the documents, e-mails and telephones the present person may not see: notes, sentences, labels of options."""
    return _sem_dados(texto, documento=not pode("documento"), telefone=not pode("telefone"))


def _sem_dados(texto: str, *, documento: bool, telefone: bool) -> str:
    if not documento and _atento():
        _ver_no_texto(str(texto))
    if not (documento or telefone):
        return texto
    limpo = str(texto)
    if documento:
        limpo = _EMAIL.sub(lambda m: mascarar_email(m[0]), _trocar(limpo, mascarar_documento))
    if telefone:
        limpo = _TELEFONE.sub(lambda m: mascarar_telefone(m[0]) if telefone_valido(m[0]) else m[0], limpo)
    return Markup(limpo) if isinstance(texto, Markup) else limpo      # nothing put in needs escaping: what stays was there


def _trocar(texto: str, por: Callable[[str], str]) -> str:
    """The text with its documents changed. Letters before a CPF may make it look like a CNPJ: what is none is looked at again."""
    def um(achado: re.Match[str]) -> str:
        if cpf_valido(achado[0]) or cnpj_valido(achado[0]):
            return por(achado[0])
        return _SO_CPF.sub(lambda m: por(m[0]) if cpf_valido(m[0]) else m[0], achado[0])

    return _DOCUMENTO.sub(um, texto)


# ---- for screens that are no list

def documento(texto: str | None) -> str:
    """CPF or CNPJ with its punctuation, or masked."""
    if not pode("documento"):
        return mascarar_documento(texto)
    viu(texto)
    return formatar_documento(texto)


def telefone(texto: str | None) -> str:
    """A telephone with its punctuation, or masked."""
    return formatar_telefone(texto) if pode("telefone") else mascarar_telefone(texto)


def email(texto: str | None) -> str:
    """An e-mail address, or masked."""
    return (texto or "") if pode("email") else mascarar_email(texto)


# ---- what was seen

_anotar: Callable[[frozenset[str], Ator], None] = lambda _documentos, _quem: None


def ligar(anotar: Callable[[frozenset[str], Ator], None]) -> None:
    """``anotar(documents, who)`` writes down, in a transaction of its own, that a person saw these; more than ``POUCOS`` stand for a list."""
    global _anotar
    _anotar = anotar


def viu(texto: str | None) -> None:
    """The present answer shows this CPF or CNPJ in full. For what does not pass by the other functions; outside a request nothing."""
    if texto and _atento():
        limpo = normalizar_documento(texto)
        if len(limpo) in (11, 14):
            g.documentos_vistos.add(limpo)


def _atento() -> bool:
    """Whether one document more would tell anything."""
    if not has_request_context():
        return False
    if "documentos_vistos" not in g:
        g.documentos_vistos, g.documentos_anotados = set(), 0
    return len(g.documentos_vistos) <= POUCOS


def _ver_no_texto(texto: str) -> None:
    if _TALVEZ.search(texto):
        _trocar(texto, _lembrar)


def _lembrar(texto: str) -> str:
    viu(texto)
    return texto


def anotar_vistos() -> None:
    """Write down who saw what was seen since the last time. Call it before the data leave; what it raises must keep them from leaving."""
    vistos = g.get("documentos_vistos")
    if vistos and len(vistos) > g.documentos_anotados:
        if "sigilo_ator" not in g:
            fixar()
        _anotar(frozenset(vistos), g.sigilo_ator)
        g.documentos_anotados = len(vistos)


def init_app(app: Flask) -> None:
    """No answer with documents leaves before it is written down who saw them."""
    app.after_request(_antes_de_sair)


def _antes_de_sair(resposta: Response) -> Response:
    """Without the line no data: when it cannot be written the answer becomes 500. What the request itself had to change is committed by then and stays.

    The request's own transaction ends first, so that no second connection is taken; an answer in pieces still needs its own.
    """
    if resposta.status_code >= 400 or not g.get("documentos_vistos"):
        return resposta
    try:
        if not resposta.is_streamed:
            db.session.rollback()
        anotar_vistos()
    except SQLAlchemyError as erro:      # its text would have the documents
        log.error("access to personal data not noted, answer withheld reference=%s error=%s", request_id(), type(getattr(erro, "orig", None) or erro).__name__)
        return current_app.make_response(paginas_erro.pagina(500))
    return resposta
