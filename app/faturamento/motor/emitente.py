"""What is copied into every invoice at issue: the company as it is today, one row per distinct content, and the policy in force."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.auditoria import para_json
from app.core.dinheiro import ZERO
from app.core.models import Empresa
from app.faturamento.models import CopiaEmitente, PoliticaCobranca

_FORA = {"created_at", "updated_at", "criado_por_id", "alterado_por_id", "ativo", "matiz"}
# plain rows: a single invoice asks for these too, and an entity costs it half a millisecond
_ULTIMA = (
    select(CopiaEmitente.id, CopiaEmitente.sha256).where(CopiaEmitente.empresa_id == Empresa.id)
    .order_by(CopiaEmitente.id.desc()).limit(1).lateral("ultima")
)
_EMPRESA = (
    select(*Empresa.__table__.columns, _ULTIMA.c.id.label("copia_id"), _ULTIMA.c.sha256.label("copia_sha256"))
    .outerjoin(_ULTIMA, true()).order_by(Empresa.id).limit(1)
)
_POLITICA = select(
    PoliticaCobranca.multa_percentual, PoliticaCobranca.juros_mensal, PoliticaCobranca.desconto_pontual_percentual, PoliticaCobranca.tolerancia
).where(PoliticaCobranca.padrao)


class Politica(NamedTuple):
    """The numbers of the policy that invoices copy. Per cents and reais."""

    multa: Decimal = Decimal("2.00")
    juros: Decimal = Decimal("1.00")
    desconto_pontual: Decimal = ZERO
    tolerancia: Decimal = ZERO


def ler_politica(sessao: Session) -> Politica:
    """The policy marked as default; the legal ceilings when there is none."""
    linha = sessao.execute(_POLITICA).first()
    return Politica(*linha) if linha else Politica()


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
        consulta = _EMPRESA.where(Empresa.id == empresa_id) if empresa_id else _EMPRESA
        empresa = self._sessao.execute(consulta).mappings().first()
        if empresa is None:
            return None, None
        dados = {c.key: para_json(empresa[c.key]) for c in Empresa.__table__.columns if c.key not in _FORA}
        resumo = hashlib.sha256(json.dumps(dados, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return empresa["id"], self._copia(empresa, resumo, dados)

    def _copia(self, empresa: RowMapping, resumo: str, dados: dict[str, Any]) -> int | None:
        """The last copy when nothing changed since, an older one of the same content, or a new one."""
        if empresa["copia_sha256"] == resumo:
            return empresa["copia_id"]
        return self._achar(resumo) or self._gravar(empresa["id"], resumo, dados)

    def _achar(self, resumo: str) -> int | None:
        return self._sessao.scalar(select(CopiaEmitente.id).where(CopiaEmitente.sha256 == resumo))

    def _gravar(self, empresa_id: int, resumo: str, dados: dict[str, Any]) -> int | None:
        valores = {"empresa_id": empresa_id, "sha256": resumo, "dados": dados}
        self._sessao.execute(insert(CopiaEmitente).values(valores).on_conflict_do_nothing(index_elements=["sha256"]))
        return self._achar(resumo)
