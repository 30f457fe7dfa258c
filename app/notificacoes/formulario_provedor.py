"""The forms of a provider of WhatsApp or SMS: how it is asked, and where a test message goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.core.cifra import ChaveIlegivel
from app.core.tipos import Rotulado
from app.core.visoes import CampoTexto
from app.core.visoes.campos import AreaTexto, CampoTextoLongo, EntradaTexto, Selecao
from app.notificacoes.ambiente import provedor_de
from app.notificacoes.canais import ProvedorHttp
from app.notificacoes.models import CanalEnvio, MetodoHttp, TipoCorpo


def _escolhas(enum: Iterable[Rotulado]) -> list[SelectChoice]:
    return [SelectChoice(membro.name, _l(membro.value)) for membro in enum]


def _area(linhas: int) -> dict[str, Any]:
    return {"rows": linhas, "class": "form-control mono", "spellcheck": "false", "autocomplete": "off"}


class FormProvedor(DynamicForm):
    """What is asked of the provider for each message. An empty secret keeps the present one."""

    metodo = SelectField(_l("Método"), widget=Selecao(), choices=_escolhas(MetodoHttp))
    url = CampoTexto(
        _l("Endereço"), [DataRequired(_l("Informe o endereço.")), Length(max=2000)], widget=EntradaTexto(),
        description=_l("Com https. Aceita {{ telefone }}, {{ id }} e {{ segredo }}; {{ texto }} só depois de um ponto de interrogação."))
    cabecalhos = CampoTextoLongo(
        _l("Cabeçalhos"), [Length(max=5000)], widget=AreaTexto(), render_kw=_area(3),
        description=_l("Um por linha, como Authorization: Bearer {{ segredo }}. Para usuário e senha, Authorization: Basic {{ segredo | base64 }}."))
    tipo = SelectField(_l("Tipo do corpo"), widget=Selecao(), choices=_escolhas(TipoCorpo))
    corpo = CampoTextoLongo(
        _l("Corpo"), [Length(max=20_000)], widget=AreaTexto(), render_kw=_area(9),
        description=_l("Em JSON, os campos vão entre aspas: \"{{ texto }}\". Em formulário, um campo por linha, como Body={{ texto }}. Em GET, em branco."))
    segredo = PasswordField(
        _l("Segredo"), [Length(max=4000)], render_kw={"class": "form-control", "autocomplete": "off"},
        description=_l("A chave do provedor, que preenche {{ segredo }}. Vazia mantém a atual. Guardada cifrada, nunca mais mostrada."))
    id_na_resposta = CampoTexto(
        _l("Número da mensagem na resposta"), [Length(max=120)], widget=EntradaTexto(), description=_l("Onde ele está no JSON, como messages.0.id."))
    recusa_status = CampoTexto(
        _l("Destinatário inexistente: respostas"), [Length(max=60)], widget=EntradaTexto(), description=_l("Números, como 400 404. Em branco, qualquer 4xx."))
    recusa_texto = CampoTexto(
        _l("Destinatário inexistente: texto"), [Length(max=255)], widget=EntradaTexto(),
        description=_l("Trecho da resposta, como 131026. Com um dos dois, o número que o provedor recusar assim não recebe mais mensagens."))

    def provedor(self) -> ProvedorHttp:
        """What was typed."""
        return ProvedorHttp(
            self.url.data.strip(), MetodoHttp[self.metodo.data], self.cabecalhos.data or "", self.corpo.data or "", TipoCorpo[self.tipo.data],
            (self.segredo.data or "").strip(), (self.id_na_resposta.data or "").strip(), (self.recusa_status.data or "").strip(),
            (self.recusa_texto.data or "").strip(),
        )


class FormTesteDeCanal(DynamicForm):
    """Where the test message goes."""

    telefone = CampoTexto(_l("Telefone com DDD"), [DataRequired(_l("Informe o telefone.")), Length(max=30)], widget=EntradaTexto())


def dados_do(provedor: ProvedorHttp | None) -> dict[str, Any]:
    """Data of the form from a provider; never its secret."""
    if provedor is None:
        return {"metodo": MetodoHttp.POST.name, "tipo": TipoCorpo.json.name}
    return {
        "url": provedor.url, "metodo": provedor.metodo.name, "cabecalhos": provedor.cabecalhos, "corpo": provedor.corpo, "tipo": provedor.tipo.name,
        "id_na_resposta": provedor.id_na_resposta, "recusa_status": provedor.recusa_status, "recusa_texto": provedor.recusa_texto,
    }


def guardado_no(canal: CanalEnvio | None) -> ProvedorHttp | None:
    """The stored provider; None when there is none or no key opens it, so that it can be written anew."""
    try:
        return provedor_de(canal)
    except ChaveIlegivel:
        return None
