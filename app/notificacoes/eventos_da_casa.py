"""The kinds of messages of the first release with their first texts, which the provider edits on screen."""

from __future__ import annotations

from typing import NamedTuple

from app.core.tipos import N_
from app.notificacoes.models import TELEFONES, Canal
from app.notificacoes.regras import declarar_evento

_NOME = (N_("Nome do cliente"), "Maria da Silva")
_FATURA = {
    "nome": _NOME, "numero": (N_("Número da fatura"), "000000123"), "valor": (N_("Valor da fatura"), "R$ 99,90"),
    "vencimento": (N_("Vencimento"), "10/12/2026"), "com_desconto": (N_("Valor até o vencimento, vazio quando não há desconto"), "R$ 94,90"),
}
_SITUACAO = (N_("Situação da fatura: aberta, vencida ou paga"), "aberta")
_REGUA = {
    **_FATURA, "valor_atualizado": (N_("Valor com multa e juros no dia do aviso"), "R$ 102,15"),
    "dias": (N_("Dias entre o vencimento e o aviso"), 3),
    "suspensao": (N_("Primeiro dia em que o serviço pode ser suspenso"), "28/12/2026"),
}
_COMO_ESTA = (
    "{% if situacao is defined and situacao == 'paga' %}está paga{% elif situacao is defined and situacao == 'vencida' %}venceu em {{ vencimento }}"
    "{% else %}vence em {{ vencimento }}{% endif %}"
)
_COMO_PAGAR = (
    "{% if situacao is defined and situacao == 'paga' %}: não há nada a pagar. Ela está anexada a este e-mail."
    "{% else %}. Ela está anexada a este e-mail{% if chave_pix %}, com o código Pix para pagar{% endif %}.{% endif %}"
)
_DESCONTO = "{% if com_desconto is defined and com_desconto %} Até o vencimento o valor é {{ com_desconto }}, já com o desconto.{% endif %}"
_CORRIJA = "Corrija os dados do canal e teste de novo."
_FIM = "\n\n{{ provedor }}\n{{ telefone_provedor }}"

declarar_evento("fatura_emitida", N_("Fatura emitida"), **_FATURA, situacao=_SITUACAO)
declarar_evento("lembrete_vencimento", N_("Lembrete de vencimento"), **_REGUA)
declarar_evento("aviso_vencida", N_("Aviso de fatura vencida"), **_REGUA)
declarar_evento(
    "pagamento_recebido", N_("Pagamento recebido"), nome=_NOME, numero=_FATURA["numero"], valor=(N_("Valor recebido"), "R$ 99,90"),
    data=(N_("Data do pagamento"), "09/12/2026"), recibo=(N_("Número do recibo"), "000000045"),
    saldo=(N_("O que falta pagar, ou vazio"), "R$ 10,00"),
)
declarar_evento("cliente_bloqueado", N_("Acesso bloqueado por atraso"), nome=_NOME)
declarar_evento("cliente_liberado", N_("Acesso liberado"), nome=_NOME)
declarar_evento("teste_smtp", N_("Teste de e-mail"))
declarar_evento("email_parado", N_("Envio de e-mail parado"), motivo=(N_("O que o servidor respondeu"), "535 usuário ou senha inválidos"))
declarar_evento("teste_canal", N_("Teste de canal"))
declarar_evento("whatsapp_parado", N_("Envio por WhatsApp parado"), motivo=(N_("O que o provedor respondeu"), "401 token inválido"))
declarar_evento("sms_parado", N_("Envio por SMS parado"), motivo=(N_("O que o provedor respondeu"), "401 token inválido"))
declarar_evento(
    "acesso_recusado", N_("Servidor de acesso recusou um comando"), contrato=(N_("Número do contrato"), "2026-00001"), servidor=(N_("Servidor"), "BRAS Centro"),
    motivo=(N_("O que o servidor respondeu"), "perfil inexistente"),
)
declarar_evento(
    "tarefa_parada", N_("Tarefa parada"), tarefa=(N_("Nome da tarefa"), "Bloquear clientes em atraso"),
    motivo=(N_("Por que parou"), "O disjuntor abriu: 12,5% da base seria bloqueada, acima de 10,0%."),
    endereco=(N_("Endereço da execução"), "https://crm.exemplo.com.br/execucoes/show/7"),
)
_PESSOA = (N_("Nome da pessoa"), "Maria da Silva")
_QUANDO, _IP = (N_("Quando foi"), "30/11/2026 14:32"), (N_("Endereço de rede de onde veio"), "203.0.113.9")
declarar_evento(
    "recuperar_senha", N_("Recuperação de senha"), segredos=("link",), nome=_PESSOA,
    link=(N_("Endereço para criar a nova senha"), "https://crm.exemplo.com.br/recuperar/exemplo-de-endereco"), minutos=(N_("Minutos em que vale"), 30),
)
declarar_evento(
    "convite_equipe", N_("Convite para a equipe"), segredos=("link",), nome=_PESSOA, quem=(N_("Quem convidou"), "João Pereira"),
    link=(N_("Endereço para aceitar o convite"), "https://crm.exemplo.com.br/convite/exemplo-de-endereco"),
    validade=(N_("Até quando o convite vale"), "03/12/2026 14:32"),
)
declarar_evento(
    "codigo_confirmacao", N_("Código de confirmação"), segredos=("codigo",), codigo=(N_("O código"), "482913"), minutos=(N_("Minutos em que vale"), 10),
)
declarar_evento("senha_trocada", N_("Senha trocada"), nome=_PESSOA, quando=_QUANDO, ip=_IP)
declarar_evento(
    "acesso_novo", N_("Entrada por um aparelho novo"), nome=_PESSOA, quando=_QUANDO, ip=_IP, aparelho=(N_("Navegador e sistema"), "Firefox no Linux"),
)
declarar_evento(
    "portal_ja_existe", N_("Acesso ao portal que já existe"), nome=_NOME, documento=(N_("CPF ou CNPJ, em parte"), "***.982.247-**"),
    entrar=(N_("Endereço da entrada"), "https://crm.exemplo.com.br/login/"),
    recuperar=(N_("Endereço de quem esqueceu a senha"), "https://crm.exemplo.com.br/recuperar/"),
)


class Origem(NamedTuple):
    """What makes a message leave. ``causa``: a fact of ``core.eventos`` (fato), a job of the schedule (agenda), or what the house itself does (acao)."""

    causa: str
    nome: str
    mensagem: str
    canal: Canal
    para: str


_DE_TELEFONE = (
    ("fato", "invoice_emitida", "fatura_emitida"), ("agenda", "enviar_lembretes_pagamento", "lembrete_vencimento"),
    ("agenda", "avisar_vencidas", "aviso_vencida"), ("fato", "pagamento_recebido", "pagamento_recebido"),
    ("fato", "cliente_bloqueado", "cliente_bloqueado"), ("fato", "cliente_liberado", "cliente_liberado"),
)
# the whole of it: every template has its cause here, and tests/notificacoes/test_origens.py makes each one happen
ORIGENS = (
    Origem("fato", "invoice_emitida", "fatura_emitida", Canal.email, "cliente"),
    Origem("agenda", "enviar_lembretes_pagamento", "lembrete_vencimento", Canal.email, "cliente"),
    Origem("agenda", "avisar_vencidas", "aviso_vencida", Canal.email, "cliente"),
    Origem("fato", "pagamento_recebido", "pagamento_recebido", Canal.email, "cliente"),
    Origem("fato", "cliente_bloqueado", "cliente_bloqueado", Canal.email, "cliente"),
    Origem("fato", "cliente_liberado", "cliente_liberado", Canal.email, "cliente"),
    Origem("fato", "tarefa_parada", "tarefa_parada", Canal.interno, "administradores"),
    Origem("acao", "CanalService.parar", "email_parado", Canal.interno, "administradores"),
    Origem("acao", "CanalService.parar", "whatsapp_parado", Canal.interno, "administradores"),
    Origem("acao", "CanalService.parar", "sms_parado", Canal.interno, "administradores"),
    Origem("acao", "testar_canal", "teste_canal", Canal.whatsapp, "quem pediu"),
    Origem("acao", "testar_canal", "teste_canal", Canal.sms, "quem pediu"),
    Origem("acao", "rede.aplicacao.anotar", "acesso_recusado", Canal.interno, "administradores"),
    Origem("acao", "testar_smtp", "teste_smtp", Canal.email, "quem pediu"),
    *(Origem("acao", "RecuperacaoService.enviar", "recuperar_senha", canal, "dono da conta") for canal in (Canal.email, Canal.whatsapp, Canal.sms)),
    Origem("acao", "ConviteService.convidar", "convite_equipe", Canal.email, "quem foi convidado"),
    Origem("acao", "CodigoService.enviar", "codigo_confirmacao", Canal.email, "quem pediu"),
    Origem("acao", "CodigoService.enviar", "codigo_confirmacao", Canal.whatsapp, "quem pediu"),
    Origem("acao", "CodigoService.enviar", "codigo_confirmacao", Canal.sms, "quem pediu"),
    *(Origem("acao", "CadastroService.enviar_codigo", "portal_ja_existe", canal, "quem pediu") for canal in (Canal.email, Canal.whatsapp, Canal.sms)),
    Origem("acao", "recuperacao.avisar_troca", "senha_trocada", Canal.email, "dono da conta"),
    Origem("agenda", "avisar_acessos_novos", "acesso_novo", Canal.email, "dono da conta"),
    *(Origem(*causa, canal, "cliente") for causa in _DE_TELEFONE for canal in TELEFONES),
)

_FATURA_DO_TELEFONE = "fatura {{ numero }}, de {{ valor }}, "
# texts for telephones, one line each: approved texts of WhatsApp take no line breaks. Switched off until the provider wants them (``DESLIGADOS``)
_TEXTOS_DE_TELEFONE = (
    ("fatura_emitida", "Fatura {{ numero }}", "{{ provedor }}: sua " + _FATURA_DO_TELEFONE + _COMO_ESTA + ".", "Olá, {{ nome }}. ", " Veja em {{ portal }}"),
    (
        "lembrete_vencimento", "Fatura {{ numero }}", "{{ provedor }}: sua " + _FATURA_DO_TELEFONE + "vence em {{ vencimento }}. Se já pagou, desconsidere.",
        "Olá, {{ nome }}. ", " Veja em {{ portal }}",
    ),
    (
        "aviso_vencida", "Fatura {{ numero }} vencida",
        "{{ provedor }}: a " + _FATURA_DO_TELEFONE + "venceu em {{ vencimento }}. O acesso pode ser suspenso a partir de {{ suspensao }}. "
        "Se já pagou, desconsidere.", "Olá, {{ nome }}. ", " Com multa e juros, hoje são {{ valor_atualizado }}. Pague em {{ portal }}",
    ),
    (
        "pagamento_recebido", "Pagamento da fatura {{ numero }}",
        "{{ provedor }}: recebemos {{ valor }} da fatura {{ numero }} em {{ data }}.{% if saldo %} Falta pagar {{ saldo }}.{% endif %} Obrigado!",
        "Olá, {{ nome }}. ", "",
    ),
    (
        "cliente_bloqueado", "Acesso suspenso", "{{ provedor }}: seu acesso foi suspenso por falta de pagamento. Pague em {{ portal }} e ele volta em seguida.",
        "Olá, {{ nome }}. ", "",
    ),
    ("cliente_liberado", "Acesso liberado", "{{ provedor }}: seu acesso foi liberado. Obrigado!", "Olá, {{ nome }}. ", ""),
)
_MODELOS_DE_TELEFONE = (
    *((evento, Canal.whatsapp, assunto, antes + texto + depois) for evento, assunto, texto, antes, depois in _TEXTOS_DE_TELEFONE),
    *((evento, Canal.sms, assunto, texto) for evento, assunto, texto, _antes, _depois in _TEXTOS_DE_TELEFONE),
)
DESLIGADOS = frozenset((evento, canal) for evento, canal, _assunto, _texto in _MODELOS_DE_TELEFONE)

# (event, channel, subject, text); stored once, then the provider's
MODELOS: tuple[tuple[str, Canal, str, str], ...] = (
    (
        "fatura_emitida", Canal.email, "Sua fatura {{ numero }} " + _COMO_ESTA,
        "Olá, {{ nome }}.\n\nSua fatura {{ numero }}, de {{ valor }}, " + _COMO_ESTA + _COMO_PAGAR + _DESCONTO
        + "\n\nQuem já tem acesso à área do cliente também a encontra em {{ portal }}" + _FIM,
    ),
    (
        "lembrete_vencimento", Canal.email, "Sua fatura vence {{ vencimento | em_dias }}",
        "Olá, {{ nome }}.\n\nLembramos que a fatura {{ numero }}, de {{ valor }}, vence {{ vencimento | em_dias }} ({{ vencimento }})." + _DESCONTO + "\n\n"
        "Se você já pagou, desconsidere este aviso." + _FIM,
    ),
    (
        "aviso_vencida", Canal.email, "Fatura {{ numero }} vencida em {{ vencimento }}",
        "Olá, {{ nome }}.\n\nA fatura {{ numero }}, de {{ valor }}, venceu em {{ vencimento }} e ainda não consta como paga. "
        "Com multa e juros, o valor no dia deste aviso é {{ valor_atualizado }}.\n\n"
        "Regularize para evitar a suspensão do serviço, que pode ocorrer a partir de {{ suspensao }}, e a inclusão em cadastros de devedores "
        "(Regulamento Geral de Direitos do Consumidor, Resolução Anatel 765/2023). "
        "Depois do pagamento o serviço é restabelecido em até 24 horas, sem custo.\n\n"
        "Se você já pagou, desconsidere este aviso." + _FIM,
    ),
    (
        "pagamento_recebido", Canal.email, "Recebemos o pagamento da fatura {{ numero }}",
        "Olá, {{ nome }}.\n\nRecebemos {{ valor }} em {{ data }}, referente à fatura {{ numero }}. Obrigado!"
        "{% if saldo %}\n\nAinda falta pagar {{ saldo }}.{% endif %}" + _FIM,
    ),
    (
        "cliente_bloqueado", Canal.email, "Seu acesso foi suspenso",
        "Olá, {{ nome }}.\n\nSeu acesso foi suspenso por falta de pagamento. "
        "Pague as faturas em aberto e ele volta em seguida, sem custo. Quem já tem acesso à área do cliente paga em {{ portal }}" + _FIM,
    ),
    ("cliente_liberado", Canal.email, "Seu acesso foi liberado", "Olá, {{ nome }}.\n\nSeu acesso foi liberado. Obrigado!" + _FIM),
    ("teste_smtp", Canal.email, "Teste de e-mail", "Se você recebeu esta mensagem, o envio de e-mails está funcionando." + _FIM),
    ("email_parado", Canal.interno, "O envio de e-mails parou", "O servidor de e-mail recusou o acesso: {{ motivo }}. Corrija os dados e teste de novo."),
    ("whatsapp_parado", Canal.interno, "O envio por WhatsApp parou", "O provedor de WhatsApp recusou o acesso: {{ motivo }}. " + _CORRIJA),
    ("sms_parado", Canal.interno, "O envio por SMS parou", "O provedor de SMS recusou o acesso: {{ motivo }}. " + _CORRIJA),
    ("teste_canal", Canal.whatsapp, "Teste de WhatsApp", "{{ provedor }}: se você recebeu esta mensagem, o envio por WhatsApp está funcionando."),
    ("teste_canal", Canal.sms, "Teste de SMS", "{{ provedor }}: se você recebeu esta mensagem, o envio por SMS está funcionando."),
    (
        "acesso_recusado", Canal.interno, "Contrato {{ contrato }}: comando recusado por {{ servidor }}",
        "O servidor {{ servidor }} recusou o acesso do contrato {{ contrato }}: {{ motivo }}.",
    ),
    (
        "tarefa_parada", Canal.interno, "Parou: {{ tarefa }}",
        "A tarefa “{{ tarefa }}” parou e espera por uma pessoa: {{ motivo }}\nTente de novo, ou confirme, em Execuções: {{ endereco }}",
    ),
    (
        "recuperar_senha", Canal.email, "Crie uma nova senha",
        "Olá, {{ nome }}.\n\nRecebemos um pedido para criar uma nova senha da sua conta. Abra este endereço em até {{ minutos }} minutos; ele vale uma vez só:"
        "\n\n{{ link }}\n\nSe não foi você, ignore esta mensagem: a senha atual continua valendo." + _FIM,
    ),
    *(
        ("recuperar_senha", canal, "Crie uma nova senha", "{{ provedor }}: crie uma nova senha em até {{ minutos }} minutos: {{ link }}")
        for canal in (Canal.whatsapp, Canal.sms)
    ),
    (
        "convite_equipe", Canal.email, "Convite para a equipe de {{ provedor }}",
        "Olá, {{ nome }}.\n\n{{ quem }} convidou você para a equipe de {{ provedor }}. Crie a sua senha neste endereço, que vale até {{ validade }}:"
        "\n\n{{ link }}\n\nSe você não esperava este convite, ignore esta mensagem." + _FIM,
    ),
    (
        "codigo_confirmacao", Canal.email, "Seu código de confirmação",
        "Seu código é {{ codigo }}. Ele vale por {{ minutos }} minutos.\n\nNão o informe a ninguém: a equipe de {{ provedor }} nunca pede este código." + _FIM,
    ),
    (
        "codigo_confirmacao", Canal.whatsapp, "Seu código de confirmação",
        "{{ provedor }}: seu código é {{ codigo }}. Ele vale por {{ minutos }} minutos. Não o informe a ninguém.",
    ),
    (
        "codigo_confirmacao", Canal.sms, "Seu código de confirmação",
        "{{ provedor }}: seu código é {{ codigo }}. Vale por {{ minutos }} minutos. Não o informe a ninguém.",
    ),
    (
        "portal_ja_existe", Canal.email, "Você já tem acesso à área do cliente",
        "Olá, {{ nome }}.\n\nAlguém pediu um acesso à área do cliente com o documento {{ documento }}, que já tem um. Entre em {{ entrar }} "
        "com o CPF ou CNPJ. Se esqueceu a senha, crie outra em {{ recuperar }}\n\n"
        "Outras pessoas podem entrar para o mesmo cliente: peça a quem já entra, ou à nossa equipe." + _FIM,
    ),
    *(
        (
            "portal_ja_existe", canal, "Você já tem acesso à área do cliente",
            "{{ provedor }}: este CPF ou CNPJ já tem acesso à área do cliente. Entre em {{ entrar }} ou, se esqueceu a senha, {{ recuperar }}",
        )
        for canal in (Canal.whatsapp, Canal.sms)
    ),
    (
        "senha_trocada", Canal.email, "Sua senha foi trocada",
        "Olá, {{ nome }}.\n\nA senha da sua conta foi trocada em {{ quando }}, a partir do endereço {{ ip }}. As outras sessões foram encerradas.\n\n"
        "Se não foi você, crie uma nova senha na página de entrada e avise-nos: {{ telefone_provedor }}" + _FIM,
    ),
    (
        "acesso_novo", Canal.email, "Entrada na sua conta por um aparelho novo",
        "Olá, {{ nome }}.\n\nAlguém entrou na sua conta em {{ quando }} com {{ aparelho }}, a partir do endereço {{ ip }}.\n\n"
        "Se foi você, não é preciso fazer nada. Se não foi, troque a senha e encerre as outras sessões." + _FIM,
    ),
    *_MODELOS_DE_TELEFONE,
)
