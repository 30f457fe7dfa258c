"""A line's cells as what the domain understands, or every reason why it cannot be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core.busca import normalizar_busca
from app.core.erros import ValorInvalido
from app.integracoes import valores
from app.integracoes.colunas import POR_CAMPO

_TAMANHOS = {"nome": 255, "logradouro": 255, "numero": 20, "complemento": 255, "bairro": 255, "municipio": 255, "plano": 255, "login": 64, "senha": 128}
_LEITORES: Mapping[str, Callable[[str], Any]] = {
    "documento": valores.documento, "email": valores.email, "telefone": valores.telefone, "whatsapp": valores.telefone, "cep": valores.cep,
    "uf": valores.uf, "municipio": valores.cidade, "situacao": valores.situacao, "valor": valores.dinheiro, "dia": valores.dia, "ativacao": valores.data,
}


@dataclass(frozen=True)
class EnderecoLido:
    """An address of a line. ``chave`` is equal for the same place however it was typed."""

    logradouro: str
    numero: str
    municipio: str
    uf: str
    complemento: str | None = None
    bairro: str | None = None
    cep: str | None = None

    @property
    def chave(self) -> str:
        """Street, number, complement and city without accents, punctuation and case."""
        return chave_do_endereco(self.logradouro, self.numero, self.complemento, self.municipio, self.uf)


@dataclass(frozen=True)
class ContratoLido:
    """The contract of a line; ``valor`` in reais a month, None for the plan's."""

    plano: str
    valor: Decimal | None
    dia: int
    ativacao: dt.date | None
    login: str | None
    senha: str | None


@dataclass(frozen=True)
class Registro:
    """A line that makes sense by itself. ``avisos`` are remarks that do not stop it."""

    nome: str
    documento: str
    email: str | None = None
    telefone: str | None = None
    whatsapp: str | None = None
    endereco: EnderecoLido | None = None
    contrato: ContratoLido | None = None
    avisos: Sequence[str] = ()


@dataclass
class _Leitura:
    """What is known of a line while it is read. ``recusados``: fields that have their reason already."""

    valores: dict[str, Any] = field(default_factory=dict)
    erros: list[str] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)
    recusados: set[str] = field(default_factory=set)

    def recusar(self, campo: str, motivo: str) -> None:
        """The field cannot be used."""
        self.erros.append(motivo)
        self.recusados.add(campo)


class LinhaRejeitada(ValorInvalido):
    """The line cannot be imported; the sentence has every reason."""

    codigo = "linha_rejeitada"


def interpretar(celulas: Sequence[str], mapeamento: Sequence[str | None]) -> Registro:
    """Read a line under a mapping. Raises LinhaRejeitada with all its reasons at once."""
    leitura = _Leitura()
    for celula, campo in zip(celulas, mapeamento, strict=False):
        if campo and celula:
            _ler_campo(leitura, campo, celula)
    _exigir(leitura)
    endereco = _endereco(leitura)
    contrato = _contrato(leitura)
    if leitura.erros:
        raise LinhaRejeitada("; ".join(leitura.erros))
    v = leitura.valores
    return Registro(
        nome=v["nome"], documento=v["documento"], email=v.get("email"), telefone=v.get("telefone"), whatsapp=v.get("whatsapp"), endereco=endereco,
        contrato=contrato, avisos=tuple(leitura.avisos),
    )


def chave_do_endereco(*partes: str | None) -> str:
    """The same text for the same place, however it was typed."""
    return "|".join(" ".join(re.findall(r"[a-z0-9]+", normalizar_busca(p or ""))) for p in partes)


def chave_do_nome(nome: str) -> str:
    """The same text for the same name of a plan or a person, whatever its case, accents and blanks."""
    return " ".join(normalizar_busca(nome).split())


def _ler_campo(leitura: _Leitura, campo: str, celula: str) -> None:
    if celula.startswith("=") and campo not in ("login", "senha"):
        leitura.recusar(campo, _("%(campo)s tem uma fórmula: %(texto)s", campo=_(POR_CAMPO[campo].rotulo), texto=celula[:30]))
        return
    try:
        valor = _LEITORES[campo](celula) if campo in _LEITORES else _texto(campo, celula)
    except ValorInvalido as erro:
        leitura.recusar(campo, str(erro))
        return
    if campo in ("telefone", "whatsapp"):
        valor, aviso = valor
        leitura.avisos += [aviso] if aviso else []
    leitura.valores[campo] = None if valor == "" else valor      # a price of zero is a value


def _texto(campo: str, celula: str) -> str:
    texto = celula if campo in ("login", "senha") else " ".join(celula.split())
    if len(texto) > _TAMANHOS[campo]:
        raise ValorInvalido(_("%(campo)s passa de %(n)d caracteres", campo=_(POR_CAMPO[campo].rotulo), n=_TAMANHOS[campo]))
    return texto


def _exigir(leitura: _Leitura) -> None:
    for campo, motivo in (("nome", _("Falta o nome")), ("documento", _("Falta o CPF ou CNPJ"))):
        if not leitura.valores.get(campo) and campo not in leitura.recusados:
            leitura.erros.append(motivo)


def _endereco(leitura: _Leitura) -> EnderecoLido | None:
    v = leitura.valores
    if not v.get("logradouro"):
        return None
    municipio, uf = v.get("municipio") or ("", "")
    uf = v.get("uf") or uf
    if not municipio or not uf:
        if not leitura.erros:
            leitura.erros.append(_("Endereço sem cidade ou UF"))
        return None
    return EnderecoLido(
        logradouro=v["logradouro"], numero=v.get("numero") or "S/N", municipio=municipio[: _TAMANHOS["municipio"]], uf=uf,
        complemento=v.get("complemento"), bairro=v.get("bairro"), cep=v.get("cep"),
    )


def _contrato(leitura: _Leitura) -> ContratoLido | None:
    v = leitura.valores
    if v.get("situacao") == "encerrado":
        leitura.avisos.append(_("contrato encerrado no outro sistema, só o cadastro é importado"))
        return None
    if not v.get("plano"):
        if v.get("login") and not leitura.erros:
            leitura.erros.append(_("Há login PPPoE mas falta o plano"))
        return None
    if v.get("dia") is None:
        if "dia" not in leitura.recusados:
            leitura.erros.append(_("Falta o dia de vencimento"))
        return None
    if v.get("situacao") == "bloqueado":
        leitura.avisos.append(_("estava bloqueado no outro sistema e entra liberado, confira"))
    return ContratoLido(plano=v["plano"], valor=v.get("valor"), dia=v["dia"], ativacao=v.get("ativacao"), login=v.get("login"), senha=v.get("senha"))
