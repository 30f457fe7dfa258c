"""Additional services of a contract: from when they may count, and what an end means for what was billed ahead."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.contratos.estados import SEM_SERVICO, StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core import configuracao, eventos, relogio
from app.core.datas import UM_ANO, UM_DIA
from app.core.dinheiro import PRECO_MAXIMO, ZERO
from app.core.erros import Conflito, RegraViolada, ValorInvalido
from app.core.idiomas import da_casa
from app.faturamento.services.acertos import Acertos
from app.faturamento.services.pagamentos import quantia
from app.usuarios.limites_papel import Tipo, exigir_limite

QUANTIDADE_MAXIMA = 999
LONGE = 10 * UM_ANO


class Adicionais(Acertos):
    """Beginning and ending additional services."""

    def contratar_adicional(self, item: ContratoItem) -> None:
        """Check a service about to be added, at its own price unless another is given; the next invoice brings its days since the first.

        Raises RegraViolada for a contract that ended or is paused, Conflito for the same service from the same day, ValorInvalido for a first day
        before the first that is charged, further back than ``contratos.ativacao_retroativa_dias`` or more than a year ahead, an end before it, and a
        price or quantity that cannot be.
        """
        contrato = self.contratos.travar(item.contrato.id)
        item.preco = item.adicional.preco if item.preco is None else item.preco
        item.quantidade = 1 if item.quantidade is None else item.quantidade
        self._conferir_adicional(contrato, item)
        self._conferir_repetido(contrato, item)
        exigir_limite(self.sessao, Tipo.desconto, (item.adicional.preco - item.preco) * item.quantidade, cliente_id=contrato.cliente_id, campo="preco")
        ciclo = None if contrato.status in SEM_SERVICO else self._dados_do_ciclo(contrato)
        item.atrasado = ciclo is not None and item.de < self._periodos(ciclo).anterior.inicio
        self._contar("adicional_contratado", contrato, item, item.de)

    def _conferir_adicional(self, contrato: Contrato, item: ContratoItem) -> None:
        self._conferir_vivo(contrato)
        if contrato.status is StatusContrato.suspenso:
            frase = _("O contrato %(numero)s está suspenso: retome-o antes de incluir serviços.", numero=contrato.numero)
            raise RegraViolada(frase, codigo="contrato_suspenso", contrato_id=contrato.id)
        quantia(item.preco, campo="preco", zero=True, maximo=PRECO_MAXIMO)
        if not 1 <= item.quantidade <= QUANTIDADE_MAXIMA:
            raise ValorInvalido(_("Informe uma quantidade de 1 a %(maxima)d.", maxima=QUANTIDADE_MAXIMA), campo="quantidade")
        primeiro, ultimo = self._primeiro_dia_de_adicional(contrato), relogio.hoje() + UM_ANO
        if not primeiro <= item.de <= ultimo:
            texto = _("O serviço pode começar de %(de)s a %(ate)s.", de=f"{primeiro:%d/%m/%Y}", ate=f"{ultimo:%d/%m/%Y}")
            raise ValorInvalido(texto, campo="de", codigo="inicio_do_adicional", contrato_id=contrato.id)
        if item.ate is not None:
            if item.ate < item.de:
                raise ValorInvalido(_("O fim não pode ser antes do início."), campo="ate")
            relogio.exigir_dia(item.ate, LONGE, campo="ate")

    def _conferir_repetido(self, contrato: Contrato, item: ContratoItem) -> None:
        """A form sent twice is one service; more of the same is a quantity."""
        igual = select(ContratoItem.id).where(
            ContratoItem.contrato_id == contrato.id, ContratoItem.adicional_id == item.adicional.id, ContratoItem.de == item.de)
        if self.sessao.scalar(igual.limit(1)):
            texto = _("%(servico)s já está no contrato desde %(dia)s.", servico=item.adicional.nome, dia=f"{item.de:%d/%m/%Y}")
            raise Conflito(texto, codigo="adicional_repetido", campo="adicional", contrato_id=contrato.id)

    def encerrar_adicional(self, item: ContratoItem) -> None:
        """Settle a changed last day (``item.ate``, not flushed yet): billed days after it are given back, against open invoices first.

        An end may be put off while nothing was billed short of it. Raises ValorInvalido otherwise, for an end before the beginning, and for one
        before the contract's last pause, return or plan change; RegraViolada for a contract that ended.
        """
        with self.sessao.no_autoflush:
            contrato = self.contratos.travar(item.contrato_id)
            antigo, novo = self.sessao.scalar(select(ContratoItem.ate).where(ContratoItem.id == item.id)), item.ate
        if antigo == novo:
            return
        self._conferir_vivo(contrato)
        if novo is not None and novo < item.de:
            raise ValorInvalido(_("O fim não pode ser antes do início."), campo="ate")
        if antigo is not None and (novo is None or novo > antigo):
            self._conferir_adiamento(contrato, antigo)
        else:
            relogio.exigir_dia(novo, LONGE, campo="ate")
            self._conferir_ordem(contrato, novo + UM_DIA, campo="ate")
            self._devolver_adicional(contrato, item, antigo, novo)
        self._contar("adicional_encerrado", contrato, item, novo)

    def _devolver_adicional(self, contrato: Contrato, item: ContratoItem, antigo: dt.date | None, novo: dt.date) -> None:
        valor = self._a_devolver(contrato, item, antigo, novo)
        if valor:
            hoje = relogio.hoje()
            if novo + UM_DIA < hoje:
                a_mais = valor - self._a_devolver(contrato, item, antigo, hoje - UM_DIA)
                exigir_limite(self.sessao, Tipo.credito, a_mais, cliente_id=contrato.cliente_id, campo="ate")
            descricao = da_casa("%(servico)s até %(dia)s", servico=item.adicional.nome, dia=f"{novo:%d/%m/%Y}")
            self._creditar(contrato.cliente_id, valor=valor, motivo=da_casa("dias não usados: %(descricao)s", descricao=descricao))
            self._abater_no_fim(contrato, novo)

    def _a_devolver(self, contrato: Contrato, item: ContratoItem, antigo: dt.date | None, novo: dt.date) -> Decimal:
        """What billed days of the service after ``novo`` are worth."""
        ciclo, valor = self._dados_do_ciclo(contrato), ZERO
        for linha in self._cobrados(contrato) if ciclo else ():
            if linha.conta and linha.tipo == "servico" and linha.referencia == str(item.id) and linha.fim > novo:
                valor += self._do_adicional(item, ciclo, max(linha.inicio, novo + UM_DIA), min(linha.fim, antigo or linha.fim))
        return valor

    def _conferir_adiamento(self, contrato: Contrato, antigo: dt.date) -> None:
        ciclo, ligacao = self._dados_do_ciclo(contrato), self._ligacao(contrato)
        if ciclo is None or contrato.status in SEM_SERVICO:
            return
        if antigo < max(self._faturado_ate(contrato, ciclo), ligacao.desde - UM_DIA):      # by the run, or by the pause
            texto = _("As faturas já contam com o fim em %(dia)s: inclua o serviço de novo a partir do dia seguinte.", dia=f"{antigo:%d/%m/%Y}")
            raise ValorInvalido(texto, campo="ate", codigo="fim_ja_faturado", contrato_id=contrato.id)

    def _primeiro_dia_de_adicional(self, contrato: Contrato) -> dt.date:
        if contrato.status in SEM_SERVICO:
            return relogio.PRIMEIRO_DIA
        ligacao = self._ligacao(contrato)
        retroativo = relogio.hoje() - dt.timedelta(days=configuracao.ler("contratos.ativacao_retroativa_dias"))
        return max([contrato.data_inicio, retroativo, *([ligacao.desde] if ligacao else [])])

    def _contar(self, tipo: str, contrato: Contrato, item: ContratoItem, dia: dt.date | None) -> None:
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "servico": item.adicional.nome, "dia": f"{dia:%d/%m/%Y}" if dia else "–"}
        eventos.registrar(self.sessao, tipo, cliente_id=contrato.cliente_id, **dados)
