"""One-off charges, credits, the customers' cycles, and the catalogues of cycles and policies."""

from __future__ import annotations

from typing import Any

from flask import Response, flash
from flask_appbuilder import action
from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from app.core.erros import DominioError
from app.core.formatos import dinheiro
from app.core.visoes import Botao, CampoInteiro, Interface, Ligacao, VisaoCatalogo, VisaoSomenteLeitura
from app.core.visoes.campos import EntradaInteiro
from app.extensions import db
from app.faturamento.estados import StatusLancamento
from app.faturamento.models import Ciclo, CicloFaturamento, Credito, Lancamento, PoliticaCobranca
from app.faturamento.services import FaturamentoService
from app.faturamento.services.catalogos import conferir_ciclo, conferir_politica

_CLIENTE = {"cliente": _l("Cliente")}


class LancamentoView(VisaoSomenteLeitura):
    """One-off charges and discounts; each is consumed once by an invoice."""

    datamodel = Interface(Lancamento, carregar=("cliente", "invoice"))
    route_base = "/faturamento/lancamentos"
    servico = FaturamentoService
    list_title = _l("Lançamentos avulsos")
    show_title = _l("Lançamento avulso")
    list_columns = ["descricao", "cliente", "tipo", "valor", "parcela", "parcelas", "a_partir_de", "status"]
    show_columns = ["descricao", "cliente", "tipo", "item_tipo", "valor", "parcela", "parcelas", "a_partir_de", "status", "invoice", "motivo", "created_at"]
    search_columns = ["descricao", "tipo", "valor", "a_partir_de", "status"]
    order_columns = []
    label_columns = {
        **_CLIENTE, "descricao": _l("Descrição"), "tipo": _l("Tipo"), "item_tipo": _l("Sai na fatura como"), "valor": _l("Valor"), "parcela": _l("Parcela"),
        "parcelas": _l("De"), "a_partir_de": _l("A partir de"), "status": _l("Status"), "invoice": _l("Fatura"), "motivo": _l("Motivo"),
        "created_at": _l("Lançado em"),
    }
    formatters_columns = {"valor": dinheiro}
    colunas_direita = ("valor",)
    acoes_com_motivo = {"cancelar"}
    acoes_valem = {"cancelar": lambda lancamento: lancamento.status is StatusLancamento.aberto}
    botoes_da_lista = [Botao(_l("Novo lançamento"), "AvulsosView.lancamento", "plus", ("can_lancamento", "AvulsosView"))]
    visoes = [(_l("Todos"), ""), (_l("A cobrar"), "_flt_0_status=aberto"), (_l("Faturados"), "_flt_0_status=faturado")]

    @action("cancelar", _l("Cancelar lançamento"), _l("Cancelar os lançamentos marcados?"), "ban")
    def cancelar(self, itens: Any) -> Response:
        """Cancel what was not billed yet."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        return self.executar(FaturamentoService.cancelar_lancamento, itens, motivo=motivo)


class CreditoView(VisaoSomenteLeitura):
    """Money of customers in the provider's hands."""

    datamodel = Interface(Credito, carregar=("cliente",))
    route_base = "/faturamento/creditos"
    list_title = _l("Créditos de clientes")
    botoes_da_lista = [Botao(_l("Dar crédito"), "AvulsosView.credito", "plus", ("can_credito", "AvulsosView"))]
    show_title = _l("Crédito do cliente")
    list_columns = ["motivo", "cliente", "valor", "saldo", "automatico", "created_at"]
    show_columns = list_columns
    search_columns = ["cliente", "motivo", "valor", "saldo", "automatico"]
    remotos = {"cliente": "cliente"}
    order_columns = []
    links_da_linha = [Ligacao(
        _l("Devolver ao cliente"), "AvulsosView.devolver", "arrow-back-up", permissao=("can_devolver", "AvulsosView"), vale_para=lambda c: c.saldo > 0)]
    visoes = [(_l("Todos"), ""), (_l("Disponíveis"), "_flt_1_saldo=0")]
    label_columns = {
        **_CLIENTE, "motivo": _l("Origem"), "valor": _l("Valor"), "saldo": _l("Disponível"), "automatico": _l("Usa na próxima fatura"),
        "created_at": _l("Desde"),
    }
    formatters_columns = {"valor": dinheiro, "saldo": dinheiro, "motivo": lambda motivo: motivo[:1].upper() + motivo[1:]}
    colunas_direita = ("valor", "saldo")


class CicloFaturamentoView(VisaoSomenteLeitura):
    """When each customer is billed next."""

    datamodel = Interface(CicloFaturamento, carregar=("cliente", "ciclo"))
    route_base = "/faturamento/vencimentos"
    list_title = _l("Vencimentos dos clientes")
    show_title = _l("Vencimento do cliente")
    list_columns = ["cliente", "ciclo", "dia_vencimento", "proximo_vencimento", "ativo", "estacionado_motivo"]
    show_columns = ["cliente", "ciclo", "dia_vencimento", "data_inicio", "proximo_vencimento", "ativo", "estacionado_em", "estacionado_motivo"]
    search_columns = ["dia_vencimento", "proximo_vencimento", "ativo"]
    order_columns = []
    label_columns = {
        **_CLIENTE, "ciclo": _l("Ciclo"), "dia_vencimento": _l("Dia"), "proximo_vencimento": _l("Próximo vencimento a faturar"), "ativo": _l("Ativo"),
        "data_inicio": _l("Desde"), "estacionado_em": _l("Estacionado em"), "estacionado_motivo": _l("Motivo"),
    }
    colunas_direita = ("dia_vencimento",)


class CicloView(VisaoCatalogo):
    """Kinds of cycle."""

    datamodel = Interface(Ciclo)
    route_base = "/faturamento/ciclos"
    list_title, show_title = _l("Ciclos de cobrança"), _l("Ciclo de cobrança")
    add_title, edit_title = _l("Novo ciclo"), _l("Editar ciclo")
    list_columns = show_columns = add_columns = edit_columns = ["nome", "meses", "dias", "ativo"]
    search_columns = ["nome", "ativo"]
    order_columns = ["nome"]
    base_order = ("id", "asc")
    label_columns = {"nome": _l("Nome"), "meses": _l("Meses"), "dias": _l("Dias"), "ativo": _l("Ativo")}
    description_columns = {"dias": _l("Usado só quando o ciclo não é contado em meses.")}
    add_form_extra_fields = edit_form_extra_fields = {
        "dias": CampoInteiro(label_columns["dias"], [Optional()], widget=EntradaInteiro(), description=description_columns["dias"]),
    }

    def pre_add(self, item: Ciclo) -> None:
        """A duration; it stays while somebody is billed by it."""
        conferir_ciclo(db.session(), item)

    pre_update = pre_add


class PoliticaCobrancaView(VisaoCatalogo):
    """What happens to late money; the one marked as default is in force."""

    datamodel = Interface(PoliticaCobranca)
    route_base = "/faturamento/politicas"
    list_title, show_title = _l("Políticas de cobrança"), _l("Política de cobrança")
    add_title, edit_title = _l("Nova política"), _l("Editar política")
    list_columns = ["nome", "preset", "padrao", "multa_percentual", "juros_mensal", "dias_bloqueio", "ativo"]
    show_columns = add_columns = edit_columns = [
        "nome", "preset", "padrao", "multa_percentual", "juros_mensal", "tolerancia", "desconto_pontual_percentual", "dias_lembrete", "dias_aviso",
        "dias_bloqueio", "dias_apos_aviso", "exige_aviso", "divida_minima", "bloqueia_sexta", "bloqueia_fim_de_semana",
        "bloqueia_vespera_de_feriado", "limite_percentual_da_base", "ativo",
    ]
    search_columns = ["nome", "ativo"]
    order_columns = ["nome"]
    base_order = ("id", "asc")
    label_columns = {
        "nome": _l("Nome"), "preset": _l("Base"), "padrao": _l("Em vigor"), "multa_percentual": _l("Multa (%)"), "juros_mensal": _l("Juros ao mês (%)"),
        "tolerancia": _l("Tolerância (R$)"), "desconto_pontual_percentual": _l("Desconto até o vencimento (%)"), "dias_lembrete": _l("Lembrete: dias antes"),
        "dias_aviso": _l("Aviso: dias depois"), "dias_bloqueio": _l("Bloqueio: dias de atraso"),
        "dias_apos_aviso": _l("Dias entre o aviso e o bloqueio"), "exige_aviso": _l("Só bloqueia com aviso enviado"), "divida_minima": _l("Dívida mínima (R$)"),
        "bloqueia_sexta": _l("Bloqueia na sexta-feira"), "bloqueia_fim_de_semana": _l("Bloqueia no fim de semana"),
        "bloqueia_vespera_de_feriado": _l("Bloqueia em véspera de feriado"), "limite_percentual_da_base": _l("Disjuntor: máximo da base por noite (%)"),
        "ativo": _l("Ativa"),
    }
    description_columns = {
        "multa_percentual": _l("No máximo 2% (Código de Defesa do Consumidor, art. 52)."), "juros_mensal": _l("No máximo 1% ao mês."),
        "tolerancia": _l("Diferença de centavos aceita como pagamento total."),
        "padrao": _l("Esta toma o lugar da que está em vigor."),
    }

    def pre_add(self, item: PoliticaCobranca) -> None:
        """One is in force."""
        conferir_politica(db.session(), item)

    def pre_update(self, item: PoliticaCobranca) -> None:
        """One is in force."""
        conferir_politica(db.session(), item)
