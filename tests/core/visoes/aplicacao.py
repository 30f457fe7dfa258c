"""A small application of throwaway tables, with metadata of their own, that uses the base views as a module would."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, g
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.filters import BaseFilter
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

import app as pacote
from app.core import estatico, formatos, permissoes, seguranca_http
from app.core.busca import coluna_busca, coluna_ordem, indice_busca
from app.core.erros import RegraViolada
from app.core.modelos import Carimbo
from app.core.telas.busca import BuscaView
from app.core.tipos import N_, Dinheiro, Instante, Rotulado, coluna_enum, pk
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, VisaoCatalogo, VisaoGrafico, VisaoSomenteLeitura, action, init_app, verbo
from app.extensions import csrf, db
from app.usuarios import aparencia
from config import Teste

SENHA = "senha-de-teste-1"


class Base(DeclarativeBase):
    """Tables of these tests only: the application's metadata does not know them."""

    metadata = sa.MetaData(naming_convention=db.metadata.naming_convention)
    type_annotation_map = {str: sa.String(255), int: sa.BigInteger(), Decimal: Dinheiro(), dt.datetime: Instante()}


class Situacao(Rotulado):
    """Life of a Pedido."""

    aberto = N_("Aberto")
    em_andamento = N_("Em andamento")
    fechado = N_("Fechado")


class Pessoa(Carimbo, Base):
    """Whom orders belong to; ``dono`` is the user who may see the row."""

    __tablename__ = "tv_pessoa"
    __table_args__ = (sa.UniqueConstraint("documento"), indice_busca("tv_pessoa"))
    id: Mapped[pk]
    nome: Mapped[str]
    documento: Mapped[str] = mapped_column(sa.String(20))
    dono: Mapped[str | None]
    vip: Mapped[bool] = mapped_column(server_default=sa.false())
    notas: Mapped[str | None] = mapped_column(sa.Text)
    ordem: Mapped[str] = coluna_ordem()
    busca: Mapped[str] = coluna_busca("nome", "documento")

    def __str__(self) -> str:
        return self.nome


class Pedido(Carimbo, Base):
    """Something with money, a day, an instant, a state and a person."""

    __tablename__ = "tv_pedido"
    __table_args__ = (sa.CheckConstraint("valor >= 0", name="valor_positivo", info={"mensagem": "O valor não pode ser negativo."}),)
    id: Mapped[pk]
    numero: Mapped[str] = mapped_column(sa.String(20), unique=True)
    pessoa_id: Mapped[int] = mapped_column(ForeignKey("tv_pessoa.id"), index=True)
    pessoa: Mapped[Pessoa] = relationship()
    valor: Mapped[Decimal]
    dia: Mapped[dt.date | None]
    quando: Mapped[dt.datetime | None]
    quantidade: Mapped[int | None]
    situacao: Mapped[Situacao] = mapped_column(coluna_enum(Situacao))
    segredo: Mapped[str | None]

    def __str__(self) -> str:
        return self.numero


class SoDoDono(BaseFilter):
    """Row rule: everybody but the administrator sees own people only."""

    name, arg_name = "dono", None

    def apply(self, query: Any, value: Any) -> Any:
        return query if g.user.username == "admin" else query.filter(Pessoa.dono == g.user.username)


class PedidoDoDono(BaseFilter):
    """Row rule of orders: those of one's own people."""

    name, arg_name = "dono", None

    def apply(self, query: Any, value: Any) -> Any:
        return query if g.user.username == "admin" else query.filter(Pedido.pessoa.has(Pessoa.dono == g.user.username))


class ServicoDePedido:
    """The verbs of a Pedido."""

    def __init__(self, sessao: Session):
        self.sessao = sessao

    def fechar(self, pedido_id: int, *, motivo: str = "") -> Pedido:
        """Close it; a closed one is refused."""
        pedido = self.sessao.get(Pedido, pedido_id, with_for_update={"key_share": True})
        if pedido.situacao is Situacao.fechado:
            raise RegraViolada("O pedido já está fechado.", codigo="ja_fechado")
        pedido.situacao, pedido.segredo = Situacao.fechado, motivo or pedido.segredo
        return pedido


class PedidoView(VisaoSomenteLeitura):
    datamodel = Interface(Pedido, carregar=("pessoa",))
    base_filters = [["pessoa", PedidoDoDono, None]]
    list_title, show_title = "Pedidos", "Pedido"
    label_columns = {
        "numero": "Número", "pessoa": "Pessoa", "valor": "Valor", "dia": "Dia", "quando": "Quando", "situacao": "Situação", "quantidade": "Quantidade",
    }
    list_columns = ["numero", "pessoa", "valor", "dia", "quando", "situacao", "quantidade"]
    show_columns = list_columns
    search_columns = ["numero", "pessoa", "valor", "dia", "quando", "situacao", "quantidade"]
    order_columns = ["numero", "valor", "dia"]
    colunas_direita = ["valor"]
    formatters_columns = {"valor": formatos.dinheiro}
    remotos = {"pessoa": "pessoa"}
    acoes_com_motivo = {"fechar_com_motivo"}
    visoes = [("Todos", ""), ("Abertos", "_flt_0_situacao=aberto"), ("Vivos", "_flt_2_situacao=aberto&_flt_2_situacao=em_andamento")]

    @action("fechar", "Fechar", "Fechar os pedidos?", "fa-check")
    def fechar(self, itens: Any) -> Any:
        return self.executar(ServicoDePedido.fechar, itens)

    @action("fechar_com_motivo", "Fechar com motivo", "Fechar os pedidos?", "fa-ban")
    def fechar_com_motivo(self, itens: Any) -> Any:
        return self.executar(ServicoDePedido.fechar, itens, motivo=self.motivo())


class PedidoCatalogoView(VisaoCatalogo):
    """The same orders with forms, to test fields."""

    datamodel = Interface(Pedido, carregar=("pessoa",))
    base_filters = [["pessoa", PedidoDoDono, None]]
    list_title, show_title, add_title, edit_title = "Pedidos editáveis", "Pedido", "Novo pedido", "Editar pedido"
    label_columns = PedidoView.label_columns
    list_columns = ["numero", "pessoa", "valor", "situacao"]
    show_columns = add_columns = edit_columns = ["numero", "pessoa", "valor", "dia", "quando", "quantidade", "situacao"]
    search_columns = ["numero", "pessoa", "valor", "dia", "quando", "situacao"]
    order_columns = ["numero"]
    remotos = {"pessoa": "pessoa"}


class PessoaView(VisaoCatalogo):
    datamodel = Interface(Pessoa)
    base_filters = [["dono", SoDoDono, None]]
    list_title, show_title, add_title, edit_title = "Pessoas", "Pessoa", "Nova pessoa", "Editar pessoa"
    label_columns = {"nome": "Nome", "documento": "Documento", "dono": "Dono", "vip": "Cliente VIP", "notas": "Notas"}
    list_columns = ["nome", "documento", "vip"]
    show_columns = add_columns = edit_columns = ["nome", "documento", "dono", "vip", "notas"]
    search_columns = ["nome", "documento", "vip", "created_at"]
    order_columns = ["nome", "documento"]
    base_order = ("ordem", "asc")
    related_views = [PedidoView]
    busca_rapida = "busca"
    fonte = "pessoa"


class GraficoView(VisaoGrafico):
    datamodel = Interface(Pedido)
    chart_title = "Pedidos por situação"
    label_columns = PedidoView.label_columns
    search_columns = ["situacao", "dia"]
    eixos = [("Situação", lambda m: m.situacao), ("Dia", lambda m: m.dia)]
    medidas = [("Pedidos", lambda m: sa.func.count(m.id)), ("Valor", lambda m: sa.func.sum(m.valor))]
    base_filters = [["pessoa", PedidoDoDono, None]]


class PedidoApi(ApiBase):
    resource_name = "pedido"
    datamodel = Interface(Pedido)
    base_filters = [["pessoa", PedidoDoDono, None]]
    list_columns = ["id", "numero", "valor", "situacao", "pessoa.nome"]
    show_columns = ["id", "numero", "valor", "dia", "quando", "quantidade", "situacao", "pessoa.id", "pessoa.nome"]
    search_columns = ["numero", "valor", "dia", "quando", "situacao", "pessoa", "quantidade"]
    order_columns = ["numero", "valor"]
    add_columns = edit_columns = ["numero", "pessoa", "valor", "dia", "quando", "quantidade", "situacao"]

    @verbo("/<int:pk>/fechar", "Fecha o pedido", "O pedido fechado")
    def fechar(self, pk: int) -> Any:
        """Close a Pedido."""
        with transacao() as sessao:
            pedido = ServicoDePedido(sessao).fechar(pk)
        return self.response(200, result=self.dados(pedido))


class PessoaApi(ApiSomenteLeitura):
    resource_name = "pessoa"
    datamodel = Interface(Pessoa)
    base_filters = [["dono", SoDoDono, None]]
    list_columns = show_columns = ["id", "nome"]
    search_columns = order_columns = ["nome"]


VISOES = (PedidoView, PessoaView, PedidoCatalogoView, GraficoView)


def criar(database_url: str, **mudancas: Any) -> Flask:
    """The application on a database with the house's own tables (call ``criar_tabelas`` once)."""
    configuracao = Teste({"DATABASE_URL": database_url, "REDIS_URL": "redis://localhost", "SECRET_KEY": "so-para-os-testes-" * 3, "PUBLIC_URL": "http://localhost"})
    for nome, valor in {"FAB_SECURITY_MANAGER_CLASS": None, "FAB_INDEX_VIEW": None, "RATELIMIT_STORAGE_URI": "memory://", **mudancas}.items():
        setattr(configuracao, nome, valor)
    aplicacao = Flask("app", root_path=str(Path(pacote.__file__).parent))
    aplicacao.config.from_object(configuracao)
    db.init_app(aplicacao)
    csrf.init_app(aplicacao)
    formatos.init_app(aplicacao)
    seguranca_http.init_app(aplicacao)
    aparencia.init_app(aplicacao)
    with aplicacao.app_context():
        _registrar(aplicacao)
    return aplicacao


def _registrar(aplicacao: Flask) -> None:
    appbuilder = AppBuilder()
    appbuilder.init_app(aplicacao, db.session)
    estatico.init_app(aplicacao)
    init_app(aplicacao, appbuilder)
    for visao in VISOES:
        appbuilder.add_view(visao, visao.__name__, label=getattr(visao, "list_title", None) or visao.chart_title, category="Testes")
    appbuilder.add_view_no_menu(BuscaView)
    appbuilder.add_api(PedidoApi)
    appbuilder.add_api(PessoaApi)
    appbuilder.post_init()


def criar_tabelas(aplicacao: Flask) -> None:
    """Our tables, an administrator and two people with the role Operador."""
    with aplicacao.app_context():
        Base.metadata.create_all(db.engine)
        permissoes.sincronizar(db.session(), aplicacao.appbuilder)
        db.session.commit()
        sm = aplicacao.appbuilder.sm
        operador = sm.add_role("Operador")
        _dar(sm, operador, {v.__name__ for v in (*VISOES, PedidoApi, PessoaApi)})
        for nome, papel in (("admin", sm.find_role("Admin")), ("ana", operador), ("bia", operador)):
            sm.add_user(nome, nome.title(), "Teste", f"{nome}@exemplo.com.br", papel, password=SENHA)
        sm.add_user("zeca", "Zeca", "Sem papel", "zeca@exemplo.com.br", sm.add_role("Nada"), password=SENHA)
        db.session.remove()


def _dar(sm: Any, papel: Any, visoes: set[str]) -> None:
    for pv in sm.session.query(sm.permissionview_model):
        if pv.view_menu.name in visoes:
            sm.add_permission_role(papel, pv)
