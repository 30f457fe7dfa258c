"""A contract together with its money and access: beginning, changing, pausing and ending."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.contratos.models import Contrato
from app.core import configuracao, eventos
from app.core.datas import UM_DIA, primeiro_vencimento
from app.core.dinheiro import ZERO, reais
from app.core.erros import NaoEncontrado, RegraViolada, ValorInvalido
from app.core.idiomas import da_casa
from app.faturamento.estados import TipoItem, TipoLancamento
from app.faturamento.models import Ciclo, CicloFaturamento, ContratoCiclo
from app.faturamento.motor import leitura
from app.faturamento.regras import Periodo, multa_fidelidade, periodos, preco_do_periodo, proporcional
from app.faturamento.services.base import Base, momento


class VerbosDeContrato(Base):
    """Activation, plan change, suspension and end."""

    def ativar_contrato(
        self, contrato_id: int, *, em: dt.date, dia_vencimento: int, ciclo_id: int | None = None, ciclo_faturamento_id: int | None = None,
        primeiro: dt.date | None = None, faturar_desde: dt.date | None = None,
    ) -> Contrato:
        """Service begins on ``em``: the access is released and the contract bills in a cycle of its due day.

        ``ciclo_faturamento_id`` joins an existing cycle of the customer (one invoice for several contracts). ``primeiro`` is the first due
        date to issue (default: the first on or after ``em``) and ``faturar_desde`` the first day that is charged (default: ``em``): an
        importer bills nothing of the past. Raises ValorInvalido, NaoEncontrado, TransicaoInvalida.
        """
        if not 1 <= dia_vencimento <= 31:
            raise ValorInvalido(_("O dia de vencimento vai de 1 a 31."), campo="dia_vencimento")
        contrato = self.contratos.ativar(contrato_id, em=em)
        ciclo = self._ciclo_do_cliente(contrato, ciclo_faturamento_id) or self._novo_ciclo(contrato, ciclo_id, dia_vencimento, primeiro or em)
        self.sessao.add(ContratoCiclo(contrato_id=contrato.id, ciclo_faturamento_id=ciclo.id, desde=faturar_desde or em))
        self.sessao.flush()
        self.bloqueios.reavaliar(contrato, em=momento(em))
        eventos.registrar(self.sessao, "contrato_ativado", cliente_id=contrato.cliente_id, contrato_id=contrato.id, numero=contrato.numero)
        return contrato

    def mudar_plano(self, contrato_id: int, plano_id: int, *, em: dt.date, preco: Decimal | None = None) -> Contrato:
        """Another plan from ``em``: what was billed ahead at the old price is given back by days and charged at the new one.

        The difference is a one-off charge or discount on the next invoice. Raises NaoEncontrado, RegraViolada.
        """
        contrato = self.contratos.travar(contrato_id)
        antigo, nome_antigo = contrato.preco, contrato.plano.nome
        contrato = self.contratos.mudar_plano(contrato_id, plano_id, em=em, preco=preco)
        diferenca = self._diferenca_do_cobrado(contrato, antigo, em)
        if diferenca:
            tipo = TipoLancamento.acrescimo if diferenca > 0 else TipoLancamento.desconto
            descricao = da_casa("Mudança de %(de)s para %(para)s em %(em)s", de=nome_antigo, para=contrato.plano.nome, em=f"{em:%d/%m/%Y}")
            alvo = {"contrato_id": contrato.id, "item_tipo": TipoItem.ajuste}
            self.lancar(contrato.cliente_id, tipo=tipo, descricao=descricao, valor=abs(diferenca), a_partir_de=em, **alvo)
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "plano": contrato.plano.nome}
        eventos.registrar(self.sessao, "plano_mudado", cliente_id=contrato.cliente_id, **dados)
        return contrato

    def suspender_a_pedido(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Pause at the customer's request: no access and no billing until ``retomar``."""
        contrato = self.contratos.suspender(contrato_id, em=em)
        self.bloqueios.reavaliar(contrato, em=momento(em))
        eventos.registrar(self.sessao, "contrato_suspenso", cliente_id=contrato.cliente_id, contrato_id=contrato.id, numero=contrato.numero)
        return contrato

    def retomar(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Back from the pause: billing begins again on ``em``, by days."""
        contrato = self.contratos.retomar(contrato_id, em=em)
        ligacao = self.sessao.scalar(select(ContratoCiclo).where(ContratoCiclo.contrato_id == contrato.id))
        if ligacao is not None:
            ligacao.desde = max(ligacao.desde, em)
            self._nao_cobrar_o_parado(ligacao.ciclo_faturamento_id, em)
        self.bloqueios.reavaliar(contrato, em=momento(em))
        eventos.registrar(self.sessao, "contrato_retomado", cliente_id=contrato.cliente_id, contrato_id=contrato.id, numero=contrato.numero)
        return contrato

    def encerrar_contrato(self, contrato_id: int, *, em: dt.date, motivo: str) -> Contrato:
        """End on ``em`` (last day of service): the access closes, what was billed ahead is given back, what was used is billed.

        The difference waits as a charge or a credit for the next invoice. Inside the term the fidelity fine is charged (setting; Anatel RGC
        art. 37). Raises TransicaoInvalida when it already ended, ValorInvalido.
        """
        contrato = self.contratos.travar(contrato_id)
        estava_ativo = contrato.status.name == "ativo"
        contrato = self.contratos.cancelar(contrato_id, em=em, motivo=motivo)
        if estava_ativo:
            self._acertar_fim(contrato, em)
        self._multar_fidelidade(contrato, em)
        self.bloqueios.desbloquear(contrato.id, em=momento(em), explicacao=da_casa("contrato encerrado"))
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "motivo": motivo}
        eventos.registrar(self.sessao, "contrato_encerrado", cliente_id=contrato.cliente_id, **dados)
        return contrato

    # ---- the cycle

    def _ciclo_do_cliente(self, contrato: Contrato, ciclo_faturamento_id: int | None) -> CicloFaturamento | None:
        if ciclo_faturamento_id is None:
            return None
        ciclo = self.sessao.get(CicloFaturamento, ciclo_faturamento_id, with_for_update={"key_share": True})
        if ciclo is None or ciclo.cliente_id != contrato.cliente_id or not ciclo.ativo:
            raise NaoEncontrado(_("Este vencimento não é do cliente."), ciclo_faturamento_id=ciclo_faturamento_id)
        return ciclo

    def _novo_ciclo(self, contrato: Contrato, ciclo_id: int | None, dia: int, desde: dt.date) -> CicloFaturamento:
        tipo = self.sessao.get(Ciclo, ciclo_id) if ciclo_id else self.sessao.scalar(select(Ciclo).where(Ciclo.ativo).order_by(Ciclo.id).limit(1))
        if tipo is None:
            raise RegraViolada(_("Nenhum ciclo de cobrança está cadastrado."), codigo="sem_ciclo")
        ciclo = CicloFaturamento(
            cliente_id=contrato.cliente_id, ciclo_id=tipo.id, dia_vencimento=dia, data_inicio=desde, proximo_vencimento=primeiro_vencimento(desde, dia)
        )
        self.sessao.add(ciclo)
        self.sessao.flush()
        return ciclo

    def _nao_cobrar_o_parado(self, ciclo_id: int, em: dt.date) -> None:
        """Due dates that passed while nothing was active are not billed after the fact."""
        ciclo = self.sessao.get_one(CicloFaturamento, ciclo_id, with_for_update={"key_share": True})
        ciclo.ativo = True
        while periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias).proximo <= em:
            ciclo.proximo_vencimento = periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias).proximo

    # ---- what was billed ahead, and what was not billed yet

    def _cobrados(self, contrato: Contrato) -> list[tuple[Periodo, Periodo]]:
        """(whole period, part that was billed) of the plan's lines that still count, oldest first."""
        ciclo = self._dados_do_ciclo(contrato)
        if ciclo is None:
            return []
        linhas = leitura.cursor(self.sessao).execute(
            "SELECT periodo_inicio, periodo_fim FROM item_invoice WHERE contrato_id = %s AND tipo = 'plano' AND chave IS NOT NULL AND periodo_fim IS NOT NULL"
            " ORDER BY periodo_inicio", [contrato.id]).fetchall()
        return [(self._periodo_de(ciclo, inicio), Periodo(inicio, fim)) for inicio, fim in linhas]

    def _diferenca_do_cobrado(self, contrato: Contrato, antigo: Decimal, em: dt.date) -> Decimal:
        ciclo = self._dados_do_ciclo(contrato)
        total = ZERO
        for inteiro, cobrado in self._cobrados(contrato):
            if cobrado.fim >= em:
                de = max(em, cobrado.inicio)
                for preco, sinal in ((contrato.preco, 1), (antigo, -1)):
                    total += sinal * proporcional(preco_do_periodo(preco, ciclo.ciclo.meses, ciclo.ciclo.dias), inteiro, de, cobrado.fim)
        return total

    def _acertar_fim(self, contrato: Contrato, em: dt.date) -> None:
        """Give back the days after ``em`` that were billed; charge the days until ``em`` that were not."""
        ciclo = self._dados_do_ciclo(contrato)
        if ciclo is None:
            return
        cobrados = self._cobrados(contrato)
        sobras = (self._valor(contrato, ciclo, inteiro, max(em + UM_DIA, parte.inicio), parte.fim) for inteiro, parte in cobrados if parte.fim > em)
        devolver = sum(sobras, ZERO)
        ligacao = self.sessao.scalars(select(ContratoCiclo).where(ContratoCiclo.contrato_id == contrato.id)).one()
        desde = max([ligacao.desde, contrato.data_inicio, *[parte.fim + UM_DIA for _inteiro, parte in cobrados]])
        cobrar = self._valor_corrido(contrato, ciclo, desde, em)
        descricao = da_casa("Contrato %(numero)s até %(em)s", numero=contrato.numero, em=f"{em:%d/%m/%Y}")
        if cobrar > devolver:
            texto = f"{descricao} ({desde:%d/%m/%Y} a {em:%d/%m/%Y})"
            self.lancar(contrato.cliente_id, tipo=TipoLancamento.acrescimo, descricao=texto, valor=cobrar - devolver, a_partir_de=em, item_tipo=TipoItem.plano)
        elif devolver > cobrar:
            self.creditar(contrato.cliente_id, valor=devolver - cobrar, motivo=da_casa("dias não usados: %(descricao)s", descricao=descricao))

    def _valor_corrido(self, contrato: Contrato, ciclo: CicloFaturamento, desde: dt.date, ate: dt.date) -> Decimal:
        total = ZERO
        while desde <= ate:
            inteiro = self._periodo_de(ciclo, desde)
            fim = min(ate, inteiro.fim)
            total += self._valor(contrato, ciclo, inteiro, desde, fim)
            desde = fim + UM_DIA
        return total

    @staticmethod
    def _valor(contrato: Contrato, ciclo: CicloFaturamento, inteiro: Periodo, de: dt.date, ate: dt.date) -> Decimal:
        preco = contrato.preco - (contrato.desconto if contrato.desconto_ate is None or contrato.desconto_ate >= inteiro.inicio else ZERO)
        return proporcional(preco_do_periodo(reais(preco), ciclo.ciclo.meses, ciclo.ciclo.dias), inteiro, de, ate)

    def _dados_do_ciclo(self, contrato: Contrato) -> CicloFaturamento | None:
        consulta = select(CicloFaturamento).join(ContratoCiclo, ContratoCiclo.ciclo_faturamento_id == CicloFaturamento.id)
        return self.sessao.scalar(consulta.where(ContratoCiclo.contrato_id == contrato.id))

    @staticmethod
    def _periodo_de(ciclo: CicloFaturamento, dia: dt.date) -> Periodo:
        """The cycle's whole period in which a day falls."""
        volta = periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        while dia < volta.atual.inicio:
            volta = periodos(volta.anterior.inicio, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        while dia > volta.atual.fim:
            volta = periodos(volta.proximo, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        return volta.atual

    def _multar_fidelidade(self, contrato: Contrato, em: dt.date) -> None:
        if not (contrato.fidelidade_ate and contrato.beneficio_fidelidade and configuracao.ler("faturamento.multa_fidelidade")):
            return
        valor, faltam, prazo = multa_fidelidade(contrato.beneficio_fidelidade, contrato.data_inicio, contrato.fidelidade_ate, em)
        if valor:
            descricao = da_casa("Multa de fidelidade (%(faltam)d de %(prazo)d dias)", faltam=faltam, prazo=prazo)
            self.lancar(contrato.cliente_id, tipo=TipoLancamento.acrescimo, descricao=descricao, valor=valor, a_partir_de=em, item_tipo=TipoItem.multa)
