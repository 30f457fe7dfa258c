"""What billing declares at import: its settings and the facts it writes on the customer's timeline."""

from __future__ import annotations

from decimal import Decimal

from app.core import configuracao, eventos
from app.core.tipos import N_

configuracao.declarar_grupo("faturamento", N_("Faturamento"))
configuracao.declarar(
    "faturamento.dias_antecedencia", int, 10, N_("Emitir quantos dias antes do vencimento"),
    N_("A rodada diária emite as faturas que vencem até esse número de dias à frente."),
    minimo=0, maximo=60,
)
configuracao.declarar(
    "faturamento.prazo_minimo_dias", int, 5, N_("Prazo mínimo entre emissão e vencimento (dias)"),
    N_("Uma fatura emitida com atraso vence mais tarde, nunca antes deste prazo."),
    minimo=0, maximo=30,
)
configuracao.declarar(
    "faturamento.tamanho_lote", int, 5000, N_("Clientes por lote da rodada"),
    N_("Cada lote é uma transação: maior é mais rápido, menor segura menos clientes por vez."),
    minimo=10, maximo=20000,
)
configuracao.declarar(
    "faturamento.encargos_na_proxima", bool, True, N_("Cobrar multa e juros na fatura seguinte"),
    N_("Quem paga em atraso só o valor original recebe a multa e os juros na próxima fatura."),
)
configuracao.declarar(
    "faturamento.pagamento_retroativo_dias", int, 60, N_("Aceitar pagamentos de até quantos dias atrás"),
    N_("Vale para os recebimentos digitados, na tela ou por programa: uma data antiga demais costuma ser engano."),
    minimo=0, maximo=3650,
)
configuracao.declarar_grupo("contratos", N_("Contratos"))
configuracao.declarar(
    "contratos.ativacao_retroativa_dias", int, 31, N_("Cobrar de até quantos dias atrás ao ativar"),
    N_("Um serviço que começou antes disso precisa dizer a partir de que dia é faturado."),
    minimo=0, maximo=365,
)
configuracao.declarar(
    "faturamento.desvio_percentual", Decimal, Decimal("30"), N_("Avisar faturas que mudaram mais de (%)"),
    N_("O relatório da rodada lista as faturas que se afastam mais do que isto da anterior."),
    minimo=Decimal("1"), maximo=Decimal("1000"),
)
configuracao.declarar(
    "faturamento.multa_fidelidade", bool, True, N_("Cobrar multa de fidelidade no cancelamento"),
    N_("Proporcional ao prazo que falta e ao benefício recebido (RGC da Anatel, art. 37)."),
)
configuracao.declarar(
    "faturamento.bloqueio_automatico", bool, True, N_("Bloquear inadimplentes automaticamente"),
    N_("Vale para os contratos marcados como “Padrão da empresa”."),
)
configuracao.declarar(
    "faturamento.aviso_sem_envio", bool, False, N_("Aceitar avisos que não saíram"),
    N_("Sem servidor de e-mail os avisos só ficam na lista de mensagens. Ligado, eles bastam para bloquear: use em demonstrações, não com clientes."),
)
configuracao.declarar(
    "faturamento.disjuntor_minimo", int, 5, N_("Disjuntor: ignorar até quantos bloqueios"),
    N_("Com poucos bloqueios na noite, o percentual da base não é considerado."), minimo=0, maximo=1000,
)

FATOS = (
    ("invoice_emitida", N_("Fatura {numero} emitida"), "file-invoice"),
    ("invoice_cancelada", N_("Fatura {numero} cancelada"), "ban"),
    ("invoice_avisada", N_("Aviso de atraso da fatura {numero} dado por uma pessoa: {motivo}"), "phone"),
    ("pagamento_recebido", N_("Pagamento recebido da fatura {numero}"), "cash"),
    ("pagamento_estornado", N_("Pagamento estornado da fatura {numero}"), "arrow-back-up"),
    ("contrato_ativado", N_("Contrato {numero} ativado"), "check"),
    ("contrato_suspenso", N_("Contrato {numero} suspenso a pedido"), "player-pause"),
    ("contrato_retomado", N_("Contrato {numero} retomado"), "player-play"),
    ("contrato_encerrado", N_("Contrato {numero} encerrado"), "ban"),
    ("plano_mudado", N_("Plano do contrato {numero} alterado"), "refresh"),
    ("adicional_contratado", N_("{servico} no contrato {numero} desde {dia}"), "plus"),
    ("adicional_encerrado", N_("{servico} no contrato {numero} até {dia}"), "ban"),
    ("lancamento_criado", N_("Lançamento: {descricao}"), "plus"),
    ("lancamento_cancelado", N_("Lançamento cancelado: {descricao}"), "ban"),
    ("credito_aplicado", N_("Crédito de {valor} abatido da fatura {numero}"), "discount"),
    ("credito_devolvido", N_("Crédito devolvido: {descricao}"), "arrow-back-up"),
    ("cliente_bloqueado", N_("Bloqueado por atraso: contrato {numero}"), "lock"),
    ("cliente_liberado", N_("Acesso liberado"), "lock-open"),
    ("desbloqueio_confianca", N_("Contrato {numero} desbloqueado em confiança até {ate}"), "lock-open"),
)
for _tipo, _rotulo, _icone in FATOS:
    eventos.declarar(_tipo, _rotulo, _icone)
