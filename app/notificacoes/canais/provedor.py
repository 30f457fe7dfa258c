"""A provider of WhatsApp or SMS reached by HTTP: what is asked of it, as the administrator wrote it, and what its answers mean.

Every value is written for the place where it stands: percent-encoded in the URL, as JSON in a JSON body, one field apart in a form. What a customer is
called cannot become another field, another address or another header.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from flask_babel import gettext as _

from app.core.erros import ValorInvalido
from app.notificacoes.models import MetodoHttp, TipoCorpo
from app.notificacoes.regras import ErroDeModelo, campos_usados, preencher

CAMPOS = frozenset(("telefone", "texto", "id", "segredo"))
NO_CABECALHO = CAMPOS - {"texto"}
_NOME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_NOSSOS = frozenset(("host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer", "accept-encoding"))
_CAMINHO = re.compile(r"[\w-]+(\.[\w-]+)*$")
_TIPOS = {TipoCorpo.json: "application/json", TipoCorpo.formulario: "application/x-www-form-urlencoded", TipoCorpo.texto: "text/plain; charset=utf-8"}
# what a message may bring: quotes, backslashes, lines and marks of the formats; each must leave the request's shape as it is
_TEXTOS = ('Olá, João & Açucena.\n"Fim"', '", "x": "', "\\", 'n\\"}, {"x": 1', "?a=1&b=2#c/../d@e:f", "%0d%0aX: 1")
_EXEMPLO = {"telefone": "5511994029275", "id": "mensagem-1-0a1b2c3d4e", "segredo": 'segredo-"exemplo'}


@dataclass(frozen=True)
class Pedido:
    """What is sent: plain data for an HTTP client."""

    metodo: str
    url: str = field(repr=False)
    cabecalhos: Mapping[str, str] = field(repr=False)
    corpo: bytes | None = field(repr=False)


@dataclass(frozen=True)
class ProvedorHttp:
    """How one provider is asked to send a text. ``recusa_status`` and ``recusa_texto`` are its way to say that there is no such recipient."""

    url: str = field(repr=False)
    metodo: MetodoHttp = MetodoHttp.POST
    cabecalhos: str = field(default="", repr=False)
    corpo: str = field(default="", repr=False)
    tipo: TipoCorpo = TipoCorpo.json
    segredo: str = field(default="", repr=False)
    id_na_resposta: str = ""
    recusa_status: str = ""
    recusa_texto: str = ""

    def pedido(self, *, telefone: str, texto: str, id: str) -> Pedido:
        """The request for one message. ``telefone`` in digits with the country's 55. Raises ErroDeModelo when a template cannot be filled."""
        return self._pedido({"telefone": telefone, "texto": texto, "id": id, "segredo": self.segredo})

    def _pedido(self, dados: Mapping[str, str]) -> Pedido:
        cabecalhos = {nome: _uma_linha(preencher(valor, dados, escrever=str)) for nome, valor in _linhas(self.cabecalhos, ":")}
        corpo = None if self.metodo is MetodoHttp.GET else self._corpo(dados)
        if corpo is not None and "content-type" not in {nome.lower() for nome in cabecalhos}:
            cabecalhos["Content-Type"] = _TIPOS[self.tipo]
        return Pedido(self.metodo.name, preencher(self.url, dados, escrever=_na_url), cabecalhos, corpo)

    def _corpo(self, dados: Mapping[str, str]) -> bytes:
        if self.tipo is TipoCorpo.json:
            return preencher(self.corpo, dados, escrever=_no_json).encode()
        if self.tipo is TipoCorpo.formulario:
            return urlencode([(nome, preencher(valor, dados, escrever=str)) for nome, valor in _linhas(self.corpo, "=")]).encode()
        return preencher(self.corpo, dados, escrever=str).encode()

    def recusou(self, status: int, texto: str) -> bool:
        """Whether the answer says that the recipient does not exist. A status alone, a text alone (in a 4xx), or both together when both are set."""
        if not (self.recusa_status or self.recusa_texto) or status >= 500:
            return False
        do_status = status in _numeros(self.recusa_status) if self.recusa_status else status >= 400
        return do_status and self.recusa_texto.lower() in texto.lower()

    def id_de(self, texto: str) -> str:
        """The number the provider gave the message, or empty."""
        if not self.id_na_resposta:
            return ""
        try:
            achado: Any = json.loads(texto)
            for passo in self.id_na_resposta.split("."):
                achado = achado[int(passo)] if isinstance(achado, list) else achado[passo]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            return ""
        return _uma_linha(str(achado))[:255] if isinstance(achado, (str, int)) else ""


def conferir(provedor: ProvedorHttp, *, exige_https: bool) -> None:
    """Refuse what cannot work, by filling it with examples. Raises ValorInvalido or ErroDeModelo with the field of the form in ``campo``."""
    usados = _campos(provedor, exige_https)
    for nome in ("telefone", "texto"):
        if nome not in usados:
            onde = "url" if provedor.metodo is MetodoHttp.GET else "corpo"
            raise ValorInvalido(_("Falta {{ %(campo)s }}: sem ele o provedor não sabe o que enviar, ou a quem.", campo=nome), campo=onde)
    if "segredo" in usados and not provedor.segredo:
        raise ValorInvalido(_("O modelo usa {{ segredo }}: informe o segredo."), campo="segredo")
    if not provedor.segredo.isprintable() or not _latino(provedor.segredo):
        raise ValorInvalido(_("O segredo tem um caractere que não pode ser enviado."), campo="segredo")
    if provedor.id_na_resposta and not _CAMINHO.match(provedor.id_na_resposta):
        raise ValorInvalido(_("Use nomes separados por pontos, como messages.0.id."), campo="id_na_resposta")
    if not re.fullmatch(r"([234]\d\d([ ,;]+|$))*", provedor.recusa_status):
        raise ValorInvalido(_("Use números de resposta separados por espaços, como 400 404."), campo="recusa_status")


def _campos(provedor: ProvedorHttp, exige_https: bool) -> set[str]:
    usados = _do_campo("url", lambda: _conferir_url(provedor, exige_https))
    usados |= _do_campo("cabecalhos", lambda: _conferir_cabecalhos(provedor))
    return usados | _do_campo("corpo", lambda: _conferir_corpo(provedor))


def _do_campo(campo: str, conferencia: Any) -> set[str]:
    try:
        return conferencia()
    except (ErroDeModelo, ValorInvalido) as erro:
        erro.campo = campo
        raise


def _conferir_url(provedor: ProvedorHttp, exige_https: bool) -> set[str]:
    usados = _so(CAMPOS, provedor.url)
    feitas = [_partes(preencher(provedor.url, {**_EXEMPLO, "texto": texto}, escrever=_na_url)) for texto in _TEXTOS]
    outra = _partes(preencher(provedor.url, {**dict.fromkeys(CAMPOS, "x1")}, escrever=_na_url))
    if {(u.scheme, u.netloc) for u in [*feitas, outra]} != {(outra.scheme, outra.netloc)}:
        raise ValorInvalido(_("O servidor do endereço não pode mudar de mensagem para mensagem: use os campos só depois dele."))
    if len({u.path for u in feitas}) > 1:
        raise ValorInvalido(_("No endereço, {{ texto }} só pode vir depois de um ponto de interrogação."))
    if exige_https and outra.scheme != "https" and not _desta_maquina(outra.hostname or ""):
        raise ValorInvalido(_("Use https: por http o segredo e as mensagens passam abertos pela rede."))
    return usados


def _partes(url: str) -> SplitResult:
    invalido = ValorInvalido(_("Informe um endereço completo, como https://api.exemplo.com.br/mensagens."))
    try:
        partes = urlsplit(url)
        porta_certa = partes.port is None or partes.port > 0
    except ValueError as erro:
        raise invalido from erro
    if partes.scheme not in ("http", "https") or not partes.hostname or not porta_certa or re.search(r"[\s\\]|[^\x21-\x7e]", url):
        raise invalido
    if "@" in partes.netloc:
        raise ValorInvalido(_("Usuário e senha não vão no endereço: use um cabeçalho Authorization."))
    return partes


def _desta_maquina(servidor: str) -> bool:
    try:
        return servidor == "localhost" or ipaddress.ip_address(servidor).is_loopback
    except ValueError:
        return False


def _conferir_cabecalhos(provedor: ProvedorHttp) -> set[str]:
    usados: set[str] = set()
    for nome, valor in _linhas(provedor.cabecalhos, ":"):
        if not _NOME.match(nome) or not valor:
            raise ValorInvalido(_("Escreva um cabeçalho por linha, como Authorization: Bearer {{ segredo }}."))
        if nome.lower() in _NOSSOS:
            raise ValorInvalido(_("O cabeçalho %(nome)s é do próprio sistema.", nome=nome))
        usados |= _so(NO_CABECALHO, valor)
        if not _latino(preencher(valor, _EXEMPLO, escrever=str)):
            raise ValorInvalido(_("O cabeçalho %(nome)s tem um caractere que não pode ser enviado.", nome=nome))
    return usados


def _conferir_corpo(provedor: ProvedorHttp) -> set[str]:
    if provedor.metodo is MetodoHttp.GET:
        if provedor.corpo.strip():
            raise ValorInvalido(_("Um pedido GET não leva corpo: deixe em branco ou use POST."))
        return set()
    if not provedor.corpo.strip():
        raise ValorInvalido(_("Escreva o corpo do pedido."))
    if provedor.tipo is TipoCorpo.formulario:
        linhas = list(_linhas(provedor.corpo, "="))
        if not all(nome for nome, _valor in linhas) or "" in {valor for _nome, valor in linhas}:
            raise ValorInvalido(_("Escreva um campo por linha, como Body={{ texto }}."))
        for _nome, valor in linhas:
            preencher(valor, {**_EXEMPLO, "texto": _TEXTOS[0]}, escrever=str)
        return set().union(*(_so(CAMPOS, valor) for _nome, valor in linhas))
    usados = _so(CAMPOS, provedor.corpo)
    feitos = [provedor._corpo({**_EXEMPLO, "texto": texto}).decode() for texto in _TEXTOS]
    if provedor.tipo is TipoCorpo.json:
        _conferir_json(feitos)
    return usados


def _conferir_json(feitos: list[str]) -> None:
    try:
        formas = {json.dumps(_forma(json.loads(feito))) for feito in feitos}
    except (ValueError, RecursionError) as erro:
        linha = getattr(erro, "lineno", 1)
        raise ValorInvalido(_("O corpo não é um JSON válido (linha %(linha)d): os campos vão entre aspas, como \"{{ texto }}\".", linha=linha)) from erro
    if len(formas) > 1:
        raise ValorInvalido(_("No JSON, {{ texto }} só pode ser um valor, entre aspas."))


def _forma(valor: Any) -> Any:
    if isinstance(valor, dict):
        return {chave: _forma(v) for chave, v in valor.items()}
    return [_forma(v) for v in valor] if isinstance(valor, list) else type(valor).__name__


def _so(permitidos: frozenset[str], fonte: str) -> set[str]:
    usados = campos_usados(fonte, do_pedido=True)
    if estranhos := sorted(usados - permitidos):
        ha = ", ".join("{{ " + campo + " }}" for campo in sorted(permitidos))
        raise ErroDeModelo(_("Aqui não há o campo %(campo)s; há %(campos)s.", campo=", ".join(estranhos), campos=ha))
    return usados


def _linhas(texto: str, sinal: str) -> Iterator[tuple[str, str]]:
    """(name, value) of each line that is not empty."""
    for linha in texto.splitlines():
        if linha.strip():
            nome, _sinal, valor = linha.partition(sinal)
            yield nome.strip(), valor.strip()


def _na_url(valor: Any) -> str:
    return quote(str(valor), safe="")


def _no_json(valor: Any) -> str:
    return json.dumps(str(valor))[1:-1]


def _uma_linha(valor: str) -> str:
    return "".join(c if c.isprintable() else " " for c in valor).strip()


def _latino(valor: str) -> bool:
    return all(ord(c) < 256 for c in valor)


def _numeros(texto: str) -> set[int]:
    return {int(numero) for numero in re.findall(r"\d{3}", texto)}
