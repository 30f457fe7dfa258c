"""What runs when, in São Paulo's time. A row appears with the module that needs it; every job may run twice and may run late."""

from __future__ import annotations

from app.core.agenda import Job, cada, cada_dia, das, diario, janela, ultimo
from app.core.tipos import N_

# Older first where one needs another's result: after an outage a day's invoices exist before they are marked, and are marked before anybody is blocked.
JOBS = (
    Job("gerar_invoices_diarias", diario("00:00"), N_("Gerar as faturas do dia"), cada_dia, fila="longa", prioridade=3),
    Job("marcar_invoices_vencidas", diario("00:05"), N_("Marcar faturas vencidas"), cada_dia, depende_de=("gerar_invoices_diarias",)),
    Job("criar_particoes", diario("03:00"), N_("Criar partições dos próximos meses"), ultimo),
    Job("arquivar", diario("03:00"), N_("Apagar tarefas e arquivos que expiraram"), ultimo, fila="longa"),
    Job("aplicar_retencao", diario("03:00"), N_("Apagar o que não se guarda mais"), ultimo, fila="longa"),
    Job(
        "enviar_lembretes_pagamento", diario("09:00"), N_("Lembrar faturas a vencer"), janela, janela=das("08:00", "20:00"),
        depende_de=("gerar_invoices_diarias",),
    ),
    Job(
        "avisar_vencidas", diario("09:05"), N_("Avisar faturas vencidas"), janela, janela=das("08:00", "20:00"),
        depende_de=("marcar_invoices_vencidas",),
    ),
    Job(
        "bloquear_clientes_vencidos", diario("22:00"), N_("Bloquear clientes em atraso"), janela, janela=das("22:00", "06:00"),
        depende_de=("marcar_invoices_vencidas",), exige_sucesso=("conciliar_pagamentos",),
    ),
    Job("aplicar_rede", cada(seconds=10), N_("Aplicar acessos na rede"), ultimo, prioridade=4),
    Job("esquecer_acessos", diario("03:00"), N_("Esquecer sessões e códigos antigos"), ultimo),
    Job("avisar_acessos_novos", cada(minutes=5), N_("Avisar entradas por aparelhos novos"), ultimo),
    Job("guardar_uso_chaves", cada(minutes=5), N_("Guardar o último uso das chaves de API"), ultimo),
    Job("despachar_notificacoes", cada(minutes=1), N_("Enviar mensagens"), ultimo),
    Job("expirar_desbloqueios_confianca", cada(hours=1), N_("Encerrar desbloqueios em confiança"), ultimo),
)
