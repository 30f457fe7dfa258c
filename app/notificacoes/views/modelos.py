"""The texts of messages, with what they may use and how they look; and who does not want which."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.widgets import FormWidget, ShowWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from app.core.erros import ValorInvalido
from app.core.visoes import Interface, VisaoBase
from app.core.visoes.campos import Selecao
from app.extensions import db
from app.notificacoes import consultas
from app.notificacoes.ambiente import no_canal
from app.notificacoes.eventos_da_casa import ORIGENS
from app.notificacoes.models import TELEFONES, Canal, ModeloMensagem, OptOut
from app.notificacoes.regras import COMUNS, EVENTOS, conferir_endereco, conferir_modelo, html_do_texto
from app.notificacoes.sms import medir
from app.notificacoes.views.comuns import pagina_isolada, rotulo_do_evento

TEXTO_MAXIMO, LINHAS_DO_TEXTO = 20_000, 14


def escolhas_de_evento() -> list[SelectChoice]:
    """Kinds of messages that may go to telephones too."""
    return sorted((SelectChoice(evento, rotulo_do_evento(evento)) for evento in com_texto_de_email()), key=lambda escolha: escolha.label)


def com_texto_de_email() -> set[str]:
    """Kinds of messages to people outside: those that have a text for mail, tests left out."""
    return {origem.mensagem for origem in ORIGENS if origem.canal is Canal.email and origem.mensagem != "teste_smtp"}


class ModeloFormWidget(FormWidget):
    """The form with a preview beside it."""

    template = "notificacoes/_modelo_form.html"


class ModeloShowWidget(ShowWidget):
    """The template, its fields and its preview."""

    template = "notificacoes/_modelo.html"


class ModeloMensagemView(VisaoBase):
    """``/mensagens/modelos``. One for each kind of message and channel; the texts are the provider's, the kinds are the system's."""

    datamodel = Interface(ModeloMensagem)
    route_base = "/mensagens/modelos"
    rotas_fechadas = frozenset({"download", "delete"})
    list_title, show_title, edit_title = _l("Modelos de mensagem"), _l("Modelo de mensagem"), _l("Editar modelo de mensagem")
    add_title = _l("Novo texto de WhatsApp ou SMS")
    subtitulo = _l("O que cada mensagem diz, e por onde sai: a que está ligada para um canal sai por ele. Os campos entre chaves são preenchidos no envio.")
    edit_widget, show_widget = ModeloFormWidget, ModeloShowWidget
    list_columns = ["evento", "canal", "assunto", "ativo", "updated_at"]
    show_columns = ["evento", "canal", "assunto", "corpo", "ativo", "updated_at"]
    edit_columns = ["assunto", "corpo", "ativo"]
    add_columns = ["evento", "canal", *edit_columns]
    search_columns = ["evento", "canal", "assunto", "ativo"]
    order_columns = ["id"]
    base_order = ("id", "asc")
    label_columns = {
        "evento": _l("Mensagem"), "canal": _l("Canal"), "assunto": _l("Assunto"), "corpo": _l("Texto"), "ativo": _l("Enviar esta mensagem"),
        "updated_at": _l("Alterado em"),
    }
    validators_columns = {"assunto": [DataRequired(_l("Informe o assunto."))], "corpo": [DataRequired(_l("Escreva o texto."))]}
    description_columns = {
        "assunto": _l("Por WhatsApp e SMS sai só o texto; o assunto aparece na lista de mensagens."),
        "ativo": _l("Desmarque para não enviar mais esta mensagem por este canal."),
    }
    add_form_extra_fields = {
        "evento": SelectField(_l("Mensagem"), widget=Selecao(), choices=escolhas_de_evento),
        "canal": SelectField(_l("Canal"), widget=Selecao(), choices=[SelectChoice(canal.name, _l(canal.value)) for canal in TELEFONES]),
    }

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"evento": rotulo_do_evento}

    def pre_add(self, item: ModeloMensagem) -> None:
        """One more way out of a kind of message; the first texts of every kind are the system's."""
        item.canal = Canal[str(item.canal)]
        if item.evento not in com_texto_de_email() or item.canal not in TELEFONES:
            raise ValorInvalido(_("Esta mensagem não sai por este canal."), campo="evento")
        conferir_modelo(item.evento, item.assunto, item.corpo)

    def pre_update(self, item: ModeloMensagem) -> None:
        """A template with mistakes is refused at the field that has them."""
        conferir_modelo(item.evento, item.assunto, item.corpo)

    def _get_edit_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> dict:
        widgets = super()._get_edit_widget(form, exclude_cols, widgets)
        form.corpo.render_kw = {"rows": LINHAS_DO_TEXTO}
        widgets["edit"].template_args["modelo"] = self.datamodel.get(request.view_args["pk"])
        widgets["edit"].template_args["campos"] = self._campos
        return widgets

    def _get_show_widget(self, pk: Any, item: Any, widgets: Any = None, actions: Any = None, show_fieldsets: Any = None) -> dict:
        widgets = super()._get_show_widget(pk, item, widgets, actions, show_fieldsets)
        widgets["show"].template_args.update(modelo=item, campos=self._campos)
        return widgets

    @staticmethod
    def _campos(evento: str) -> dict[str, tuple[str, str]]:
        declarado = EVENTOS.get(evento)
        return dict(declarado.campos if declarado else COMUNS)

    @expose("/<int:pk>/previa", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def previa(self, pk: int) -> Response:
        """The stored text, or the one being typed (posted), with example data."""
        modelo = self.datamodel.get(pk, self._base_filters) or abort(404)
        assunto, corpo = (request.form.get(nome, getattr(modelo, nome))[:TEXTO_MAXIMO] for nome in ("assunto", "corpo"))
        texto = consultas.previa(db.session(), modelo.evento, assunto, corpo)
        if texto.problema:
            return pagina_isolada(html_do_texto(texto.problema, texto.problema))
        if modelo.canal not in TELEFONES:
            return pagina_isolada(html_do_texto(f"{texto.assunto}\n\n{texto.corpo}", texto.assunto))
        sai = no_canal(modelo.canal, texto.corpo)
        return pagina_isolada(html_do_texto(f"{sai}\n\n{_tamanho(sai)}" if modelo.canal is Canal.sms else sai, texto.assunto))


def _tamanho(texto: str) -> str:
    """How the example counts as SMS; a real message is as long as what fills it."""
    alfabeto, unidades, partes = medir(texto)
    quantos = ngettext("%(num)d SMS", "%(num)d SMS", partes)
    return _("— %(unidades)d caracteres (%(alfabeto)s): %(quantos)s", unidades=unidades, alfabeto=alfabeto, quantos=quantos)


class OptOutView(VisaoBase):
    """``/mensagens/recusas``: addresses that do not want messages, or that bounced."""

    datamodel = Interface(OptOut)
    route_base = "/mensagens/recusas"
    rotas_fechadas = frozenset({"download", "edit"})
    list_title, show_title, add_title = _l("Destinatários recusados"), _l("Destinatário recusado"), _l("Recusar destinatário")
    subtitulo = _l("Quem pediu para não receber e os endereços que o servidor de e-mail diz não existir. Exclua para voltar a enviar.")
    list_columns = ["destinatario", "canal", "evento", "motivo", "created_at"]
    show_columns = list_columns
    add_columns = ["canal", "destinatario", "evento", "motivo"]
    edit_columns = add_columns
    search_columns = ["destinatario", "canal", "evento", "created_at"]
    order_columns = ["id"]
    label_columns = {
        "destinatario": _l("Destinatário"), "canal": _l("Canal"), "evento": _l("Mensagem"), "motivo": _l("Motivo"), "created_at": _l("Desde"),
    }
    description_columns = {"evento": _l("Em branco, todas as mensagens. Códigos e links que a própria pessoa pede saem mesmo assim.")}
    validators_columns = {"destinatario": [DataRequired(_l("Informe o destinatário."))], "motivo": [DataRequired(_l("Informe o motivo."))]}
    texto_vazio = _l("Ninguém recusou mensagens.")

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"evento": lambda evento: rotulo_do_evento(evento) if evento else _l("Todas")}

    def pre_add(self, item: OptOut) -> None:
        """Mail addresses are compared in lower case, telephones by their digits."""
        item.destinatario, item.evento = conferir_endereco(item.canal, item.destinatario), item.evento or None

