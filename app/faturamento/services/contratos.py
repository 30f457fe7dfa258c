"""A contract together with its money and access: beginning, changing, pausing and ending."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.contratos.estados import ENCERRADOS, SEM_SERVICO, StatusContrato
from app.contratos.models import Contrato
from app.core import configuracao, eventos, relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.core.idiomas import da_casa
from app.faturamento.estados import TipoItem, TipoLancamento
from app.faturamento.models import CicloFaturamento, ContratoCiclo
from app.faturamento.regras import multa_fidelidade, periodos
from app.faturamento.services.acertos import Acertos, Preco
from app.faturamento.services.base import momento
from app.faturamento.services.pagamentos import exigir_motivo, quantia


class VerbosDeContrato(Acertos):
    """Plan change, suspension and end."""

    def mudar_plano(self, contrato_id: int, plano_id: int, *, em: dt.date, preco: Decimal | None = None) -> Contrato:
        """Another plan from ``em``, a day that has come: billed days from then on at the new price, days before it that will be billed at the old one.

        The difference, the discount's included, is a one-off charge or discount on the next invoice; additional services stay as they are.
        Raises NaoEncontrado, RegraViolada for a contract that ended or is paused (its days are settled when it is back), ValorInvalido for a
        day to come, before the contract or before what happened to it last.
        """
        contrato = self.contratos.travar(contrato_id)
        self._conferir_vivo(contrato)
        if contrato.status is StatusContrato.suspenso:
            frase = _("O contrato %(numero)s está suspenso: retome-o antes de mudar o plano.", numero=contrato.numero)
            raise RegraViolada(frase, codigo="contrato_suspenso", contrato_id=contrato_id)
        self._conferir_dia(contrato, em)
        preco = None if preco is None else quantia(preco, campo="preco", zero=True)
        antigo, nome_antigo = Preco(contrato.preco, contrato.desconto), contrato.plano.nome
        contrato = self.contratos.mudar_plano(contrato_id, plano_id, em=em, preco=preco)
        diferenca = self._diferenca_de_preco(contrato, antigo, em)
        self._exigir_limite_do_passado(contrato, antigo, em, diferenca)
        if diferenca:
            tipo = TipoLancamento.acrescimo if diferenca > 0 else TipoLancamento.desconto
            descricao = da_casa("Mudança de %(de)s para %(para)s em %(em)s", de=nome_antigo, para=contrato.plano.nome, em=f"{em:%d/%m/%Y}")
            alvo = {"contrato_id": contrato.id, "item_tipo": TipoItem.ajuste}
            self._lancar(contrato.cliente_id, tipo=tipo, descricao=descricao, valor=abs(diferenca), a_partir_de=em, **alvo)
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "plano": contrato.plano.nome, "desde": em.isoformat()}
        eventos.registrar(self.sessao, "plano_mudado", cliente_id=contrato.cliente_id, **dados)
        return contrato

    def suspender_a_pedido(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Pause at the customer's request: no access and no billing from ``em`` until ``retomar``; what was billed ahead is given back by days.

        Raises TransicaoInvalida, ValorInvalido for a day to come, before the contract or before what happened to it last.
        """
        contrato = self.contratos.travar(contrato_id)
        self._conferir_dia(contrato, em)
        contrato = self.contratos.suspender(contrato_id, em=em)
        self._parar_de_cobrar(contrato, em)
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "desde": em.isoformat()}
        eventos.registrar(self.sessao, "contrato_suspenso", cliente_id=contrato.cliente_id, **dados)
        return contrato

    def retomar(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Back from the pause: billing begins again on ``em``, by days. Raises TransicaoInvalida, ValorInvalido as the pause does."""
        contrato = self.contratos.travar(contrato_id)
        self._conferir_dia(contrato, em)
        contrato = self.contratos.retomar(contrato_id, em=em)
        ligacao = self._ligacao(contrato)
        if ligacao is not None:
            self._nao_cobrar_o_parado(ligacao, em)
            self._comecar_a_cobrar(contrato, max(ligacao.desde, em))
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "desde": em.isoformat()}
        eventos.registrar(self.sessao, "contrato_retomado", cliente_id=contrato.cliente_id, **dados)
        return contrato

    def encerrar_contrato(self, contrato_id: int, *, em: dt.date, motivo: str) -> Contrato:
        """End on ``em`` (last day of service, today or before): the access closes, what was billed ahead is given back, what was used is billed.

        Plan, discount and additional services alike; what is given back abates open invoices first, the rest waits as a charge or a
        credit. Inside the term the fidelity fine is charged (setting; Anatel RGC art. 37). Raises TransicaoInvalida when it already
        ended, ValorInvalido.
        """
        exigir_motivo(motivo)
        contrato = self.contratos.travar(contrato_id)
        self._conferir_dia(contrato, em)
        estava_ativo, comecou = contrato.status.name == "ativo", contrato.status not in SEM_SERVICO
        contrato = self.contratos.cancelar(contrato_id, em=em, motivo=motivo)
        if estava_ativo:
            self._acertar_fim(contrato, em)
        self._fechar_ciclo_longo(contrato)
        if comecou:
            self._multar_fidelidade(contrato, em)
        self.bloqueios.desbloquear(contrato.id, em=momento(em), explicacao=da_casa("contrato encerrado"))
        self.bloqueios.reavaliar(contrato, em=momento(em))
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "motivo": motivo}
        eventos.registrar(self.sessao, "contrato_encerrado", cliente_id=contrato.cliente_id, **dados)
        return contrato

    def _conferir_dia(self, contrato: Contrato, em: dt.date) -> None:
        """Changes take effect at once: not on a day to come, not before the contract began, and one after another, for each settles the days after it."""
        relogio.exigir_que_chegou(em, campo="em")
        if em < contrato.data_inicio and contrato.status not in SEM_SERVICO:
            raise ValorInvalido(_("A data não pode ser antes do início do contrato."), campo="em")
        self._conferir_ordem(contrato, em, campo="em")

    # ---- the cycle

    def _nao_cobrar_o_parado(self, ligacao: ContratoCiclo, em: dt.date) -> None:
        """Due dates that passed while nothing was active in the cycle are not billed after the fact."""
        ciclo = self.sessao.get_one(CicloFaturamento, ligacao.ciclo_faturamento_id, with_for_update={"key_share": True})
        ciclo.ativo = True
        outros = select(Contrato.id).join(ContratoCiclo, ContratoCiclo.contrato_id == Contrato.id).where(
            ContratoCiclo.ciclo_faturamento_id == ciclo.id, Contrato.id != ligacao.contrato_id, Contrato.status == StatusContrato.ativo)
        if self.sessao.scalar(outros.limit(1)):      # another one has days in them, to be billed when the run is here
            return
        while periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias).proximo <= em:
            ciclo.proximo_vencimento = periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias).proximo

    def _fechar_ciclo_longo(self, contrato: Contrato) -> None:
        """What is left of the last contract of a cycle longer than a month is not to wait for its next due date: the next run bills it by itself."""
        ciclo = self._dados_do_ciclo(contrato)
        if ciclo is None or (ciclo.ciclo.meses or 1) == 1:
            return
        outros = select(Contrato.id).join(ContratoCiclo, ContratoCiclo.contrato_id == Contrato.id).where(
            ContratoCiclo.ciclo_faturamento_id == ciclo.id, Contrato.status.not_in(ENCERRADOS))
        ciclo.ativo = self.sessao.scalar(outros.limit(1)) is not None

    def _multar_fidelidade(self, contrato: Contrato, em: dt.date) -> None:
        if not (contrato.fidelidade_ate and contrato.beneficio_fidelidade and configuracao.ler("faturamento.multa_fidelidade")):
            return
        valor, faltam, prazo = multa_fidelidade(contrato.beneficio_fidelidade, contrato.data_inicio, contrato.fidelidade_ate, em)
        if valor:
            descricao = da_casa("Multa de fidelidade (%(faltam)d de %(prazo)d dias)", faltam=faltam, prazo=prazo)
            self._lancar(contrato.cliente_id, tipo=TipoLancamento.acrescimo, descricao=descricao, valor=valor, a_partir_de=em, item_tipo=TipoItem.multa)
