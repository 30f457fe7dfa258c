"""Addresses, contacts and consents of customers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from app.brasil.documentos import formatar_cep, formatar_telefone
from app.clientes import consentimentos
from app.clientes.models import Consentimento, Contato, Endereco
from app.clientes.views import campos
from app.core.visoes import Interface, VisaoBase

_SEM_EXCLUIR = frozenset({"download", "delete"})
_CLIENTE = {"cliente": _l("Cliente")}


class EnderecoView(VisaoBase):
    """Addresses."""

    datamodel = Interface(Endereco, carregar=("cliente",))
    route_base = "/clientes/enderecos"
    rotas_fechadas = _SEM_EXCLUIR
    list_title, show_title, add_title, edit_title = _l("Endereços"), _l("Endereço"), _l("Novo endereço"), _l("Editar endereço")
    list_columns = ["logradouro", "numero", "bairro", "municipio", "uf", "tipo"]
    show_columns = ["cliente", "tipo", "cep", "logradouro", "numero", "complemento", "bairro", "municipio", "uf", "codigo_ibge"]
    add_columns = edit_columns = show_columns
    search_columns = ["cliente", "tipo", "cep", "bairro", "municipio", "uf"]
    order_columns = []
    base_order = ("id", "asc")
    remotos = {"cliente": "cliente"}
    label_columns = {
        **_CLIENTE, "tipo": _l("Tipo"), "cep": _l("CEP"), "logradouro": _l("Logradouro"), "numero": _l("Número"), "complemento": _l("Complemento"),
        "bairro": _l("Bairro"), "municipio": _l("Município"), "uf": _l("UF"), "codigo_ibge": _l("Código IBGE do município"),
    }
    formatters_columns = {"cep": lambda v: formatar_cep(v) if v else None}
    validators_columns = {
        "logradouro": [DataRequired(_l("Informe o logradouro."))], "municipio": [DataRequired(_l("Informe o município."))], "uf": campos.UF,
    }
    add_form_extra_fields = edit_form_extra_fields = {"cep": campos.cep()}

    def pre_add(self, item: Endereco) -> None:
        """The state in capitals."""
        item.uf = item.uf.upper()

    pre_update = pre_add


class ContatoView(VisaoBase):
    """Other people to speak to."""

    datamodel = Interface(Contato, carregar=("cliente",))
    route_base = "/clientes/contatos"
    rotas_fechadas = frozenset({"download"})
    list_title, show_title, add_title, edit_title = _l("Contatos"), _l("Contato"), _l("Novo contato"), _l("Editar contato")
    list_columns = ["nome", "papel", "email", "telefone", "recebe_faturas"]
    show_columns = ["cliente", *list_columns]
    add_columns = edit_columns = show_columns
    search_columns = ["cliente", "nome", "email"]
    order_columns = []
    base_order = ("id", "asc")
    remotos = {"cliente": "cliente"}
    label_columns = {
        **_CLIENTE, "nome": _l("Nome"), "papel": _l("Relação com o cliente"), "email": _l("E-mail"), "telefone": _l("Telefone"),
        "recebe_faturas": _l("Recebe as faturas"),
    }
    formatters_columns = {"telefone": lambda v: formatar_telefone(v) if v else None}
    validators_columns = {"nome": [DataRequired(_l("Informe o nome."))], "email": campos.EMAIL}
    add_form_extra_fields = edit_form_extra_fields = {"telefone": campos.telefone(_l("Telefone"))}


class ConsentimentoView(VisaoBase):
    """LGPD: each yes or no is a new row; none is changed."""

    datamodel = Interface(Consentimento, carregar=("cliente",))
    route_base = "/clientes/consentimentos"
    rotas_fechadas = frozenset({"download", "edit", "delete"})
    list_title, show_title, add_title = _l("Consentimentos"), _l("Consentimento"), _l("Novo consentimento")
    subtitulo = _l("O mais recente de cada canal e finalidade é o que vale.")
    list_columns = ["cliente", "canal", "finalidade", "concedido", "em", "origem"]
    show_columns = [*list_columns, "versao_texto", "evidencia"]
    add_columns = ["cliente", "canal", "finalidade", "concedido", "origem", "evidencia"]
    edit_columns = add_columns
    search_columns = ["cliente", "canal", "concedido", "em"]
    remotos = {"cliente": "cliente"}
    description_columns = {"finalidade": _l("Para que: avisos de cobrança, ofertas, pesquisa."), "origem": _l("Onde foi dado: telefone, contrato, loja.")}
    validators_columns = {"finalidade": [DataRequired(_l("Informe a finalidade."))], "origem": [DataRequired(_l("Informe como foi dado."))]}
    order_columns = []
    formatters_columns = {"finalidade": consentimentos.rotulo}
    label_columns = {
        **_CLIENTE, "canal": _l("Canal"), "finalidade": _l("Finalidade"), "concedido": _l("Concedido"), "em": _l("Quando"), "origem": _l("Como foi dado"),
        "versao_texto": _l("Versão do texto"), "evidencia": _l("Prova"),
    }

    def pre_add(self, item: Consentimento) -> None:
        """Dated now, with the version of the text of a known purpose."""
        consentimentos.datar(item)
