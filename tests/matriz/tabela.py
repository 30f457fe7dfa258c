"""Who may do what: the declared table of the route × role matrix.

``TELAS``: view or API → operations and the roles that may, by initial: G Gerente, F Financeiro, A Atendente, T Tecnico. Admin may everything;
an operation that is not named is Admin's alone; Cliente never reaches any of it. ``ESPECIAIS``: routes with other rules, by endpoint or view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, ResultadoTentativa
from tests import fabricas as f

LETRAS = {"G": "Gerente", "F": "Financeiro", "A": "Atendente", "T": "Tecnico"}
EQUIPE = frozenset(("Admin", *LETRAS.values()))


def _regra(texto: str) -> dict[str, frozenset[str]]:
    partes = (parte.split() for parte in texto.split(";") if parte.strip())
    return {operacao: frozenset(LETRAS[letra] for letra in "".join(letras)) for operacao, *letras in partes}


_TELAS = {
    "AcessoDadoPessoalView": "",
    "AcessoPortalView": "dar GA; retirar GA",
    "AcessoRedeApi": "ver GAT; reaplicar GT; mudar_servidor GT",
    "AcessoRedeView": "exportar GA; ver GAT; reaplicar GT; servidor GT; mudar_servidor GT; historico G",
    "AdicionalApi": "excluir G; ver GFAT; criar G; editar G",
    "AdicionalView": "criar G; excluir G; editar G; exportar G; ver GFAT; historico G",
    "AgendaView": "executar G; pagina G; pausar G; retomar G",
    "ArquivoView": "",
    "AvulsosView": "credito GF; devolver GF; fatura GF; lancamento GF",
    "PaginaApiView": "",
    "AuditoriaView": "",
    "BloqueioApi": "bloquear GF; desbloquear GF; ver GFAT",
    "BloqueioEmMassaApi": "executar GF; previa GF",
    "BloqueioEmMassaView": "executar GF; previa GF",
    "BloqueioView": "exportar GFA; ver GFAT; novo GF; desbloquear GF; historico G",
    "CicloApi": "criar G; editar G; excluir G; ver GF",
    "CicloDoContratoApi": "ativar GA; encerrar GA; mudar_plano GA; retomar GA; suspender GA",
    "CicloDoContratoView": "ativar GA; encerrar GA; mudar_plano GA; retomar GA; suspender GA",
    "CicloFaturamentoApi": "faturar GF; ver GFA",
    "CicloFaturamentoView": "exportar GFA; ver GFA; historico GF",
    "CicloView": "criar G; excluir G; editar G; exportar GF; ver GF; historico G",
    "ClienteApi": "anotar GA; ver GFAT; criar GA; editar GA",
    "ClienteEstacionadoApi": "ver GF; tentar_de_novo GF",
    "ClienteEstacionadoView": "exportar GF; ver GF; tentar_de_novo GF; historico GF",
    "ClienteView": "criar GA; anotar GFA; editar GA; exportar GFA; ver GFAT; historico GA",
    "CobrancaApi": "ver GFA",
    "ConcessaoView": "exportar G; ver G",
    "ConfiguracoesView": "gravar G; grupo G; index G",
    "ConsentimentoApi": "ver GFA; criar GA",
    "DadosPessoaisView": "",
    "DesbloqueioConfiancaApi": "ver GFA; dar GFA",
    "EnvioMensagemApi": "ver GFA",
    "EventoApi": "ver GF",
    "EventoRedeApi": "ver GAT",
    "ConsentimentoView": "criar GA; exportar GFA; ver GFA; historico GA",
    "ContatoApi": "excluir G; ver GFAT; criar GA; editar GA",
    "ContatoView": "criar GA; excluir G; editar GA; exportar GFA; ver GFAT; historico GA",
    "ContratoApi": "criar GA; editar GA; ver GFAT",
    "ContratoCicloApi": "ver GFA",
    "ContratoHistoricoApi": "ver GFA",
    "ContratoHistoricoView": "exportar GFA; ver GFA; historico GA",
    "ContratoItemApi": "ver GFAT; criar GA; editar GA",
    "ContratoItemView": "criar GA; editar GA; exportar GFA; ver GFAT; historico GA",
    "ContratoView": "editar GA; exportar GFA; ver GFAT; novo GA; senha GAT; historico GA",
    "CanaisView": "",
    "CanalEnvioApi": "",
    "ConviteView": "",
    "CorreioView": "",
    "CreditoApi": "aplicar GF; dar GF; devolver GF; ver GF",
    "CreditoView": "exportar GFA; ver GFA; historico GF",
    "EmpresaView": "criar G; editar G; ver G; historico G",
    "EnderecoApi": "ver GFAT; criar GA; editar GA",
    "EnderecoView": "criar GA; editar GA; exportar GFA; ver GFAT; historico GA",
    "ExecucaoFaturamentoApi": "parar GF; previa GF; rodar GF; ver GF",
    "ExecucaoFaturamentoView": "exportar GF; ver GF; historico GF",
    "FeriadoView": "criar G; excluir G; editar G; exportar G; ver G; historico G",
    "GrupoView": "",
    "ImportarClientesView": (
        "colunas G; continuar G; descartar G; enviar G; exemplo G; importar G; inicio G; mapear G; parar G; progresso G; "
        "rejeitadas G; ver G"
    ),
    "IncidenteApi": "excluir G; encerrar G; ver GAT; criar G; editar G",
    "IncidenteView": "criar G; excluir G; editar G; exportar GA; ver GAT; encerrar G; historico G",
    "InstanciaView": "",
    "InvoiceApi": "reemitir GF; reenviar GFA; cancelar GF; gerar GF; ver GFA; pagar GF; pdf GFA; valor_hoje GFA; registrar_aviso GFA",
    "InvoiceView": "reemitir GF; usar_credito GF; exportar GFA; ver GFA; pagar GF; pdf GFA; cancelar GF; reenviar GFA; registrar_aviso GFA; historico GF",
    "ItemInvoiceApi": "ver GFA",
    "ItemInvoiceView": "exportar GFA; ver GFA; historico GF",
    "LancamentoApi": "cancelar GF; ver GF; lancar GF",
    "LancamentoView": "exportar GFA; ver GFA; cancelar GF; historico GF",
    "LoteFaturamentoApi": "ver GF",
    "ModeloMensagemApi": "ver GF; editar G",
    "ModeloMensagemView": "ver GF; previa GF; editar G; exportar G; historico G; criar G",
    "NotificacaoApi": "ver GFA; cancelar GF; reenviar GFA",
    "NotificacaoView": "ver GFA; corpo GFA; anexo GFA; exportar GF; cancelar GF; reenviar GFA",
    "OptOutApi": "ver GFA; criar GF; excluir GF",
    "OptOutView": "ver GFA; criar GF; excluir GF; exportar G; historico G",
    "PagamentoApi": "estornar GF; ver GFA",
    "PagamentoView": "exportar GFA; ver GFA; recibo GFA; estornar GF; historico GF",
    "PapelView": "",
    "PedidoTitularView": "ver GA; exportar G; titular GA; registrar GA; consentir GA; anonimizar G; responder G; baixar G; historico G",
    "PermissoesView": "",
    "PlanoApi": "excluir G; ver GFAT; criar G; editar G",
    "PlanoView": "criar G; excluir G; editar G; exportar G; ver GFAT; historico G",
    "PoliticaCobrancaApi": "criar G; editar G; ver GF",
    "PoliticaCobrancaView": "criar G; excluir G; editar G; exportar GF; ver GF; historico G",
    "PopApi": "excluir G; ver GT; criar G; editar G",
    "PopView": "criar G; excluir G; editar G; exportar G; ver GT; historico G",
    "RodadaView": "acompanhar GF; emitir GF; escolher GF; parar GF; progresso GF",
    "ChaveApiView": "",
    "SessaoUsuarioView": "",
    "TravasView": "",
    "ServidorApi": "excluir G; ver G; criar G; editar G; segredo G",
    "ServidorView": "criar G; excluir G; editar G; exportar G; ver G; historico G",
    "SuspensaoVoluntariaApi": "ver GFA",
    "TarefaView": "exportar G; ver G; cancelar G; confirmar G; tentar_de_novo G",
    "UsuarioView": "",
    "DesligamentoView": "",
    "VerComoView": "ver_como GA; sair GFAT",
}
TELAS = {dona: _regra(texto) for dona, texto in _TELAS.items()}


@cache
def quem(dona: str, operacao: str) -> frozenset[str]:
    """Roles that may do an operation on a view."""
    return TELAS.get(dona, {}).get(operacao, frozenset()) | {"Admin"}


@dataclass(frozen=True)
class Especial:
    """Classes of answers for nobody, for staff, for administrators and for customers."""

    ninguem: tuple[str, ...]
    equipe: tuple[str, ...]
    cliente: tuple[str, ...]
    admin: tuple[str, ...] = ()

    def para(self, papel: str) -> tuple[str, ...]:
        """Allowed classes for a role; empty is nobody."""
        if papel == "Admin":
            return self.admin or self.equipe
        return {"": self.ninguem, "Cliente": self.cliente}.get(papel, self.equipe)


_C, _E, _N, _P = ("chegou",), ("entrar",), ("nada",), ("proibido",)
PUBLICA = Especial(_C, _C, _C)
QUALQUER_UM_QUE_ENTROU = Especial(_E, _C, _C)
SO_EQUIPE = Especial(_E, ("chegou", "nada"), _N)
SO_ADMIN = Especial(_E, _P, _N, ("chegou", "nada"))
SO_CLIENTE = Especial(_E, _N, ("chegou", "nada"))

ESPECIAIS: dict[str, Especial] = {
    "static": Especial(_N, _N, _N),      # the file of the matrix does not exist
    "appbuilder.static": Especial(_N, _N, _N),
    "healthz": PUBLICA,
    "readyz": PUBLICA,
    "portal_sw": PUBLICA,
    "arquivo": Especial(_N, _N, _N),     # no such file; owners' rules have their own tests
    "EntradaView": Especial(("chegou", "entrar"), ("chegou", "entrar"), ("chegou", "entrar")),
    "SegurancaApi": Especial(("chegou", "entrar"), ("chegou", "entrar"), _N),
    "MenuApi": Especial(_E, _P, _N, _C),       # the framework's, read only, by cookie too
    "OpenApi": SO_ADMIN,                       # read only, by cookie too: the API page reads it
    "RecuperarView.pedido": PUBLICA,
    "RecuperarView.nova": Especial(_N, _N, _N),          # no such link: those there are have tests of their own
    "AceitarConviteView": Especial(_N, _N, _N),
    "CadastrarView": PUBLICA,
    "TrocarSenhaView": QUALQUER_UM_QUE_ENTROU,
    "MeuPerfilView": SO_EQUIPE,
    "SegurancaView": SO_EQUIPE,
    "ConfirmarView": SO_EQUIPE,
    "UsuarioView.userinfo": SO_EQUIPE,
    "Painel": Especial(_E, _C, _C),      # customers are sent to the portal
    "UtilView": Especial(_C, _C, _N),
    "LocaleView": Especial(("chegou", "nada"), ("chegou", "nada"), _N),
    "BuscaView": SO_EQUIPE,
    "SinoView": SO_EQUIPE,
    "FiltrosSalvosView": SO_EQUIPE,      # no such list, no such view; sharing has tests of its own
    "OpcoesView": Especial(_N, _N, _N),  # no such source
    "AssistenteView": SO_ADMIN,
    "PortalView": SO_CLIENTE,
}
# done by tests/usuarios: they would end the session this test uses
COM_TESTE_PROPRIO = {("EntradaView.logout", "POST"), ("EntradaView.logout", "GET"), ("EntradaView.login", "GET")}



def _aviso_a_outro(sessao: Session) -> int:
    """A message to another person of the house."""
    outro = f.um_usuario(sessao, "Atendente")
    mensagem = {"chave": f"de-outro:{outro.id}", "evento": "x", "canal": Canal.interno, "destinatario": outro.username}
    return f.gravar(sessao, Notificacao(**mensagem, usuario_id=outro.id)).id


def _tentativa_a_outro(sessao: Session) -> int:
    """The attempt of such a message."""
    tentativa = {"canal": Canal.interno, "por": "interno", "resultado": ResultadoTentativa.enviada}
    return f.gravar(sessao, EnvioMensagem(notificacao_id=_aviso_a_outro(sessao), **tentativa)).id


# view → (role, maker of a row that role must not see)
DE_OUTROS: dict[str, tuple[str, Callable[[Session], Any]]] = {
    "NotificacaoView": ("Gerente", _aviso_a_outro), "NotificacaoApi": ("Gerente", _aviso_a_outro),
    "EnvioMensagemApi": ("Gerente", _tentativa_a_outro),
}
