"""How values look on screen and in files: money, dates, yes/no and status labels, all in Brazilian Portuguese.

Money comes in reais as ``Decimal``; instants are aware and are shown in America/Sao_Paulo. Nothing here touches the database.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any

from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.defaults import DEFAULT_FILTERS
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.core import relogio

VAZIO = Markup('<span class="suave" aria-hidden="true">–</span>')
DATA, DATA_HORA = "%d/%m/%Y", "%d/%m/%Y %H:%M"

# The tone of a stored word; an enum member may say otherwise with an attribute ``tom``.
TONS = {
    "success": "ativo ativa paga pago confirmado confirmada enviada enviado feita liberado liberada concluida concluido aplicado online assinado resolvido "
               "cumprido vigente conferido fechado",
    "warning": "vencendo suspenso suspensa aguardando_assinatura aguardando_cliente aguardando_peca em_andamento executando reduzido alta parcial "
               "a_caminho em_execucao tentando pausado contestada so_no_diario",
    "danger": "vencida vencido bloqueado bloqueada falha erro morta critica estornado recusada recusado quebrado rejeitado offline atrasado",
    "info": "emitida aberto aberta agendada agendado publicada pendente reaberto prospecto solicitada registrada a_registrar novo media",
}
TOM_DA_PALAVRA = {palavra: tom for tom, palavras in TONS.items() for palavra in palavras.split()}


def numero(valor: Decimal | int, casas: int = 0) -> str:
    """``1234.5`` with two places is ``1.234,50``."""
    return f"{valor:,.{casas}f}".replace(",", "\0").replace(".", ",").replace("\0", ".")


def faixa(minimo: Decimal | int, maximo: Decimal | int) -> str:
    """What to say of an amount in reais that is not between the two."""
    return _("Informe um valor de %(de)s a %(ate)s.", de=numero(minimo, 2), ate=numero(maximo, 2))


def brl(valor: Decimal | None) -> str:
    """Reais as ``R$ 1.234,56`` (``-R$ 5,00`` when negative); empty for ``None``."""
    if valor is None:
        return ""
    sinal = "-" if valor < 0 else ""
    return f"{sinal}R$\N{NO-BREAK SPACE}{numero(abs(valor), 2)}"


def data_br(valor: date | datetime | None) -> str:
    """A date, or the São Paulo day of an instant, as ``31/12/2026``."""
    return "" if valor is None else _local(valor).strftime(DATA)


def datahora_br(valor: datetime | None) -> str:
    """An instant in São Paulo as ``31/12/2026 23:59``."""
    return "" if valor is None else _local(valor).strftime(DATA_HORA)


def competencia_br(valor: date | None) -> str:
    """A month as ``12/2026``."""
    return "" if valor is None else valor.strftime("%m/%Y")


def percentual(valor: Decimal | None, casas: int = 1) -> str:
    """``12.34`` is ``12,3%``."""
    return "" if valor is None else f"{numero(valor, casas)}%"


def sim_nao(valor: bool | None) -> str:
    """Sim, Não, or empty for unknown."""
    return "" if valor is None else (_("Sim") if valor else _("Não"))


def _local(valor: date | datetime) -> date | datetime:
    return relogio.local(valor) if isinstance(valor, datetime) and valor.tzinfo else valor


def rotulo(valor: Any) -> str:
    """The label on screen of an enum member (its ``rotulo``), or the text of anything else."""
    return str(getattr(valor, "rotulo", valor))


def tom(valor: Any) -> str:
    """success, warning, danger, info or neutral, for a status."""
    proprio = getattr(valor, "tom", None)
    return proprio or TOM_DA_PALAVRA.get(valor.name if isinstance(valor, Enum) else str(valor).lower(), "neutral")


def selo(valor: Any, tom_: str | None = None) -> Markup:
    """A status as a coloured label that also has its text; empty for ``None``."""
    if valor is None or valor == "":
        return Markup("")
    return Markup('<span class="selo selo-{}">{}</span>').format(tom_ or tom(valor), rotulo(valor))


def _instante(valor: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(valor.isoformat(), datahora_br(valor))


def _dia(valor: date) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(valor.isoformat(), data_br(valor))


def _lista(valores: list | tuple | set) -> Markup:
    return Markup(" ").join(Markup('<span class="selo">{}</span>').format(rotulo(v)) for v in valores) if valores else VAZIO


_EXIBIDORES = (
    (bool, lambda v: sim_nao(v)),
    (Enum, selo),
    (datetime, _instante),
    (date, _dia),
    (Decimal, lambda v: Markup('<span class="num">{}</span>').format(numero(v, max(0, -v.as_tuple().exponent)))),
    ((list, tuple, set), _lista),
)


def exibir(valor: Any) -> Markup:
    """Any value of a row as a screen shows it: Sim/Não, status label, date, number with comma, a dash for nothing."""
    if valor is None or (isinstance(valor, str) and valor == ""):
        return VAZIO
    if hasattr(valor, "__html__"):
        return Markup(valor)
    for tipo, exibidor in _EXIBIDORES:
        if isinstance(valor, tipo):
            return escape(exibidor(valor))
    return escape(valor)


def dinheiro(valor: Decimal | None) -> Markup:
    """Formatter of a money column: ``formatters_columns = {"valor": dinheiro}``."""
    return VAZIO if valor is None else Markup('<span class="num">{}</span>').format(brl(valor))


def texto(valor: str | None) -> Markup:
    """Formatter of a column of sentences, which a list must not squeeze: ``formatters_columns = {"assunto": texto}``."""
    return Markup('<span class="texto">{}</span>').format(valor) if valor else VAZIO


def endereco_email(valor: str | None) -> Markup:
    """Formatter of a column of e-mail addresses: a long one may break before its @."""
    return escape(valor).replace("@", Markup("<wbr>@")) if valor else VAZIO


def idioma() -> str:
    """Language of the page, as the ``lang`` attribute wants it: ``pt-BR``."""
    return str(get_locale() or "pt_BR").replace("_", "-")


FILTROS = {
    "brl": brl, "data_br": data_br, "datahora_br": datahora_br, "competencia_br": competencia_br, "numero": numero, "percentual": percentual,
    "sim_nao": sim_nao, "selo": selo, "rotulo": rotulo, "exibir": exibir,
}


def init_app(app: Flask) -> None:
    """Register every formatter as a template filter and as a template function of the same name."""
    app.jinja_env.filters.update(FILTROS)
    app.jinja_env.globals.update(FILTROS, idioma=idioma)


def filtrar_na_hora(app: Flask) -> None:
    """Make every filter of ours and of the framework run when a page is drawn; call it after the last one is registered.

    Jinja works out ``"can_add" | is_item_visible("EmpresaView")`` once, while it compiles the template, because its arguments are constants: the
    rights (or the language) of whoever opened the page first would be everybody's. A filter that takes the context is never worked out beforehand.
    """
    filtros = app.jinja_env.filters
    filtros.update({nome: _na_hora(filtro) for nome, filtro in filtros.items() if nome not in DEFAULT_FILTERS and not hasattr(filtro, "jinja_pass_arg")})


def _na_hora(filtro: Callable[..., Any]) -> Callable[..., Any]:
    @pass_context
    @wraps(filtro)
    def chamar(_contexto: Context, *args: Any, **kw: Any) -> Any:
        return filtro(*args, **kw)

    return chamar
