"""The customer's pages: plain views, no ModelView. The gate lets only the role Cliente in."""

from __future__ import annotations

from flask import Response, abort, current_app, g, send_from_directory
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_babel import gettext as _

from app.brasil.documentos import formatar_telefone
from app.core import configuracao, registro, relogio
from app.core.telas.empresa import empresa_padrao
from app.extensions import db
from app.faturamento import documentos
from app.portal import consultas
from app.portal.acessos import BLOCO, AcessoPortalView
from app.portal.telas_cadastro import CadastrarView
from app.portal.ver_como import VerComoView, faixa_ver_como
from app.usuarios.sessoes import entrou


class PortalView(BaseView):
    """``/portal/``."""

    route_base = "/portal"
    default_view = "inicio"
    base_permissions: list[str] = []

    @expose("/")
    @entrou
    def inicio(self) -> ResponseReturnValue:
        """Open invoices with their Pix codes, contracts and connection, and what was paid."""
        sessao = db.session()
        faturas = consultas.faturas(sessao, g.user.id, hoje=relogio.hoje())
        conexoes = consultas.conexoes(sessao, g.user.id)
        return self.render_template(
            "portal/inicio.html", title=_("Área do cliente"), clientes=consultas.clientes(sessao, g.user.id), faturas=faturas, conexoes=conexoes,
            pagas=consultas.pagas(sessao, g.user.id),
            sem_conexao=[c for c in conexoes if not c.ligada], vencidas=[f for f in faturas if f.vencida], empresa=empresa_padrao(sessao),
            encargos_na_proxima=configuracao.ler("faturamento.encargos_na_proxima"), formatar_telefone=formatar_telefone)

    @expose("/faturas/<int:invoice_id>.pdf")
    @entrou
    def pdf(self, invoice_id: int) -> ResponseReturnValue:
        """An invoice of the person's own as a PDF; 404 for every other."""
        invoice = consultas.invoice_do_usuario(db.session(), g.user.id, invoice_id) or abort(404)
        nome = documentos.nome_do_arquivo(invoice)
        return _pdf(documentos.pdf_da_invoice(invoice_id), nome)

    @expose("/recibos/<int:pagamento_id>.pdf")
    @entrou
    def recibo(self, pagamento_id: int) -> ResponseReturnValue:
        """The receipt of money the person's own customers paid; 404 for every other."""
        pagamento = consultas.recibo_do_usuario(db.session(), g.user.id, pagamento_id) or abort(404)
        nome = f"recibo-{pagamento.recibo or pagamento.id}.pdf"
        return _pdf(documentos.pdf_do_recibo(pagamento_id), nome)


def _pdf(conteudo: bytes, nome: str) -> Response:
    resposta = Response(conteudo, mimetype="application/pdf")
    resposta.headers.set("Content-Disposition", "inline", filename=nome)
    return resposta


def servico() -> Response:
    """The portal's service worker, at the root because its scope is /portal/."""
    resposta = send_from_directory(current_app.static_folder, "portal/sw.js", mimetype="text/javascript")
    resposta.headers["Service-Worker-Allowed"] = "/portal/"
    resposta.headers["Cache-Control"] = "no-cache"
    return resposta


def registrar(appbuilder: AppBuilder) -> None:
    """The pages, the staff's side of them and the service worker."""
    appbuilder.add_view_no_menu(PortalView)
    appbuilder.add_view_no_menu(AcessoPortalView)
    appbuilder.add_view_no_menu(CadastrarView)
    appbuilder.add_view_no_menu(VerComoView)
    current_app.jinja_env.globals["faixa_ver_como"] = faixa_ver_como
    registro.bloco_do_cliente(BLOCO)
    current_app.add_url_rule("/sw.js", "portal_sw", servico)
