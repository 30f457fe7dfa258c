"""Messages: what was, will be or could not be sent, exactly as the customer sees it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash
from flask.typing import ResponseReturnValue
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.widgets import ShowWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import sigilo
from app.core.erros import DominioError
from app.core.formatos import endereco_email
from app.core.formatos import texto as texto_da_celula
from app.core.registro import BlocoCliente
from app.core.visoes import Botao, Interface, VisaoSomenteLeitura
from app.extensions import db
from app.notificacoes import consultas
from app.notificacoes.despacho import fazer_anexo
from app.notificacoes.models import Notificacao, StatusNotificacao
from app.notificacoes.regras import html_do_texto
from app.notificacoes.services import NotificacaoService
from app.notificacoes.views.comuns import REGRA_DE_LINHA, pagina_isolada, rotulo_do_evento

POR = {
    "smtp": _l("Servidor de e-mail"), "http": _l("Provedor"), "diario": _l("Registro (nada saiu)"), "interno": _l("Aviso no sistema"), "nenhum": _l("Nenhum"),
    "pessoa": _l("Uma pessoa"),
}


class MensagemWidget(ShowWidget):
    """The message, its text in a frame, its attachments and every attempt."""

    template = "notificacoes/_mensagem.html"


class NotificacaoView(VisaoSomenteLeitura):
    """``/mensagens``."""

    datamodel = Interface(Notificacao)
    route_base = "/mensagens"
    base_filters = REGRA_DE_LINHA
    show_widget = MensagemWidget
    list_title, show_title = _l("Mensagens"), _l("Mensagem")
    list_columns = ["evento", "destinatario", "assunto", "canal", "situacao", "quando", "enviada_em"]
    show_columns = ["evento", "canal", "destinatario", "assunto", "situacao", "erro", "quando", "vale_ate", "enviada_em", "lida_em", "tentativas", "message_id"]
    search_columns = ["destinatario", "evento", "canal", "status", "assunto", "quando", "enviada_em", "cliente_id", "invoice_id"]
    order_columns = ["id"]
    add_columns = edit_columns = ["destinatario"]      # never shown; the default would be every property, and a computed one has no form field
    colunas_exportadas = ["id", "evento", "canal", "destinatario", "assunto", "situacao", "quando", "enviada_em", "erro"]
    acoes_com_motivo = {"cancelar"}
    acoes_valem = {"cancelar": lambda mensagem: mensagem.status not in (StatusNotificacao.enviada, StatusNotificacao.cancelada)}
    botoes_da_lista = (
        Botao(_l("Modelos"), "ModeloMensagemView.list", "file-text", ("can_list", "ModeloMensagemView")),
        Botao(_l("Canais de envio"), "CanaisView.pagina", "settings", ("can_configurar", "CanaisView")),
    )
    label_columns = {
        "id": _l("Número"), "evento": _l("Mensagem"), "canal": _l("Canal"), "destinatario": _l("Destinatário"), "assunto": _l("Assunto"),
        "status": _l("Status"), "situacao": _l("Status"), "erro": _l("Motivo"), "quando": _l("A enviar em"), "enviada_em": _l("Concluída em"),
        "lida_em": _l("Lida em"), "vale_ate": _l("Vale até"), "tentativas": _l("Tentativas"),
        "message_id": _l("Identificação (Message-ID)"), "cliente_id": _l("Número do cliente"), "invoice_id": _l("Número interno da fatura"),
    }
    visoes = (
        (_l("Todas"), ""), (_l("Falharam"), "_flt_0_status=falha"), (_l("Esperando"), "_flt_0_status=pendente"), (_l("Enviadas"), "_flt_0_status=enviada"),
        (_l("Canceladas"), "_flt_0_status=cancelada"),
    )
    texto_vazio = _l("As faturas e os avisos enviados aos clientes aparecem aqui.")

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"evento": rotulo_do_evento, "destinatario": endereco_email, "assunto": texto_da_celula}

    def _da_lista(self, tamanho: int) -> dict[str, Any]:
        return {**super()._da_lista(tamanho), "subtitulo": self._como_sai()}

    @staticmethod
    def _como_sai() -> str:
        """How messages leave now, where it is not obvious."""
        if parados := consultas.canais_parados(db.session()):
            return " ".join(_("O envio por %(canal)s está parado: %(motivo)s", canal=c.canal.rotulo, motivo=c.motivo or "") for c in parados)
        correio = consultas.situacao_do_correio(db.session())
        return "" if correio.servidor else _("Sem servidor de e-mail: nada sai, e cada mensagem fica aqui como o cliente a veria.")

    def _get_show_widget(self, pk: Any, item: Any, widgets: Any = None, actions: Any = None, show_fieldsets: Any = None) -> dict:
        widgets = super()._get_show_widget(pk, item, widgets, actions, show_fieldsets)
        texto = consultas.texto_da(db.session(), item)
        widgets["show"].template_args.update(mensagem=item, texto=texto, registros=consultas.tentativas_da(db.session(), item.id), por=POR)
        return widgets

    @expose("/<int:pk>/corpo")
    @has_access
    @permission_name("show")
    def corpo(self, pk: int) -> Response:
        """The HTML part as it leaves."""
        texto = consultas.texto_da(db.session(), self._exigir(pk))
        return pagina_isolada(html_do_texto(sigilo.no_texto(texto.corpo), sigilo.no_texto(texto.assunto)))

    @expose("/<int:pk>/anexo/<int:n>")
    @has_access
    @permission_name("show")
    def anexo(self, pk: int, n: int) -> ResponseReturnValue:
        """A document of the message, made now."""
        anexos = self._exigir(pk).anexos
        if n >= len(anexos):
            abort(404)
        try:
            feito = fazer_anexo(anexos[n])
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        resposta = Response(feito.dados, mimetype=feito.tipo)
        resposta.headers.set("Content-Disposition", "attachment", filename=feito.nome)
        return resposta

    @action("reenviar", _l("Reenviar"), _l("Reenviar as mensagens marcadas? Das que já saíram vai uma cópia."), "send")
    def reenviar(self, itens: Any) -> ResponseReturnValue:
        """Send again."""
        return self.executar(NotificacaoService.reenviar, itens)

    @action("cancelar", _l("Cancelar"), _l("Cancelar as mensagens marcadas que ainda não saíram?"), "ban")
    def cancelar(self, itens: Any) -> ResponseReturnValue:
        """Do not send."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        return self.executar(NotificacaoService.cancelar, itens, motivo=motivo)

    def _exigir(self, pk: int) -> Notificacao:
        return self.datamodel.get(pk, self._base_filters) or abort(404)


def _do_cliente(cliente_id: int) -> dict[str, Any]:
    return {"cliente_id": cliente_id, "mensagens": consultas.do_cliente(db.session(), cliente_id), "rotulo_do_evento": rotulo_do_evento}


BLOCO = BlocoCliente("lateral", "NotificacaoView", "notificacoes/_bloco_cliente.html", _do_cliente)
