"""When customers are billed, the runs that do it, who is parked, and the policies of late money."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import lazy_gettext as _l

from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, responde
from app.extensions import db
from app.faturamento.corpos import CorpoConfianca, CorpoRodar
from app.faturamento.models import Ciclo, CicloFaturamento, ClienteEstacionado, DesbloqueioConfianca, ExecucaoFaturamento, PoliticaCobranca
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


class ExecucaoFaturamentoApi(ApiSomenteLeitura):
    """Billing runs."""

    resource_name = "execucao_faturamento"
    datamodel = Interface(ExecucaoFaturamento)
    list_columns = show_columns = ["id", "referencia", "status", "origem", "esperado", "valor_esperado", "iniciada_em", "terminada_em"]
    search_columns = ["referencia", "status", "origem"]
    order_columns = ["id", "referencia"]

    @expose("/previa", methods=["POST"])
    @protect()
    @permission_name("previa")
    @responde
    def previa(self) -> Response:
        """What a run of that day would issue; nothing is saved.
        ---
        post:
          summary: Prévia da rodada de um dia
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, properties: {referencia: {type: string, format: date}}}}}
          responses:
            200: {description: "Quantidade, valor, valor por plano e quem ficaria estacionado"}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
        """
        referencia = self.corpo(CorpoRodar())["referencia"] or relogio.hoje()
        previa = FaturamentoService(db.session()).simular(hoje=referencia)
        db.session.rollback()
        problemas = [{"cliente": p.cliente, "motivo": p.motivo} for p in previa.problemas]
        totais = {"quantidade": previa.quantidade, "valor": str(previa.valor), "sem_valor": previa.sem_valor}
        planos = {nome: str(total) for nome, total in previa.por_plano.items()}
        return self.response(200, result={"referencia": referencia.isoformat(), **totais, "por_plano": planos, "estacionados": problemas})

    @expose("/rodar", methods=["POST"])
    @protect()
    @permission_name("rodar")
    @responde
    def rodar(self) -> Response:
        """Start the run of that day, as a task.
        ---
        post:
          summary: Inicia a rodada de um dia
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, properties: {referencia: {type: string, format: date}}}}}
          responses:
            202: {description: A rodada iniciada}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            422: {description: "Já há uma rodada em andamento, o dia está no futuro ou falta a empresa"}
        """
        referencia = self.corpo(CorpoRodar())["referencia"] or relogio.hoje()
        with transacao() as sessao:
            execucao_id = FaturamentoService(sessao).iniciar_execucao(hoje=referencia, origem="api").id
        return self.response(202, id=execucao_id, result=self.dados(self.exigir(execucao_id)))

    @expose("/<int:pk>/parar", methods=["POST"])
    @protect()
    @permission_name("parar")
    @responde
    def parar(self, pk: int) -> Response:
        """Stop after the present lot.
        ---
        post:
          summary: "Para a rodada depois do lote atual; o que foi emitido fica"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: A rodada}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
        """
        self.exigir(pk)
        with transacao() as sessao:
            FaturamentoService(sessao).pedir_parada(pk)
        return self.response(200, result=self.dados(self.exigir(pk)))


class ClienteEstacionadoApi(ApiSomenteLeitura):
    """Customers a run left aside."""

    resource_name = "cliente_estacionado"
    datamodel = Interface(ClienteEstacionado, carregar=("cliente",))
    list_columns = show_columns = ["id", "cliente_id", "cliente.nome", "ciclo_faturamento_id", "vencimento", "motivo", "created_at", "resolvido_em"]
    search_columns = ["cliente_id", "vencimento", "motivo", "resolvido_em"]
    order_columns = ["id"]

    @expose("/<int:pk>/tentar_de_novo", methods=["POST"])
    @protect()
    @permission_name("tentar_de_novo")
    @responde
    def tentar_de_novo(self, pk: int) -> Response:
        """Bill him now.
        ---
        post:
          summary: "Tira o cliente do estacionamento e o fatura agora"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: As faturas emitidas}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            422: {description: Não foi possível faturar de novo}
        """
        self.exigir(pk)
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

    @expose("/dar", methods=["POST"])
    @protect()
    @permission_name("dar")
    @responde
    def dar(self) -> Response:
        """Release a blocked contract for some days.
        ---
        post:
          summary: Desbloqueia em confiança um contrato bloqueado por atraso, uma vez por fatura
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [contrato_id]
                  properties: {contrato_id: {type: integer}, dias: {type: integer, minimum: 1, maximum: 10, default: 3}}
          responses:
            201: {description: O desbloqueio}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Contrato não encontrado}
            422: {description: Não está bloqueado por atraso ou já usou a confiança}
        """
        corpo = self.corpo(CorpoConfianca())
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
