"""The invoice as a document: what it says is read once, drawn by one template, printed by whichever renderer is configured.

Everything printed was copied at issue (company, payer, items, policy), so the same invoice prints the same in ten years.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.brasil import brcode
from app.brasil.documentos import formatar_cep, formatar_documento, formatar_telefone
from app.core import arquivos, configuracao, relogio
from app.core.datas import vencimento_util
from app.core.dinheiro import ZERO
from app.core.documentos_pdf import html_para_pdf, qr_svg
from app.core.erros import NaoEncontrado
from app.core.idiomas import na_lingua_da_casa
from app.core.models import Arquivo, Empresa
from app.extensions import db
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import CopiaEmitente, Invoice, Pagamento
from app.faturamento.regras import valor_atualizado
from app.faturamento.services.pagamentos import SEM_REFERENCIA

_IMAGENS = {"image/png", "image/jpeg"}


@dataclass(frozen=True)
class Documento:
    """An invoice ready to be drawn. ``pix`` is the copy-and-paste code, empty without a key or when nothing is owed.

    ``desconto``: reais that the code leaves out because it was made before the due date.
    """

    invoice: Invoice
    emitente: dict[str, Any]
    pagavel_ate: dt.date
    pix: str
    logo: str
    desconto: Decimal = ZERO

    @property
    def valor_do_pix(self) -> Decimal:
        """Reais that the code pays."""
        return self.invoice.saldo - self.desconto

    @property
    def com_periodo(self) -> bool:
        """Whether the days of a line are not in its own words already, and need a column."""
        return any(i.periodo_inicio and f"{i.periodo_inicio:%d/%m/%Y}" not in i.descricao for i in self.invoice.itens)

    @property
    def qr(self) -> Markup:
        """The Pix QR code, 36 mm."""
        return qr_svg(self.pix, mm=36, titulo=_("QR Code do Pix"))


def ler(sessao: Session, invoice_id: int, *, em: dt.date | None = None) -> Documento:
    """Everything the document says to who pays on ``em`` (default today). Raises NaoEncontrado."""
    consulta = select(Invoice).options(selectinload(Invoice.itens), joinedload(Invoice.cliente)).where(Invoice.id == invoice_id)
    invoice = sessao.scalar(consulta)
    if invoice is None:
        raise NaoEncontrado(_("Fatura não encontrada."), invoice_id=invoice_id)
    emitente = dados_do_emitente(sessao, invoice)
    ate = vencimento_util(invoice.data_vencimento, configuracao.feriados_do_operador())
    desconto = desconto_em(invoice, em or relogio.hoje())
    return Documento(invoice, emitente, ate, codigo_pix(invoice, emitente, desconto), _logo(sessao, emitente.get("logo_id")), desconto)


def dados_do_emitente(sessao: Session, invoice: Invoice) -> dict[str, Any]:
    """The company as copied at issue; an invoice older than copies shows today's company."""
    copia = sessao.get(CopiaEmitente, invoice.copia_emitente_id) if invoice.copia_emitente_id else None
    if copia is not None:
        return copia.dados
    empresa = sessao.scalar(select(Empresa).where(Empresa.id == invoice.empresa_id) if invoice.empresa_id else select(Empresa).order_by(Empresa.id).limit(1))
    return {} if empresa is None else {c.key: getattr(empresa, c.key) for c in Empresa.__table__.columns if c.key not in ("created_at", "updated_at")}


def periodo_de(invoice: Invoice) -> tuple[dt.date, dt.date] | None:
    """First and last day that the invoice bills: its own period and the days of its lines, such as those before the first whole period.

    None for one made by hand, outside the cycles, whose lines are of no days.
    """
    inicios = [i.periodo_inicio for i in invoice.itens if i.periodo_inicio]
    fins = [i.periodo_fim for i in invoice.itens if i.periodo_fim]
    if invoice.ciclo_faturamento_id is None and not inicios:
        return None
    return min([invoice.competencia_inicio, *inicios]), max([invoice.competencia_fim, *fins])


def desconto_em(invoice: Invoice, em: dt.date) -> Decimal:
    """The discount until due that whoever pays on ``em`` still has, in reais."""
    return valor_atualizado(invoice, em, configuracao.feriados_do_operador()).desconto


def codigo_pix(invoice: Invoice, emitente: dict[str, Any], desconto: Decimal = ZERO) -> str:
    """Static BR Code with the invoice's txid and its balance less ``desconto``; empty without a key or when nothing is owed (Bacen, BR Code manual).

    A static code has one value for ever: fine and interest are not in it, and one made in time keeps its discount.
    """
    if not emitente.get("chave_pix") or invoice.saldo <= desconto or invoice.status is StatusInvoice.cancelada:
        return ""
    nome = emitente.get("nome_fantasia") or emitente.get("razao_social") or ""
    cidade, valor = emitente.get("municipio") or "BRASIL", invoice.saldo - desconto
    return brcode.montar(nome=nome, cidade=cidade, chave=emitente["chave_pix"], valor=valor, txid=invoice.txid_pix)


def html(documento: Documento) -> str:
    """The document as the HTML every renderer draws alike, by the template it was issued with; amounts due are those of ``documento.em``."""
    modelo, endereco = f"documentos/invoice_{documento.invoice.versao_modelo}.html", endereco_do_emitente(documento.emitente)
    with na_lingua_da_casa():
        return render_template(
            modelo, d=documento, formatar_documento=formatar_documento, endereco=endereco, curto=curto, quebravel=quebravel,
            periodo=periodo_de(documento.invoice), na_proxima=configuracao.ler("faturamento.encargos_na_proxima"),
        )


def pdf_da_invoice(invoice_id: int) -> bytes:
    """The PDF of an invoice. No transaction stays open while it is drawn. Raises NaoEncontrado, ErroDeRenderizacao."""
    pagina = html(ler(db.session(), invoice_id))
    db.session.rollback()
    return html_para_pdf(pagina, current_app.config["PDF_RENDERER"])


def pdf_do_recibo(pagamento_id: int) -> bytes:
    """The receipt of a payment, with what each part of the money settled. Raises NaoEncontrado, ErroDeRenderizacao."""
    sessao = db.session()
    pagamento = sessao.get(Pagamento, pagamento_id)
    if pagamento is None:
        raise NaoEncontrado(_("Pagamento não encontrado."), pagamento_id=pagamento_id)
    emitente = dados_do_emitente(sessao, pagamento.invoice)
    with na_lingua_da_casa():
        pagina = render_template(
            "documentos/recibo.html", p=pagamento, f=pagamento.invoice, emitente=emitente, endereco=endereco_do_emitente(emitente),
            logo=_logo(sessao, emitente.get("logo_id")), formatar_documento=formatar_documento, quebravel=quebravel,
            referencia="" if pagamento.numero_referencia.startswith(SEM_REFERENCIA) else pagamento.numero_referencia,
        )
    sessao.rollback()
    return html_para_pdf(pagina, current_app.config["PDF_RENDERER"])


def nome_do_arquivo(invoice: Invoice) -> str:
    """``fatura-000000123.pdf``."""
    return f"fatura-{invoice.numero_formatado}.pdf"


def endereco_do_emitente(emitente: dict[str, Any]) -> list[str]:
    """The company's address and contacts, in lines."""
    rua = ", ".join(str(p) for p in (emitente.get("logradouro"), emitente.get("numero"), emitente.get("complemento")) if p)
    cidade = "/".join(p for p in (emitente.get("municipio"), emitente.get("uf")) if p)
    cep = f"CEP {formatar_cep(emitente['cep'])}" if emitente.get("cep") else ""
    fone = formatar_telefone(emitente["telefone"]) if emitente.get("telefone") else ""
    lugar = " – ".join(p for p in (rua, emitente.get("bairro"), cidade, cep) if p)
    contato = " · ".join(p for p in (fone, emitente.get("email"), emitente.get("site")) if p)
    return [linha for linha in (lugar, contato) if linha]


def _logo(sessao: Session, arquivo_id: int | None) -> str:
    """The logo as a data URI; only PNG and JPEG, which all renderers draw."""
    arquivo = sessao.get(Arquivo, arquivo_id) if arquivo_id else None
    if arquivo is None or arquivo.tipo not in _IMAGENS:
        return ""
    return f"data:{arquivo.tipo};base64,{base64.b64encode(arquivos.conteudo(sessao, arquivo.id)).decode('ascii')}"


def quebravel(texto: str | None, cada: int = 28) -> str:
    """The text with a place to break at every ``cada`` letters of a word without end: one of them would shrink the whole page."""
    return re.sub(rf"\S{{{cada}}}(?=\S)", "\\g<0>\u200b", texto or "")


def curto(valor: Decimal) -> str:
    """``2.00`` as ``2``, ``1.50`` as ``1,5``."""
    return f"{valor.normalize():f}".replace(".", ",")
