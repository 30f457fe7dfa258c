"""Screens of messages: the journal, the texts, who refuses them, how mail leaves, and the bell."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.core import registro
from app.core.permissoes import dar
from app.notificacoes.views import sino
from app.notificacoes.views.canais import CanaisView
from app.notificacoes.views.comuns import GRUPO
from app.notificacoes.views.correio import CorreioView
from app.notificacoes.views.mensagens import BLOCO, NotificacaoView
from app.notificacoes.views.modelos import ModeloMensagemView, OptOutView

dar("Gerente", "NotificacaoView|ModeloMensagemView|OptOutView|Mensagens|Enviadas|Modelos de mensagem|Recusas")
dar("Financeiro", "NotificacaoView", "can_(list|show|exportar)|reenviar|cancelar")
dar("Financeiro", "OptOutView", "can_(list|show|add|delete)")
dar("Financeiro", "ModeloMensagemView", "can_(list|show)")
dar("Atendente", "NotificacaoView", "can_(list|show)|reenviar")
dar("Atendente", "OptOutView", "can_(list|show)")
dar("Financeiro", "Mensagens|Enviadas|Modelos de mensagem|Recusas", "menu_access")
dar("Atendente", "Mensagens|Enviadas|Recusas", "menu_access")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens, the bell and the block of the customer's page."""
    appbuilder.add_view(NotificacaoView, "Enviadas", label=_l("Mensagens"), icon="mail", **GRUPO)
    appbuilder.add_view(ModeloMensagemView, "Modelos de mensagem", label=_l("Modelos de mensagem"), icon="file-text", **GRUPO)
    appbuilder.add_view(OptOutView, "Recusas", label=_l("Destinatários recusados"), icon="ban", **GRUPO)
    appbuilder.add_view(CanaisView, "Canais de envio", label=_l("Canais de envio"), icon="broadcast", **GRUPO)
    appbuilder.add_view(CorreioView, "Envio de e-mail", label=_l("Envio de e-mail"), icon="settings", **GRUPO)
    appbuilder.add_view_no_menu(sino.SinoView)
    sino.init_app(current_app)
    registro.bloco_do_cliente(BLOCO)
