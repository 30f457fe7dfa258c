"""Until when the law keeps what (docs/lgpd.md has the table): dates in, dates out, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from app.core.datas import mais_meses
from app.core.dinheiro import formatar_reais
from app.core.tipos import N_, Rotulado

PRAZO_RESPOSTA = dt.timedelta(days=15)      # LGPD, art. 19, II
VALIDADE_ARQUIVO = dt.timedelta(days=7)
MESES_CONEXAO, MESES_DEFESA, MESES_FISCAL = 12, 60, 72
ANOS_ACESSOS = 5


class ClasseDado(Rotulado):
    """What is kept for the same reason goes on the same day."""

    agora = N_("Contatos, e-mail, telefone, nascimento, anotações, mensagens e portal")
    conexao = N_("Login e registros de conexão")
    defesa = N_("Consentimentos, avisos e linha do tempo")
    fiscal = N_("Nome, documento e endereço nas faturas, nos pagamentos e nos contratos")


FUNDAMENTOS = {
    ClasseDado.agora: N_("Nenhuma lei manda guardar"),
    ClasseDado.conexao: N_("1 ano do fim do contrato (Marco Civil da Internet, art. 13)"),
    ClasseDado.defesa: N_("5 anos do fim do contrato (defesa em processo; CDC, art. 27)"),
    ClasseDado.fiscal: N_("6 anos do último documento (CTN, arts. 173 e 174; CC, art. 206, § 5º, I)"),
}


@dataclass(frozen=True)
class Fatos:
    """What decides: numbers of what is still open, and the last day of what the law counts from (None: there never was any)."""

    contratos: Sequence[str] = ()
    faturas: Sequence[str] = ()
    lancamentos: int = 0
    credito: Decimal = Decimal(0)
    fim_do_contrato: dt.date | None = None
    ultimo_documento: dt.date | None = None


@dataclass(frozen=True)
class Retencao:
    """``ate`` is the first day on which it may go."""

    classe: ClasseDado
    ate: dt.date


def impedimentos(fatos: Fatos) -> list[str]:
    """Why nothing may be anonymised now, in sentences; empty when nothing stands against it."""
    achados = []
    if fatos.contratos:
        achados.append(_("Há contrato que não terminou: %(quais)s.", quais=", ".join(fatos.contratos)))
    if fatos.faturas:
        achados.append(_("Há fatura em aberto: %(quais)s.", quais=", ".join(fatos.faturas)))
    if fatos.lancamentos:
        achados.append(_("Há lançamento que ainda não foi cobrado."))
    if fatos.credito > 0:
        achados.append(_("Há crédito de %(valor)s a devolver.", valor=formatar_reais(fatos.credito)))
    return achados


def retencoes(fatos: Fatos, hoje: dt.date) -> list[Retencao]:
    """From which day on each class may go, in the order of the classes; a class nothing was ever kept of may go today."""
    contagem = {
        ClasseDado.agora: (None, 0), ClasseDado.conexao: (fatos.fim_do_contrato, MESES_CONEXAO), ClasseDado.defesa: (fatos.fim_do_contrato, MESES_DEFESA),
        ClasseDado.fiscal: (fatos.ultimo_documento, MESES_FISCAL),
    }
    return [Retencao(classe, mais_meses(desde, meses) if desde else hoje) for classe, (desde, meses) in contagem.items()]


def vencidas(todas: Sequence[Retencao], hoje: dt.date) -> list[ClasseDado]:
    """Classes whose day has come."""
    return [r.classe for r in todas if r.ate <= hoje]


def retidas(todas: Sequence[Retencao], hoje: dt.date) -> list[Retencao]:
    """What the law still keeps."""
    return [r for r in todas if r.ate > hoje]
