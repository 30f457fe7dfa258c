"""Executions (every task, with retry and cancel) and the schedule (every job, with run now and pause)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, BaseView, action, expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, not_, text

from app.core import agenda, instancia, operacao, permissoes
from app.core.erros import DominioError
from app.core.formatos import numero
from app.core.models import EstadoTarefa, Tarefa
from app.core.operacao import TarefaService, rotulo_da_tarefa
from app.core.transacao import transacao
from app.core.visoes import Botao, VisaoSomenteLeitura, interface
from app.extensions import db

SEM_ROTINAS = "_flt_7_agenda=nao"
GRUPO = {"category": "Configuracoes", "category_icon": "settings", "category_label": _l("Configurações")}


def andamento(tarefa: Tarefa) -> str:
    """``1.200 de 5.000``, or what is known of it."""
    if tarefa.total:
        return _("%(feito)s de %(total)s", feito=numero(tarefa.progresso), total=numero(tarefa.total))
    return numero(tarefa.progresso) if tarefa.progresso else ""


def tentativas_feitas(tarefa: Tarefa) -> str:
    """``3 de 8``."""
    return _("%(n)d de %(maximo)d", n=tarefa.tentativas, maximo=tarefa.max_tentativas)


def contagens_texto(tarefa: Tarefa) -> str:
    """``emitidas: 5.000, recusadas: 2``."""
    return ", ".join(f"{nome.replace('_', ' ')}: {numero(quantos)}" for nome, quantos in tarefa.contagens.items())


def argumentos_texto(tarefa: Tarefa) -> str:
    """``cliente_id: 7, tipo: contrato_assinado``."""
    return ", ".join(f"{nome}: {valor}" for nome, valor in tarefa.argumentos.items())


def nome_da_fila(fila: str) -> str:
    """The queue as a person calls it."""
    return {"rapida": _("Rápida"), "longa": _("Longa")}.get(fila, fila)


for _texto in (andamento, tentativas_feitas, contagens_texto, argumentos_texto):      # columns of these screens
    setattr(Tarefa, _texto.__name__, property(_texto))


class FiltroRotina(BaseFilter):
    """Whether it is one of the jobs that run again and again all day, done, with nothing to do: ``sim`` or ``nao``."""

    name = _l("Rotina sem efeito")
    arg_name = "rotina"

    def apply(self, query: Any, value: str) -> Any:
        """Anything but ``nao`` means yes."""
        m = self.model
        frequentes = [job.nome for job in agenda.tabela().values() if isinstance(job.quando, agenda.Cada)]
        fez_algo = func.jsonb_path_exists(m.contagens, text("'$.* ? (@ > 0)'"))
        rotina = and_(m.nome.in_(frequentes), m.estado == EstadoTarefa.feita, m.progresso == 0, not_(fez_algo))
        return query.filter(not_(rotina) if str(value) == "nao" else rotina)


class TarefaView(VisaoSomenteLeitura):
    """``/execucoes``: what was, is and will be done in the background. The menu leads to what had something to do."""

    datamodel = interface(Tarefa, {"agenda": FiltroRotina})
    route_base = "/execucoes"
    list_title, show_title = _l("Execuções"), _l("Execução")
    subtitulo = _l("Tudo o que o sistema faz em segundo plano: o que espera, o que está sendo feito e o que falhou.")
    list_columns = ["nome", "estado", "quando", "referencia", "andamento", "tentativas_feitas", "erro"]
    show_columns = [
        "nome", "estado", "erro", "andamento", "contagens_texto", "tentativas_feitas", "quando", "iniciada_em", "terminada_em", "referencia", "fila",
        "prioridade", "argumentos_texto", "created_at", "id",
    ]
    search_columns = ["nome", "estado", "fila", "agenda", "referencia", "quando", "terminada_em"]
    order_columns = []
    colunas_exportadas = ["id", "nome", "estado", "fila", "quando", "iniciada_em", "terminada_em", "tentativas", "progresso", "erro"]
    botoes_da_lista = (Botao(_l("Agenda"), "AgendaView.pagina", "calendar-time", ("can_list", "AgendaView")),)
    visoes = (
        (_l("Sem rotinas"), SEM_ROTINAS), (_l("Todas"), ""), (_l("Falharam"), "_flt_0_estado=morta"), (_l("Executando"), "_flt_0_estado=executando"),
        (_l("Esperando"), "_flt_0_estado=pendente"), (_l("Na fila"), "_flt_0_estado=publicada"),
    )
    label_columns = {
        "id": _l("Número"), "nome": _l("Tarefa"), "estado": _l("Status"), "fila": _l("Fila"), "quando": _l("Quando"), "referencia": _l("Dia de referência"),
        "andamento": _l("Andamento"), "tentativas_feitas": _l("Tentativas"), "tentativas": _l("Tentativas"), "erro": _l("Motivo"),
        "contagens_texto": _l("Resultado"), "iniciada_em": _l("Início"), "terminada_em": _l("Fim"), "prioridade": _l("Prioridade"),
        "argumentos_texto": _l("Dados"), "created_at": _l("Criada em"), "agenda": _l("Trabalho da agenda"), "progresso": _l("Andamento"),
    }

    acoes_valem = {"tentar_de_novo": operacao.pode_tentar_de_novo, "confirmar": operacao.pode_confirmar, "cancelar": operacao.pode_cancelar}

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"nome": rotulo_da_tarefa, "fila": nome_da_fila}

    @action("tentar_de_novo", _l("Tentar de novo"), _l("Executar de novo as tarefas marcadas?"), "fa-refresh")
    def tentar_de_novo(self, tarefas: list[Tarefa]) -> ResponseReturnValue:
        """A fresh set of attempts."""
        return self.executar(TarefaService.tentar_de_novo, tarefas)

    @action("confirmar", _l("Confirmar e continuar"), _l("Fazer mesmo assim o que a regra parou?"), "fa-check")
    def confirmar(self, tarefas: list[Tarefa]) -> ResponseReturnValue:
        """A person's word for what a rule stopped (the circuit breaker of blocking)."""
        return self.executar(TarefaService.confirmar, tarefas)

    @action("cancelar", _l("Cancelar"), _l("Cancelar as tarefas marcadas? O que elas já fizeram fica feito."), "fa-ban")
    def cancelar(self, tarefas: list[Tarefa]) -> ResponseReturnValue:
        """At once while waiting, between two slices when running."""
        return self.executar(TarefaService.cancelar, tarefas)


class AgendaView(BaseView):
    """``/agenda-de-tarefas``: what runs when."""

    route_base = "/agenda-de-tarefas"
    default_view = "pagina"
    titulo_da_permissao = _l("Agenda")

    @expose("/")
    @has_access
    @permission_name("list")
    def pagina(self) -> ResponseReturnValue:
        """Every job with its next and last run."""
        sessao = db.session()
        return self.render_template(
            "core/agenda.html", title=_("Agenda"), situacoes=operacao.situacoes(sessao), processos=operacao.processos(sessao),
            adiadas=0 if instancia.efeitos_ligados() else operacao.adiadas(sessao), rotulo_da_tarefa=rotulo_da_tarefa, quando_texto=operacao.quando_texto,
            pode_executar=self._pode("executar"), pode_pausar=self._pode("pausar"), ve_execucoes=self.appbuilder.sm.has_access("can_list", "TarefaView"))

    @expose("/<nome>/executar", methods=["POST"])
    @has_access
    @permission_name("executar")
    def executar(self, nome: str) -> ResponseReturnValue:
        """Ask for a run now, outside its hours too."""
        return self._fazer(TarefaService.executar_agora, nome, _("Pedido feito: o trabalho começa em instantes."))

    @expose("/<nome>/pausar", methods=["POST"])
    @has_access
    @permission_name("pausar")
    def pausar(self, nome: str) -> ResponseReturnValue:
        """No more occurrences."""
        return self._fazer(TarefaService.pausar, nome, _("Trabalho pausado."))

    @expose("/<nome>/retomar", methods=["POST"])
    @has_access
    @permission_name("pausar")
    def retomar(self, nome: str) -> ResponseReturnValue:
        """Occurrences again, from now on."""
        return self._fazer(TarefaService.retomar, nome, _("Trabalho retomado."))

    def _fazer(self, verbo: Any, nome: str, dito: str) -> ResponseReturnValue:
        try:
            with transacao() as sessao:
                verbo(TarefaService(sessao), nome)
            flash(dito, "success")
        except DominioError as erro:
            flash(str(erro), "danger")
        return redirect(url_for("AgendaView.pagina"))

    def _pode(self, o_que: str) -> bool:
        return self.appbuilder.sm.has_access(f"can_{o_que}", self.class_permission_name)


permissoes.dar("Gerente", "TarefaView|AgendaView|Execucoes|AgendaDeTarefas")


def registrar(appbuilder: AppBuilder) -> None:
    """Both screens, under the settings."""
    appbuilder.add_view(TarefaView, "Execucoes", f"{TarefaView.route_base}/list/?{SEM_ROTINAS}", label=_l("Execuções"), icon="list-check", **GRUPO)
    appbuilder.add_view(AgendaView, "AgendaDeTarefas", label=_l("Agenda"), icon="calendar-time", **GRUPO)
