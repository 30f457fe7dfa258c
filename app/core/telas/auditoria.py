"""The audit trail, read only: who did what to which record, with before and after side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.orm import foreign, relationship

from app.core.auditoria import de_json
from app.core.models import UserAuditLog
from app.core.tipos import N_
from app.core.visoes import Interface, VisaoSomenteLeitura
from app.core.visoes.rotulos_api import nome_da_coluna

ACOES = {
    "criar": N_("Criação"), "alterar": N_("Alteração"), "excluir": N_("Exclusão"), "entrada": N_("Entrada no sistema"), "falha_entrada": N_("Senha errada"),
    "saida": N_("Saída"), "trava": N_("Conta travada por tentativas"), "destravar": N_("Tentativas liberadas"), "trocar_senha": N_("Senha trocada"),
    "recuperar_senha": N_("Recuperação de senha"), "convidar": N_("Convite"), "aceitar_convite": N_("Convite aceito"),
    "ligar_2fa": N_("Segunda etapa ligada"), "desligar_2fa": N_("Segunda etapa desligada"), "redefinir_2fa": N_("Segunda etapa redefinida"),
    "confirmar_identidade": N_("Identidade confirmada"), "encerrar_sessao": N_("Sessão encerrada"), "criar_chave": N_("Chave de API criada"),
    "revogar_chave": N_("Chave de API revogada"), "ver_como": N_("Início de “ver como”"), "fim_ver_como": N_("Fim de “ver como”"),
    "permissao": N_("Permissões alteradas"), "exportar": N_("Exportação"), "ver_documento": N_("Documento visto por inteiro"),
    "exportar_pessoa": N_("Dados da pessoa exportados"), "anonimizar": N_("Dados da pessoa anonimizados"),
    "confirmar_instancia": N_("Cópia confirmada"), "emitir": N_("Emissão em lote"), "avisar": N_("Avisos em lote"),
    "importar": N_("Importação"), "ver_senha": N_("Senha PPPoE vista"), "cancelar": N_("Cancelamento"), "reenviar": N_("Reenvio"),
    "tentar_de_novo": N_("Nova tentativa"), "confirmar": N_("Confirmação"), "executar_agora": N_("Execução pedida"), "pausar": N_("Pausa"),
    "retomar": N_("Retomada"),
}
SEM_TELA = {    # tables no screen lists
    "ab_api_key": N_("Chaves de API"), "acesso_portal": N_("Acessos ao portal"), "anexo": N_("Anexos"), "cobranca": N_("Cobranças"),
    "configuracao": N_("Configurações"), "contrato_ciclo": N_("Vencimentos dos contratos"), "desbloqueio_confianca": N_("Desbloqueios em confiança"),
    "filtro_salvo": N_("Visões salvas"), "importacao": N_("Importações"), "instancia": N_("Instalação"), "lote_faturamento": N_("Lotes da rodada"),
    "perfil": N_("Perfis"),
}

UserAuditLog.pessoa = relationship(User, primaryjoin=foreign(UserAuditLog.user_id) == User.id, viewonly=True)


class AuditoriaView(VisaoSomenteLeitura):
    """``/auditoria``."""

    datamodel = Interface(UserAuditLog, carregar=("pessoa",))
    route_base = "/auditoria"
    list_title, show_title = _l("Auditoria"), _l("Registro de auditoria")
    list_columns = ["timestamp", "pessoa", "action", "resource", "resource_id", "ip_address"]
    show_columns = [*list_columns, "user_agent", "execucao_id"]
    search_columns = ["timestamp", "pessoa", "action", "resource", "resource_id", "ip_address"]
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"pessoa": "usuario"}
    visoes = (
        (_l("Tudo"), ""), (_l("Alterações"), "_flt_1_action=alterar"), (_l("Exclusões"), "_flt_1_action=excluir"), (_l("Entradas"), "_flt_1_action=entrada"),
        (_l("Senhas erradas"), "_flt_1_action=falha_entrada"),
    )
    label_columns = {
        "timestamp": _l("Quando"), "pessoa": _l("Quem"), "action": _l("O que fez"), "resource": _l("Onde"), "resource_id": _l("Registro"),
        "ip_address": _l("Endereço IP"), "user_agent": _l("Navegador"), "execucao_id": _l("Execução"),
    }
    subtitulo = _l("Cada alteração de cada registro, com o antes e o depois. Nada aqui pode ser mudado ou apagado.")

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"action": rotulo_da_acao, "resource": rotulo_do_recurso, "pessoa": lambda pessoa: pessoa or _("Sistema")}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> ResponseReturnValue:
        """The row, and what changed."""
        widgets = self._show(pk)
        linha = self.datamodel.get(pk, self._base_filters)
        mudancas = mudancas_de(linha)
        return self.render_template("core/auditoria.html", pk=pk, title=self.show_title, widgets=widgets, mudancas=mudancas, related_views=[])


def rotulo_da_acao(acao: str) -> str:
    """An action in words."""
    return _(ACOES[acao]) if acao in ACOES else acao


def rotulo_do_recurso(tabela: str) -> str:
    """A table as the screen of its rows is called."""
    visao = _tela_da_tabela(tabela)
    if visao is None and tabela in SEM_TELA:
        return _(SEM_TELA[tabela])
    return str(visao.list_title) if visao is not None else tabela.removeprefix("ab_").replace("_", " ").capitalize()


def _tela_da_tabela(tabela: str) -> Any:
    telas = (v for v in current_app.appbuilder.baseviews if getattr(v, "list_title", None))
    return next((v for v in telas if v.datamodel.obj.__tablename__ == tabela), None)


def mudancas_de(linha: UserAuditLog) -> list[tuple[str, Any, Any]]:
    """(column in words, before, after) of every column the row speaks of, in the columns' order."""
    antes, depois = linha.antes or {}, linha.depois or {}
    visao = _tela_da_tabela(linha.resource)
    rotulos, colunas = getattr(visao, "label_columns", {}), inspect(visao.datamodel.obj).columns if visao else {}
    return [
        (rotulo_do_campo(n, rotulos), *(de_json(colunas.get(n), valores.get(n)) for valores in (antes, depois))) for n in dict.fromkeys([*antes, *depois])
    ]


def rotulo_do_campo(coluna: str, rotulos: Mapping[str, Any]) -> str:
    """A column in words: as its screen calls it, or the relation it is the key of."""
    sem_id = coluna.removesuffix("_id")
    dito = rotulos.get(coluna) or rotulos.get(sem_id)
    return str(dito) if dito else nome_da_coluna(sem_id)
