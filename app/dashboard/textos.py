"""Policies in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.formatos import numero
from app.faturamento.models import PoliticaCobranca


def resumo_da_politica(politica: PoliticaCobranca) -> str:
    """What happens to late money under a policy, for somebody who must choose one."""
    partes = [
        _("multa de %(multa)s%% e juros de %(juros)s%% ao mês", multa=_curto(politica.multa_percentual), juros=_curto(politica.juros_mensal)),
        ngettext("lembrete %(num)d dia antes", "lembrete %(num)d dias antes", politica.dias_lembrete),
        ngettext("bloqueio com %(num)d dia de atraso", "bloqueio com %(num)d dias de atraso", politica.dias_bloqueio),
    ]
    return ", ".join(partes) + "."


def _curto(valor: object) -> str:
    return numero(valor, 2).rstrip("0").rstrip(",")
