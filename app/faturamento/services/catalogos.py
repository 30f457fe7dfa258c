"""What may not be changed in cycles and policies, wherever it is done: others were billed by them, or are at this moment."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from app.core.erros import RegraViolada, ValorInvalido
from app.faturamento.models import Ciclo, CicloFaturamento, PoliticaCobranca

DIAS_DO_MES = 30
TOLERANCIA_MAXIMA = Decimal(10)      # reais: it is for centavos, not for debts


def conferir_ciclo(sessao: Session, ciclo: Ciclo) -> None:
    """Check a cycle about to be saved; one counted in months needs no days.

    Raises ValorInvalido without either, RegraViolada when the length changes of one that somebody is billed by: what he paid was counted with
    the old one.
    """
    if ciclo.dias is None:
        if ciclo.meses is None:
            raise ValorInvalido(_("Informe a duração em meses ou em dias."), campo="meses")
        ciclo.dias = DIAS_DO_MES * ciclo.meses
    if _duracao(ciclo, antes=True) == _duracao(ciclo):
        return
    usam = sessao.scalar(select(func.count()).select_from(CicloFaturamento).where(CicloFaturamento.ciclo_id == ciclo.id))
    if usam:
        texto = _("Este ciclo já cobra clientes (%(n)d): crie outro com a duração nova.", n=usam)
        raise RegraViolada(texto, codigo="ciclo_em_uso", ciclo_id=ciclo.id)


def _duracao(ciclo: Ciclo, *, antes: bool = False) -> tuple[str, int | None]:
    """How long it is, now or as it was read: months when there are, else days."""
    if not antes:
        return ("dias", ciclo.dias) if ciclo.meses is None else ("meses", ciclo.meses)
    estado = inspect(ciclo).attrs
    meses, dias = (next(iter(h.deleted or h.unchanged or ()), None) for h in (estado.meses.history, estado.dias.history))
    return ("dias", dias) if meses is None else ("meses", meses)


def conferir_politica(sessao: Session, politica: PoliticaCobranca) -> None:
    """Check a policy about to be saved; one marked as in force takes the place of the other.

    Raises ValorInvalido for a tolerance above ``TOLERANCIA_MAXIMA`` or a discount of the whole invoice, RegraViolada when no policy would be left
    in force: without one nothing could be received.
    """
    if politica.tolerancia is not None and politica.tolerancia > TOLERANCIA_MAXIMA:
        raise ValorInvalido(_("A tolerância é para centavos: no máximo R$ %(maxima)s.", maxima="10,00"), campo="tolerancia")
    if politica.desconto_pontual_percentual is not None and not 0 <= politica.desconto_pontual_percentual < 100:
        raise ValorInvalido(_("O desconto vai de 0 a menos de 100%."), campo="desconto_pontual_percentual")
    padrao, ativo = _como_fica(sessao, politica)
    if padrao and not ativo:
        raise RegraViolada(_("A política em vigor não pode ser desativada: ponha outra em vigor antes."), codigo="politica_em_vigor")
    if padrao:
        _tirar_as_outras(sessao, politica)
    elif inspect(politica).persistent and inspect(politica).attrs.padrao.history.has_changes():
        raise RegraViolada(_("Uma política precisa estar em vigor: ponha outra no lugar desta, e esta sai."), codigo="politica_em_vigor")


def _como_fica(sessao: Session, politica: PoliticaCobranca) -> tuple[bool, bool]:
    """(in force, active) once saved, all policies locked: what this change leaves alone is as somebody else may have just saved it."""
    sessao.execute(select(PoliticaCobranca.id).order_by(PoliticaCobranca.id).with_for_update())
    salva = sessao.execute(select(PoliticaCobranca.padrao, PoliticaCobranca.ativo).where(PoliticaCobranca.id == (politica.id or 0))).one_or_none()
    if salva is None:
        return bool(politica.padrao), politica.ativo is not False
    atributos = inspect(politica).attrs
    return (
        politica.padrao if atributos.padrao.history.has_changes() else salva.padrao,
        politica.ativo if atributos.ativo.history.has_changes() else salva.ativo,
    )


def _tirar_as_outras(sessao: Session, politica: PoliticaCobranca) -> None:
    consulta = select(PoliticaCobranca).where(PoliticaCobranca.padrao, PoliticaCobranca.id != (politica.id or 0))
    outras = sessao.scalars(consulta.execution_options(populate_existing=True)).all()
    if not outras:
        return
    for outra in outras:
        outra.padrao = False
    politica.padrao = False
    sessao.flush()      # only one may be in force at any moment
    politica.padrao = True
