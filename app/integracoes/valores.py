"""Single values of a line as people type and Excel spoils them. Each function returns the stored form or raises ValorInvalido with the reason."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from flask_babel import gettext as _

from app.brasil.documentos import UFS, cep_valido, cnpj_valido, cpf_valido, normalizar_cep, normalizar_documento, normalizar_telefone, telefone_valido
from app.core.busca import normalizar_busca
from app.core.dinheiro import PRECO_MAXIMO, ZERO, formatar_reais, ler_reais
from app.core.erros import ValorInvalido

_CIENTIFICO = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")
_EMAIL = re.compile(r"[^@\s,;]+@(?:[^@\s,;.]+\.)+[^@\s,;.]{2,}")
_FORMATOS_DE_DATA = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y")
_SERIAL_EXCEL = re.compile(r"\d{5}")
_EPOCA_EXCEL = dt.date(1899, 12, 30)
_PRIMEIRO_DIA = dt.date(1990, 1, 1)
_UF_DO_NOME = {normalizar_busca(nome): uf for uf, nome in UFS.items()}
_SITUACOES = {
    "ativo": frozenset(
        ("ativo", "ativa", "habilitado", "habilitada", "normal", "liberado", "liberada", "online", "conectado", "instalado", "vigente", "adimplente", "sim",
         "s", "1", "a")
    ),
    "bloqueado": frozenset(
        ("bloqueado", "bloqueada", "suspenso", "suspensa", "reduzido", "reduzida", "inadimplente", "atrasado", "devedor", "em atraso", "financeiro em atraso",
         "bloqueio automatico", "bloqueio manual")
    ),
    "encerrado": frozenset(
        ("cancelado", "cancelada", "inativo", "inativa", "encerrado", "encerrada", "desativado", "desativada", "desabilitado", "desabilitada", "desistente",
         "desistiu", "negativado", "arquivado", "excluido", "rescindido", "nao", "n", "0", "i")
    ),
}
_NUMERO = r"(\d+(?:[.,]\d+)?)\s*(?:/\s*(\d+(?:[.,]\d+)?)\s*)?"
_MEGAS, _GIGAS = re.compile(_NUMERO + r"(?:megas?|megabits?|mbps|mbits?|mb|m)\b"), re.compile(_NUMERO + r"(?:gigas?|gigabits?|gbps|gb)\b")
_FIBRA = re.compile(r"\b(?:fibra|fiber|internet|link)\D{0,20}?(\d{2,5})\b(?!\s*(?:canais|canal|min))")
TELEFONE_MAXIMO = 20
_FORA_DE_TELEFONE = re.compile(r"[^\d\s()+.\-–]+|[\r\n]+")
DIGITOS_DE_UM = 13      # of one number, with its country
_CIDADE_UF = re.compile(r"(.+?)\s*[-/(,]\s*([A-Za-z]{2})\)?")


def documento(texto: str) -> str:
    """CPF or CNPJ normalised, with the leading zeros that a spreadsheet took."""
    if _CIENTIFICO.fullmatch(texto):
        raise ValorInvalido(_("O Excel trocou o CPF/CNPJ por “%(texto)s”; formate a coluna como texto e digite-o de novo.", texto=texto))
    limpo = _com_zeros(normalizar_documento(texto))
    if cpf_valido(limpo) or cnpj_valido(limpo):
        return limpo
    raise ValorInvalido(_("CPF ou CNPJ inválido: %(texto)s", texto=texto[:30]))


def _com_zeros(documento_: str) -> str:
    """At most three zeros of a CPF and two of a CNPJ: eleven digits are always a CPF, or one wrong in a hundred would pass as a company."""
    if not (documento_.isascii() and documento_.isdigit()):
        return documento_
    return documento_.zfill(11) if 8 <= len(documento_) < 11 else documento_.zfill(14) if 12 <= len(documento_) < 14 else documento_


def email(texto: str) -> str:
    """The first address, lower case."""
    primeiro = re.split(r"[;,\s]+", texto.strip().lower())[0]
    if not _EMAIL.fullmatch(primeiro) or len(primeiro) > 254:
        raise ValorInvalido(_("E-mail inválido: %(texto)s", texto=texto[:60]))
    return primeiro


def telefone(texto: str) -> tuple[str, str | None]:
    """Digits of the first number of a cell that is a Brazilian one with DDD, or of the first; and a remark when it is none, or not the only one."""
    if _CIENTIFICO.fullmatch(texto):
        inteiro = Decimal(texto.replace(",", "."))
        if len(re.sub(r"\D", "", re.split("[eE]", texto)[0])) <= inteiro.adjusted():      # its last digits are lost
            return "", _("o Excel trocou o telefone por “%(texto)s”, que não foi guardado", texto=texto)
        texto = f"{inteiro:f}"
    numeros, restos = _telefones(re.sub(r"^(\d+)[.,]0+$", r"\1", texto.strip()))
    if numeros:
        digitos = normalizar_telefone(numeros[0])
        return digitos, _("só o telefone %(este)s foi guardado, de: %(texto)s", este=digitos, texto=texto[:60]) if numeros[1:] or restos else None
    digitos, mais = _primeiros(restos)
    if mais:
        return digitos, _("telefone sem DDD ou inválido, e só o primeiro foi guardado, de: %(texto)s", texto=texto[:60])
    return digitos, _("telefone sem DDD ou inválido, guardado como veio")


def _telefones(texto: str) -> tuple[list[str], list[str]]:
    """(whole numbers, other pieces with digits) of a cell, each in their order: pieces set apart by blanks are one number when only together
    they are a valid one."""
    numeros: list[str] = []
    restos: list[str] = []
    for parte in _FORA_DE_TELEFONE.split(re.sub(r"(?=[(+])", " ", texto)):
        pedacos = [pedaco for palavra in parte.split() for pedaco in _separados(palavra)]
        while pedacos:
            estrangeiro = pedacos[0].startswith("+") and not pedacos[0].startswith("+55")
            ate = 0 if estrangeiro else next((n for n in range(len(pedacos), 0, -1) if telefone_valido(" ".join(pedacos[:n]))), 0)
            if ate:
                numeros.append(" ".join(pedacos[:ate]))
            elif re.search(r"\d", pedacos[0]):
                restos.append(" ".join(pedacos) if estrangeiro else pedacos[0])
            del pedacos[:len(pedacos) if estrangeiro else ate or 1]
    return numeros, restos


def _separados(palavra: str) -> list[str]:
    """Two whole numbers run together are two."""
    digitos = re.sub(r"\D", "", palavra)
    meio = next((n for n in (11, 10) if telefone_valido(digitos[:n]) and telefone_valido(digitos[n:])), None)
    return [digitos[:meio], digitos[meio:]] if meio else [palavra]


def _primeiros(pedacos: list[str]) -> tuple[str, bool]:
    """(digits of the first number, whether others were left): as many pieces as one number can have digits."""
    digitos = ""
    for pedaco in pedacos:
        mais = digitos + re.sub(r"\D", "", pedaco)
        if digitos and len(mais) > DIGITOS_DE_UM:
            return digitos, True
        if len(mais) > TELEFONE_MAXIMO:
            return mais[:TELEFONE_MAXIMO], True
        digitos = mais
    return digitos, False


def cep(texto: str) -> str:
    """Eight digits; a CEP of São Paulo has lost its zero in a spreadsheet."""
    limpo = normalizar_cep(texto)
    completo = limpo.zfill(8) if limpo.isdigit() and len(limpo) == 7 else limpo
    if not cep_valido(completo):
        raise ValorInvalido(_("CEP inválido: %(texto)s", texto=texto[:20]))
    return completo


def uf(texto: str) -> str:
    """``SP`` from ``sp`` or ``São Paulo``."""
    sigla = texto.strip().upper()
    achada = sigla if sigla in UFS else _UF_DO_NOME.get(normalizar_busca(texto).strip())
    if achada is None:
        raise ValorInvalido(_("UF inválida: %(texto)s", texto=texto[:30]))
    return achada


def cidade(texto: str) -> tuple[str, str]:
    """(city, UF or nothing) of ``Campinas``, ``Campinas/SP`` or ``Campinas - SP``."""
    casou = _CIDADE_UF.fullmatch(texto.strip())
    if casou and casou[2].upper() in UFS:
        return casou[1].strip(), casou[2].upper()
    return texto.strip(), ""


def dinheiro(texto: str) -> Decimal:
    """Reais a month of ``1.234,56``, ``R$ 99,90`` or ``99.9``; zero is free, never negative."""
    try:
        valor = ler_reais(texto)
    except ValueError as erro:
        raise ValorInvalido(_("Valor inválido: %(texto)s (use reais e centavos, como 1.234,56)", texto=texto[:30])) from erro
    if valor < ZERO:
        raise ValorInvalido(_("O valor não pode ser negativo: %(texto)s", texto=texto[:30]))
    if valor > PRECO_MAXIMO:
        raise ValorInvalido(_("O valor passa de %(limite)s por mês: %(texto)s", limite=formatar_reais(PRECO_MAXIMO), texto=texto[:30]))
    return valor


def dia(texto: str) -> int:
    """Due day 1-31, from ``10``, ``dia 10`` or a whole date of which only the day counts."""
    casou = re.fullmatch(r"(?:todo\s+)?(?:dia\s*)?(\d{1,2})(?:[.,]0+)?", texto.strip().lower())
    numero = int(casou[1]) if casou else _dia_da_data(texto)
    if not 1 <= numero <= 31:
        raise ValorInvalido(_("Dia de vencimento inválido: %(texto)s (use de 1 a 31)", texto=texto[:20]))
    return numero


def _dia_da_data(texto: str) -> int:
    try:
        return data(texto).day
    except ValorInvalido:
        return 0


def data(texto: str) -> dt.date:
    """``31/12/2026``, ``2026-12-31``, with or without the hour, or Excel's serial number."""
    limpo = re.split(r"[ T]", texto.strip())[0]
    if _SERIAL_EXCEL.fullmatch(limpo):
        return _plausivel(_EPOCA_EXCEL + dt.timedelta(days=int(limpo)), texto)
    for formato in _FORMATOS_DE_DATA:
        try:
            return _plausivel(dt.datetime.strptime(limpo, formato).date(), texto)      # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
    raise ValorInvalido(_("Data inválida: %(texto)s (use dia/mês/ano)", texto=texto[:30]))


def _plausivel(dia_: dt.date, texto: str) -> dt.date:
    if not _PRIMEIRO_DIA <= dia_ <= dt.date(2100, 12, 31):
        raise ValorInvalido(_("Data fora do possível: %(texto)s", texto=texto[:30]))
    return dia_


def situacao(texto: str) -> str:
    """``ativo``, ``bloqueado`` or ``encerrado`` of the words other systems use. A word nobody knows is refused: an ended contract must not be billed."""
    palavra = " ".join(normalizar_busca(texto).strip(" .").split())
    achada = next((nome for nome, palavras in _SITUACOES.items() if palavra in palavras), None)
    if achada is None:
        raise ValorInvalido(_("Situação desconhecida: %(texto)s (use Ativo, Bloqueado ou Cancelado)", texto=texto[:30]))
    return achada


def velocidades(nome: str) -> tuple[int, int] | None:
    """(download, upload) in Mbps guessed from a plan's name: ``500 Mega``, ``1 Giga``, ``600/300 Mbps``, ``Fibra 300``; None when it says nothing."""
    texto = normalizar_busca(nome)
    megas = _MEGAS.search(texto)
    casou = megas or _GIGAS.search(texto)
    if casou is None:
        depois = _FIBRA.search(texto)
        return (int(depois[1]), int(depois[1])) if depois and 10 <= int(depois[1]) <= 10_000 else None
    fator = 1 if megas else 1000
    baixa = _mbps(casou[1], fator)
    sobe = _mbps(casou[2], fator) if casou[2] else baixa
    return (baixa, sobe) if 0 < baixa <= 100_000 and 0 < sobe <= 100_000 else None


def _mbps(texto: str, fator: int) -> int:
    return int(Decimal(texto.replace(",", ".")) * fator)
