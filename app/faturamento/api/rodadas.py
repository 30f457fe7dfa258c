"""When customers are billed, the runs that do it, who is parked, and the policies of late money."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.contratos.models import Contrato
from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, verbo
from app.extensions import db
from app.faturamento.corpos import CorpoConfianca, CorpoRodar
from app.faturamento.models import (
    Ciclo,
    CicloFaturamento,
    ClienteEstacionado,
    DesbloqueioConfianca,
    ExecucaoFaturamento,
    LoteFaturamento,
    PoliticaCobranca,
)
from app.faturamento.services import FaturamentoService
from app.faturamento.services.catalogos import conferir_ciclo, conferir_politica


class CicloApi(ApiBase):
    """Kinds of cycle."""

    resource_name = "ciclo"
    datamodel = Interface(Ciclo)
    list_columns = show_columns = ["id", "nome", "meses", "dias", "ativo"]
    add_columns = edit_columns = ["nome", "meses", "dias", "ativo"]
    opcionais = frozenset({"dias"})
    search_columns = ["nome", "ativo"]
    order_columns = ["id", "nome"]

    def pre_add(self, item: Ciclo) -> None:
        """As on the screen."""
        conferir_ciclo(db.session(), item)

    pre_update = pre_add


class CicloFaturamentoApi(ApiSomenteLeitura):
    """When each customer is billed."""

    resource_name = "ciclo_faturamento"
    datamodel = Interface(CicloFaturamento, carregar=("ciclo",))
    list_columns = show_columns = ["id", "cliente_id", "ciclo.nome", "dia_vencimento", "data_inicio", "proximo_vencimento", "ativo", "estacionado_motivo"]
    search_columns = ["cliente_id", "dia_vencimento", "proximo_vencimento", "ativo"]
    order_columns = ["id", "proximo_vencimento"]

    @verbo(
        "/<int:pk>/faturar", "Emite agora o que este ciclo deve até um dia (hoje, se não for dito)", "As faturas emitidas; nenhuma, se nada é devido",
        corpo=CorpoRodar, recusas={422: "O dia está no futuro, falta a empresa ou os dados do cliente não deixam"},
    )
    def faturar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Bill one cycle."""
        with transacao() as sessao:
            ids = FaturamentoService(sessao).faturar_ciclo(pk, hoje=corpo["referencia"] or relogio.hoje())
        return self.response(200, ids=ids, result=self.dados(self.exigir(pk)))


class ExecucaoFaturamentoApi(ApiSomenteLeitura):
    """Billing runs."""

    resource_name = "execucao_faturamento"
    datamodel = Interface(ExecucaoFaturamento)
    list_columns = show_columns = ["id", "referencia", "status", "origem", "esperado", "valor_esperado", "iniciada_em", "terminada_em"]
    search_columns = ["referencia", "status", "origem"]
    order_columns = ["id", "referencia"]

    @verbo("/previa", "Prévia da rodada de um dia", "Quantidade, valor, valor por plano e quem ficaria estacionado", corpo=CorpoRodar)
    def previa(self, corpo: dict[str, Any]) -> Response:
        """What a run of that day would issue; nothing is saved."""
        referencia = corpo["referencia"] or relogio.hoje()
        previa = FaturamentoService(db.session()).simular(hoje=referencia)
        db.session.rollback()
        problemas = [{"cliente": p.cliente, "motivo": p.motivo} for p in previa.problemas]
        totais = {"quantidade": previa.quantidade, "valor": str(previa.valor), "sem_valor": previa.sem_valor}
        planos = {nome: str(total) for nome, total in previa.por_plano.items()}
        return self.response(200, result={"referencia": referencia.isoformat(), **totais, "por_plano": planos, "estacionados": problemas})

    @verbo(
        "/rodar", "Inicia a rodada de um dia", "A rodada iniciada", corpo=CorpoRodar, status=202,
        recusas={422: "Já há uma rodada em andamento, o dia está no futuro ou falta a empresa"},
    )
    def rodar(self, corpo: dict[str, Any]) -> Response:
        """Start the run of that day, as a task."""
        referencia = corpo["referencia"] or relogio.hoje()
        with transacao() as sessao:
            execucao_id = FaturamentoService(sessao).iniciar_execucao(hoje=referencia, origem="api").id
        return self.response(202, id=execucao_id, result=self.dados(self.exigir(execucao_id)))

    @verbo("/<int:pk>/parar", "Para a rodada depois do lote atual; o que foi emitido fica", "A rodada")
    def parar(self, pk: int) -> Response:
        """Stop after the present lot."""
        with transacao() as sessao:
            FaturamentoService(sessao).pedir_parada(pk)
        return self.response(200, result=self.dados(self.exigir(pk)))


class LoteFaturamentoApi(ApiSomenteLeitura):
    """What each transaction of a run issued."""

    resource_name = "lote_faturamento"
    list_title = _l("Lotes das rodadas")
    datamodel = Interface(LoteFaturamento)
    list_columns = show_columns = ["id", "execucao_id", "invoices", "sem_valor", "valor", "duracao_ms", "em"]
    search_columns = ["execucao_id", "em"]
    order_columns = ["id"]
    label_columns = {
        "execucao_id": _l("Rodada"), "invoices": _l("Faturas"), "sem_valor": _l("Sem valor a cobrar"), "valor": _l("Valor"), "em": _l("Quando"),
    }


class ClienteEstacionadoApi(ApiSomenteLeitura):
    """Customers a run left aside."""

    resource_name = "cliente_estacionado"
    datamodel = Interface(ClienteEstacionado, carregar=("cliente",))
    list_columns = show_columns = ["id", "cliente_id", "cliente.nome", "ciclo_faturamento_id", "vencimento", "motivo", "created_at", "resolvido_em"]
    search_columns = ["cliente_id", "vencimento", "motivo", "resolvido_em"]
    order_columns = ["id"]

    @verbo(
        "/<int:pk>/tentar_de_novo", "Tira o cliente do estacionamento e o fatura agora", "As faturas emitidas",
        recusas={422: "Não foi possível faturar de novo"},
    )
    def tentar_de_novo(self, pk: int) -> Response:
        """Bill him now."""
        with transacao() as sessao:
            ids = FaturamentoService(sessao).tentar_estacionado(pk, hoje=relogio.hoje())
        return self.response(200, ids=ids, result=self.dados(self.exigir(pk)))


class DesbloqueioConfiancaApi(ApiSomenteLeitura):
    """Releases on the customer's word."""

    resource_name = "desbloqueio_confianca"
    list_title = _l("Desbloqueios em confiança")
    datamodel = Interface(DesbloqueioConfianca)
    list_columns = show_columns = ["id", "contrato_id", "invoice_id", "de", "ate", "origem", "cumprido"]
    search_columns = ["contrato_id", "invoice_id", "origem", "cumprido"]
    order_columns = ["id"]
    label_columns = {
        "contrato_id": _l("Contrato"), "invoice_id": _l("Fatura"), "de": _l("Desde"), "ate": _l("Até"), "origem": _l("Origem"), "cumprido": _l("Cumprido"),
    }

    @verbo(
        "/dar", "Desbloqueia em confiança um contrato bloqueado por atraso, uma vez por fatura", "O desbloqueio", corpo=CorpoConfianca, status=201,
        recusas={404: "Contrato não encontrado", 422: "Não está bloqueado por atraso ou já usou a confiança"},
    )
    def dar(self, corpo: dict[str, Any]) -> Response:
        """Release a blocked contract for some days."""
        self.exigir_de(Contrato, corpo["contrato_id"], _("Contrato não encontrado."))
        with transacao() as sessao:
            servico = FaturamentoService(sessao)
            feito = servico.desbloquear_em_confianca(corpo["contrato_id"], dias=corpo["dias"], origem="api", em=relogio.agora()).id
        return self.response(201, id=feito, result=self.dados(self.exigir(feito)))


class PoliticaCobrancaApi(ApiBase):
    """Dunning policies."""

    resource_name = "politica_cobranca"
    datamodel = Interface(PoliticaCobranca)
    exclude_route_methods = {"delete"}
    add_columns = edit_columns = [
        "nome", "preset", "padrao", "multa_percentual", "juros_mensal", "tolerancia", "desconto_pontual_percentual", "dias_lembrete", "dias_aviso",
        "dias_bloqueio", "dias_apos_aviso", "exige_aviso", "divida_minima", "bloqueia_sexta", "bloqueia_fim_de_semana",
        "bloqueia_vespera_de_feriado", "limite_percentual_da_base", "ativo",
    ]
    list_columns = show_columns = ["id", *add_columns]
    search_columns = ["nome", "padrao", "ativo"]
    order_columns = ["id", "nome"]

    def pre_add(self, item: PoliticaCobranca) -> None:
        """As on the screen."""
        conferir_politica(db.session(), item)

    def pre_update(self, item: PoliticaCobranca) -> None:
        """As on the screen."""
        conferir_politica(db.session(), item)
