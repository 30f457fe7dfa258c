"""Policies in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.formatos import numero
from app.faturamento.models import PoliticaCobranca


def resumo_da_politica(politica: PoliticaCobranca) -> str:
    """What happens to late money under a policy, for somebody who must choose one."""
    partes = [
        _("multa de %(multa)s%% e juros de %(juros)s%% ao mês", multa=_curto(politica.multa_percentual), juros=_curto(politica.juros_mensal)),
        _("lembrete %(n)d dias antes", n=politica.dias_lembrete),
        _("redução de velocidade com %(n)d dias de atraso", n=politica.dias_reducao) if politica.dias_reducao else "",
        _("bloqueio com %(n)d dias de atraso", n=politica.dias_bloqueio),
    ]
    return ", ".join(p for p in partes if p) + "."


def _curto(valor: object) -> str:
    return numero(valor, 2).rstrip("0").rstrip(",")
