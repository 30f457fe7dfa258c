"""Pure rules of messages: when to try again, texts from templates, the mail's HTML from its text."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from app.brasil.documentos import normalizar_telefone, telefone_valido
from app.core.erros import DominioError, ValorInvalido
from app.core.textos import guardavel
from app.core.tipos import N_
from app.notificacoes.models import TELEFONES, Canal

TENTATIVAS = 8
PONTOS = "••••••"      # where a secret was
_ENDERECO_WEB = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_DATA = re.compile(r"(\d{2})/(\d{2})/(\d{4})$")
_ESTILO = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1c2430;background:#fff;margin:0;padding:24px"


class ErroDeModelo(DominioError):
    """A template that cannot be rendered; the sentence names what is missing or wrong."""

    codigo = "modelo_invalido"
    status_http = 422


def proxima_tentativa(tentativa: int, em: dt.datetime) -> dt.datetime:
    """When to try again after the ``tentativa``-th failure: 2, 4, 8 … minutes later; eight tries within a day."""
    return em + dt.timedelta(minutes=2**tentativa)


def endereco_no_canal(canal: Canal, texto: str) -> str:
    """An address as it is stored and compared: a telephone normalised, an e-mail in lower case."""
    limpo = texto.strip()
    return normalizar_telefone(limpo) or limpo if canal in TELEFONES else limpo.lower()


def conferir_endereco(canal: Canal, texto: str) -> str:
    """``endereco_no_canal`` of what somebody typed. Raises ValorInvalido for a telephone that is none."""
    if canal in TELEFONES and not telefone_valido(texto):
        raise ValorInvalido(_("Informe um telefone com DDD, como (11) 99402-9275."), campo="destinatario")
    return endereco_no_canal(canal, texto)


# ---- texts


def em_dias(valor: str, hoje: dt.date) -> str:
    """A date (``31/12/2026`` or ISO) as people say it on ``hoje``: hoje, amanhã, em 3 dias, ontem, há 2 dias."""
    achado = _DATA.match(valor)
    dia = dt.date(int(achado[3]), int(achado[2]), int(achado[1])) if achado else dt.date.fromisoformat(valor)
    dias = (dia - hoje).days
    proximos = {0: "hoje", 1: "amanhã", -1: "ontem"}
    return proximos.get(dias) or (f"em {dias} dias" if dias > 0 else f"há {-dias} dias")


def renderizar(assunto: str, corpo: str, dados: Mapping[str, Any], *, hoje: dt.date) -> tuple[str, str]:
    """(subject, text) of a message. Templates are an administrator's: sandboxed. Raises ErroDeModelo that names a missing field.

    The result is plain text; ``html_do_texto`` escapes it. Filter ``em_dias`` counts from ``hoje``, the day it is sent.
    """
    contexto = {**dados, "hoje": hoje}
    try:
        linha = " ".join(_compilado(assunto).render(contexto).split())
        texto = _compilado(corpo).render(contexto).strip()
    except Exception as erro:  # whatever a template makes of what it is given (inf, 3000 sums, names Python keeps) is its own mistake
        raise ErroDeModelo(_frase(erro)) from erro
    if not (guardavel(linha) and guardavel(texto)):
        raise ErroDeModelo(_("O texto tem um caractere que não pode ser enviado."))
    return linha, texto


def campos_usados(fonte: str, *, do_pedido: bool = False) -> set[str]:
    """Names a template asks for. ``do_pedido``: one for ``preencher``. Raises ErroDeModelo when it cannot be read."""
    try:
        ambiente = _ambiente_para(str) if do_pedido else _AMBIENTE
        _compilar(ambiente, fonte)      # also refuses unknown filters
        return meta.find_undeclared_variables(ambiente.parse(fonte))
    except Exception as erro:  # as in ``renderizar``
        raise ErroDeModelo(_frase(erro)) from erro


@pass_context
def _em_dias(contexto: Context, valor: Any) -> str:
    return em_dias(str(valor), contexto["hoje"])


_AMBIENTE = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_AMBIENTE.globals.clear()
_FILTROS = ("abs", "capitalize", "d", "default", "e", "escape", "first", "float", "int", "last", "length", "lower", "string", "title", "trim", "upper")
_AMBIENTE.filters = {**{nome: _AMBIENTE.filters[nome] for nome in _FILTROS}, "em_dias": _em_dias}
_NOS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Test, nodes.Filter, nodes.Keyword, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Tuple, nodes.List, nodes.Concat, nodes.Add, nodes.Sub,
    nodes.Neg,
)


class _SoIsto(TemplateSyntaxError):
    """A template with more than we take; its message is ours."""


@lru_cache(maxsize=128)
def _compilado(fonte: str) -> Template:
    """Compiled. Fields, conditions and a few filters only: no text grows larger than what is written in it, nor takes longer."""
    return _compilar(_AMBIENTE, fonte)


def _compilar(ambiente: Environment, fonte: str) -> Template:
    for no in ambiente.parse(fonte).find_all(nodes.Node):
        if not isinstance(no, _NOS) or (isinstance(no, nodes.Name) and no.name == "self"):
            raise _SoIsto(_("só campos, filtros e condições (if) são aceitos"), no.lineno)
    return ambiente.from_string(fonte)


@lru_cache(maxsize=8)
def _ambiente_para(escrever: Callable[[Any], str]) -> Environment:
    """Whatever a field gives passes through ``escrever``, what is typed around it does not. ``base64`` is of these templates alone."""
    ambiente = _AMBIENTE.overlay(finalize=escrever)
    ambiente.filters = {**_AMBIENTE.filters, "base64": lambda valor: base64.b64encode(str(valor).encode()).decode()}
    return ambiente


@lru_cache(maxsize=64)
def _compilado_para(escrever: Callable[[Any], str], fonte: str) -> Template:
    return _compilar(_ambiente_para(escrever), fonte)


def preencher(fonte: str, dados: Mapping[str, Any], *, escrever: Callable[[Any], str]) -> str:
    """A part of a request (URL, header, body) with its fields, each as ``escrever`` writes it there. Raises ErroDeModelo as ``renderizar``."""
    try:
        texto = _compilado_para(escrever, fonte).render(dados)
    except Exception as erro:  # as in ``renderizar``
        raise ErroDeModelo(_frase(erro)) from erro
    if not guardavel(texto):
        raise ErroDeModelo(_("O texto tem um caractere que não pode ser enviado."))
    return texto


def _frase(erro: Exception) -> str:
    if isinstance(erro, UndefinedError):
        achado = re.match(r"'(\w+)' is undefined|.*has no (?:attribute|element) '?(\w+)", erro.message or "")
        return _("O modelo usa um campo que esta mensagem não tem: %(campo)s.", campo=(achado and (achado[1] or achado[2])) or "?")
    if isinstance(erro, TemplateSyntaxError):
        return _("O modelo tem um erro na linha %(linha)s: %(erro)s.", linha=erro.lineno, erro=_o_que_ha(erro))
    if isinstance(erro, TemplateError) and (nao_ha := _nao_ha(erro)):
        return _("O modelo não pôde ser preenchido: %(erro)s.", erro=nao_ha)
    if isinstance(erro, (RecursionError, SyntaxError, MemoryError)):
        return _("O modelo não pôde ser preenchido: ele é complicado demais.")
    return _("O modelo não pôde ser preenchido: uma conta ou comparação nele não faz sentido.")


def _nao_ha(erro: TemplateError) -> str:
    achado = re.match(r"No (filter|test) named '([^']*)'", erro.message or "")
    if achado is None:
        return ""
    if achado[1] == "test":
        return _("não existe a condição “%(nome)s”", nome=achado[2])
    return _("não existe “%(nome)s”; os filtros são %(filtros)s", nome=achado[2], filtros=", ".join(sorted(_AMBIENTE.filters)))


def _o_que_ha(erro: TemplateSyntaxError) -> str:
    """The engine's own words are English."""
    if isinstance(erro, _SoIsto):
        return erro.message or ""
    if nao_ha := _nao_ha(erro):
        return nao_ha
    return _("confira se cada {{ é fechado por }} e cada {% if %}, por {% endif %}")


def html_do_texto(texto: str, titulo: str) -> str:
    """The mail's HTML part: the text escaped, a paragraph per blank line, addresses of the Web as links. Nothing else can get in."""
    paragrafos = "\n".join(f"<p>{_paragrafo(p)}</p>" for p in re.split(r"\n\s*\n", texto.strip()) if p.strip())
    return (
        f'<!doctype html>\n<html lang="pt-BR"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(titulo)}</title></head>\n<body style="{_ESTILO}">\n'
        f'<div style="max-width:600px;overflow-wrap:anywhere">\n{paragrafos}\n</div></body></html>\n'
    )


def _paragrafo(texto: str) -> str:
    partes: list[str] = []
    fim = 0
    for achado in _ENDERECO_WEB.finditer(texto):
        partes += [str(escape(texto[fim : achado.start()])), _ligacao(achado[0])]
        fim = achado.end()
    return "".join([*partes, str(escape(texto[fim:]))]).replace("\n", "<br>\n")


def _ligacao(endereco: str) -> str:
    return str(Markup('<a href="{0}">{0}</a>').format(endereco))


# ---- which events there are, and what their templates may use


class Evento:
    """A kind of message: its Portuguese name and its fields, name → (meaning, example). ``segredos`` are fields every text must have and no table may keep."""

    def __init__(self, rotulo: str, campos: Mapping[str, tuple[str, str | int]], segredos: Collection[str] = ()) -> None:
        self.rotulo, self.campos, self.segredos = rotulo, campos, frozenset(segredos)

    def exemplo(self) -> dict[str, str | int]:
        """Data for a preview."""
        return {nome: exemplo for nome, (_significado, exemplo) in self.campos.items()}

    @property
    def pontos(self) -> dict[str, str]:
        """Its secrets as everybody sees them."""
        return dict.fromkeys(sorted(self.segredos), PONTOS)


_DIA_DO_EXEMPLO = dt.date(2026, 12, 1)
COMUNS = {
    "provedor": (N_("Nome do provedor"), "Provedor Exemplo"), "telefone_provedor": (N_("Telefone do provedor"), "(19) 3200-1000"),
    "email_provedor": (N_("E-mail do provedor"), "financeiro@exemplo.com.br"), "portal": (N_("Endereço da área do cliente"), "https://cliente.exemplo.com.br/portal/"),
    "chave_pix": (N_("Chave Pix do provedor, vazia sem ela"), "financeiro@exemplo.com.br"),
}
EVENTOS: dict[str, Evento] = {}


def declarar_evento(evento: str, rotulo: str, *, segredos: Collection[str] = (), **campos: tuple[str, str | int]) -> None:
    """Make a kind of message known: label and fields beside the common ones, each (meaning, example). Modules call it at import.

    ``segredos`` names the fields that are links or codes: given to ``agendar`` apart, required in every text of the message, never stored in the clear.
    """
    EVENTOS[evento] = Evento(rotulo, {**campos, **COMUNS}, segredos)


def declarado(evento: str) -> Evento:
    """The kind of message, or one with the common fields alone when nobody declared it."""
    return EVENTOS.get(evento) or Evento("", COMUNS)


def conferir_modelo(evento: str, assunto: str, corpo: str) -> None:
    """Refuse a template with mistakes, with fields its event does not have, that its own example cannot fill, or without the event's secret.

    Raises ErroDeModelo with the field of the form in ``campo``.
    """
    tipo = declarado(evento)
    for campo, fonte in (("assunto", assunto), ("corpo", corpo)):
        try:
            usados = campos_usados(fonte)
            if estranhos := sorted(usados - set(tipo.campos)):
                raise ErroDeModelo(_("O modelo usa um campo que esta mensagem não tem: %(campo)s.", campo=", ".join(estranhos)))
            feito = renderizar("", fonte, tipo.exemplo(), hoje=_DIA_DO_EXEMPLO)[1]
            renderizar("", fonte, {**tipo.exemplo(), **tipo.pontos}, hoje=_DIA_DO_EXEMPLO)      # as it is kept
            _conferir_segredos(tipo, campo, usados, feito)
        except ErroDeModelo as erro:
            erro.campo = campo
            raise


def _conferir_segredos(tipo: Evento, campo: str, usados: set[str], feito: str) -> None:
    """A link or a code is in the text, whole; a subject is kept by servers on the way and shown on locked screens."""
    for segredo in sorted(tipo.segredos):
        if campo == "assunto" and segredo in usados:
            raise ErroDeModelo(_("O assunto não pode trazer %(campo)s: ele fica registrado por onde passa.", campo=_chaves(segredo)))
        if campo == "corpo" and str(tipo.campos[segredo][1]) not in feito:
            raise ErroDeModelo(_("O texto precisa trazer %(campo)s: sem ele a mensagem não serve.", campo=_chaves(segredo)))


def _chaves(campo: str) -> str:
    return "{{ " + campo + " }}"
