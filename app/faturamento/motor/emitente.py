"""What is copied into every invoice at issue: the company as it is today, one row per distinct content, and the policy in force."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.auditoria import para_json
from app.core.dinheiro import ZERO
from app.core.models import Empresa
from app.faturamento.models import CopiaEmitente, PoliticaCobranca

_FORA = {"created_at", "updated_at", "criado_por_id", "alterado_por_id", "ativo", "matiz"}


class Politica(NamedTuple):
    """The numbers of the policy that invoices copy. Per cents and reais."""

    multa: Decimal = Decimal("2.00")
    juros: Decimal = Decimal("1.00")
    desconto_pontual: Decimal = ZERO
    tolerancia: Decimal = ZERO


def ler_politica(sessao: Session) -> Politica:
    """The policy marked as default; the legal ceilings when there is none."""
    p = sessao.scalar(select(PoliticaCobranca).where(PoliticaCobranca.padrao))
    return Politica(p.multa_percentual, p.juros_mensal, p.desconto_pontual_percentual, p.tolerancia) if p else Politica()


class Emitentes:
    """(company, copy) for the contracts of an invoice, each company copied once per lot."""

    def __init__(self, sessao: Session) -> None:
        self._sessao = sessao
        self._copias: dict[int | None, tuple[int | None, int | None]] = {}

    def de(self, empresa_id: int | None) -> tuple[int | None, int | None]:
        """(empresa_id, copia_emitente_id); None means the default company, the one with the lowest id."""
        if empresa_id not in self._copias:
            self._copias[empresa_id] = self._copiar(empresa_id)
        return self._copias[empresa_id]

    def _copiar(self, empresa_id: int | None) -> tuple[int | None, int | None]:
        consulta = select(Empresa).order_by(Empresa.id).limit(1)
        empresa = self._sessao.scalar(consulta.where(Empresa.id == empresa_id) if empresa_id else consulta)
        if empresa is None:
            return None, None
        dados = {c.key: para_json(getattr(empresa, c.key)) for c in Empresa.__table__.columns if c.key not in _FORA}
        resumo = hashlib.sha256(json.dumps(dados, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return empresa.id, self._achar(resumo) or self._gravar(empresa.id, resumo, dados)

    def _achar(self, resumo: str) -> int | None:
        return self._sessao.scalar(select(CopiaEmitente.id).where(CopiaEmitente.sha256 == resumo))

    def _gravar(self, empresa_id: int, resumo: str, dados: dict[str, Any]) -> int | None:
        valores = {"empresa_id": empresa_id, "sha256": resumo, "dados": dados}
        self._sessao.execute(insert(CopiaEmitente).values(valores).on_conflict_do_nothing(index_elements=["sha256"]))
        return self._achar(resumo)
